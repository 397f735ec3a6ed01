"""Requests from below the grade: somebody of the grade takes or declines them, ruled on anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update

from models.formal_tables import proposal
from models.measures import authority
from models.measures.permits import reason
from models.measures.refusals import refusal
from models.store.formal.codec import KINDS, loaded
from models.store.formal.desk import Desk, Done, StepRefused
from models.store.formal.sealed import seal


def open_ones(connection: Connection, org: str) -> list[Mapping[str, Any]]:
    """Return the proposals that wait, longest first."""
    query = select(proposal).where(proposal.c.org == org, proposal.c.state == "open").order_by(proposal.c.at)
    return [dict(row) for row in connection.execute(query).mappings()]


def take(desk: Desk, number: int) -> Done:
    """Take the step that was proposed, in one's own name, as the policy permits it now.

    Raises:
        StepRefused: It is not open, is one's own, is above this grade too, or the policy forbids it.
    """
    row = _open(desk, number)
    draft = loaded(row["kind"], row | {"id": 0})
    kind, _ = KINDS[row["kind"]]
    assert isinstance(draft, kind)
    done = replace(desk, proposed_by=row["by"]).take(row["contact_id"], draft)
    if done.proposed:
        raise StepRefused([refusal("too_low", role=row["role"])])
    _decided(desk, number, "taken", "", done.number)
    return done


def decline(desk: Desk, number: int, why: str) -> None:
    """Decline a proposal, with the reason.

    Raises:
        StepRefused: It is not open, is above this grade, or there is no reason.
    """
    row = _open(desk, number)
    if missing := reason(why):
        raise StepRefused(missing)
    role = authority.role_of(desk.pack, row["role"])
    if role is None or authority.stands(desk.pack, desk.officer, role) is not None:
        raise StepRefused([refusal("too_low", role=row["role"])])
    _decided(desk, number, "declined", why, None)


def _open(desk: Desk, number: int) -> dict[str, Any]:
    query = select(proposal).where(proposal.c.id == number, proposal.c.org == desk.pack.id, proposal.c.state == "open")
    row = desk.database.execute(query).mappings().first()
    if row is None or row["by"] == desk.officer.name:
        raise StepRefused([refusal("state")])
    return dict(row)


def _decided(desk: Desk, number: int, state: str, why: str, measure_id: int | None) -> None:
    values = {
        "state": state,
        "why": why,
        "measure_id": measure_id,
        "decided_by": desk.officer.name,
        "decided_at": desk.now,
    }
    desk.database.execute(update(proposal).where(proposal.c.id == number).values(**values))
    seal(desk.database, desk.key, desk.now, desk.officer.name, f"proposal.{state}", proposal, number)
