"""Pictures of messages: drawn from what was stored, so that one can see what one could read. No screenshots, and they say so."""

from models.records import typeset
from models.records.evidence.gather import Exhibit, Version, both_times
from models.records.visible import visible

SHOWN_CHARACTERS = 6000


def picture(exhibit: Exhibit, version: Version) -> bytes:
    """Return one version of a message as a PNG."""
    row = exhibit.row
    times = both_times(row["received_at"])
    assert times is not None
    text = version.own_text
    data = {
        "channel": row["channel"],
        "name": visible(row["author_name"]),
        "address": visible(row["author"]),
        "subject": visible(row["subject"] or ""),
        "text": visible(text[:SHOWN_CHARACTERS]),
        "cut": len(text) > SHOWN_CHARACTERS,
        "received": times,
        "sha256": version.raw_sha256,
        "exhibit": exhibit.number,
        "version": version.number,
        "attachments": [visible(str(file["name"])) for file in row["detail"]["attachments"]],
    }
    return typeset.png("rendering", data, row["received_at"])
