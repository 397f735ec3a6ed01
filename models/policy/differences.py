"""What differs between two packs, field by field; clauses are paired by their number, whatever the pack is called."""

from collections.abc import Iterator
from typing import Any

from models.policy.schema import Pack

_BY_ID = {"clauses": "id", "measures": "id", "roles": "id", "documents": "id", "authority": "decision", "steps": "id"}


def differences(one: Pack, other: Pack) -> Iterator[str]:
    """Yield a line for each difference: `-` only in the first, `+` only in the second, `~` changed."""
    yield from _of("", _plain(one), _plain(other))


def _plain(pack: Pack) -> Any:
    """Return a pack as data, without its own id before the numbers of its clauses."""
    return _unprefixed(pack.model_dump(mode="json"), f"{pack.id}/")


def _unprefixed(value: Any, prefix: str) -> Any:
    if isinstance(value, str):
        return value.removeprefix(prefix)
    if isinstance(value, dict):
        return {key: _unprefixed(held, prefix) for key, held in value.items()}
    return [_unprefixed(held, prefix) for held in value] if isinstance(value, list) else value


def _of(where: str, one: Any, other: Any) -> Iterator[str]:
    if one == other:
        return
    key = _BY_ID.get(where.rsplit(".", 1)[-1])
    if key is not None and isinstance(one, list) and isinstance(other, list):
        one, other = ({entry[key]: entry for entry in entries} for entries in (one, other))
    if not (isinstance(one, dict) and isinstance(other, dict)):
        yield f"~ {where}: {_short(one)} → {_short(other)}"
        return
    for name in [*one, *(name for name in other if name not in one)]:
        place = f"{where}.{name}" if where else str(name)
        if name not in other:
            yield f"- {place}: {_short(one[name])}"
        elif name not in one:
            yield f"+ {place}: {_short(other[name])}"
        else:
            yield from _of(place, one[name], other[name])


def _short(value: Any) -> str:
    if isinstance(value, dict):
        text = value.get("text")
        return str(
            text["en"]
            if isinstance(text, dict)
            else ", ".join(f"{k}: {v}" for k, v in value.items() if v not in (None, [], {}))
        )
    return ", ".join(map(str, value)) if isinstance(value, list) else "nothing" if value in {None, ""} else str(value)
