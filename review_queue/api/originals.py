"""Originals by the API: a message as it came, what was said around it, and the evidence pack of a case."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from models.store import cards, messages, reviewers
from review_queue import marks
from review_queue.api.caller import Reads, ReadsFormal
from review_queue.api.problems import Stopped
from review_queue.api.shapes.messages import Said, subject_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.formal.evidence import NotTheirs, holding_of, packed

router = APIRouter(tags=["Originals"])
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/messages/{message_id}/raw", response_class=Response, responses=_BYTES)
def raw(caller: Reads, message_id: Number) -> Response:
    """Give a message byte by byte as it came. Nothing is hidden in it and nothing made harmless."""
    with caller.reading() as database:
        data = messages.raw_of_message(database, message_id)
    if data is None:
        raise Stopped("not-found", 404)
    return Response(data, media_type="application/octet-stream")


@router.get("/messages/{message_id}/thread")
def thread(caller: Reads, message_id: Number, shown: bool = False) -> list[Said]:
    """List what was said in the same thread, oldest first. Insults and threats are blotted out unless `shown`."""
    with caller.reading() as database:
        item = cards.item(database, message_id)
        if item is None:
            raise Stopped("not-found", 404)
        mask = reviewers.of(database, caller.name, utc_now()).mask and not shown
        return [_said(row, mask) for row in cards.thread(database, item.message)]


def _said(row: Mapping[str, Any], mask: bool) -> Said:
    same = ("id", "channel", "author", "author_name", "received_at", "sent_at")
    signals = tuple(row["signals"])
    return Said(
        **{name: row[name] for name in same},
        subject=subject_of(row["subject"], mask, signals),
        text=marks.blotted(row["own_text"], signals, mask),
        words_hidden=mask and marks.is_harsh(signals),
        replied_to=bool(row["replied_to"]),
    )


@router.post("/cases/{case_id}/evidence", response_class=Response, responses=_ZIP)
def evidence(caller: ReadsFormal, case_id: Number) -> Response:
    """Make the signed evidence pack of a case, for an account that may formally manage contact there."""
    try:
        holding = holding_of(caller.page, caller.name, case_id)
    except NotTheirs as error:
        raise Stopped("no-role", 403) from error
    with caller.changing("evidence.pack", f"case:{case_id}") as database:
        made = packed(database, caller.page, holding, case_id, caller.name)
    return Response(made, media_type="application/zip")
