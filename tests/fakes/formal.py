"""Short ways to make the formal steps of a person's file."""

from dataclasses import replace
from datetime import UTC, date, datetime

from models.domain import Channel
from models.measures.dossier import Dossier
from models.measures.steps import (
    Answer,
    Ask,
    Basis,
    Certainty,
    Circumstance,
    FormalWarning,
    Incident,
    IncidentState,
    Officer,
    Restriction,
    Taken,
)
from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from models.policy.schema import Pack

TOP = {"psow": "edcl", "adra": "slt", "wrexham": "complaints_lead", "phso": "executive"}
MANAGES = {"psow": "hopsc", "adra": "manager", "wrexham": "manager", "phso": "colleague"}
RUDE = {"psow": "psow/2.2.h", "adra": "adra/4.1.c", "wrexham": "wrexham/2.2.e", "phso": "phso/aggressive.c"}
GRAVE = {"psow": "psow/2.3", "adra": "adra/4.1.g", "wrexham": "wrexham/2.3", "phso": "phso/zero.a"}


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


NOW = at(2026, 3, 10)


def officer(role: str, name: str = "", standing_in: str = "") -> Officer:
    return Officer(name or f"a-{role}", role, standing_in)


def taken(role: str, when: datetime = NOW, name: str = "") -> Taken:
    return Taken(officer(role, name), when)


def incident(number: int, when: datetime, pack: str = "psow", state: str = "upheld", **more: object) -> Incident:
    fields = {"clauses": (RUDE[pack],), "what": "shouting", "reported_by": "Elin", "channel": Channel.EMAIL} | more
    return Incident(number, when, state=IncidentState(state), **fields)


def asked(when: datetime, *incidents: int, number: int = 1) -> Ask:
    return Ask(number, incidents or (1,), taken("colleague", when), "why", told_at=when)


def warned(
    when: datetime, pack: str = "psow", told: datetime | None = None, written: bool = True, number: int = 1
) -> FormalWarning:
    return FormalWarning(
        number, (1,), taken(MANAGES[pack], when, "warner"), "why", written=written, told_at=told or when
    )


def answered(pack: Pack) -> dict[str, object]:
    """Everything that the pack's checklist asks for, answered."""
    return {
        "answers": tuple(Answer(clause, True, "considered") for clause in pack.checklist.before),
        "offers": tuple(Answer(clause, False, "not of use here") for clause in pack.checklist.offers),
        "grounds": pack.checklist.grounds[:1],
    }


def restricted(
    pack_id: str,
    when: datetime,
    *incidents: int,
    measures: tuple[Terms, ...] = (Terms("one_channel", channels=(Channel.EMAIL,)),),
    basis: Basis = Basis.FORMAL,
    number: int = 1,
    **more: object,
) -> Restriction:
    """A restriction in order but for its dates."""
    fields = answered(builtin_pack(pack_id)) if basis is Basis.FORMAL else {}
    made = Restriction(
        number, basis, measures, incidents or (1,), taken(MANAGES[pack_id], when, "decider"), "why", when
    )
    return replace(made, **(fields | more))


def dossier(org: str, **parts: object) -> Dossier:
    return Dossier(1, org, **parts)


def need(text: str = "a stammer", *cannot_use: Channel, **more: object) -> Circumstance:
    return replace(Circumstance(1, Certainty.RECORDED, text, "Elin", NOW, cannot_use=cannot_use), **more)


def day(year: int, month: int, number: int) -> date:
    return date(year, month, number)
