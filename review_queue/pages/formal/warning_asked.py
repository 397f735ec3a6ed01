"""The form of a warning, begun from a person's file or from a case: what it rests on is upheld with it, or it is not given."""

from models.domain import Channel
from models.measures.deadlines import london_day
from models.measures.ladder import in_words
from models.measures.steps import FormalWarning, Incident, Police
from models.store.formal import cased, incidents
from models.store.formal.cased import Conduct
from models.store.formal.desk import Done
from models.store.formal.incidents import clauses_against, zero_tolerance
from review_queue.pages.formal import measures_asked as asked
from review_queue.pages.formal.questions import N_, YES_NO, Answers, Context, Option, Question

WHY = Question("why", N_("Why? The person will read this."), "textarea")
WRITTEN = Question("written", N_("Is it in writing?"), "radios", options=YES_NO)
POLICY = Question("policy", N_("Is a copy of the policy enclosed?"), "radios", options=YES_NO)
POLICE = (
    Question(
        "police", N_("Were the police told?"), "radios",
        options=(Option("told", N_("The police were told")), Option("not", N_("The police were not told"))),
    ),
    Question("police_note", N_("The police reference, or why they were not told")),
)  # fmt: skip
_CASE, _MESSAGE = "case.", "message."
"""How an open incident of the case, and a message of it without one, are named among the choices."""


def questions(context: Context, answers: Answers) -> list[Question]:
    """Ask on what a warning rests; `context.about` is the case it was begun from, 0 for none."""
    found = [_rests_on(context)]
    fresh = _chosen(context, answers)
    if any(not one.incident_id for one in fresh):
        clauses = clauses_against(
            context.desk.pack, [c.id for c in context.desk.pack.clauses if "/easy-read/" not in c.id]
        )
        options = tuple(Option(c, text=context.clause(c)) for c in clauses)
        found += [
            Question("clauses", N_("Which part of the policy?"), "checkboxes", options=options),
            Question("what", N_("What happened?"), "textarea", N_("In a few plain sentences, with the words that were said.")),
        ]  # fmt: skip
    if _grave(context, answers, fresh):
        found += POLICE
    return [*found, WHY, WRITTEN, POLICY]


def take(context: Context, answers: Answers) -> Done:
    """Uphold what the warning rests on, in its own transaction, and warn."""
    police = Police(answers.one("police") == "told", answers.one("police_note")) if answers.one("police") else None
    numbers = [*_upheld(answers)]
    for one in _chosen(context, answers):
        number = one.incident_id or incidents.report(context.desk, context.contact_id, _incident(context, answers, one))
        incidents.uphold(context.desk, number, answers.one("why"), police=police)
        numbers.append(number)
    draft = FormalWarning(
        0, tuple(numbers), context.desk.taken, answers.one("why"), written=answers.yes("written"),
        policy_enclosed=answers.yes("policy"),
    )  # fmt: skip
    return context.desk.warn(context.contact_id, draft)


def _incident(context: Context, answers: Answers, one: Conduct) -> Incident:
    return Incident(
        incident_id=0,
        at=one.at,
        channel=Channel(one.channel),
        clauses=answers.many("clauses"),
        what=answers.one("what"),
        reported_by=context.desk.officer.name,
        message_id=one.message_id,
    )


def _of_case(context: Context) -> list[Conduct]:
    if not context.about:
        return []
    return cased.conduct_of(context.desk.database, context.about, context.contact_id, context.desk.pack.id)


def _named(one: Conduct) -> str:
    return f"{_CASE}{one.incident_id}" if one.incident_id else f"{_MESSAGE}{one.message_id}"


def _rests_on(context: Context) -> Question:
    """Ask on what it rests: upheld incidents, and what stands in the case and nobody has decided yet."""
    upheld = asked.incidents_question(context)
    known = {i.incident_id: i for i in context.file.incidents}
    options = []
    for one in _of_case(context):
        day = getattr(in_words(london_day(one.at)), context.language)
        clauses = known[one.incident_id].clauses if one.incident_id in known else ()
        options.append(
            Option(_named(one), text=" · ".join([f"#{one.message_id}", day, ", ".join(clauses)]).rstrip(" ·"))
        )
    hint = upheld.hint
    if options:
        hint = N_("What stands in the case (#) is upheld with the warning: it then counts as an incident.")
    chosen = tuple(option.value for option in options if option.value.startswith(_CASE))
    return Question(upheld.name, upheld.label, upheld.kind, hint, (*options, *upheld.options), chosen=chosen)


def _chosen(context: Context, answers: Answers) -> list[Conduct]:
    chosen = set(answers.many("incidents"))
    return [one for one in _of_case(context) if _named(one) in chosen]


def _upheld(answers: Answers) -> tuple[int, ...]:
    return answers.numbers("incidents")


def _grave(context: Context, answers: Answers, fresh: list[Conduct]) -> bool:
    """True where something of zero tolerance is upheld, of which the police must be thought."""
    grave = {i.incident_id for i in context.file.incidents if i.zero_tolerance}
    made = any(not one.incident_id for one in fresh)
    return any(one.incident_id in grave for one in fresh) or (
        made and zero_tolerance(context.desk.pack, answers.many("clauses"))
    )
