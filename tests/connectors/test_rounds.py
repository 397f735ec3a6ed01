"""Rounds over lists of comments: whatever comes, vanishes or kills a round, nothing is lost and little is read twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Fetched, Unavailable
from connectors.social import rounds as module
from connectors.social.rounds import Page, Position, Task, TokenLapsed, rounds
from models.domain import Author, Channel, Message, MessageKey

START = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = Task("feed", "page", deep=True)


class World:
    """Posts with comments, given newest first, two a page; a token is the id of the last entry given."""

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, tuple[int, str]]] = {}
        self.minute = 0
        self.made: dict[str, int] = {}
        self.changed: dict[str, int] = {}

    def add(self, post: str, text: str = "c") -> str:
        self.minute += 2
        self.made.setdefault(post, self.minute - 1)
        self.changed[post] = self.minute
        name = f"{post}-{self.minute}"
        self.posts.setdefault(post, {})[name] = (self.minute, text)
        return name

    def all(self) -> set[str]:
        return {*self.posts, *(name for post in self.posts.values() for name in post)}

    def ask(self, task: Task) -> Page:
        if task.kind == "feed":
            due = tuple(Task("comments", name, f"{self.changed[name]}") for name in self.posts)
            return Page(tuple(item(name, self.made[name], "post") for name in self.posts), None, due)
        entries = sorted(self.posts[task.native_id].items(), key=lambda one: -one[1][0])
        names = [name for name, _ in entries]
        if task.token is not None and task.token not in names:
            raise TokenLapsed
        start = names.index(task.token) + 1 if task.token else 0
        page = entries[start : start + 2]
        token = page[-1][0] if start + 2 < len(entries) else None
        return Page(tuple(item(name, *rest) for name, rest in page), token)


def item(name: str, minute: int, text: str) -> Fetched:
    at = START + timedelta(minutes=minute)
    key = MessageKey("c", name)
    return Fetched(Message(key, Channel.FACEBOOK, "psow", Author("42"), text, at), f"{name} {text}".encode())


def names(batches) -> list[str]:
    return [one.message.key.native_id for batch in batches for one in batch.items]


def read(world: World, cursor: str | None, batches_at_most: int = 10_000) -> tuple[list[str], str | None]:
    got = []
    for number, batch in enumerate(rounds(world.ask, (ROOT,), Position.of(cursor), START)):
        if number >= batches_at_most:
            break
        got += names([batch])
        cursor = batch.cursor
    return got, cursor


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc")),
        st.tuples(st.just("vanish"), st.integers(0, 30)),
        st.tuples(st.just("read"), st.integers(0, 6)),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(1, 4))
def test_nothing_is_lost_whatever_happens(steps, known_at_most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "KNOWN_AT_MOST", known_at_most)
        world, cursor, got = World(), None, set()
        for step, value in steps:
            if step == "add":
                world.add(value)
            elif step == "vanish" and (there := sorted(world.all() - set(world.posts))):
                name = there[value % len(there)]
                del world.posts[name[0]][name]
            elif step == "read":
                more, cursor = read(world, cursor, value)
                got.update(more)
        more, cursor = read(world, cursor)
        assert world.all() <= got | set(more)
        assert read(world, cursor)[0] == []


def test_a_changed_entry_comes_again_and_an_unchanged_one_does_not():
    world = World()
    name = world.add("a")
    world.add("a")
    cursor = read(world, None)[1]
    world.posts["a"][name] = (2, "another text")
    world.add("a")
    got, cursor = read(world, cursor)
    assert sorted(got) == ["a-2", "a-6"]
    assert read(world, cursor)[0] == []


def test_pages_that_lead_in_a_circle_end_the_round():
    def ask(task):
        return replace(Page((item("a", 1, "c"),)), token="same")

    with pytest.raises(Unavailable, match="in a circle"):
        list(rounds(ask, (ROOT,), Position(), START))
