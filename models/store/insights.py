"""What the desk has done in a time: volumes, what the machine did alone, what people overturned, how long they took."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from sqlalchemy import ColumnElement, Connection, and_, func, select

from models.domain import VerdictKind
from models.guarantee_tables import blind_draw, blind_verdict
from models.store import daily
from models.store.campaign_map import Cluster, Known, clusters
from models.store.daily import Tally
from models.tables import case, case_item, decision, enforcement, message, verdict

HANDLINGS = ("deliver", "enforce", "review", "urgent")
Z_95 = 1.96


@dataclass(frozen=True, slots=True)
class Span:
    """What is looked at: decisions from `since` on, of one organisation or of all (empty)."""

    since: datetime
    org: str = ""


@dataclass(frozen=True, slots=True)
class Waited:
    """How long cases of one kind took to their first verdict, in minutes."""

    kind: str
    cases: int
    median_min: float
    slowest_tenth_min: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """What blind readers found of one stratum; `low` and `high` bound the share of wrong ones at 95 %."""

    stratum: str
    judged: int
    wrong: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Insights:
    """All of it. Mappings go from a name to how often each handling was given, in the order of `HANDLINGS`."""

    by_day: Mapping[str, Sequence[int]]
    by_channel: Mapping[str, Sequence[int]]
    by_language: Mapping[str, Sequence[int]]
    clauses: Sequence[tuple[str, int]]
    held_by_machine: int
    held_and_judged: int
    overturned: int
    waited: Sequence[Waited]
    load: Mapping[str, Mapping[str, int]]
    reliability: Sequence[Reliability]
    campaign_days: Mapping[str, int]
    wrong_because: Mapping[str, Mapping[str, int]]
    clusters: Sequence[Cluster]

    @property
    def decided(self) -> int:
        """How many messages were decided."""
        return sum(sum(row) for row in self.by_day.values())

    @property
    def alone(self) -> int:
        """How many of them no person had to look at."""
        return sum(row[0] for row in self.by_day.values())


def read(connection: Connection, span: Span, known: Known | None = None) -> Insights:
    """Return the insights of a span; `known` are campaigns that were read before."""
    held, judged, overturned = _overturned(connection, span)
    tally = daily.tally(connection, span.since, span.org)
    return Insights(
        by_day=_handled("channel", tally.days),
        by_channel=_handled("channel", tally.values),
        by_language=_handled("lang", tally.values),
        clauses=_clauses(tally),
        held_by_machine=held,
        held_and_judged=judged,
        overturned=overturned,
        waited=_waited(connection, span),
        load=_load(connection, span),
        reliability=_reliability(connection, span),
        campaign_days=_campaigns(tally),
        wrong_because=_wrong_because(connection, span),
        clusters=clusters(connection, span.since, span.org, known),
    )


def _within(span: Span) -> ColumnElement[bool]:
    latest = and_(decision.c.message_id == message.c.id, decision.c.revision == message.c.revision)
    wanted = and_(latest, decision.c.decided_at >= span.since)
    return and_(wanted, message.c.org == span.org) if span.org else wanted


def _handled(kind: str, counts: Mapping[tuple[str, str, str], int]) -> dict[str, list[int]]:
    """Return how often each handling was given, by day or by value."""
    found: dict[str, list[int]] = {}
    for (of, name, handling), number in sorted(counts.items()):
        if of == kind:
            found.setdefault(name, [0] * len(HANDLINGS))[HANDLINGS.index(handling)] += number
    return found


def _clauses(tally: Tally) -> list[tuple[str, int]]:
    """Return the clauses cited most."""
    cited: Counter[str] = Counter()
    for (kind, clause, _), number in sorted(tally.values.items()):
        if kind == "clause":
            cited[clause] += number
    return cited.most_common(10)


def _overturned(connection: Connection, span: Span) -> tuple[int, int, int]:
    """Return how many messages the machine held, on how many of them a person gave a word, and how many they released."""
    held = (
        select(enforcement.c.message_id)
        .join(message, message.c.id == enforcement.c.message_id)
        .join(decision, decision.c.message_id == message.c.id)
        .where(enforcement.c.verdict_id.is_(None), enforcement.c.wanted, _within(span))
        .distinct()
        .cte("held")
    )
    later = verdict.alias("later")
    last = select(func.max(later.c.id)).where(later.c.case_id == verdict.c.case_id).scalar_subquery()
    query = (
        select(verdict.c.kind, func.count(held.c.message_id.distinct()))
        .select_from(held)
        .join(case_item, case_item.c.message_id == held.c.message_id)
        .join(verdict, verdict.c.case_id == case_item.c.case_id)
        .where(verdict.c.id == last)
        .group_by(verdict.c.kind)
    )
    kinds: dict[str, int] = {kind: count for kind, count in connection.execute(query)}  # noqa: C416 - rows, not pairs
    released = kinds.get(VerdictKind.DELIVER.value, 0)
    total = connection.execute(select(func.count()).select_from(held)).scalar_one()
    return total, released + kinds.get(VerdictKind.ENFORCE.value, 0), released


def _waited(connection: Connection, span: Span) -> list[Waited]:
    first = select(verdict.c.case_id, func.min(verdict.c.at).label("at")).group_by(verdict.c.case_id).subquery()
    query = select(case.c.attention, case.c.opened_at, first.c.at).join(first, first.c.case_id == case.c.id)
    query = query.where(first.c.at >= span.since)
    if span.org:
        query = query.where(case.c.org == span.org)
    minutes: dict[str, list[float]] = {"urgent": [], "review": []}
    for attention, opened_at, at in connection.execute(query):
        kind = "urgent" if attention == 2 else "review"
        minutes[kind].append(max(timedelta(0), at - opened_at).total_seconds() / 60)
    return [_spread(kind, found) for kind, found in minutes.items() if found]


def _spread(kind: str, minutes: Sequence[float]) -> Waited:
    cut = quantiles(minutes, n=10, method="inclusive") if len(minutes) > 1 else [minutes[0]] * 9
    return Waited(kind, len(minutes), cut[4], cut[8])


def _load(connection: Connection, span: Span) -> dict[str, Mapping[str, int]]:
    query = select(verdict.c.by, verdict.c.kind, func.count()).where(verdict.c.at >= span.since)
    if span.org:
        query = query.join(case, case.c.id == verdict.c.case_id).where(case.c.org == span.org)
    found: dict[str, dict[str, int]] = {}
    for by, kind, count in connection.execute(query.group_by(verdict.c.by, verdict.c.kind).order_by(verdict.c.by)):
        found.setdefault(by, {})[kind] = count
    return dict(found)


def _reliability(connection: Connection, span: Span) -> list[Reliability]:
    """Return what blind readers said: of what was acted on how much was legitimate, of what was delivered how much harmed."""
    query = (
        select(blind_draw.c.stratum, blind_verdict.c.judgement, func.count())
        .join(blind_draw, blind_draw.c.message_id == blind_verdict.c.message_id)
        .where(blind_verdict.c.at >= span.since, blind_verdict.c.judgement.in_(["legitimate", "harmful"]))
        .group_by(blind_draw.c.stratum, blind_verdict.c.judgement)
    )
    if span.org:
        of = select(message.c.org).where(message.c.id == blind_draw.c.message_id).scalar_subquery()
        query = query.where(of == span.org)
    found: dict[str, Counter[str]] = {}
    for stratum, judgement, count in connection.execute(query):
        found.setdefault(stratum, Counter())[judgement] += count
    rows = []
    for stratum, counts in sorted(found.items()):
        wrong = counts["legitimate" if stratum.startswith("act") else "harmful"]
        rows.append(Reliability(stratum, counts.total(), wrong, *wilson(wrong, counts.total())))
    return rows


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share. Source: Wilson, JASA 22 (1927) 209-212."""
    if n == 0:
        return 0.0, 1.0
    share, square = hits / n, Z_95 * Z_95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z_95 * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _campaigns(tally: Tally) -> dict[str, int]:
    """Return how many messages of campaigns were decided, by day."""
    days: Counter[str] = Counter()
    for (kind, day, handling), number in sorted(tally.days.items()):
        if kind == "campaign" and handling != "deliver":
            days[day] += number
    return dict(days)


def _wrong_because(connection: Connection, span: Span) -> dict[str, Mapping[str, int]]:
    """Return why reviewers found the machine wrong: by reason, how often with which verdict; undone verdicts left out."""
    later = verdict.alias()
    undone = select(later.c.id).where(
        later.c.case_id == verdict.c.case_id, later.c.kind == VerdictKind.UNDO.value, later.c.id > verdict.c.id
    )
    query = select(verdict.c.reason, verdict.c.kind, func.count()).where(
        verdict.c.at >= span.since, verdict.c.reason != "", ~undone.exists()
    )
    if span.org:
        query = query.join(case, case.c.id == verdict.c.case_id).where(case.c.org == span.org)
    found: dict[str, dict[str, int]] = {}
    for reason, kind, count in connection.execute(query.group_by(verdict.c.reason, verdict.c.kind)):
        found.setdefault(reason, {})[kind] = count
    return {reason: found[reason] for reason in sorted(found, key=lambda name: -sum(found[name].values()))}
