"""Shows what a layer would change on the own history, against what people decided."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, select

from bot.learning.verdicts import judgements
from bot.policies import policy_of
from bot.redeciding import by_another, remembered
from bot.shadowing import meant
from classifiers.registry import Registry
from models.domain import Mode
from models.session import reading
from models.tables import message

MESSAGES_AT_MOST = 5_000
BATCH = 200
IDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One message on which the two differ; `people` says delivered, enforced or nothing."""

    message_id: int
    before: str
    after: str
    acts_before: bool
    acts_after: bool
    people: str

    @property
    def verdict(self) -> str:
        """Whether the change goes with what people decided."""
        if not self.people or self.acts_before == self.acts_after:
            return "not judged" if not self.people else "no action changes"
        return "right" if self.acts_after == (self.people == "enforced") else "wrong"


@dataclass(frozen=True, slots=True)
class HistoryDiff:
    """All changes over `n` messages."""

    n: int
    changes: tuple[Change, ...]

    def to_text(self) -> str:
        """Return numbers and ids, never text."""
        lines = [f"{len(self.changes)} of {self.n} messages would be decided differently (thresholds of the reference)"]
        kinds = Counter((one.before, one.after) for one in self.changes)
        lines += [f"  {before} → {after}: {count}" for (before, after), count in sorted(kinds.items())]
        for name in ("wrong", "right", "no action changes", "not judged"):
            mine = [str(one.message_id) for one in self.changes if one.verdict == name]
            if mine:
                more = f" and {len(mine) - IDS_SHOWN} more" if len(mine) > IDS_SHOWN else ""
                lines.append(f"  {name}: {len(mine)}; messages {', '.join(mine[:IDS_SHOWN])}{more}")
        return "\n".join(lines)


def history_diff(engine: Engine, before: Registry, after: Registry, limit: int = MESSAGES_AT_MOST) -> HistoryDiff:
    """Decide the youngest `limit` messages with both, as if the reference's thresholds were in force."""
    with reading(engine) as database:
        people = {one.message_id: one.harmful for one in judgements(database, for_training=False)}
        ids = list(
            database.execute(
                select(message.c.id)
                .where(message.c.decided == message.c.revision)
                .order_by(message.c.id.desc())
                .limit(limit)
            ).scalars()
        )
        changes: list[Change] = []
        for at in range(0, len(ids), BATCH):
            items = remembered(database, ids[at : at + BATCH])
            policies = [policy_of(item.message.org, Mode.ENFORCE) for item in items]
            pairs = zip(items, by_another(before, items, policies), by_another(after, items, policies), strict=True)
            for item, one, other in pairs:
                if meant(one) != meant(other):
                    changes.append(
                        Change(item.message_id, one.handling, other.handling, bool(one.actions), bool(other.actions),
                               _said(people, item.message_id))
                    )  # fmt: skip
    return HistoryDiff(len(ids), tuple(sorted(changes, key=lambda one: one.message_id)))


def _said(people: Mapping[int, bool], message_id: int) -> str:
    found = people.get(message_id)
    return "" if found is None else "enforced" if found else "delivered"
