"""What is asked after the first step: needs that end, advice on them, people taken apart, complaints, closed cases, risks told of."""

from sqlalchemy import select

from models.measures.steps import Record, RecordKind
from models.store.formal import people
from models.store.formal.desk import Done
from models.tables import account
from review_queue.pages.formal.people_asked import REASON
from review_queue.pages.formal.questions import N_, YES_NO, Answers, Context, Form, Option, Question


def _end_need(context: Context, answers: Answers) -> Done:
    people.close_note(context.desk, context.about, answers.one("why"))
    return Done(context.about)


def _advise_need(context: Context, answers: Answers) -> Done:
    people.advise_on(context.desk, context.about, answers.one("advice"))
    return Done(context.about)


def _decline_need(context: Context, answers: Answers) -> Done:
    people.decline(context.desk, context.about, answers.one("why"))
    return Done(context.about)


def _split_questions(context: Context, _: Answers) -> list[Question]:
    mine = select(account).where(account.c.contact_id == context.contact_id).order_by(account.c.id)
    options = tuple(
        Option(str(row.id), text=f"{row.platform}: {row.address}") for row in context.desk.database.execute(mine)
    )
    hint = N_("Their messages, and the incidents those messages are, go with them. At least one address stays.")
    return [Question("accounts", N_("Which addresses are another person's?"), "checkboxes", hint, options), REASON]


def _split(context: Context, answers: Answers) -> Done:
    return Done(
        people.split_accounts(context.desk, context.contact_id, answers.numbers("accounts"), answers.one("why"))
    )


def _unjoin(context: Context, answers: Answers) -> Done:
    people.split(context.desk, context.about, answers.one("why"))
    return Done(context.about)


def _complaint_questions(context: Context, _: Answers) -> list[Question]:
    known, about = context.desk.pack.complaints, ""
    if known is not None:
        about = f"{getattr(known.procedure, context.language)} ({known.clause})"
    abouts = (
        Option("policy", N_("How this policy was used")),
        Option("decision", N_("A decision under this policy")),
        Option("behaviour", N_("How we behaved")),
    )
    hint = N_("A complaint about us is never held against anybody.")
    return [
        Question("subject", N_("What is the complaint about?"), "radios", hint, abouts, about=about),
        Question("why", N_("What does the person say?"), "textarea"),
    ]


def _complaint(context: Context, answers: Answers) -> Done:
    draft = Record(0, RecordKind.COMPLAINT, context.desk.taken, answers.one("why"), about=answers.one("subject"))
    return context.desk.record(context.contact_id, draft)


def _closed(context: Context, answers: Answers) -> Done:
    draft = Record(0, RecordKind.CASE_CLOSED, context.desk.taken, answers.one("why"), about=answers.one("reference"))
    return context.desk.record(context.contact_id, draft)


def _read(context: Context, answers: Answers) -> Done:
    draft = Record(
        0, RecordKind.READ_AGAIN, context.desk.taken, answers.one("why"),
        checked_for_new=answers.yes("looked"), about=f"message:{context.about}",
    )  # fmt: skip
    return context.desk.record(context.contact_id, draft)


def _welfare(context: Context, answers: Answers) -> Done:
    draft = Record(
        0, RecordKind.WELFARE, context.desk.taken, answers.one("why"), told=answers.one("told"),
        told_at=answers.moment("day", "time"), about=f"message:{context.about}" if context.about else "",
    )  # fmt: skip
    return context.desk.record(context.contact_id, draft)


FORMS: dict[str, Form] = {
    "end-need": Form(N_("A need or circumstance no longer holds"), lambda _c, _a: [REASON], _end_need),
    "advise-need": Form(
        N_("Record specialist advice on an adjustment"),
        lambda _c, _a: [Question("advice", N_("What is the advice, and whose is it?"), "textarea")],
        _advise_need,
    ),
    "decline-need": Form(N_("Decline an adjustment"), lambda _c, _a: [REASON], _decline_need, graded=True),
    "split": Form(N_("Take addresses apart as another person"), _split_questions, _split),
    "unjoin": Form(N_("Undo a joining"), lambda _c, _a: [REASON], _unjoin),
    "complaint": Form(N_("Take a complaint about us in"), _complaint_questions, _complaint),
    "closed": Form(
        N_("Record that a case is closed"),
        lambda _c, _a: [
            Question("reference", N_("Case reference")),
            Question("why", N_("What was the person told, and when?"), "textarea"),
        ],
        _closed,
    ),
    "read": Form(
        N_("Record that further contact was read"),
        lambda _c, _a: [
            Question("looked", N_("Was it read for new information first?"), "radios", options=YES_NO),
            Question("why", N_("What is new in it, or why is nothing?"), "textarea"),
        ],
        _read,
    ),
    "welfare": Form(
        N_("Record who was told of a risk"),
        lambda _c, _a: [
            Question("told", N_("Who was told?"), hint=N_("The emergency services, social services, a doctor, a safeguarding lead: name and telephone.")),
            Question("day", N_("On which day?"), "date"),
            Question("time", N_("At what time?"), "time"),
            Question("why", N_("What was said, and to what help was the person pointed?"), "textarea"),
        ],
        _welfare,
    ),
}  # fmt: skip
"""By their name in the address."""
