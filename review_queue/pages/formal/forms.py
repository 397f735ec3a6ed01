"""Every form of the formal side by its name in the address: what it asks, and which step it takes."""

from dataclasses import replace

from models.domain import Channel
from models.measures.steps import (
    Appeal,
    AppealOutcome,
    Ask,
    Incident,
    Police,
    Record,
    RecordKind,
    Referral,
    Review,
    ReviewOutcome,
)
from models.store.formal import incidents, pausing, proposals, referrals
from models.store.formal.desk import Done
from models.store.formal.incidents import clauses_against
from review_queue.pages.formal import care_asked, letters_asked, people_asked, warning_asked
from review_queue.pages.formal import measures_asked as asked
from review_queue.pages.formal.people_asked import REASON
from review_queue.pages.formal.questions import N_, YES_NO, Answers, Context, Form, Option, Question

WHY = warning_asked.WHY
_HAPPENED = (*asked.CHANNELS, Option("x", text="X"), Option("facebook", text="Facebook"))


def _incident_questions(context: Context, answers: Answers) -> list[Question]:
    pack = context.desk.pack
    clauses = clauses_against(pack, [clause.id for clause in pack.clauses if "/easy-read/" not in clause.id])
    found = [
        Question("channel", N_("How did it come?"), "radios", options=_HAPPENED),
        Question("day", N_("On which day?"), "date"),
        Question("time", N_("At what time?"), "time", optional=True),
        Question("what", N_("What happened?"), "textarea", N_("In a few plain sentences, with the words that were said.")),
        Question("clauses", N_("Which part of the policy?"), "checkboxes", options=tuple(Option(c, text=context.clause(c)) for c in clauses)),
    ]  # fmt: skip
    if answers.one("channel") == "telephone":
        endings = (
            Option("no", N_("No")),
            Option("warned", N_("Yes, after warning the caller once")),
            Option("unwarned", N_("Yes, without a warning")),
        )
        found.append(Question("ended", N_("Was the call ended?"), "radios", options=endings))
    found += [
        Question("danger", N_("Was somebody's immediate safety threatened?"), "radios", options=YES_NO),
        Question("staff", N_("Which members of staff were affected?"), hint=N_("Names, with commas."), optional=True),
        Question("manager", N_("Which manager was told?"), optional=not answers.one("staff") and answers.one("ended") in {"", "no"}),
    ]  # fmt: skip
    if pack.checklist.support:
        options = tuple(Option(c, text=context.clause(c)) for c in pack.checklist.support)
        found.append(Question("support", N_("What support was offered?"), "checkboxes", options=options, optional=True))
    label = N_("Should this person have no further contact with those members of staff?")
    return [*found, Question("apart", label, "radios", options=YES_NO)]


def _incident(context: Context, answers: Answers) -> Done:
    draft = Incident(
        incident_id=0,
        at=answers.moment("day", "time") or context.desk.now,
        channel=Channel(answers.one("channel")),
        clauses=answers.many("clauses"),
        what=answers.one("what"),
        reported_by=context.desk.officer.name,
        danger=answers.yes("danger"),
        terminated_call=answers.one("ended") in {"warned", "unwarned"},
        warned_first=answers.one("ended") == "warned",
        staff=tuple(name.strip() for name in answers.one("staff").split(",") if name.strip()),
        support=answers.many("support"),
        keep_apart=answers.yes("apart"),
        manager=answers.one("manager"),
    )
    return Done(incidents.report(context.desk, context.contact_id, draft))


def _decide_incident_questions(context: Context, answers: Answers) -> list[Question]:
    options = (Option("uphold", N_("Uphold: it counts")), Option("dismiss", N_("Dismiss: it counts against nobody")))
    found = [Question("verdict", N_("What do you decide?"), "radios", options=options), REASON]
    incident = next((i for i in context.file.incidents if i.incident_id == context.about), None)
    if answers.one("verdict") != "uphold" or incident is None:
        return found
    if incident.zero_tolerance:
        found += warning_asked.POLICE
    if (incident.staff or incident.terminated_call) and not incident.manager:
        found.append(Question("manager", N_("Which manager was told?")))
    return found


def _decide_incident(context: Context, answers: Answers) -> Done:
    if answers.one("verdict") == "dismiss":
        incidents.dismiss(context.desk, context.about, answers.one("why"))
        return Done(context.about)
    police = Police(answers.one("police") == "told", answers.one("police_note")) if answers.one("police") else None
    incidents.uphold(context.desk, context.about, answers.one("why"), police=police, manager=answers.one("manager"))
    return Done(context.about)


def _ask(context: Context, answers: Answers) -> Done:
    draft = Ask(0, answers.numbers("incidents"), context.desk.taken, answers.one("why"), written=answers.yes("written"))
    return context.desk.ask(context.contact_id, draft)


def _review_questions(context: Context, answers: Answers) -> list[Question]:
    options = (
        Option("continue", N_("It goes on")), Option("vary", N_("It is changed")), Option("end", N_("It ends")),
    )  # fmt: skip
    found = [Question("outcome", N_("What does the review come to?"), "radios", options=options), WHY]
    if answers.one("outcome") == "vary":
        found += asked.measure_questions(context, answers) + asked.override_questions(context, answers)
    goes_on = answers.one("outcome") in {"continue", "vary"}
    if goes_on and context.file.current_circumstances():
        found.append(asked.WEIGHED)
    rolls = context.desk.pack.clocks.restriction_rolls_from_last_incident
    if goes_on and not rolls:
        found.append(Question("next", N_("When is the next review?"), "date"))
    return found


def _review(context: Context, answers: Answers) -> Done:
    draft = Review(
        0,
        context.about,
        ReviewOutcome(answers.one("outcome")),
        context.desk.taken,
        answers.one("why"),
        next_review_on=answers.day("next"),
        measures=asked.terms_of(answers),
        override_why=answers.one("override"),
        circumstances=answers.one("circumstances"),
    )
    return context.desk.review(context.contact_id, draft)


def _appeal(context: Context, answers: Answers) -> Done:
    lodged = answers.moment("day", "time") or context.desk.now
    return context.desk.lodge(context.contact_id, Appeal(0, context.about, lodged, answers.one("grounds")))


def _hearing_questions(context: Context, answers: Answers) -> list[Question]:
    options = (
        Option("rest", N_("Let the measure rest until the appeal is decided")),
        Option("upheld", N_("The appeal succeeds: the measure ends")),
        Option("varied", N_("The measure is changed")),
        Option("dismissed", N_("The measure stands")),
    )
    found = [Question("outcome", N_("What do you decide?"), "radios", options=options), WHY]
    appeal = next((a for a in context.file.appeals if a.appeal_id == context.about), None)
    if appeal is not None and appeal.late and answers.one("outcome") in {"upheld", "varied"}:
        found.append(Question("late", N_("The appeal was late. Why is it heard all the same?"), "textarea"))
    if answers.one("outcome") == "varied":
        found += asked.measure_questions(context, answers)
    return found


def _hear(context: Context, answers: Answers) -> Done:
    if answers.one("outcome") == "rest":
        pausing.rest_for_appeal(context.desk, context.contact_id, context.about, answers.one("why"))
        return Done(context.about)
    known = next((a for a in context.file.appeals if a.appeal_id == context.about), None)
    draft = known or Appeal(context.about, 0, context.desk.now, "")
    draft = replace(
        draft,
        outcome=AppealOutcome(answers.one("outcome")),
        why=answers.one("why"),
        late_why=answers.one("late"),
        measures=asked.terms_of(answers),
    )
    return context.desk.hear(context.contact_id, draft)


_REFERRAL = (
    Question("case_ref", N_("Case reference")),
    Question("case_owner", N_("Case owner")),
    Question("reason", N_("Reason for the referral: the conduct and its impact, or adjustments asked for"), "textarea"),
    Question("action_so_far", N_("What has been done so far: warnings, earlier restrictions?"), "textarea"),
    Question("needs", N_("Do we know or believe that the person has particular needs?"), "textarea"),
    Question("adjustments_sought", N_("Which adjustments did the person ask for?"), "textarea", optional=True),
    Question("urgent", N_("Is it urgent, for the Chair alone?"), "radios", options=YES_NO),
)


def _refer(context: Context, answers: Answers) -> Done:
    draft = Referral(
        0,
        context.desk.taken,
        case_ref=answers.one("case_ref"),
        case_owner=answers.one("case_owner"),
        reason=answers.one("reason"),
        action_so_far=answers.one("action_so_far"),
        needs=answers.one("needs"),
        adjustments_sought=answers.one("adjustments_sought"),
        urgent=answers.yes("urgent"),
    )
    return context.desk.refer(context.contact_id, draft)


def _advise(context: Context, answers: Answers) -> Done:
    advice, wanted = answers.one("advice"), answers.one("recommendation")
    referrals.advise(context.desk, context.contact_id, context.about, advice, wanted)
    return Done(context.about)


def _withdraw(context: Context, answers: Answers) -> Done:
    referrals.withdraw(context.desk, context.contact_id, context.about, answers.one("why"))
    return Done(context.about)


_RECORDS = (
    Option("apply", N_("To apply the policy")),
    Option("not_apply", N_("Not to apply the policy")),
    Option("except", N_("To make an exception")),
    Option("not_register", N_("Not to register a further complaint")),
    Option("not_reply", N_("Not to reply to further correspondence")),
    Option("safety_register", N_("To refer to the Staff Safety Register")),
    Option("no_safety_register", N_("Not to refer to the Staff Safety Register")),
)


def _record_questions(_: Context, answers: Answers) -> list[Question]:
    found = [Question("kind", N_("What was decided?"), "radios", options=_RECORDS), REASON]
    if answers.one("kind") == "not_reply":
        found.append(Question("looked", N_("Was it read for new information first?"), "radios", options=YES_NO))
    return found


def _record(context: Context, answers: Answers) -> Done:
    kind = RecordKind(answers.one("kind"))
    draft = Record(0, kind, context.desk.taken, answers.one("why"), checked_for_new=answers.yes("looked"))
    return context.desk.record(context.contact_id, draft)


def _proposal_questions(_: Context, __: Answers) -> list[Question]:
    options = (Option("take", N_("Take the step in my name")), Option("decline", N_("Decline it")))
    return [
        Question("verdict", N_("What do you decide?"), "radios", options=options),
        Question("why", N_("What is the reason?"), "textarea", N_("Needed where you decline."), optional=True),
    ]


def _proposal(context: Context, answers: Answers) -> Done:
    if answers.one("verdict") == "take":
        return proposals.take(context.desk, context.about)
    proposals.decline(context.desk, context.about, answers.one("why"))
    return Done(context.about)


def _resume(context: Context, answers: Answers) -> Done:
    pausing.resume(context.desk, context.contact_id, context.about, answers.one("why"))
    return Done(context.about)


WRITTEN = warning_asked.WRITTEN
FORMS: dict[str, Form] = {
    "incident": Form(N_("Report an incident"), _incident_questions, _incident),
    "decide": Form(N_("Decide on an incident"), _decide_incident_questions, _decide_incident),
    "ask": Form(N_("Ask for a change"), lambda c, _: [asked.incidents_question(c), WHY, WRITTEN], _ask),
    "warn": Form(N_("Give a warning"), warning_asked.questions, warning_asked.take, graded=True),
    "restrict": Form(
        N_("Manage contact"),
        asked.restriction_questions,
        lambda c, a: c.desk.restrict(c.contact_id, asked.restriction_of(c, a)),
        asked.lines_left,
        graded=True,
    ),
    "review": Form(N_("Review a restriction"), _review_questions, _review, graded=True),
    "appeal": Form(
        N_("Take an appeal in"),
        lambda _c, _a: [
            Question("day", N_("On which day did it come?"), "date"),
            Question("grounds", N_("What does the person say?"), "textarea"),
        ],
        _appeal,
    ),
    "hear": Form(N_("Hear an appeal"), _hearing_questions, _hear, graded=True),
    "refer": Form(N_("Ask the advice group"), lambda _c, _a: list(_REFERRAL), _refer),
    "advise": Form(
        N_("Record the advice"),
        lambda _c, _a: [
            Question("advice", N_("Analysis and comments"), "textarea"),
            Question("recommendation", N_("Recommendation"), "textarea"),
        ],
        _advise,
    ),
    "withdraw": Form(N_("Withdraw the referral"), lambda _c, _a: [REASON], _withdraw),
    "record": Form(N_("Record a decision"), _record_questions, _record),
    "need": Form(N_("Record a need or circumstance"), people_asked.need_questions, people_asked.need),
    "profile": Form(N_("Who it is and how we write"), people_asked.profile_questions, people_asked.profile),
    "join": Form(
        N_("Join with another contact"),
        lambda _c, _a: [Question("other", N_("The number of the other contact")), REASON],
        people_asked.join,
    ),
    "proposal": Form(N_("Decide on a proposal"), _proposal_questions, _proposal),
    "return": Form(N_("Return a message with its part marked"), letters_asked.return_questions, letters_asked.returned),
    "signpost": Form(N_("Write where there is help"), letters_asked.signpost_questions, letters_asked.signposted),
    "resume": Form(N_("Let a resting restriction hold again"), lambda _c, _a: [REASON], _resume),
    **care_asked.FORMS,
}
