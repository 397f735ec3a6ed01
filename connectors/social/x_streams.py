"""Walks X's newest-first pages so that a kill at any page loses nothing: token and pending mark stand in the cursor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from connectors.base import Fetched, Unavailable


class TokenLapsed(Exception):
    """A page token is no longer known to X: the walk begins again from the same mark."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought: `newest` is the highest id in it, `token` leads to the next, older page."""

    items: tuple[Fetched, ...]
    newest: str | None
    token: str | None


Ask = Callable[[str | None, str | None], Page]
"""Given the mark to read back to and a page token, return a page."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a stream was read: all up to `since`; while `token` is set, a walk down to it from `mark` is under way."""

    since: str | None = None
    mark: str | None = None
    token: str | None = None

    def after(self, page: Page) -> "Walk":
        """Return the walk after `page`: the mark counts only when the last page has come."""
        mark = self.mark or page.newest
        if page.token is None:
            return Walk(later(self.since, mark))
        if page.token == self.token:
            raise Unavailable("X's pages lead in a circle; the walk is tried again later")
        return Walk(self.since, mark, page.token)


@dataclass(frozen=True, slots=True)
class Rounds:
    """How far each own conversation was read; `waiting` are the groups of conversations that this round still asks."""

    marks: Mapping[str, str] = field(default_factory=dict)
    waiting: Sequence[Sequence[str]] = ()
    walk: Walk = Walk()

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> "Rounds":
        """Return what the cursor held."""
        return cls(stored["marks"], stored["waiting"], Walk(**stored["walk"])) if stored else cls()

    def begun(self, roots: Sequence[str], at_once: int) -> "Rounds":
        """Return a round over `roots`, unless one is under way."""
        if self.waiting:
            return self
        marks = {root: self.marks.get(root, root) for root in roots}
        return Rounds(marks, [list(roots[at : at + at_once]) for at in range(0, len(roots), at_once)])

    def stored(self) -> dict[str, Any]:
        """Return the form for the cursor."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Position:
    """The cursor of a connection: one walk a stream, and the rounds through the own conversations."""

    walks: Mapping[str, Walk] = field(default_factory=dict)
    rounds: Rounds = Rounds()

    @classmethod
    def of(cls, cursor: str | None) -> "Position":
        """Return the position that `cursor` holds."""
        if cursor is None:
            return cls()
        stored = orjson.loads(cursor)
        return cls({name: Walk(**walk) for name, walk in stored["walks"].items()}, Rounds.of(stored.get("rounds")))

    def text(self) -> str:
        """Return the cursor."""
        walks = {name: asdict(walk) for name, walk in self.walks.items()}
        return orjson.dumps({"walks": walks, "rounds": self.rounds.stored()}).decode()

    def with_walk(self, name: str, walk: Walk) -> "Position":
        """Return the position with one stream further."""
        return replace(self, walks={**self.walks, name: walk})


def walked(ask: Ask, walk: Walk) -> Iterator[tuple[tuple[Fetched, ...], Walk]]:
    """Yield the pages of a stream with the walk after each, to its end."""
    while True:
        try:
            page = ask(walk.since, walk.token)
        except TokenLapsed:
            walk = Walk(walk.since)
            page = ask(walk.since, None)
        walk = walk.after(page)
        yield page.items, walk
        if walk.token is None:
            return


def rounded(ask_of: Callable[[Sequence[str]], Ask], rounds: Rounds) -> Iterator[tuple[tuple[Fetched, ...], Rounds]]:
    """Yield the pages of each waiting group of conversations with the rounds after each."""
    while rounds.waiting:
        group = rounds.waiting[0]
        since = min((rounds.marks[root] for root in group), key=int)
        for items, walk in walked(ask_of(group), replace(rounds.walk, since=since)):
            rounds = replace(rounds, walk=walk)
            if walk.token is None:
                marks = {**rounds.marks, **{root: later(rounds.marks[root], walk.since) or root for root in group}}
                rounds = Rounds(marks, rounds.waiting[1:])
            yield items, rounds


def later(one: str | None, other: str | None) -> str | None:
    """Return the higher of two ids."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=int)
