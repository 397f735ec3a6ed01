"""What happens by the clock alone: measures that end, warnings that lapse, reminders of reviews, and what is overdue."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select, update

from models.formal_tables import measure
from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.steps import MACHINE, End, FormalWarning, Restriction
from models.policy.schema import Pack
from models.store.formal import letters, notices, telling
from models.store.formal.codec import dumped
from models.store.formal.files import dossier_of
from models.store.formal.sealed import seal


@dataclass(frozen=True, slots=True)
class Ticked:
    """What the clock did."""

    ended: int = 0
    lapsed: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock over one transaction, at one moment."""

    database: Connection
    key: bytes
    pack_of: Callable[[str], Pack]
    now: datetime

    def tick(self) -> Ticked:
        """Let everything happen that is due: harmless to repeat."""
        ended = lapsed = told = 0
        for contact_id, org in self._standing():
            pack = self.pack_of(org)
            file = dossier_of(self.database, contact_id, org)
            for restriction in file.standing():
                if deadlines.run_out(restriction, file.incidents, pack, self.now):
                    self._end(file, restriction, pack)
                    ended += 1
                told += self._remind(restriction, pack)
            for warning in file.warnings:
                lapsed += self._lapse(file, warning, pack)
        return Ticked(ended, lapsed, told)

    def _standing(self) -> list[tuple[int, str]]:
        query = (
            select(measure.c.contact_id, measure.c.org)
            .where(measure.c.kind.in_(["restriction", "warning"]), measure.c.state == "standing")
            .distinct()
            .order_by(measure.c.contact_id)
        )
        return [(row.contact_id, row.org) for row in self.database.execute(query)]

    def _end(self, file: Dossier, restriction: Restriction, pack: Pack) -> None:
        at = deadlines.ends_at(restriction, file.incidents, pack)
        assert at is not None
        unreviewed = restriction.until is None and not deadlines.rolls(restriction, pack.clocks)
        over = replace(
            restriction, ended=End(at, MACHINE, "not reviewed in time" if unreviewed else "its time ran out")
        )
        values = {"detail": dumped(over), "state": "ended", "ends_at": at}
        number = restriction.restriction_id
        self.database.execute(update(measure).where(measure.c.id == number).values(**values))
        seal(self.database, self.key, self.now, MACHINE, "restriction.ran_out", measure, number)
        letters.want(self.database, self.key, file.contact_id, file.org, number, "end", MACHINE, self.now)
        telling.restriction(self.database, over, file.contact_id, file.org, self.now)
        today = deadlines.london_day(self.now)
        lowest = min(pack.roles, key=lambda role: role.rank).id
        notices.tell(self.database, file.org, "register_changed", f"measure:{number}", lowest, today, self.now)

    def _remind(self, restriction: Restriction, pack: Pack) -> int:
        """Remind the decision maker before a review, and say when it was not made."""
        if restriction.review_on is None or deadlines.rolls(restriction, pack.clocks):
            return 0
        if restriction.taken.at + timedelta(days=1) > deadlines.end_of_day(restriction.review_on):
            return 0
        today, about = deadlines.london_day(self.now), f"measure:{restriction.restriction_id}"
        role = restriction.taken.by.role
        due = [day for day in deadlines.reminders(restriction.review_on, pack) if day <= today <= restriction.review_on]
        told = sum(self._tell(pack, "review_soon", about, role, day) for day in due[-1:])
        if today > restriction.review_on:
            told += self._tell(pack, "review_overdue", about, role, restriction.review_on)
        return told

    def _tell(self, pack: Pack, kind: str, about: str, role: str, day: date) -> int:
        return int(notices.tell(self.database, pack.id, kind, about, role, day, self.now))

    def _lapse(self, file: Dossier, warning: FormalWarning, pack: Pack) -> int:
        """Mark a warning as lapsed; it stays on record."""
        if warning.told_at is None:
            return 0
        end = deadlines.warning_ends(warning, file.incidents, pack)
        if end is None or end > self.now:
            return 0
        query = update(measure).where(measure.c.id == warning.warning_id, measure.c.state == "standing")
        done = self.database.execute(query.values(state="lapsed", ends_at=end))
        if done.rowcount:
            seal(self.database, self.key, self.now, MACHINE, "warning.lapsed", measure, warning.warning_id)
        return done.rowcount

    def yearly(self, pack: Pack, issued: date | None) -> int:
        """Remind of the yearly review of all restrictions and of the review of the policy, `issued` when it was."""
        today, told = deadlines.london_day(self.now), 0
        highest = max(pack.roles, key=lambda role: role.rank).id
        annual = deadlines.annual_review_day(today.year, pack)
        if annual is not None and today >= annual - timedelta(days=28):
            told += self._tell(pack, "annual_review", f"org:{pack.id}", highest, annual)
        policy = None if issued is None else deadlines.policy_review_day(issued, pack)
        if policy is not None and today >= policy - timedelta(days=90):
            told += self._tell(pack, "policy_review", f"org:{pack.id}", highest, policy)
        return told
