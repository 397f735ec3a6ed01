"""Notes on cases, and the views of the queue that reviewers saved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from models.queue_tables import case_note, saved_view
from models.store.rows import insert_new

VIEWS_AT_MOST = 20


def add(connection: Connection, case_id: int, by: str, text: str, now: datetime) -> None:
    """Add a note to a case."""
    connection.execute(insert(case_note).values(case_id=case_id, by=by, at=now, text=text))


def of_case(connection: Connection, case_id: int) -> list[Mapping[str, Any]]:
    """Return a case's notes, oldest first."""
    query = select(case_note).where(case_note.c.case_id == case_id).order_by(case_note.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def save_view(connection: Connection, owner: str, title: str, query: str) -> None:
    """Keep a view in place of one of the same title; beyond `VIEWS_AT_MOST` nothing is kept."""
    mine = (saved_view.c.owner == owner) & (saved_view.c.title == title)
    connection.execute(delete(saved_view).where(mine))
    if len(views(connection, owner)) < VIEWS_AT_MOST:
        insert_new(connection, saved_view, [{"owner": owner, "title": title, "query": query}])


def drop_view(connection: Connection, owner: str, view_id: int) -> None:
    """Forget a view."""
    connection.execute(delete(saved_view).where(saved_view.c.owner == owner, saved_view.c.id == view_id))


def views(connection: Connection, owner: str) -> list[Mapping[str, Any]]:
    """Return the views that `owner` saved, by title."""
    query = select(saved_view).where(saved_view.c.owner == owner).order_by(saved_view.c.title)
    return [dict(row) for row in connection.execute(query).mappings()]
