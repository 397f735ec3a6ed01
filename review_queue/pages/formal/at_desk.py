"""The desk of whoever asks: their office in one organisation, and the store behind it."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException, Request
from sqlalchemy import Connection

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.store.formal import offices
from models.store.formal.desk import Desk
from review_queue.app import Page, reader_of
from review_queue.i18n import utc_now


@contextmanager
def at_desk(database: Connection, page: Page, request: Request, org: str, standing_in: str = "") -> Iterator[Desk]:
    """Give the reader's desk in `org`; with `standing_in` they act for another, for the reason given there.

    Raises:
        HTTPException: 404, there is no such organisation.
        NoOffice: The reader holds no role there.
    """
    yield desk_of(database, page, reader_of(request), org, standing_in)


def desk_of(database: Connection, page: Page, name: str, org: str, standing_in: str = "") -> Desk:
    """Return the desk of `name` in `org`.

    Raises:
        HTTPException: 404, there is no such organisation.
        NoOffice: They hold no role there.
    """
    if org not in builtin_pack_ids():
        raise HTTPException(404)
    now = utc_now()
    officer = offices.officer(database, name, org, now, standing_in)
    return Desk(database, page.audit_key, builtin_pack(org), officer, now)
