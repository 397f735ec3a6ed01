"""The steps as rows: dataclasses to JSON and back, checked on the way."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from models.measures.steps import (
    Appeal,
    Ask,
    Circumstance,
    FormalWarning,
    Incident,
    Record,
    Referral,
    Restriction,
    Review,
)

Step = Ask | FormalWarning | Restriction | Review | Appeal | Referral | Record
KINDS: dict[str, tuple[type[Any], str]] = {
    "ask": (Ask, "ask_id"),
    "warning": (FormalWarning, "warning_id"),
    "restriction": (Restriction, "restriction_id"),
    "review": (Review, "review_id"),
    "appeal": (Appeal, "appeal_id"),
    "referral": (Referral, "referral_id"),
    "record": (Record, "record_id"),
    "incident": (Incident, "incident_id"),
    "circumstance": (Circumstance, "circumstance_id"),
}
_NAMES = {kind: name for name, (kind, _) in KINDS.items()}


_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(step) for kind, (step, _) in KINDS.items()}


def kind_of(step: object) -> str:
    """Return the word under which a step is kept."""
    return _NAMES[type(step)]


def dumped(step: object) -> dict[str, Any]:
    """Return a step as JSON."""
    found: dict[str, Any] = _ADAPTERS[kind_of(step)].dump_python(step, mode="json")
    return found


def loaded(kind: str, row: Mapping[Any, Any]) -> Any:
    """Return the step of a row, with the row's id."""
    _, key = KINDS[kind]
    return replace(_ADAPTERS[kind].validate_python(row["detail"]), **{key: row["id"]})
