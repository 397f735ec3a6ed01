"""The cases of a full store: open, escalated and closed ones, their items, verdicts, effects, and the blind sample."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import log2
from typing import ClassVar

from models.store import ranking
from tests.benchmarks.full_shapes import HANDLINGS, ORGS, Shape

DAY_S = 86_400
REVIEWERS = tuple(f"reviewer{n}" for n in range(12))
SAID = ("deliver", "enforce", "enforce", "no_action")
Row = tuple[object, ...]


@dataclass
class Cases:
    """Rows as the tables take them."""

    DRAWN: ClassVar[str] = (
        "message_id, connection_id, contact_id, revision, stratum, probability, second, model_version, pack_id, pack_version, drawn_at"
    )
    rows: list[Row] = field(default_factory=list)
    items: list[tuple[int, int]] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    enforcements: list[Row] = field(default_factory=list)
    drawn: list[Row] = field(default_factory=list)
    judged: list[Row] = field(default_factory=list)


def told(seconds: float) -> str:
    """Return a moment as the store keeps it."""
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S.000000")


def cases_of(shape: Shape, opened: int) -> Cases:
    """Return the cases of a shape: the `opened` newest are open, one in fifty beside them escalated, the others closed."""
    groups = _groups(shape)
    if len(groups) < opened + opened // 50:
        raise ValueError(f"{len(groups)} cases come of these messages, fewer than {opened} open ones ask for")
    found = Cases()
    for place, numbers in enumerate(groups):
        left = len(groups) - place
        state = "open" if left <= opened else "escalated" if left <= opened + opened // 50 else "closed"
        _case(found, shape, place + 1, numbers, state)
    _sample(found, shape)
    return found


def _groups(shape: Shape) -> list[list[int]]:
    """Return the messages of each case, oldest first: a campaign's together, a person's of one day together."""
    groups: list[list[int]] = []
    of_campaign: dict[int, list[int]] = {}
    of_person: dict[int, list[int]] = {}
    for n in map(int, shape.handling.nonzero()[0]):
        campaign, contact = int(shape.campaign[n]), int(shape.contact[n])
        known = of_campaign.get(campaign) if campaign else of_person.get(contact)
        if known is not None and (campaign or shape.at[n] - shape.at[known[0]] < DAY_S):
            known.append(n)
            continue
        groups.append([n])
        if campaign:
            of_campaign[campaign] = groups[-1]
        else:
            of_person[contact] = groups[-1]
    return sorted(groups, key=lambda numbers: shape.at[numbers[-1]])


def _case(found: Cases, shape: Shape, case_id: int, numbers: list[int], state: str) -> None:
    first, last = float(shape.at[numbers[0]]), float(shape.at[numbers[-1]])
    urgent = any(HANDLINGS[shape.handling[n]] == "urgent" for n in numbers)
    campaign = bool(shape.campaign[numbers[0]])
    weight = 0.5 + (case_id * 37 % 100) / 20
    target = first + (900 if urgent else DAY_S)
    rank = log2(weight) - target / ranking.DOUBLES_IN.total_seconds()
    given = REVIEWERS[case_id % 12] if state != "closed" and case_id % 9 == 0 else None
    found.rows.append(
        (
            case_id,
            int(shape.contact[numbers[0]]),
            ORGS[shape.org[numbers[0]]],
            state,
            2 if urgent else 1,
            weight,
            told(first),
            told(last + 7200 if state == "closed" else last),
            2 if state == "closed" else 1,
            rank,
            told(target),
            case_id % 2,
            campaign,
            given,
        )
    )
    found.items += [(case_id, n + 1) for n in numbers]
    said = SAID[case_id % 4] if state == "closed" else ""
    if said:
        actions = '["hide"]' if said == "enforce" else "[]"
        by, at = REVIEWERS[case_id % 12], told(last + 3_600)
        found.verdicts.append((len(found.verdicts) + 1, case_id, 1, said, actions, by, at, "", at))
    for n in numbers:
        found.enforcements += _effects(shape, n, said, len(found.verdicts) if said else None)


def _effects(shape: Shape, n: int, said: str, verdict_id: int | None) -> Iterator[Row]:
    """Yield what was done about a message: held by the machine, confirmed, lifted by a person, or by itself after two days."""
    if HANDLINGS[shape.handling[n]] != "enforce":
        return
    mail, org, at = shape.channel[n] == 0, ORGS[shape.org[n]], float(shape.at[n])
    effect, place = ("quarantine", f"{org}-mail") if mail else ("hide", f"{org}-posts")
    lapsed = not said and shape.at[-1] - at > 2 * DAY_S
    until = None if said == "enforce" or lapsed else told(at + 2 * DAY_S)
    yield (
        place, "message", f"n{n}", effect, 1, 1, n + 1, None, "done", 1, 1, "", told(at), until, 1, told(at + 30), told(at + 40),
    )  # fmt: skip
    if lapsed or said in {"deliver", "no_action"}:
        by = verdict_id if said else None
        when = told(at + 2 * DAY_S)
        yield (place, "message", f"n{n}", effect, 2, 0, n + 1, by, "done", 1, 1, "", when, None, 1, when, when)


def _sample(found: Cases, shape: Shape) -> None:
    """Draw one delivery in two hundred and one action in fifty; three in four are judged."""
    for n in range(len(shape.at)):
        handling = HANDLINGS[shape.handling[n]]
        if not ((handling == "deliver" and n % 200 == 0) or (handling == "enforce" and n % 50 == 0)):
            continue
        stratum = "action" if handling == "enforce" else "delivery"
        place, at = f"{ORGS[shape.org[n]]}-{'mail' if shape.channel[n] == 0 else 'posts'}", told(shape.at[n])
        found.drawn.append((n + 1, place, int(shape.contact[n]), 1, stratum, 0.02, 0, "bench", "psow", "1", at))
        if n * 13 % 4:
            harmful = (stratum == "action") != (n % 70 == 0)
            found.judged.append((n + 1, "harmful" if harmful else "legitimate", REVIEWERS[n % 12], at))
