"""Checks an evidence pack without any store: the signature, every hash, and that nothing is missing or added."""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from models.records.evidence import signing
from models.records.evidence.packing import CASE, PUBLIC_KEY, SIGNATURE, SUMS, UNSUMMED, zipped


@dataclass(frozen=True, slots=True)
class Verified:
    """What a pack came to: how many files, whose key (its fingerprint), and everything that is wrong."""

    files: int
    fingerprint: str
    problems: tuple[str, ...]


def verify(path: Path, trusted: bytes | None = None) -> Verified:
    """Check a pack. With `trusted`, a public key as PEM, the pack must be signed by that very key."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            files = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        return Verified(0, "", (f"the file cannot be read as a ZIP: {error}",))
    except Exception as error:  # noqa: BLE001 - zlib and struct errors of a changed byte are all the same to us
        return Verified(0, "", (f"the file cannot be unpacked: {error}",))
    problems = [] if len(names) == len(set(names)) else ["a name stands in it twice"]
    lacking = [name for name in (SUMS, SIGNATURE, PUBLIC_KEY, CASE) if name not in files]
    if lacking:
        return Verified(len(files), "", (*problems, *(f"{name} is missing" for name in lacking)))
    try:
        pem = trusted or files[PUBLIC_KEY]
        mark = signing.fingerprint(files[PUBLIC_KEY])
        if trusted is not None and signing.fingerprint(trusted) != mark:
            problems.append("the pack was signed by another key than the one it was compared with")
        if not signing.fits(pem, files[SIGNATURE], files[SUMS]):
            problems.append(f"the signature does not fit {SUMS}")
    except ValueError as error:
        return Verified(len(files), "", (*problems, f"{PUBLIC_KEY} cannot be read: {error}"))
    problems += _hashes(files)
    if not problems and not _same_bytes(path, files):
        problems.append("the ZIP was changed outside its files")
    return Verified(len(files), mark, tuple(problems))


def _same_bytes(path: Path, files: dict[str, bytes]) -> bool:
    """True when the archive is, byte for byte, what packing these files at their time gives."""
    made = datetime.fromisoformat(orjson.loads(files[CASE])["made"]["utc"])
    return path.read_bytes() == zipped(files, made)


def _hashes(files: dict[str, bytes]) -> Iterator[str]:
    listed: dict[str, str] = {}
    for line in files[SUMS].decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    for name in sorted(listed.keys() - files.keys()):
        yield f"{name} is missing"
    for name in sorted(files.keys() - listed.keys() - UNSUMMED):
        yield f"{name} was added"
    for name in sorted(listed.keys() & files.keys()):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} was changed"
