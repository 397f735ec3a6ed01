"""What is asked before a letter that answers a message: which message, and which of its words cannot be accepted."""

from sqlalchemy import select

from models.measures.refusals import refusal
from models.store.formal import letter_facts, writing
from models.store.formal.desk import Done, StepRefused
from models.tables import message
from review_queue.i18n import local_time
from review_queue.pages.formal.questions import N_, Answers, Context, Option, Question

MESSAGES_AT_MOST, SHOWN = 20, 80


def _messages(context: Context) -> tuple[Option, ...]:
    query = (
        select(message.c.id, message.c.received_at, message.c.own_text)
        .where(message.c.contact_id == context.contact_id, message.c.org == context.desk.pack.id)
        .order_by(message.c.received_at.desc())
        .limit(MESSAGES_AT_MOST)
    )
    return tuple(
        Option(str(row.id), text=f"{local_time(row.received_at, context.language)}: {row.own_text[:SHOWN]}")
        for row in context.desk.database.execute(query)
    )


def return_questions(context: Context, _: Answers) -> list[Question]:
    """Ask which message goes back and what is marked in it."""
    return [
        Question("message", N_("Which message goes back?"), "radios", options=_messages(context)),
        Question(
            "words",
            N_("Which words cannot be accepted?"),
            "textarea",
            N_("Copy them from the message, one part a line. Leave empty for what the classifiers marked."),
            optional=True,
        ),
    ]


def returned(context: Context, answers: Answers) -> Done:
    """Ask for the letter that gives a message back with its marked part."""
    number = answers.number("message") or 0
    parts = [line.strip() for line in answers.one("words").splitlines() if line.strip()]
    marks = _marks(context, number, parts) if parts else letter_facts.marks_of_signals(context.desk.database, number)
    if not marks:
        raise StepRefused([refusal("letter_not_there")])
    return Done(writing.ask_for(context.desk, context.contact_id, "returned", number, marks))


def _marks(context: Context, number: int, parts: list[str]) -> list[list[int]]:
    query = select(message.c.own_text).where(message.c.id == number, message.c.contact_id == context.contact_id)
    text = context.desk.database.execute(query).scalar() or ""
    if any(part not in text for part in parts):
        raise StepRefused([refusal("letter_not_there")])
    return letter_facts.apart((text.index(part), text.index(part) + len(part)) for part in parts)


def signpost_questions(context: Context, _: Answers) -> list[Question]:
    """Ask which message the letter answers."""
    return [Question("message", N_("Which message does it answer?"), "radios", options=_messages(context))]


def signposted(context: Context, answers: Answers) -> Done:
    """Ask for the letter that tells where there is help."""
    return Done(writing.ask_for(context.desk, context.contact_id, "signposting", answers.number("message") or 0))
