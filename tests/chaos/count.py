"""What is counted when all has come to rest: the store against the truth of every side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import Engine, func, select

from models.domain import Action, EnforcementState
from models.engine_tables import dispatch, manual_task
from models.session import reading
from models.store import cases, leases, tasks
from models.tables import enforcement, message, verdict
from tests.chaos.sides import Side
from tests.emulators.smtp import Mailbox

_DONE = (EnforcementState.DONE.value, EnforcementState.ALREADY_DONE.value)


@dataclass
class Counts:
    """The first block must be zero throughout."""

    messages_lost: int = 0
    messages_twice: int = 0
    messages_unaccounted: int = 0
    readable_effects_done_twice: int = 0
    effects_forgotten: int = 0
    effects_not_as_recorded: int = 0
    outcomes_not_read_back: int = 0
    reports_more_than_once: int = 0
    notices_more_than_once: int = 0
    words_more_than_once: int = 0
    without_a_task: int = 0
    verdicts_forgotten: int = 0
    total: dict[str, int] = field(default_factory=dict)

    def wrong(self) -> dict[str, int]:
        """Return what is not zero and should be."""
        return {key: value for key, value in asdict(self).items() if key != "total" and value}


def counted(engine: Engine, sides: Sequence[Side], social: Counter, told: Counter, box: Mailbox) -> Counts:
    """Count; `social` are the reports the platform got by account, `told` the words that came to the webhook."""
    counts = Counts()
    with reading(engine) as database:
        known = Counter(
            (row.connection_id, row.native_id)
            for row in database.execute(select(message.c.connection_id, message.c.native_id))
        )
        rows = list(database.execute(select(enforcement).order_by(enforcement.c.id)))
        counts.messages_unaccounted = len(cases.unaccounted(database))
        counts.without_a_task = len(tasks.unassigned(database, 10_000))
        counts.verdicts_forgotten = _count(database, verdict, verdict.c.carried_out_at.is_(None))
        counts.effects_forgotten = sum(1 for row in rows if row.state in {"pending", "leased"})
        counts.effects_forgotten += _count(database, dispatch, dispatch.c.state.in_(["pending", "leased"]))
        unknown = _count(database, dispatch, dispatch.c.state == "unknown", dispatch.c.contact_id.is_not(None))
        noticed = _count(database, manual_task, manual_task.c.dispatch_id.is_not(None))
        counts.without_a_task += max(0, unknown - noticed)
        states = Counter(row.state for row in rows)
        notices = Counter(
            r.state for r in database.execute(select(dispatch.c.state).where(dispatch.c.kind == "notice"))
        )
    for side in sides:
        arrived = side.arrived()
        mine = {native_id: times for (name, native_id), times in known.items() if name == side.name}
        counts.messages_lost += len(arrived - mine.keys())
        counts.messages_twice += sum(times - 1 for times in mine.values()) + len(mine.keys() - arrived)
        counts.readable_effects_done_twice += side.twice()
        _compare(counts, side, [row for row in rows if row.connection_id == side.name])
    wanted_reports = Counter(row.target_id for row in rows if row.effect == "report" and row.wanted)
    counts.reports_more_than_once = sum(max(0, n - wanted_reports[key]) for key, n in social.items())
    by_id = Counter(str(mail["Message-ID"]) for _, _, mail in box.mails)
    counts.notices_more_than_once = sum(n - 1 for n in by_id.values())
    counts.words_more_than_once = sum(n - 1 for key, n in told.items() if "case" in key)
    counts.total = {
        "messages": sum(known.values()),
        **{f"effects {state}": number for state, number in sorted(states.items())},
        **{f"notices {state}": number for state, number in sorted(notices.items())},
        "notices sent": sum(by_id.values()),
        "reports made": sum(social.values()),
    }
    return counts


def _count(database, table, *wanted) -> int:
    return database.execute(select(func.count()).select_from(table).where(*wanted)).scalar_one()


def _compare(counts: Counts, side: Side, rows: list) -> None:
    """Hold the last settled generation of each readable effect against the truth."""
    last = {}
    for row in rows:
        if row.effect == Action.REPORT.value:
            continue
        if row.state in _DONE:
            last[row.target_kind, row.target_id, row.effect] = row
            counts.outcomes_not_read_back += row.read_back is None or row.read_back != row.wanted
        elif row.state != EnforcementState.CANCELLED.value:
            last.pop((row.target_kind, row.target_id, row.effect), None)
    for row in last.values():
        counts.effects_not_as_recorded += side.in_force(leases.job_of(row, 1, 1)) != row.wanted
