"""Walking newest-first pages: whatever comes in meanwhile and wherever it is killed, nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.social.x_streams import Page, Position, Rounds, TokenLapsed, Walk, rounded, walked

STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6), st.booleans()), min_size=1, max_size=12)
"""Each: how many posts come in before a run, after how many pages it is killed, whether its token lapses."""


class Timeline:
    """A stream of ids that grows while it is read; a page holds two."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.lapsed = False

    def grow(self, number: int) -> None:
        self.ids += [len(self.ids) + 1 + at for at in range(number)]

    def ask(self, since: str | None, token: str | None) -> Page:
        if token is not None and self.lapsed:
            self.lapsed = False
            raise TokenLapsed
        low, high = int(since or 0), int(token or 10_000)
        below = [one for one in reversed(self.ids) if low < one < high]
        page = tuple(below[:2])
        return Page(page, str(max(page)) if page else None, str(page[-1]) if len(below) > 2 else None)


def run(timeline: Timeline, position: Position, pages: int) -> tuple[list, Position]:
    got = []
    for _, (found, walk) in zip(range(pages), walked(timeline.ask, position.walks.get("s", Walk())), strict=False):
        got += found
        position = Position.of(position.with_walk("s", walk).text())
        timeline.grow(1)
    return got, position


@given(STEPS)
def test_a_walk_loses_nothing_and_the_mark_never_goes_back(steps):
    timeline, position, got, marks = Timeline(), Position(), set(), [0]
    for new, pages, lapses in steps:
        timeline.grow(new)
        timeline.lapsed = lapses
        found, position = run(timeline, position, pages)
        got |= set(found)
        marks.append(int(position.walks["s"].since or 0))
    timeline.lapsed = False
    for _ in range(2):
        found, position = run(timeline, position, 1000 if timeline.ids else 1)
        got |= set(found)
        expected = [one for one in timeline.ids if one <= int(position.walks["s"].since or 0)]
        assert set(expected) <= got
    assert marks == sorted(marks)


@given(STEPS)
def test_rounds_through_conversations_lose_no_reply(steps):
    conversations = {str(root): Timeline() for root in (1, 2, 3, 4, 5)}

    def ask_of(group):
        def ask(since, token):
            found = [(one, root) for root in group for one in conversations[root].ids]
            low, high = int(since or 0), int(token or 10_000)
            below = sorted((pair for pair in found if low < pair[0] < high), reverse=True)
            page = tuple(below[:2])
            return Page(page, str(page[0][0]) if page else None, str(page[-1][0]) if len(below) > 2 else None)

        return ask

    latest, rounds, got = 5, Rounds(), set()
    for new, pages, _ in [*steps, (0, 1000, False), (0, 1000, False)]:
        for at in range(new):
            latest += 1
            conversations[str(1 + (latest + at) % 5)].ids.append(latest)
        rounds = rounds.begun(sorted(conversations), 2)
        for _, (found, further) in zip(range(pages), rounded(ask_of, rounds), strict=False):
            got |= set(found)
            rounds = Position.of(Position({}, further).text()).rounds
            latest += 1
            conversations[str(1 + latest % 5)].ids.append(latest)
    for root, timeline in conversations.items():
        assert {(one, root) for one in timeline.ids if one <= int(rounds.marks[root])} <= got
