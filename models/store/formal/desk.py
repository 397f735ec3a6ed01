"""The desk of one officer: takes a formal step when the policy permits it, makes it a proposal from below the grade, else refuses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from models.formal_tables import measure, proposal
from models.measures import authority, deadlines, permits, restricting
from models.measures.dossier import Dossier
from models.measures.permits import Ruling
from models.measures.refusals import Refusal, refusal
from models.measures.steps import (
    Appeal,
    AppealOutcome,
    Ask,
    Basis,
    End,
    FormalWarning,
    Officer,
    Record,
    RecordKind,
    Referral,
    Restriction,
    Review,
    ReviewOutcome,
    Taken,
)
from models.policy.clocks import Calendar
from models.policy.schema import Pack
from models.store.formal import letters, notices, telling
from models.store.formal.codec import Step, dumped, kind_of
from models.store.formal.files import dossier_of
from models.store.formal.sealed import seal

Proposable = Ask | FormalWarning | Restriction | Review | Referral | Record


class StepRefused(Exception):
    """The policy forbids the step; `refusals` say why, each in both languages with its clause."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(" ".join(found.say.en for found in refusals))
        self.refusals = tuple(refusals)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step: the number of its row, a measure's or, when `proposed`, a proposal's."""

    number: int
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """One officer at one moment over one transaction. Steps carry a `taken` of their own, which is never trusted."""

    database: Connection
    key: bytes
    pack: Pack
    officer: Officer
    now: datetime
    calendar: Calendar = deadlines.ENGLAND_AND_WALES
    proposed_by: str = ""

    def file(self, contact_id: int) -> Dossier:
        """Return the file of a person."""
        return dossier_of(self.database, contact_id, self.pack.id)

    @property
    def taken(self) -> Taken:
        """The signature under a step taken here."""
        return Taken(self.officer, self.now, self.proposed_by)

    def take(self, contact_id: int, draft: Proposable) -> Done:
        """Take any step that may also be proposed: ask, warn, restrict, review, refer or record.

        Raises:
            StepRefused: The policy forbids it.
        """
        takers: dict[type[Any], Callable[[int, Any], Done]] = {
            Ask: self.ask,
            FormalWarning: self.warn,
            Restriction: self.restrict,
            Review: self.review,
            Referral: self.refer,
            Record: self.record,
        }
        return takers[type(draft)](contact_id, draft)

    def ask(self, contact_id: int, draft: Ask) -> Done:
        """Ask a person to change their conduct; by letter when it is in writing."""
        told = None if draft.written else draft.told_at or self.now
        draft = replace(draft, taken=self.taken, told_at=told)
        ruling = permits.asking(self.file(contact_id), self.pack, self.officer, draft)
        return self._settle(contact_id, draft, ruling, "ask" if draft.written else None)

    def warn(self, contact_id: int, draft: FormalWarning) -> Done:
        """Warn a person; a spoken warning is followed up in writing, a written one is in force once received."""
        told = None if draft.written else draft.told_at or self.now
        draft = replace(draft, taken=self.taken, told_at=told)
        ruling = permits.warning(self.file(contact_id), self.pack, self.officer, draft)
        return self._settle(contact_id, draft, ruling, "warning")

    def restrict(self, contact_id: int, draft: Restriction) -> Done:
        """Manage contact: with its dates, its letter, and a notice to those who take that person's contact."""
        file = self.file(contact_id)
        draft = replace(
            draft, taken=self.taken, starts_at=self.now, ended=None, suspended_at=None, received_on=None,
            warning_id=self._warning(file), referral_id=max((r.referral_id for r in file.referrals), default=None),
        )  # fmt: skip
        draft = deadlines.with_dates(draft, file.incidents, self.pack, self.calendar)
        ruling = permits.restriction(file, self.pack, self.officer, draft, self.now)
        done = self._settle(contact_id, draft, ruling, "restriction")
        if not done.proposed:
            begun = replace(draft, restriction_id=done.number)
            telling.restriction(self.database, begun, contact_id, self.pack.id, self.now)
            self._announce("register_changed", done.number)
            self._alert_group(file, draft, done.number)
        return done

    def _warning(self, file: Dossier) -> int | None:
        standing = file.warnings_in_force(self.pack, self.now)
        return standing[0].warning_id if standing else None

    def _alert_group(self, file: Dossier, draft: Restriction, number: int) -> None:
        """Tell the advice group of a formal decision it was not asked about."""
        referral = self.pack.referral
        asked = any(found.advised_at is not None for found in file.referrals)
        if referral is not None and referral.alert_clause and draft.basis is Basis.FORMAL and not asked:
            self._announce("advice_group_not_asked", number, authority.needed(self.pack, referral.decision).id)

    def _announce(self, kind: str, number: int, to_role: str = "") -> None:
        role = to_role or min(self.pack.roles, key=lambda found: found.rank).id
        today = deadlines.london_day(self.now)
        notices.tell(self.database, self.pack.id, kind, f"measure:{number}", role, today, self.now)

    def review(self, contact_id: int, draft: Review) -> Done:
        """Review a restriction: it goes on to its next review, is changed, or ends."""
        file, draft = self.file(contact_id), replace(draft, taken=self.taken)
        ruling = permits.reviewing(file, self.pack, self.officer, draft, self.now)
        current = file.restriction(draft.restriction_id)
        told = draft.outcome is ReviewOutcome.END or self._active(file)
        draft = replace(draft, tells_contact=told)
        done = self._settle(contact_id, draft, ruling, None, about=draft.restriction_id)
        if not done.proposed and current is not None:
            if draft.outcome is ReviewOutcome.END:
                self.end(contact_id, current, draft.why)
            else:
                self.change(restricting.reviewed(current, draft, self.pack), "restriction.reviewed", file)
                if told:
                    self._want(contact_id, current.restriction_id, "review")
        return done

    def _active(self, file: Dossier) -> bool:
        """True when a person is told of a review: always, or where the pack says so, while in active contact."""
        if self.pack.clocks.review_tells_contact == "always":
            return True
        since, days = file.last_contact_at, self.pack.clocks.active_contact_days
        return since is not None and (self.now - since).days < days

    def lodge(self, contact_id: int, draft: Appeal) -> Done:
        """Take an appeal in, whoever received it: late or not, and outside where there is a conflict of interest."""
        file = self.file(contact_id)
        ruling = permits.appealing(file, self.pack, draft)
        current = file.restriction(draft.restriction_id)
        if ruling.permitted and current is not None:
            outside = authority.goes_outside(self.pack, file, current)
            late = deadlines.is_late(current, draft.lodged_at, self.pack, self.calendar)
            draft = replace(draft, outside=outside, late=late, outcome=None, heard=None, suspended=False)
        done = self._settle(contact_id, draft, ruling, "appeal_received", about=draft.restriction_id)
        self._announce("appeal_to_hear", done.number, self.pack.appeal.role or "")
        if self.pack.complaints is not None and self.pack.complaints.appeals_too:
            words = Record(0, RecordKind.COMPLAINT, self.taken, draft.grounds, about=f"appeal:{done.number}")
            self.record(contact_id, words)
        return done

    def hear(self, contact_id: int, draft: Appeal) -> Done:
        """Decide an appeal: the measure ends, is changed, or stands; the person is told in writing."""
        file, draft = self.file(contact_id), replace(draft, heard=self.taken)
        known = file.open_appeal(draft.restriction_id)
        if known is not None:
            draft = replace(draft, late=known.late, outside=known.outside, suspended=known.suspended)
        ruling = permits.hearing(file, self.pack, self.officer, draft, self.now)
        self._refuse(ruling)
        if ruling.goes_to is not None:
            raise StepRefused([too_low(ruling)])
        current = file.restriction(draft.restriction_id)
        assert current is not None
        values = {"detail": dumped(draft), "state": "decided"}
        self.database.execute(update(measure).where(measure.c.id == draft.appeal_id).values(**values))
        self._seal("appeal.decided", draft.appeal_id, outcome=draft.outcome, restriction=current.restriction_id)
        self._want(contact_id, draft.appeal_id, "appeal_outcome")
        if draft.outcome is AppealOutcome.UPHELD:
            self.end(contact_id, current, "appeal upheld", letter=False)
        else:
            self._after_appeal(file, current, draft)
        return Done(draft.appeal_id)

    def _after_appeal(self, file: Dossier, current: Restriction, draft: Appeal) -> None:
        """Let a measure that stands hold on: changed where the appeal changed it, no longer resting for it.

        Where no line of contact is open with it any more, it goes on resting until somebody reviews it.
        """
        varied = draft.outcome is AppealOutcome.VARIED
        changed = restricting.with_measures(current, draft.measures) if varied else current
        lines = restricting.last_line(file, self.pack, changed, self.now, but=current.restriction_id)
        resumes = draft.suspended and not lines.refusals
        if resumes:
            changed = replace(changed, suspended_at=None, suspended_why="")
        if varied or resumes:
            self.change(changed, "restriction.varied" if varied else "restriction.resumed", file)

    def refer(self, contact_id: int, draft: Referral) -> Done:
        """Ask the advice group, on its form."""
        draft = replace(draft, taken=self.taken, advice="", advised_by="", advised_at=None, withdrawn_why="")
        return self._settle(contact_id, draft, permits.referring(self.file(contact_id), self.pack, self.officer, draft))

    def record(self, contact_id: int, draft: Record) -> Done:
        """Record a decision not to act, an exception, a complaint not registered, a letter not answered."""
        draft = replace(draft, taken=self.taken)
        letter = "not_replying" if draft.kind is RecordKind.NOT_REPLY else None
        done = self._settle(contact_id, draft, permits.recording(self.pack, self.officer, draft), letter)
        if draft.kind is RecordKind.COMPLAINT:
            self._announce("complaint_received", done.number, self._complaints_role())
        if draft.kind is RecordKind.SAFETY_REGISTER and not done.proposed:
            self._announce("safety_register", done.number, authority.needed(self.pack, "record").id)
        return done

    def _complaints_role(self) -> str:
        known = self.pack.complaints
        return (known.role if known else None) or max(self.pack.roles, key=lambda found: found.rank).id

    def end(self, contact_id: int, current: Restriction, why: str, letter: bool = True) -> None:
        """End a restriction, tell the person and those who take their contact. The permission is the caller's to have."""
        over = replace(current, ended=End(self.now, self.officer.name, why), suspended_at=None)
        values = {"detail": dumped(over), "state": "ended", "ends_at": self.now}
        self.database.execute(update(measure).where(measure.c.id == over.restriction_id).values(**values))
        self._seal("restriction.ended", over.restriction_id)
        telling.restriction(self.database, over, contact_id, self.pack.id, self.now)
        self._announce("register_changed", over.restriction_id)
        if letter:
            self._want(contact_id, over.restriction_id, "end")

    def change(self, changed: Restriction, what: str, file: Dossier) -> None:
        """Keep what a restriction has become."""
        values = {
            "detail": dumped(changed),
            "ends_at": deadlines.ends_at(changed, file.incidents, self.pack),
            "review_on": changed.review_on,
        }
        self.database.execute(update(measure).where(measure.c.id == changed.restriction_id).values(**values))
        self._seal(what, changed.restriction_id)
        self._announce("register_changed", changed.restriction_id)

    def _settle(
        self, contact_id: int, draft: Step, ruling: Ruling, letter: str | None = None, about: int | None = None
    ) -> Done:
        """Refuse, propose, or write the step with its audit event and its letter."""
        self._refuse(ruling)
        if ruling.goes_to is not None:
            return Done(self._propose(contact_id, draft, ruling), proposed=True)
        kind = kind_of(draft)
        dated = isinstance(draft, Restriction)
        made = self.database.execute(
            insert(measure).values(
                contact_id=contact_id,
                org=self.pack.id,
                kind=kind,
                at=self.now,
                state="standing",
                about_id=about,
                ends_at=deadlines.ends_at(draft, self.file(contact_id).incidents, self.pack) if dated else None,  # type: ignore[arg-type]
                review_on=draft.review_on if isinstance(draft, Restriction) else None,
                pack_version=self.pack.version,
                detail=dumped(draft),
            )
        )
        number = int(made.inserted_primary_key[0])  # type: ignore[index]
        self._seal(kind, number, contact=contact_id, role=self.officer.role, standing_in=self.officer.standing_in)
        if letter is not None:
            self._want(contact_id, number, letter)
        return Done(number)

    def _propose(self, contact_id: int, draft: Step, ruling: Ruling) -> int:
        assert ruling.goes_to is not None
        goes_to = ruling.goes_to
        made = self.database.execute(
            insert(proposal).values(
                contact_id=contact_id,
                org=self.pack.id,
                kind=kind_of(draft),
                decision=goes_to.decision,
                role=goes_to.role.id,
                by=self.officer.name,
                at=self.now,
                state="open",
                why="",
                detail=dumped(draft),
            )
        )
        number = int(made.inserted_primary_key[0])  # type: ignore[index]
        seal(self.database, self.key, self.now, self.officer.name, "proposal", proposal, number, role=goes_to.role.id)
        today = deadlines.london_day(self.now)
        notices.tell(self.database, self.pack.id, "proposal", f"proposal:{number}", goes_to.role.id, today, self.now)
        return number

    def _refuse(self, ruling: Ruling) -> None:
        if ruling.refusals:
            raise StepRefused(ruling.refusals)

    def _want(self, contact_id: int, number: int, kind: str) -> None:
        letters.want(self.database, self.key, contact_id, self.pack.id, number, kind, self.officer.name, self.now)

    def _seal(self, what: str, number: int, **ids: Any) -> None:
        seal(self.database, self.key, self.now, self.officer.name, what, measure, number, **ids)


def too_low(ruling: Ruling) -> Refusal:
    """Return the refusal of a step that cannot wait as a proposal, with the role it is for."""
    assert ruling.goes_to is not None
    title = ruling.goes_to.role.title
    en = refusal("too_low", ruling.goes_to.clause, role=title.en)
    cy = refusal("too_low", ruling.goes_to.clause, role=title.cy)
    return replace(en, say=replace(en.say, cy=cy.say.cy))
