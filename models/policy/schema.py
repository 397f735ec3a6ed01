"""The form of a policy pack: what its YAML must hold, field by field."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.domain import Action, Channel, ChannelGroup
from models.labels import LABELS
from models.policy.limits import Automation, Limits, Targets
from models.policy.strict import Bilingual, Strict


class Kind(StrEnum):
    """How the software meets a clause. Source: the clause register, 'How to read it'."""

    CONTENT = "content"
    PATTERN = "pattern"
    LOGGED = "logged"
    RULE = "rule"
    CLOCK = "clock"
    AUTHORITY = "authority"
    INVARIANT = "invariant"
    WORKFLOW = "workflow"
    LETTER = "letter"
    RECORD = "record"
    REPORT = "report"
    CONTEXT = "context"


class Severity(StrEnum):
    """How grave a clause is, mildest first (see `SEVERITY_ORDER`)."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    ZERO_TOLERANCE = "zero_tolerance"


SEVERITY_ORDER: tuple[Severity, ...] = tuple(Severity)

GROUPS = (
    "race", "religion", "sex", "gender_identity", "disability", "age",
    "sexual_orientation", "nationality", "welsh_language", "class", "marital_status",
)  # fmt: skip


class SignalMatch(Strict):
    """One signal a clause listens to; `groups` narrows it to hate against those groups."""

    label: str
    groups: tuple[str, ...] = ()
    items_at_least: Annotated[int, Field(ge=1)] = 1
    channels: tuple[ChannelGroup, ...] = (ChannelGroup.MAIL, ChannelGroup.SOCIAL)

    @model_validator(mode="after")
    def _known(self) -> "SignalMatch":
        if self.label not in LABELS:
            raise ValueError(f"unknown signal {self.label!r}; the labels are listed in models/labels.py")
        unknown = set(self.groups) - set(GROUPS)
        if unknown:
            raise ValueError(f"unknown groups {sorted(unknown)}; use {', '.join(GROUPS)}")
        return self


class Clause(Strict):
    """One clause of a policy document.

    `automatic` names, by channel group, what may happen at once at the certified threshold;
    empty means that a person decides. `easy` says the clause in Easy Read, where the words of its signals do
    not. `carried_by` names what carries the clause out, each as
    `classifier:NAME`, `detector:NAME`, `rule:NAME`, `workflow:NAME`, `letter:NAME`,
    `page:NAME`, `document` (context, nothing to do) or `not_yet:PART`.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+/\S+$")]
    text: Bilingual
    easy: Bilingual | None = None
    kind: Annotated[tuple[Kind, ...], Field(min_length=1)]
    signals: tuple[SignalMatch, ...] = ()
    severity: Severity = Severity.NONE
    channels: tuple[ChannelGroup, ...] = ()
    automatic: dict[ChannelGroup, tuple[Action, ...]] = Field(default_factory=dict)
    urgent: bool = False
    carried_by: Annotated[tuple[str, ...], Field(min_length=1)]


class Post(Strict):
    """A postal address in both languages, line by line, without the organisation's name."""

    en: Annotated[tuple[str, ...], Field(min_length=1)]
    cy: Annotated[tuple[str, ...], Field(min_length=1)]


class Organisation(Strict):
    """Whose pack it is, and how to reach it: letters print these details."""

    name: Bilingual
    short_name: Bilingual
    phone: str = ""
    email: str = ""
    website: str = ""
    post: Post | None = None


class Document(Strict):
    """A policy document the pack carries out."""

    id: str
    title: Bilingual
    style: Literal["standard", "easy-read"] = "standard"
    clause_prefix: str
    issued: date | None = None


class Role(Strict):
    """A role of the decision matrix; a higher `rank` may do all that a lower one may."""

    id: str
    title: Bilingual
    rank: int
    stands_in_for: str | None = None


Decisions = Literal[
    "terminate_call", "ask", "warn", "moderate_contact", "restrict_one_day", "restrict_one_week", "restrict_telephone",
    "refer_ehrag", "formally_manage", "manage_organisation", "stop_all_contact", "review_decision", "appeal", "record",
]  # fmt: skip


class Authority(Strict):
    """Who may take a decision. `clause` cites it."""

    decision: Decisions
    at_least: str
    clause: str
    note: Bilingual | None = None


class Step(Strict):
    """A step of the ladder, in order: what a person may do next about conduct."""

    id: Literal["ask", "warn", "informal", "manage"]
    title: Bilingual
    clause: str
    required_before_next: bool = False
    written: bool = False


class Ladder(Strict):
    """The order of steps, what skips it, and how platforms escalate.

    `zero_tolerance_needs_danger` skips only where the incident threatened somebody's immediate safety.
    `serious_clause` lets conduct that is sufficiently serious be managed without a warning, with a reason.
    `occasions_generally` is on how many occasions conduct is generally shown first, by `occasions_clause`.
    `police_clause` asks, of every incident of zero tolerance, for the report to the police or why there is none.
    """

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    zero_tolerance_skips_warning: bool
    zero_tolerance_clause: str | None = None
    zero_tolerance_needs_danger: bool = False
    serious_clause: str | None = None
    occasions_generally: Annotated[int, Field(ge=1)] = 1
    occasions_clause: str | None = None
    police_clause: str | None = None
    social_escalation: tuple[Action, ...] = (Action.HIDE, Action.MUTE, Action.BLOCK, Action.REPORT)


class Clocks(Strict):
    """Every clock of the pack; None where the policy has none."""

    warning_lasts_months: int | None = None
    restriction_lasts_months: int | None = None
    restriction_rolls_from_last_incident: bool = False
    renew_without_warning_months: int | None = None
    informal_restriction_days: int | None = None
    terminated_call_days: int | None = None
    review_within_months: int | None = None
    review_tells_contact: Literal["always", "if_active"] = "always"
    policy_review_years: int | None = None
    annual_review_month_day: Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")] | None = None
    remind_days_before: tuple[int, ...] = (28, 7, 1)
    active_contact_days: Annotated[int, Field(ge=1)] = 90
    post_takes_working_days: Annotated[int, Field(ge=0)] = 2


class Appeal(Strict):
    """The way to appeal, or that there is none. `email` is where appeals go, if not to the organisation's own address."""

    exists: bool
    email: str = ""
    within_working_days: int | None = None
    to: Bilingual | None = None
    role: str | None = None
    if_conflict: Bilingual | None = None
    conflict_role: str | None = None
    afterwards: Bilingual | None = None
    clause: str

    @model_validator(mode="after")
    def _complete(self) -> "Appeal":
        if self.exists and self.to is None:
            raise ValueError("an appeal that exists needs 'to': who hears it")
        return self


class Complaints(Strict):
    """Where a complaint about the use of the policy, or about our own behaviour, goes.

    `role` is told of it. With `appeals_too` an appeal against a decision is taken in as a complaint as well.
    """

    procedure: Bilingual
    clause: str
    role: str | None = None
    appeals_too: bool = False


class LastLine(Strict):
    """What the pack says about the last open line of contact."""

    rule: Literal["absolute", "overridable", "executive"]
    override_at_least: str | None = None
    clause: str


class Measure(Strict):
    """A kind of restriction the pack allows."""

    id: str
    type: Literal[
        "one_channel", "days_and_times", "single_contact", "behaviour_contract", "block_contact",
        "block_social", "read_and_file", "volume_limit", "witness", "appointment", "refuse_repeats",
        "refer_ombudsman", "return_marked", "third_party", "longer_reply", "time_out",
        "restricted_issues", "no_names", "return_post", "meeting", "stop_all",
    ]  # fmt: skip
    clause: str
    text: Bilingual
    enforced_by_bot: bool = False


class Referral(Strict):
    """A group that advises before a decision: its form, clause by clause, and who is told when it was not asked."""

    to: Bilingual
    decision: Decisions
    clause: str
    form: Annotated[tuple[str, ...], Field(min_length=1)]
    alert_clause: str | None = None


class Checklist(Strict):
    """What is weighed before formal action, offered with it, and named as its ground: clauses of the pack.

    `circumstances` is the clause by which a recorded or believed circumstance is weighed first;
    `support` lists what a member of staff may be given after an incident.
    """

    before: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    circumstances: str | None = None
    incident_form: str | None = None
    safety_register: str | None = None


class Pack(Strict):
    """One organisation's policy as data."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: str
    organisation: Organisation
    documents: Annotated[tuple[Document, ...], Field(min_length=1)]
    welsh_standard: Literal["statutory", "scheme", "none"]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    authority: tuple[Authority, ...]
    ladder: Ladder
    clocks: Clocks
    appeal: Appeal
    last_line: LastLine
    lines: Annotated[tuple[Channel, ...], Field(min_length=1)] = (Channel.TELEPHONE, Channel.EMAIL, Channel.LETTER)
    measures: tuple[Measure, ...]
    checklist: Checklist = Checklist()
    referral: Referral | None = None
    complaints: Complaints | None = None
    limits: Limits = Limits()
    automation: Automation
    targets: Targets = Targets()
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
