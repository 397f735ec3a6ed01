"""Which numbers of a pack people may move: quotas and surges, how much contact counts as too much, how soon a case is due. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from models.policy import what_if
from models.policy.in_force import PolicyInForce
from models.policy.schema import Pack
from models.policy.what_if import UnknownLimit

PATTERNS: Mapping[str, tuple[int, int]] = {
    "limits.volume_per_day": (2, 100),
    "limits.volume_per_week": (2, 500),
    "limits.length_words_per_day": (300, 50_000),
    "limits.links_per_post": (2, 50),
    "limits.links_per_mail": (2, 200),
}
"""Limits of patterns whose effect follows from what is kept of messages; a pattern never makes the machine act."""
LINKS = ("limits.links_per_post", "limits.links_per_mail")
TARGETS: Mapping[str, tuple[int, int]] = {
    "targets.urgent_minutes": (1, 24 * 60),
    "targets.grave_minutes": (1, 14 * 24 * 60),
    "targets.other_minutes": (1, 31 * 24 * 60),
}


def numbers_of(pack: Pack) -> dict[str, int]:
    """Return the numbers that may be moved, by name."""
    return what_if.limits_of(pack.automation) | {field: _read(pack, field) for field in (*PATTERNS, *TARGETS)}


def _read(pack: Pack, field: str) -> int:
    part, name = field.split(".")
    return int(getattr(getattr(pack, part), name))


def with_moved(pack: Pack, field: str, value: int) -> Pack:
    """Return `pack` with one number moved.

    Raises:
        UnknownLimit: The pack has no such number, or `value` is out of bounds.
    """
    bounds = PATTERNS.get(field) or TARGETS.get(field)
    if bounds is None:
        return pack.model_copy(update={"automation": what_if.moved(pack.automation, field, value)})
    if not bounds[0] <= value <= bounds[1]:
        raise UnknownLimit(f"{field}: {bounds[0]} to {bounds[1]}")
    part, name = field.split(".")
    inner: Any = getattr(pack, part)
    return pack.model_copy(update={part: inner.model_copy(update={name: value})})


def with_changes(policy: PolicyInForce, changes: Mapping[str, int]) -> PolicyInForce:
    """Return `policy` with the numbers that people have moved; one that the pack no longer has is left out."""
    return _changed(_Key(policy), tuple(sorted(changes.items()))) if changes else policy


class _Key:
    """A policy as a key: the same object is the same policy."""

    def __init__(self, policy: PolicyInForce) -> None:
        self.policy = policy

    def __hash__(self) -> int:
        return id(self.policy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.policy is self.policy


@lru_cache(maxsize=64)
def _changed(key: _Key, changes: tuple[tuple[str, int], ...]) -> PolicyInForce:
    return replace(key.policy, pack=with_all(key.policy.pack, dict(changes)))


def with_all(pack: Pack, changes: Mapping[str, int]) -> Pack:
    """Return `pack` with the numbers that people have moved; one that it no longer has is left out."""
    for field, value in sorted(changes.items()):
        if field in numbers_of(pack):
            pack = with_moved(pack, field, value)
    return pack
