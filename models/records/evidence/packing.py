"""Makes the evidence pack of a case: one ZIP, signed; the same store at the same moment gives the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from models.policy.schema import Pack
from models.records import typeset
from models.records.evidence import rendering, signing
from models.records.evidence.custody import PACKED, Custody, custody_of
from models.records.evidence.gather import Exhibit, Holding, as_json, both_times, described, gather
from models.records.evidence.words import READ_ME, WORDS
from models.records.visible import visible
from models.store import audit

SUMS, SIGNATURE, PUBLIC_KEY, CASE = "SHA256SUMS", "SHA256SUMS.sig", "public_key.pem", "case.json"
UNSUMMED = frozenset({SUMS, SIGNATURE})
REPORT_CHARACTERS = 3000


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a pack: that of the audit trail, and the seed that signs, 32 bytes."""

    audit: bytes
    signing: bytes


def make(database: Connection, keys: Keys, pack: Pack, case_id: int, by: str, now: datetime) -> bytes:
    """Return the pack of a case and write into the trail that it was made, in the caller's transaction.

    Raises:
        NoSuchCase: There is none, or nothing in it.
    """
    holding = gather(database, case_id)
    files = contents(holding, custody_of(database, keys.audit, holding), keys, pack, by, now)
    made = signed_zip(files, keys.signing, now)
    detail = {"sha256": hashlib.sha256(made).hexdigest(), "messages": len(holding.exhibits)}
    audit.append(database, keys.audit, now, by, PACKED, f"case:{case_id}", detail)
    return made


def contents(holding: Holding, custody: Custody, keys: Keys, pack: Pack, by: str, now: datetime) -> dict[str, bytes]:
    """Return the files of a pack by name, without hashes and signature."""
    pem = signing.public_pem(keys.signing)
    files = {"README.txt": READ_ME.encode(), PUBLIC_KEY: pem, "custody.json": as_json(_chain(custody))}
    files[CASE] = as_json(_case(holding, by, now, signing.fingerprint(pem)))
    for exhibit in holding.exhibits:
        files |= _files(exhibit)
    for language in WORDS:
        files[f"report.{language}.pdf"] = _report(holding, custody, pack, language, by, now, signing.fingerprint(pem))
    return files


def _case(holding: Holding, by: str, now: datetime, fingerprint: str) -> dict[str, Any]:
    return {
        "case": holding.case_id,
        "organisation": holding.org,
        "contact": holding.contact_id,
        "name": holding.name,
        "accounts": [{"platform": platform, "address": address} for platform, address in holding.accounts],
        "made": both_times(now),
        "made_by": by,
        "signing_key_fingerprint": fingerprint,
        "exhibits": [exhibit.number for exhibit in holding.exhibits],
    }


def _files(exhibit: Exhibit) -> dict[str, bytes]:
    folder = f"exhibits/{exhibit.number:03}"
    mail = exhibit.row["channel"] == "email"
    files = {f"{folder}/record.json": as_json(described(exhibit))}
    for version in exhibit.versions:
        files[f"{folder}/original-v{version.number}.{_ending(version.raw, mail)}"] = version.raw
        if mail and (head := headers(version.raw)):
            files[f"{folder}/headers-v{version.number}.txt"] = head
        files[f"{folder}/rendering-v{version.number}.png"] = rendering.picture(exhibit, version)
    for name, body in exhibit.parts.items():
        safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
        files[f"{folder}/kept/{safe}"] = body
    return files


def headers(raw: bytes) -> bytes:
    """Return the header lines of a mail as they came, empty where there is no end of them."""
    cut = [at for mark in (b"\r\n\r\n", b"\n\n") if (at := raw.find(mark)) > 0]
    return raw[: min(cut)] + b"\n" if cut else b""


def _ending(raw: bytes, mail: bool) -> str:
    if mail:
        return "eml"
    return "json" if raw.lstrip()[:1] in {b"{", b"["} else "txt"


def _chain(custody: Custody) -> dict[str, Any]:
    links = [asdict(link) | {"at": both_times(link.at)} for link in custody.links]
    return {"links": links, "trail_events": custody.events, "trail_broken_at": custody.broken}


def _report(
    holding: Holding, custody: Custody, pack: Pack, language: str, by: str, now: datetime, fingerprint: str
) -> bytes:
    exhibits = []
    for exhibit in holding.exhibits:
        told = described(exhibit)
        text = str(exhibit.row["own_text"])
        author = {name: visible(str(value)) for name, value in told["author"].items() if name != "origin_proven"}
        exhibits.append(
            told
            | {
                "text": visible(text[:REPORT_CHARACTERS]),
                "cut": len(text) > REPORT_CHARACTERS,
                "author": author | {"origin_proven": told["author"]["origin_proven"]},
                "labels": told["found_by_machine"],
            }
        )
    data: Mapping[str, Any] = {
        "language": language,
        "words": WORDS[language],
        "case": holding.case_id,
        "organisation": getattr(pack.organisation.name, language),
        "name": visible(holding.name),
        "accounts": [[platform, visible(address)] for platform, address in holding.accounts],
        "made": both_times(now),
        "made_by": f"{WORDS[language]['made_by']} {visible(by)}",
        "fingerprint": fingerprint,
        "exhibits": exhibits,
        "links": [asdict(link) | (both_times(link.at) or {}) | {"at": ""} for link in custody.links],
        "events": custody.events,
        "broken": custody.broken,
    }
    return typeset.pdf("evidence", data, now)


def signed_zip(files: Mapping[str, bytes], seed: bytes, now: datetime) -> bytes:
    """Return files as a ZIP with their hashes and the signature of those."""
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    return zipped({**files, SUMS: sums, SIGNATURE: signing.sign(seed, sums)}, now)


def zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    """Return files as a ZIP in a fixed order, uncompressed: any byte that differs was changed."""
    stamp = at.astimezone(UTC).timetuple()[:6]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()
