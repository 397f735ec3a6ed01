"""Takes what is needed out of the JSON of Bluesky, whatever a stranger's program put there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]
_PASSING = frozenset({"viewer", "isRead", "seenAt"})
"""What changes from one reading to the next without the post changing: left out of the kept bytes, like the counters."""


def lasting(value: Any) -> Any:
    """Return `value` without what changes from reading to reading: counters and the reader's own marks."""
    if isinstance(value, Mapping):
        return {
            name: lasting(inner)
            for name, inner in value.items()
            if name not in _PASSING and not (name.endswith("Count") and isinstance(inner, int))
        }
    return [lasting(inner) for inner in value] if isinstance(value, list) else value


def did_of(uri: str) -> str:
    """Return the account that an at:// address belongs to."""
    return uri.removeprefix("at://").split("/", 1)[0]


def collection_of(uri: str) -> str:
    """Return the kind of record that an at:// address leads to."""
    return uri.removeprefix("at://").split("/")[1] if uri.count("/") > 2 else ""


def rkey_of(uri: str) -> str:
    """Return the last part of an at:// address."""
    return uri.rsplit("/", 1)[-1]


def time_at(fields: Json, name: str) -> datetime | None:
    """Return a time as aware UTC; None where it is missing or no time."""
    try:
        at = datetime.fromisoformat(text_at(fields, name))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def text_at(fields: Json, name: str) -> str:
    """Return a field that is text, or nothing."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def dict_at(fields: Json, name: str) -> Json:
    """Return a field that is an object, or an empty one."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def list_at(fields: Json, name: str) -> list[Json]:
    """Return the objects of a field that is a list."""
    value = fields.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def texts_at(fields: Json, name: str) -> list[str]:
    """Return the texts of a field that is a list."""
    value = fields.get(name)
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
