"""Which local layer people put in force: rows that are only added to, the youngest counts."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from models.guarantee_tables import model_in_force
from models.store import audit

WITHOUT_LAYER = ""
"""The version that stands for the trained heads by themselves."""


def current(connection: Connection) -> str:
    """Return the version in force, WITHOUT_LAYER where nobody ever chose one."""
    newest = select(model_in_force.c.version).order_by(model_in_force.c.id.desc()).limit(1)
    return str(connection.execute(newest).scalar() or WITHOUT_LAYER)


def ever(connection: Connection) -> list[str]:
    """Return every version that was put in force, in that order."""
    return [
        str(name)
        for name in connection.execute(select(model_in_force.c.version).order_by(model_in_force.c.id)).scalars()
    ]


def before(connection: Connection) -> str:
    """Return the version that stood in force before the present one."""
    now, found = current(connection), ever(connection)
    return next((version for version in reversed(found) if version != now), WITHOUT_LAYER)


def put(connection: Connection, audit_key: bytes, version: str, by: str, at: datetime) -> None:
    """Put `version` in force by a person's word, with its audit event, in the caller's transaction."""
    previous = current(connection)
    connection.execute(insert(model_in_force).values(version=version, by=by, at=at))
    detail = {"version": version or "trained heads", "before": previous or "trained heads"}
    audit.append(connection, audit_key, at, by, "model.in_force", f"model:{version or 'trained heads'}", detail)
