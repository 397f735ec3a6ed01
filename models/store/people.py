"""Members of staff who sign in: name, password hash, role and language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from models.tables import person


def find(connection: Connection, name: str) -> Mapping[str, Any] | None:
    """Return the person called `name`, or None."""
    row = connection.execute(select(person).where(person.c.name == name)).mappings().first()
    return None if row is None else dict(row)


def count(connection: Connection) -> int:
    """Return how many people there are."""
    return connection.execute(select(func.count()).select_from(person)).scalar_one()


def add(
    connection: Connection, name: str, password_hash: str, role: str, language: str, must_change: bool, now: datetime
) -> None:
    """Add a person."""
    connection.execute(
        insert(person).values(
            name=name,
            password_hash=password_hash,
            role=role,
            language=language,
            must_change=must_change,
            created_at=now,
        )
    )


def change_password(connection: Connection, name: str, password_hash: str) -> None:
    """Set a password that the person chose."""
    connection.execute(
        update(person).where(person.c.name == name).values(password_hash=password_hash, must_change=False)
    )


def change_language(connection: Connection, name: str, language: str) -> None:
    """Remember in which language a person works."""
    connection.execute(update(person).where(person.c.name == name).values(language=language))
