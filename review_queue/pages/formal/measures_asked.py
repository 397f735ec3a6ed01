"""What a restriction is asked for, measure by measure, and the draft that the answers make."""

from datetime import datetime

from models.domain import Channel
from models.measures import deadlines, ladder
from models.measures.steps import Answer, Basis, Officer, Restriction, Taken
from models.measures.terms import SIGNATURES, SPECS, Terms, type_of
from review_queue.pages.formal.questions import N_, Answers, Context, Option, Question

CHANNELS = (
    Option("telephone", N_("Telephone")), Option("email", N_("Email")), Option("letter", N_("Letter")),
    Option("visit", N_("Visit")), Option("meeting", N_("Meeting")),
)  # fmt: skip
DAYS = tuple(
    Option(str(number), label)
    for number, label in enumerate(
        (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
    )
)
SIGNED = tuple(
    Option(name, label) for name, label in zip(SIGNATURES, (N_("Offered"), N_("Signed"), N_("Refused")), strict=True)
)
WEIGHED = Question("circumstances", N_("How were the person's circumstances and needs weighed?"), "textarea")
_FIELDS: dict[str, tuple[str, str, tuple[Option, ...]]] = {
    "officer": (N_("Who is the single point of contact?"), "text", ()),
    "third_party": (N_("Who is the third party or advocate?"), "text", ()),
    "text": (N_("What is agreed or asked for?"), "textarea", ()),
    "matter": (N_("Which matter?"), "textarea", ()),
    "working_days": (N_("In how many working days do we reply?"), "text", ()),
    "on": (N_("Until which day is the pause?"), "date", ()),
    "signature": (N_("Is the contract signed?"), "radios", SIGNED),
    "weekdays": (N_("On which days?"), "checkboxes", DAYS),
    "max_items": (N_("How many contacts at most?"), "text", ()),
    "per_days": (N_("In how many days?"), "text", ()),
}
_CHANNELS_ASKED = {
    "one_channel": N_("Which channels stay open?"),
    "block_contact": N_("Which channels are blocked?"),
}
_FURTHER = {"days_and_times": ("weekdays", "from_time", "to_time"), "volume_limit": ("max_items", "per_days")}


def incidents_question(context: Context) -> Question:
    """Ask on which upheld incidents a step rests."""
    options = tuple(
        Option(str(i.incident_id), text=f"{i.incident_id}: {_day(context, i.at)} · {', '.join(i.clauses)}")
        for i in reversed(context.file.upheld())
    )
    return Question(
        "incidents", N_("On which incidents does it rest?"), "checkboxes", N_("Only upheld incidents count."), options
    )


def _day(context: Context, at: datetime) -> str:
    return str(getattr(ladder.in_words(deadlines.london_day(at)), context.language))


def measure_questions(context: Context, answers: Answers) -> list[Question]:
    """Ask for the measures, and for the fields of those chosen."""
    pack = context.desk.pack
    options = tuple(Option(m.id, text=f"{getattr(m.text, context.language)} ({m.clause})") for m in pack.measures)
    found = [Question("measures", N_("Which measures?"), "checkboxes", N_("Choose the mildest that will do."), options)]
    for name in answers.many("measures"):
        kind, about = type_of(pack, Terms(name)), next((o.text for o in options if o.value == name), name)
        found += [] if kind is None else _fields(name, kind, about)
    return found


def _fields(name: str, kind: str, about: str) -> list[Question]:
    asked = []
    for field in (*SPECS[kind].needs, *_FURTHER.get(kind, ())):
        key = f"{name}.{field}"
        if field == "channels":
            asked.append(Question(key, _CHANNELS_ASKED[kind], "checkboxes", options=CHANNELS, about=about))
        elif field in {"from_time", "to_time"}:
            label = N_("From what time?") if field == "from_time" else N_("Until what time?")
            asked.append(Question(key, label, "time", optional=True, about=about))
        else:
            label, shape, options = _FIELDS[field]
            asked.append(Question(key, label, shape, options=options, optional=field == "weekdays", about=about))
    return asked


def terms_of(answers: Answers) -> tuple[Terms, ...]:
    """Return the measures that were chosen, with their fields."""
    return tuple(
        Terms(
            measure=name,
            channels=tuple(Channel(value) for value in answers.many(f"{name}.channels") if value in set(Channel)),
            weekdays=answers.numbers(f"{name}.weekdays"),
            from_time=answers.one(f"{name}.from_time"),
            to_time=answers.one(f"{name}.to_time"),
            max_items=answers.number(f"{name}.max_items"),
            per_days=answers.number(f"{name}.per_days"),
            officer=answers.one(f"{name}.officer"),
            third_party=answers.one(f"{name}.third_party"),
            text=answers.one(f"{name}.text"),
            matter=answers.one(f"{name}.matter"),
            working_days=answers.number(f"{name}.working_days"),
            on=answers.day(f"{name}.on"),
            signature=answers.one(f"{name}.signature"),
        )
        for name in answers.many("measures")
    )


def restriction_questions(context: Context, answers: Answers) -> list[Question]:
    """Ask for everything that a restriction under this pack must hold."""
    pack, checklist = context.desk.pack, context.desk.pack.checklist
    formal = answers.one("basis") in {"", Basis.FORMAL.value}
    found = [
        Question("basis", N_("What sort of restriction?"), "radios", options=_bases(context)),
        incidents_question(context),
    ]
    found += measure_questions(context, answers)
    found.append(Question("why", N_("Why? The person will read this."), "textarea"))
    if context.file.current_circumstances():
        found.append(WEIGHED)
    if formal:
        if checklist.grounds:
            options = tuple(Option(name, text=context.clause(name)) for name in checklist.grounds)
            found.append(Question("grounds", N_("On which grounds of the policy?"), "checkboxes", options=options))
        for name in checklist.before:
            found.append(Question(f"before.{name}", N_("What was considered?"), "textarea", about=context.clause(name)))
        for name in checklist.offers:
            found.append(
                Question(f"offer.{name}", N_("Is it offered? Why, or why not?"), "textarea", about=context.clause(name))
            )
        found += _exceptions(context)
    if not formal or not pack.clocks.restriction_rolls_from_last_incident:
        found.append(
            Question(
                "until", N_("Until when?"), "date", N_("Leave empty for the time that the policy sets."), optional=True
            )
        )
    if formal and not pack.clocks.restriction_rolls_from_last_incident:
        latest = deadlines.latest_review(context.desk.now, pack)
        hint = N_("Leave empty for the latest working day that the policy allows.") if latest else ""
        found.append(Question("review_on", N_("When will it be reviewed?"), "date", hint, optional=latest is not None))
    return found + override_questions(context, answers)


def _bases(context: Context) -> tuple[Option, ...]:
    decisions = {row.decision for row in context.desk.pack.authority}
    found = [Option("formal", N_("A formal decision to manage contact"))]
    if decisions & {"restrict_one_day", "restrict_one_week", "restrict_telephone"}:
        found.append(Option("call", N_("A short restriction after a terminated call")))
    if decisions & {"moderate_contact", "restrict_one_week"}:
        found.append(Option("informal", N_("An informal step for a time")))
    return tuple(found)


def _exceptions(context: Context) -> list[Question]:
    ladder_of, found = context.desk.pack.ladder, []
    if ladder_of.serious_clause is not None:
        label = N_("If there was no warning: why is it serious enough to go without?")
        found.append(Question("serious", label, "textarea", optional=True))
    if ladder_of.occasions_generally > 1 and len(context.file.upheld()) < ladder_of.occasions_generally:
        found.append(Question("once", N_("Why is one occasion enough?"), "textarea"))
    return found


def override_questions(context: Context, answers: Answers) -> list[Question]:
    """Ask why no line stays open, only where the measures close all and the policy lets somebody do so."""
    pack = context.desk.pack
    if not answers.many("measures") or pack.last_line.rule == "absolute":
        return []
    draft = restriction_of(context, answers)
    if context.file.left_open(pack, draft, context.desk.now, context.about or None):
        return []
    label = N_("No line of contact would stay open. Why must it be so?")
    return [Question("override", label, "textarea", optional=True)]


def restriction_of(context: Context, answers: Answers) -> Restriction:
    """Return the draft that the answers make; the desk signs and dates it."""
    now, checklist = context.desk.now, context.desk.pack.checklist
    until = answers.day("until")
    return Restriction(
        restriction_id=0,
        basis=Basis(answers.one("basis")) if answers.one("basis") in set(Basis) else Basis.FORMAL,
        measures=terms_of(answers),
        incident_ids=answers.numbers("incidents"),
        taken=Taken(Officer(context.desk.officer.name, context.desk.officer.role), now),
        why=answers.one("why"),
        starts_at=now,
        until=None if until is None else deadlines.end_of_day(until),
        review_on=answers.day("review_on"),
        grounds=answers.many("grounds"),
        answers=tuple(Answer(name, None, answers.one(f"before.{name}")) for name in checklist.before),
        offers=tuple(Answer(name, None, answers.one(f"offer.{name}")) for name in checklist.offers),
        circumstances=answers.one("circumstances"),
        serious_why=answers.one("serious"),
        single_occasion_why=answers.one("once"),
        override_why=answers.one("override"),
    )


def lines_left(context: Context, answers: Answers) -> str:
    """Return which lines of contact stay open, as the check page shows it; `none` for none."""
    draft = restriction_of(context, answers)
    left = context.file.left_open(context.desk.pack, draft, context.desk.now, context.about or None)
    return ",".join(left) or "none"
