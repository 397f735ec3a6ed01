"""Opens a source file, unpacked if it is gzipped, and tells by its content what form it has."""

import gzip
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

from connectors.base import Refused, Unavailable
from connectors.mail.parse import looks_like_mail

SNIFFED_BYTES = 8_192
_ZIP = b"PK\x03\x04"


class Form(StrEnum):
    """What a source is."""

    MBOX = "mbox"
    MAIL = "mail"
    FOLDER = "folder"
    POSTS = "posts"
    X_ARCHIVE = "x-archive"
    UNKNOWN = "unknown"


def open_bytes(path: Path) -> IO[bytes]:
    """Open `path` for reading, unpacking gzip.

    Raises:
        Refused: There is no such file, or it may not be read.
        Unavailable: The disk did not answer.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")
    except FileNotFoundError as error:
        raise Refused(f"{path}: there is no such file or folder; check the path") from error
    except PermissionError as error:
        raise Refused(f"{path}: it may not be read; give this user the right to read it") from error
    except OSError as error:
        raise Unavailable(f"{path}: reading failed: {error.strerror}; try again later") from error


def form_of(path: Path) -> Form:
    """Return the form of `path`, by content and not by its name.

    Raises:
        Refused: There is nothing there, or it may not be read.
    """
    if path.is_dir():
        return Form.X_ARCHIVE if (path / "data").is_dir() and any((path / "data").glob("tweet*.js")) else Form.FOLDER
    with open_bytes(path) as file:
        try:
            head = file.read(SNIFFED_BYTES)
        except (OSError, EOFError) as error:
            raise Refused(f"{path}: the packed file is damaged: {error}; unpack it by hand") from error
    if head.startswith(_ZIP):
        return Form.X_ARCHIVE
    if head.startswith((b"From ", b">From ")):
        return Form.MBOX
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return Form.POSTS
    if start.startswith(b"window.YTD."):
        return Form.X_ARCHIVE
    return Form.MAIL if looks_like_mail(head) else Form.UNKNOWN
