"""What a letter is built from: a person's file, the step it is about, and who writes to whom when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from models.domain import Channel
from models.letters.tongue import Language
from models.measures import authority, deadlines
from models.measures.dossier import Dossier
from models.measures.steps import (
    Appeal,
    AppealOutcome,
    Ask,
    FormalWarning,
    Incident,
    Officer,
    Record,
    Restriction,
    Review,
    ReviewOutcome,
)
from models.measures.terms import closed_by, type_of
from models.policy.clocks import Calendar
from models.policy.schema import Pack

OF_A_RESTRICTION = frozenset({"restriction", "review", "end", "resting", "resumed", "extended"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a letter is for: the name as they write it, and the lines of their postal address if there is one."""

    name: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """A message that a letter speaks of: its words, and where the part is that we cannot accept.

    `marks` are half-open ranges of code points of `text`, in order and apart.
    """

    text: str
    at: datetime
    channel: Channel
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of one letter. `number` is the step it is about; `words` the officer's own, by language.

    `machine_held` says that a machine, not a person, held, hid or blocked something of what this letter is about.
    """

    pack: Pack
    kind: str
    file: Dossier
    number: int
    now: datetime
    recipient: Recipient
    reference: str
    signed: Officer
    message: Returned | None = None
    machine_held: bool = False
    words: Mapping[Language, str] = field(default_factory=dict)
    calendar: Calendar = deadlines.ENGLAND_AND_WALES

    @property
    def today(self) -> date:
        """The London day on which it is written."""
        return deadlines.london_day(self.now)

    @property
    def ask(self) -> Ask | None:
        """The request for change that the letter is about."""
        return next((a for a in self.file.asks if a.ask_id == self.number), None)

    @property
    def warning(self) -> FormalWarning | None:
        """The warning that the letter is about."""
        return next((w for w in self.file.warnings if w.warning_id == self.number), None)

    @property
    def appeal(self) -> Appeal | None:
        """The appeal that the letter is about."""
        return next((a for a in self.file.appeals if a.appeal_id == self.number), None)

    @property
    def record(self) -> Record | None:
        """The recorded decision that the letter is about."""
        return next((r for r in self.file.records if r.record_id == self.number), None)

    @property
    def restriction(self) -> Restriction | None:
        """The restriction that the letter is about, itself or through an appeal."""
        if self.kind in OF_A_RESTRICTION:
            return self.file.restriction(self.number)
        return None if self.appeal is None else self.file.restriction(self.appeal.restriction_id)

    @property
    def review(self) -> Review | None:
        """The latest review of the restriction."""
        return next((r for r in reversed(self.file.reviews) if r.restriction_id == self.number), None)

    def incidents(self) -> tuple[Incident, ...]:
        """Return the upheld incidents that the step rests on, oldest first."""
        step = self.ask or self.warning if self.kind in {"ask", "warning"} else self.restriction
        ids = () if step is None else step.incident_ids
        return tuple(i for i in self.file.upheld() if i.incident_id in ids)

    def clauses(self) -> tuple[str, ...]:
        """Return the clauses of the policy that the step rests on: conduct first, then grounds."""
        found = [name for incident in self.incidents() for name in incident.clauses]
        if self.restriction is not None:
            found += self.restriction.grounds
        return tuple(dict.fromkeys(found))

    def why(self) -> str:
        """Return the reason as it was recorded; the person reads it once somebody has read it over."""
        step = {
            "ask": self.ask,
            "warning": self.warning,
            "review": self.review,
            "appeal_outcome": self.appeal,
            "not_replying": self.record,
            "end": self._ending_review(),
        }.get(self.kind, self.restriction)
        return "" if step is None else step.why

    def _ending_review(self) -> Review | None:
        found = self.review
        return found if found is not None and found.outcome is ReviewOutcome.END else None

    def ends(self) -> date | None:
        """Return the last day of the restriction, or None where a review decides."""
        if self.restriction is None:
            return None
        end = deadlines.ends_at(self.restriction, self.file.incidents, self.pack)
        return None if end is None else deadlines.london_day(end - _MOMENT)

    def closed(self) -> frozenset[Channel]:
        """Return the channels closed to the person once this letter stands."""
        standing = list(self.file.standing())
        stands = [r.measures for r in standing if r.suspended_at is None and not self._over(r)]
        return closed_by(self.pack, (terms for measures in stands for terms in measures))

    def _over(self, restriction: Restriction) -> bool:
        lifted = self.appeal is not None and self.appeal.outcome is AppealOutcome.UPHELD
        ended = restriction.ended is not None or (lifted and self.restriction == restriction)
        return ended or deadlines.run_out(restriction, self.file.incidents, self.pack, self.now)

    def open_lines(self) -> tuple[Channel, ...]:
        """Return the lines of contact that stay open to the person and that they can use."""
        gone = self.closed() | self.file.cannot_use()
        return tuple(line for line in self.pack.lines if line not in gone)

    def role_title(self, language: Language) -> str:
        """Return the title of who signs."""
        role = authority.role_of(self.pack, self.signed.role)
        return "" if role is None else getattr(role.title, language)

    def signs_by_name(self) -> bool:
        """False where a measure in force says that no names are given."""
        return not any(
            type_of(self.pack, terms) == "no_names"
            for r in self.file.standing()
            if not self._over(r)
            for terms in r.measures
        )

    def appeal_until(self) -> date | None:
        """Return the last day of an appeal if the letter arrives as expected by post, the later of all ways."""
        days = self.pack.appeal.within_working_days
        if days is None:
            return None
        received = deadlines.taken_as_received(self.now, True, self.pack, self.calendar)
        return self.calendar.add_working_days(received, days)


_MOMENT = timedelta(microseconds=1)
