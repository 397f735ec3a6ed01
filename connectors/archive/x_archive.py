"""Reads the archive that X lets an account download: its posts and direct messages."""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.archive.open import open_bytes
from connectors.base import Refused

BYTES_AT_MOST = 500_000_000
OWNER = "archive-owner"
"""The author of posts that name none: in an archive those are the account's own."""
_FILES = ("tweets", "tweet", "direct-messages", "direct-messages-group", "mentions")


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield each post and direct message in the fields of a JSON Lines post.

    Raises:
        Refused: It is no archive, or damaged.
    """
    for name, data in _scripts(path):
        try:
            rows = orjson.loads(data[data.index(b"=") + 1 :])
        except (ValueError, orjson.JSONDecodeError) as error:
            raise Refused(f"{path}: {name} is not a file of an X archive: {error}") from error
        for row in rows if isinstance(rows, list) else []:
            yield from _row(row)


def _scripts(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted((path / "data").glob("*.js")):
            if _wanted(file.name):
                yield file.name, file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if _wanted(Path(info.filename).name) and info.file_size <= BYTES_AT_MOST:
                    yield info.filename, archive.read(info)
    else:
        with open_bytes(path) as stream:
            yield path.name, stream.read(BYTES_AT_MOST)


def _wanted(name: str) -> bool:
    stem = name.removesuffix(".js").split("-part")[0]
    return name.endswith(".js") and stem in _FILES


def _row(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    tweet = row.get("tweet", row)
    if "full_text" in tweet or "text" in tweet:
        user = tweet.get("user") or {}
        yield {
            "id": str(tweet.get("id_str") or tweet.get("id")),
            "channel": "x",
            "author": user.get("screen_name") or OWNER,
            "text": tweet.get("full_text") or tweet.get("text"),
            "posted_at": _time(tweet.get("created_at")),
            "reply_to": tweet.get("in_reply_to_status_id_str"),
            "lang": tweet.get("lang"),
        }
    for entry in (row.get("dmConversation") or {}).get("messages", []):
        message = entry.get("messageCreate")
        if message:
            yield {
                "id": f"dm-{message.get('id')}",
                "channel": "x",
                "author": f"id-{message.get('senderId')}",
                "text": message.get("text") or "",
                "posted_at": message.get("createdAt"),
                "thread": row["dmConversation"].get("conversationId"),
            }


def _time(text: str | None) -> str | None:
    """Return X's own form of time as ISO 8601; None where it is neither."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC).isoformat()
    except ValueError:
        return text
