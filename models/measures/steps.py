"""The formal steps about a person, as they are recorded: frozen, each with who took it, in which role, and when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.domain import Channel
from models.measures.terms import Terms

MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Officer:
    """A member of staff in a role of the pack. `standing_in` says why a stand-in decides: unavailable or conflict."""

    name: str
    role: str
    standing_in: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a step, and when. `proposed_by` asked for it below the grade, if anybody did."""

    by: Officer
    at: datetime
    proposed_by: str = ""


class IncidentState(StrEnum):
    """A proposed incident counts for nothing; a person upholds or dismisses it."""

    PROPOSED = "proposed"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Police:
    """Whether the police were told: a reference, or the reason why not."""

    told: bool
    note: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a person did: what, where, by which clauses, towards whom, and what was done for staff.

    `warned_first` and `terminated_call` speak of a telephone call; `danger` of somebody's immediate safety;
    `keep_apart` that the person has no further contact with those members of staff.
    """

    incident_id: int
    at: datetime
    channel: Channel
    clauses: tuple[str, ...]
    what: str
    reported_by: str
    state: IncidentState = IncidentState.PROPOSED
    zero_tolerance: bool = False
    danger: bool = False
    terminated_call: bool = False
    warned_first: bool = False
    staff: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    keep_apart: bool = False
    manager: str = ""
    message_id: int | None = None
    police: Police | None = None
    decided: Taken | None = None
    why: str = ""

    @property
    def upheld(self) -> bool:
        """True when a person upheld it: only then it counts."""
        return self.state is IncidentState.UPHELD


@dataclass(frozen=True, slots=True)
class Ask:
    """The first step: conduct named as unacceptable, the distress asked about, adjustments offered."""

    ask_id: int
    incident_ids: tuple[int, ...]
    taken: Taken
    why: str
    told_at: datetime | None = None
    written: bool = False


@dataclass(frozen=True, slots=True)
class FormalWarning:
    """A warning with its consequences. It is in force from when the person was told, not from when it was decided."""

    warning_id: int
    incident_ids: tuple[int, ...]
    taken: Taken
    why: str
    written: bool = True
    policy_enclosed: bool = False
    told_at: datetime | None = None


class Basis(StrEnum):
    """Why contact is restricted: a formal decision, an officer's informal step, or a terminated call."""

    FORMAL = "formal"
    INFORMAL = "informal"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was considered under a clause of the checklist; `yes` is None where the question does not fit."""

    clause: str
    yes: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class End:
    """How a measure ended: `by` is a person, or the machine by the clock."""

    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """A decision to manage contact: its measures, grounds, reasons, clock, and what stays open.

    `override_why` is the recorded reason for closing the last line; `serious_why` for managing without a
    warning; `single_occasion_why` for managing after one occasion; `circumstances` how they were weighed.
    `received_on` is when the decision letter reached the person: the clock of an appeal runs from it.
    """

    restriction_id: int
    basis: Basis
    measures: tuple[Terms, ...]
    incident_ids: tuple[int, ...]
    taken: Taken
    why: str
    starts_at: datetime
    until: datetime | None = None
    review_on: date | None = None
    grounds: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    offers: tuple[Answer, ...] = ()
    circumstances: str = ""
    warning_id: int | None = None
    referral_id: int | None = None
    serious_why: str = ""
    single_occasion_why: str = ""
    override_why: str = ""
    received_on: date | None = None
    suspended_at: datetime | None = None
    suspended_why: str = ""
    ended: End | None = None


class ReviewOutcome(StrEnum):
    """What a review comes to."""

    CONTINUE = "continue"
    VARY = "vary"
    END = "end"


@dataclass(frozen=True, slots=True)
class Review:
    """A look at a restriction at its time: it goes on, is changed, or ends; `circumstances` how needs were weighed anew."""

    review_id: int
    restriction_id: int
    outcome: ReviewOutcome
    taken: Taken
    why: str
    next_review_on: date | None = None
    measures: tuple[Terms, ...] = ()
    override_why: str = ""
    circumstances: str = ""
    tells_contact: bool = True


class AppealOutcome(StrEnum):
    """What an appeal comes to."""

    UPHELD = "upheld"
    VARIED = "varied"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal against a restriction; `outside` when a conflict of interest sends it to another body.

    `suspended` says that the measures rest meanwhile. `late` is a fact; whether it is heard all the same is
    the hearer's to say, with a reason.
    """

    appeal_id: int
    restriction_id: int
    lodged_at: datetime
    grounds: str
    late: bool = False
    outside: bool = False
    suspended: bool = False
    outcome: AppealOutcome | None = None
    heard: Taken | None = None
    why: str = ""
    late_why: str = ""
    measures: tuple[Terms, ...] = ()


@dataclass(frozen=True, slots=True)
class Referral:
    """A question to an advice group on its form; the matter comes back to the manager with advice."""

    referral_id: int
    taken: Taken
    case_ref: str
    case_owner: str
    reason: str
    action_so_far: str
    needs: str
    adjustments_sought: str = ""
    urgent: bool = False
    advice: str = ""
    recommendation: str = ""
    advised_by: str = ""
    advised_at: datetime | None = None
    withdrawn_why: str = ""

    @property
    def open(self) -> bool:
        """True until advice came back or the referral was withdrawn."""
        return self.advised_at is None and not self.withdrawn_why


class RecordKind(StrEnum):
    """A decision that is recorded with its reason though nothing is restricted by it."""

    APPLY = "apply"
    NOT_APPLY = "not_apply"
    EXCEPT = "except"
    NOT_REGISTER = "not_register"
    NOT_REPLY = "not_reply"
    SAFETY_REGISTER = "safety_register"
    NO_SAFETY_REGISTER = "no_safety_register"
    COMPLAINT = "complaint"
    CASE_CLOSED = "case_closed"
    READ_AGAIN = "read_again"
    WELFARE = "welfare"


OPEN_TO_ALL = frozenset({RecordKind.COMPLAINT, RecordKind.CASE_CLOSED, RecordKind.READ_AGAIN, RecordKind.WELFARE})
"""What anybody in a role records: nobody waits for a grade to take a complaint in or to say that help was called."""


@dataclass(frozen=True, slots=True)
class Record:
    """Such a decision. `checked_for_new` says that somebody looked for new information before not replying.

    Of a complaint `why` is what the person says and `about` what it is about; of contact after a closed case
    `about` is the message (`message:5`); of a risk to somebody `told` says who was told, `told_at` when.
    """

    record_id: int
    kind: RecordKind
    taken: Taken
    why: str
    checked_for_new: bool = False
    about: str = ""
    told: str = ""
    told_at: datetime | None = None


class Certainty(StrEnum):
    """How a circumstance is known: told or documented, or believed by staff."""

    RECORDED = "recorded"
    BELIEVED = "believed"


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A need, illness or event that bears on a person's conduct or contact.

    `cannot_use` are channels the person cannot use because of it. `seen_by` is the lowest role that may read
    the words; others see that there is one. An adjustment that was `requested` is declined only after advice.
    `characteristic` is the protected one that it concerns, for the figures of the year alone.
    """

    circumstance_id: int
    certainty: Certainty
    text: str
    by: str
    at: datetime
    cannot_use: tuple[Channel, ...] = ()
    seen_by: str = ""
    adjustment: str = ""
    requested: bool = False
    advice: str = ""
    declined: Taken | None = None
    declined_why: str = ""
    ended_at: datetime | None = None
    ended_why: str = ""
    characteristic: str = ""
