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
from tests.emulators.platform import Ledger
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
    unreadable_effects_more_than_once: int = 0
    messages_astray_on_the_servers: int = 0
    notices_more_than_once: int = 0
    words_more_than_once: int = 0
    without_a_task: int = 0
    verdicts_forgotten: int = 0
    total: dict[str, int] = field(default_factory=dict)

    def wrong(self) -> dict[str, int]:
        """Return what is not zero and should be."""
        return {key: value for key, value in asdict(self).items() if key != "total" and value}


def counted(engine: Engine, sides: Sequence[Side], hook: Ledger, box: Mailbox) -> Counts:
    """Count; `hook` took the words to reviewers, `box` the notices to senders."""
    counts = Counts()
    with reading(engine) as database:
        known = list(
            database.execute(
                select(
                    message.c.id, message.c.connection_id, message.c.native_id, message.c.message_id, message.c.nature
                )
            )
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
        notices = Counter(
            r.state for r in database.execute(select(dispatch.c.state).where(dispatch.c.kind == "notice"))
        )
    for side in sides:
        _hold_against(counts, side, known, [row for row in rows if row.connection_id == side.name])
    sent = Counter(str(mail["Message-ID"]) for _, _, mail in box.mails)
    counts.notices_more_than_once = sum(n - 1 for n in sent.values())
    counts.words_more_than_once = sum(n - 1 for key, n in hook.told.items() if "case" in key)
    counts.total = {
        "messages": len(known),
        **{f"messages by {name}": n for name, n in sorted(Counter(row.connection_id for row in known).items())},
        **{f"messages {nature}": n for nature, n in sorted(Counter(row.nature for row in known).items())},
        **{f"effects {state}": n for state, n in sorted(Counter(row.state for row in rows).items())},
        **{f"effects on {name}": n for name, n in sorted(Counter(row.connection_id for row in rows).items())},
        **{f"notices {state}": n for state, n in sorted(notices.items())},
        "notices sent": sum(sent.values()),
        "reports made": sum(n for side in sides for call, n in side.once().items() if call[0] == Action.REPORT.value),
    }
    return counts


def _count(database, table, *wanted) -> int:
    return database.execute(select(func.count()).select_from(table).where(*wanted)).scalar_one()


def _hold_against(counts: Counts, side: Side, known: list, rows: list) -> None:
    """Hold what the store says of one side against what is true there."""
    arrived = side.arrived()
    mine = Counter(getattr(row, side.identity) for row in known if row.connection_id == side.name)
    counts.messages_lost += len(arrived - mine.keys())
    counts.messages_twice += sum(times - 1 for times in mine.values()) + len(mine.keys() - arrived)
    counts.messages_astray_on_the_servers += side.astray()
    counts.readable_effects_done_twice += side.twice()
    wanted = Counter((row.effect, row.target_id, row.wanted) for row in rows)
    counts.unreadable_effects_more_than_once += sum(max(0, n - wanted[call]) for call, n in side.once().items())
    names = {row.native_id: getattr(row, side.identity) for row in known if row.connection_id == side.name}
    _compare(counts, side, rows, names)


def _compare(counts: Counts, side: Side, rows: list, names: dict[str, str]) -> None:
    """Hold the last settled generation of each readable effect against the truth."""
    unreadable = {"report", *side.unreadable}
    last = {}
    for row in rows:
        if row.effect in unreadable:
            continue
        if row.state in _DONE:
            last[row.target_kind, row.target_id, row.effect] = row
            counts.outcomes_not_read_back += row.read_back is None or row.read_back != row.wanted
        elif row.state != EnforcementState.CANCELLED.value:
            last.pop((row.target_kind, row.target_id, row.effect), None)
    for row in last.values():
        true = side.in_force(leases.job_of(row, 1, 1), names.get(row.target_id, ""))
        counts.effects_not_as_recorded += true != row.wanted
