"""The certificate: exact bounds, a grid walked strictest first until the first failure, and the decision as a whole."""

import pytest

from bot.certify import GRID, LIMIT, as_fields, choose, to_table, upper_bound
from bot.judging import NOW, Judged
from classifiers.train.sources import DomainRow
from models.domain import Author, Channel, ChannelGroup, Message, MessageKey, Signal


def message(number, text="words"):
    return Message(MessageKey("t", str(number)), Channel.X, "psow", Author(f"a{number}"), text, NOW)


def row(number, handling, labels=()):
    return DomainRow(
        str(number), "words", None, frozenset(labels), frozenset(), handling, "cy" if number % 2 else "en", "x", "psow",
        "w", str(number),
    )  # fmt: skip


def judged(entries, source="domain"):
    """Make a pool of (handling, probability of a threat) pairs."""
    signals = [(Signal("abuse.threat", p, "abuse", "1"),) if p else () for _, p in entries]
    rows = [
        row(n, handling, ["abuse.threat"] if handling == "enforce" else []) for n, (handling, _) in enumerate(entries)
    ]
    messages = tuple(message(n) for n in range(len(entries)))
    return Judged(source, ChannelGroup.SOCIAL, messages, tuple(signals), tuple(rows) if source == "domain" else ())


def test_a_bound_is_exact():
    assert upper_bound(0, 1_497) == pytest.approx(0.002, abs=2e-6)
    assert upper_bound(0, 1_000) > LIMIT
    assert upper_bound(5, 5) == 1.0


def test_the_grid_is_fixed_and_strictest_first():
    assert list(GRID) == sorted(set(GRID), reverse=True)


def test_the_walk_ends_at_the_first_failure_though_a_later_threshold_would_pass():
    domain = judged([("deliver", 0.0)] * 1_000 + [("enforce", 0.9)] * 50)
    pool = judged([("deliver", 0.0)] * 3_000 + [("deliver", 0.0), ("deliver", 0.9551)] * 30, "pool")
    found = choose(domain, [pool])
    assert found.act == 0.96
    assert [step[0] for step in found.tried] == list(GRID[: GRID.index(0.95) + 1])
    assert found.errors == 0
    assert found.upper == pytest.approx(upper_bound(0, found.n))
    assert found.n < 2_300  # half of it chose the offsets and certifies nothing


def test_too_few_messages_certify_nothing():
    found = choose(judged([("deliver", 0.0)] * 200 + [("enforce", 0.99)] * 20), [])
    assert found.act is None
    assert found.upper == 1.0


def test_what_is_tested_is_the_decision_not_the_label():
    """A rights request forbids every action, so a threat head that misfires on it is no false action."""
    shielded = tuple(
        (Signal("abuse.threat", 0.999, "abuse", "1"), Signal("rights.request", 0.99, "rights", "1")) for _ in range(40)
    )
    pool = Judged("pool", ChannelGroup.SOCIAL, tuple(message(n) for n in range(40)), shielded)
    domain = judged([("deliver", 0.0)] * 3_000 + [("enforce", 0.99)] * 50)
    assert choose(domain, [pool]).errors == 0


def test_a_certificate_tells_what_it_is_made_of():
    found = choose(judged([("deliver", 0.0)] * 2_000 + [("enforce", 0.99)] * 50), [])
    table = to_table(as_fields({ChannelGroup.SOCIAL: found}, "1.test"))
    assert f"domain {found.n}" in table
    assert 900 < found.n < 1_100
    assert "Welsh by itself: 0 of " in table
    assert "worst source domain: 0.00%" in table
