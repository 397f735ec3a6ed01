"""The figures of a financial year: what was done, on what grounds, for how long, by whom, and how appeals ended."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import Connection, select

from models.formal_tables import incident, measure
from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.steps import Appeal, Basis, Restriction
from models.policy.schema import Pack
from models.store.formal.files import dossier_of

SMALL = 5
"""Fewer people than this are not told apart by a protected characteristic."""
YEAR_END = "03-31"

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Section:
    """One table: `columns` and the first cell of each row are words of the report or ids. None is a suppressed number.

    `chart` says that its second column is drawn as bars.
    """

    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: bool = False

    @property
    def drawn(self) -> bool:
        """True when there is a bar to draw."""
        return self.chart and any(isinstance(row[1], int | float) and row[1] > 0 for row in self.rows)


@dataclass(frozen=True, slots=True)
class Year:
    """A financial year of an organisation: the day it ends, and its tables."""

    org: str
    ends_on: date
    sections: tuple[Section, ...]

    @property
    def begins_on(self) -> date:
        """The first day of the year."""
        return date(self.ends_on.year - 1, self.ends_on.month, self.ends_on.day) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A restriction that stood at some time of the year, with the file it lies in and when it ends."""

    file: Dossier
    restriction: Restriction
    ended_at: datetime | None

    @property
    def maker(self) -> str:
        return self.restriction.taken.by.name

    def appeals(self) -> tuple[Appeal, ...]:
        number = self.restriction.restriction_id
        return tuple(appeal for appeal in self.file.appeals if appeal.restriction_id == number)


def last_year_end(today: date, pack: Pack) -> date:
    """Return the last day of the financial year that is over, or ends today."""
    month, day = map(int, (pack.clocks.annual_review_month_day or YEAR_END).split("-"))
    this = date(today.year, month, day)
    return this if this <= today else date(today.year - 1, month, day)


def year_of(database: Connection, pack: Pack, ends_on: date) -> Year:
    """Return the figures of the year that ends on a day."""
    begins = Year(pack.id, ends_on, ()).begins_on
    first, last = deadlines.end_of_day(begins - timedelta(days=1)), deadlines.end_of_day(ends_on)
    files = [dossier_of(database, number, pack.id) for number in _contacts(database, pack.id)]
    stood = [found for file in files for found in _stood(file, pack, first, last)]
    begun = [found for found in stood if first <= found.restriction.taken.at < last]
    sections = (
        _counts(files, stood, begun, first, last),
        _counted("types", "measure", (t.measure for f in begun for t in f.restriction.measures)),
        _counted("grounds", "clause", (ground for f in begun for ground in f.restriction.grounds)),
        _durations(begun),
        _appeals(files, first, last),
        _adjustments(files, first, last),
        _characteristics(begun),
        _makers(begun),
        _all(stood),
    )
    return Year(pack.id, ends_on, sections)


def _contacts(database: Connection, org: str) -> list[int]:
    found: set[int] = set()
    for table in (measure, incident):
        found |= set(database.execute(select(table.c.contact_id).where(table.c.org == org)).scalars())
    return sorted(found)


def _stood(file: Dossier, pack: Pack, first: datetime, last: datetime) -> Iterator[_Taken]:
    for restriction in file.restrictions:
        end = restriction.ended.at if restriction.ended else deadlines.ends_at(restriction, file.incidents, pack)
        if restriction.starts_at < last and (end is None or end > first):
            yield _Taken(file, restriction, end)


def _counts(
    files: Sequence[Dossier], stood: Sequence[_Taken], begun: Sequence[_Taken], first: datetime, last: datetime
) -> Section:
    def within(moments: Iterable[datetime]) -> int:
        return sum(first <= at < last for at in moments)

    basis = Counter(found.restriction.basis for found in begun)
    at_end = sum(found.ended_at is None or found.ended_at >= last for found in stood)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("incidents_upheld", within(i.at for f in files for i in f.upheld())),
        ("incidents_dismissed", within(i.at for f in files for i in f.incidents if i.state == "dismissed")),
        ("asks", within(a.taken.at for f in files for a in f.asks)),
        ("warnings", within(w.taken.at for f in files for w in f.warnings)),
        *((f"restrictions_{kind.value}", basis[kind]) for kind in Basis),
        ("people_restricted", len({found.file.contact_id for found in begun})),
        ("reviews", within(r.taken.at for f in files for r in f.reviews)),
        ("stood_at_end", at_end),
    )
    return Section("counts", ("what", "number"), rows, chart=True)


def _counted(key: str, column: str, found: Iterable[str]) -> Section:
    counted = sorted(Counter(found).items(), key=_by_count)
    return Section(key, (column, "number"), tuple(counted), chart=True)


def _by_count(entry: tuple[str, int]) -> tuple[int, str]:
    return -entry[1], entry[0]


def _days(found: _Taken) -> int | None:
    return None if found.ended_at is None else (found.ended_at - found.restriction.starts_at).days


def _durations(begun: Sequence[_Taken]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for basis in Basis:
        days = [d for f in begun if f.restriction.basis is basis and (d := _days(f)) is not None]
        if days:
            rows.append((f"restrictions_{basis.value}", median(days), min(days), max(days), len(days)))
    return Section(
        "durations", ("what", "median_days", "shortest_days", "longest_days", "number"), tuple(rows), chart=True
    )


def _appeals(files: Sequence[Dossier], first: datetime, last: datetime) -> Section:
    appeals = [a for file in files for a in file.appeals if first <= a.lodged_at < last]
    outcomes = Counter("appeal_open" if a.outcome is None else f"appeal_{a.outcome.value}" for a in appeals)
    names = ("appeal_upheld", "appeal_varied", "appeal_dismissed", "appeal_open")
    rows: tuple[tuple[Cell, ...], ...] = tuple((name, outcomes[name]) for name in names)
    late = ("appeal_late", sum(a.late for a in appeals))
    outside = ("appeal_outside", sum(a.outside for a in appeals))
    return Section("appeals", ("what", "number"), (*rows, late, outside), chart=True)


def _adjustments(files: Sequence[Dossier], first: datetime, last: datetime) -> Section:
    found = [c for file in files for c in file.circumstances if first <= c.at < last]
    rows: tuple[tuple[Cell, ...], ...] = (
        ("needs_recorded", len(found)),
        ("adjustments_made", sum(bool(c.adjustment) and c.declined is None for c in found)),
        ("adjustments_asked", sum(c.requested for c in found)),
        ("adjustments_declined", sum(c.declined is not None for c in found)),
    )
    return Section("adjustments", ("what", "number"), rows, chart=True)


def _characteristics(begun: Sequence[_Taken]) -> Section:
    """Count people restricted by a characteristic somebody recorded. Small numbers are suppressed, never one alone."""
    people: dict[str, set[int]] = {}
    for found in begun:
        named = {c.characteristic for c in found.file.circumstances if c.characteristic and c.ended_at is None}
        for name in named or {"not_recorded"}:
            people.setdefault(name, set()).add(found.file.contact_id)
    counts = {name: len(ids) for name, ids in people.items()}
    hidden = {name for name, number in counts.items() if number < SMALL}
    if len(hidden) == 1 and len(counts) > 1:
        hidden.add(min((name for name in counts if name not in hidden), key=lambda name: (counts[name], name)))
    rows = tuple((name, None if name in hidden else counts[name]) for name in sorted(counts))
    return Section("characteristics", ("characteristic", "people"), rows, chart=True)


def _makers(begun: Sequence[_Taken]) -> Section:
    """Return, for each decision maker, how their formal decisions compare; the last row is all of them together."""
    formal = [found for found in begun if found.restriction.basis is Basis.FORMAL]
    rows = [_maker(name, [f for f in formal if f.maker == name]) for name in sorted({f.maker for f in formal})]
    if formal:
        rows.append(_maker("all_together", formal))
    columns = ("maker", "number", "measures_each", "median_days", "without_warning", "line_closed", "overturned")
    return Section("makers", columns, tuple(rows), chart=False)


def _maker(name: str, found: Sequence[_Taken]) -> tuple[Cell, ...]:
    days = [number for f in found if (number := _days(f)) is not None]
    overturned = sum(any(a.outcome in {"upheld", "varied"} for a in f.appeals()) for f in found)
    return (
        name,
        len(found),
        round(sum(len(f.restriction.measures) for f in found) / len(found), 1),
        median(days) if days else "–",
        sum(f.restriction.warning_id is None for f in found),
        sum(bool(f.restriction.override_why) for f in found),
        overturned,
    )


def _all(stood: Sequence[_Taken]) -> Section:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            found.restriction.restriction_id,
            f"restrictions_{found.restriction.basis.value}",
            ", ".join(terms.measure for terms in found.restriction.measures),
            ", ".join(found.restriction.grounds),
            deadlines.london_day(found.restriction.starts_at).isoformat(),
            "–" if found.ended_at is None else deadlines.london_day(found.ended_at).isoformat(),
            found.maker,
        )
        for found in sorted(stood, key=lambda f: f.restriction.restriction_id)
    )
    return Section("all", ("restriction", "basis", "measure", "clause", "begun", "ends", "maker"), rows)
