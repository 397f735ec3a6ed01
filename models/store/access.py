"""How members of staff sign in and what they are: accounts, second factors, sessions; each change with its audit event."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from models.desk_tables import person_access, recovery_code
from models.formal_tables import office
from models.store import audit, people
from models.store.rows import insert_new
from models.tables import person

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,119}")
ADMINISTRATOR = "administrator"
NO_PASSWORD = "!"  # noqa: S105 - what no password hashes to


class NotAllowed(Exception):
    """A change that would lock everybody out, or that does not fit; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is at a moment. `offices` are (organisation, role of its pack)."""

    name: str
    role: str
    active: bool
    must_change: bool
    created_at: datetime
    sessions_since: datetime | None
    second_factor: bool
    single_sign_on: bool
    offices: tuple[tuple[str, str], ...]


def standing(connection: Connection, name: str) -> Standing | None:
    """Return who `name` is, None for nobody."""
    found = _standings(connection, name)
    return found[0] if found else None


def everybody(connection: Connection) -> list[Standing]:
    """Return all members of staff, by name."""
    return _standings(connection, None)


def _standings(connection: Connection, name: str | None) -> list[Standing]:
    rows = select(person, person_access).join(person_access, person_access.c.name == person.c.name, isouter=True)
    held = select(office.c.name, office.c.org, office.c.role).where(office.c.until.is_(None))
    if name is not None:
        rows, held = rows.where(person.c.name == name), held.where(office.c.name == name)
    offices: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(held.order_by(office.c.org)):
        offices.setdefault(row.name, []).append((row.org, row.role))
    columns = connection.execute(rows.order_by(person.c.name)).mappings()
    return [_standing(row, tuple(offices.get(row[person.c.name], ()))) for row in columns]


def _standing(row: Mapping[Any, Any], offices: tuple[tuple[str, str], ...]) -> Standing:
    return Standing(
        name=row[person.c.name],
        role=row[person.c.role],
        active=row[person_access.c.active] is not False,
        must_change=row[person.c.must_change],
        created_at=row[person.c.created_at],
        sessions_since=row[person_access.c.sessions_since],
        second_factor=row[person_access.c.totp_since] is not None,
        single_sign_on=row[person_access.c.subject] is not None,
        offices=offices,
    )


def add(
    connection: Connection, key: bytes, name: str, password_hash: str, role: str, language: str, by: str, now: datetime
) -> None:
    """Add a member of staff, whose one-time password must be changed.

    Raises:
        NotAllowed: `name_form` or `name_taken`.
    """
    if not NAME.fullmatch(name):
        raise NotAllowed("name_form")
    if people.find(connection, name) is not None:
        raise NotAllowed("name_taken")
    people.add(connection, name, password_hash, role, language, must_change=True, now=now)
    _note(connection, key, now, by, "person.add", name, role=role)


def set_role(connection: Connection, key: bytes, name: str, role: str, by: str, now: datetime) -> None:
    """Change what an account may do by itself.

    Raises:
        NotAllowed: `last_administrator`.
    """
    if role != ADMINISTRATOR:
        _keep_an_administrator(connection, name)
    connection.execute(update(person).where(person.c.name == name).values(role=role))
    _note(connection, key, now, by, "person.role", name, role=role)


def set_active(connection: Connection, key: bytes, name: str, active: bool, by: str, now: datetime) -> None:
    """Let an account sign in, or no longer; its sessions end at once.

    Raises:
        NotAllowed: `yourself` or `last_administrator`.
    """
    if not active and name == by:
        raise NotAllowed("yourself")
    if not active:
        _keep_an_administrator(connection, name)
    _set(connection, name, active=active, sessions_since=now)
    _note(connection, key, now, by, "person.activate" if active else "person.deactivate", name)


def force_password(connection: Connection, key: bytes, name: str, password_hash: str, by: str, now: datetime) -> None:
    """Give a one-time password; every session ends."""
    people.change_password(connection, name, password_hash)
    connection.execute(update(person).where(person.c.name == name).values(must_change=True))
    _set(connection, name, sessions_since=now)
    _note(connection, key, now, by, "person.password_forced", name)


def end_sessions(connection: Connection, key: bytes, name: str, by: str, now: datetime) -> None:
    """Sign somebody out everywhere."""
    _set(connection, name, sessions_since=now)
    _note(connection, key, now, by, "person.sessions_ended", name)


def totp_of(connection: Connection, name: str) -> Mapping[str, Any]:
    """Return the sealed secret of the second factor, since when it counts, and the last step used."""
    columns = (person_access.c.totp_secret, person_access.c.totp_since, person_access.c.totp_last_step)
    row = connection.execute(select(*columns).where(person_access.c.name == name)).mappings().first()
    return dict(row) if row else {"totp_secret": None, "totp_since": None, "totp_last_step": None}


def offer_totp(connection: Connection, name: str, sealed: str) -> None:
    """Keep a secret that does not count yet."""
    _set(connection, name, totp_secret=sealed, totp_since=None, totp_last_step=None)


def begin_totp(connection: Connection, key: bytes, name: str, step: int, digests: Iterable[str], now: datetime) -> None:
    """Let the second factor count from now on, with its recovery codes."""
    _set(connection, name, totp_since=now, totp_last_step=step)
    connection.execute(delete(recovery_code).where(recovery_code.c.name == name))
    connection.execute(insert(recovery_code), [{"name": name, "digest": digest} for digest in digests])
    _note(connection, key, now, name, "person.second_factor_begun", name)


def end_totp(connection: Connection, key: bytes, name: str, by: str, now: datetime) -> None:
    """Take the second factor away."""
    _set(connection, name, totp_secret=None, totp_since=None, totp_last_step=None)
    connection.execute(delete(recovery_code).where(recovery_code.c.name == name))
    _note(connection, key, now, by, "person.second_factor_ended", name)


def use_step(connection: Connection, name: str, step: int) -> bool:
    """Use a time step once; False when it, or a later one, was used before."""
    fresh = (person_access.c.totp_last_step.is_(None)) | (person_access.c.totp_last_step < step)
    used = connection.execute(
        update(person_access).where(person_access.c.name == name, fresh).values(totp_last_step=step)
    )
    return bool(used.rowcount)


def use_recovery_code(connection: Connection, key: bytes, name: str, digest: str, now: datetime) -> bool:
    """Use a recovery code once; False when there is none such."""
    mine = (recovery_code.c.name == name) & (recovery_code.c.digest == digest) & recovery_code.c.used_at.is_(None)
    used = connection.execute(update(recovery_code).where(mine).values(used_at=now))
    if used.rowcount:
        _note(connection, key, now, name, "person.recovery_code_used", name)
    return bool(used.rowcount)


def codes_left(connection: Connection, name: str) -> int:
    """Return how many recovery codes are unused."""
    mine = (recovery_code.c.name == name) & recovery_code.c.used_at.is_(None)
    return connection.execute(select(func.count()).select_from(recovery_code).where(mine)).scalar_one()


def by_subject(connection: Connection, issuer: str, subject: str) -> str | None:
    """Return whom single sign-on knows by this subject."""
    mine = (person_access.c.issuer == issuer) & (person_access.c.subject == subject)
    return connection.execute(select(person_access.c.name).where(mine)).scalar()


def link(connection: Connection, key: bytes, name: str, issuer: str, subject: str, now: datetime) -> bool:
    """Bind an account to a subject of single sign-on, once; False when it is bound already.

    From then on no password opens it, until an administrator forces a new one.
    """
    insert_new(connection, person_access, [{"name": name, "active": True}])
    free = (person_access.c.name == name) & person_access.c.subject.is_(None)
    bound = connection.execute(update(person_access).where(free).values(issuer=issuer, subject=subject))
    if bound.rowcount:
        closed = {"password_hash": NO_PASSWORD, "must_change": False}
        connection.execute(update(person).where(person.c.name == name).values(**closed))
        _note(connection, key, now, name, "person.single_sign_on", name)
    return bool(bound.rowcount)


def _set(connection: Connection, name: str, **values: Any) -> None:
    insert_new(connection, person_access, [{"name": name, "active": True}])
    connection.execute(update(person_access).where(person_access.c.name == name).values(**values))


def _keep_an_administrator(connection: Connection, name: str) -> None:
    others = [who for who in everybody(connection) if who.role == ADMINISTRATOR and who.active and who.name != name]
    mine = standing(connection, name)
    if not others and mine is not None and mine.role == ADMINISTRATOR and mine.active:
        raise NotAllowed("last_administrator")


def _note(connection: Connection, key: bytes, now: datetime, by: str, what: str, name: str, **detail: Any) -> None:
    audit.append(connection, key, now, by, what, f"person:{name}"[:120], detail)
