"""What is asked about who a contact is: needs and circumstances, kind and language, and whether two are one."""

from models.domain import Channel
from models.measures.steps import Certainty, Circumstance
from models.records.year.words import CHARACTERISTICS
from models.store.formal import people
from models.store.formal.desk import Done
from models.store.formal.people import Profile
from review_queue.pages.formal.measures_asked import CHANNELS
from review_queue.pages.formal.questions import N_, YES_NO, Answers, Context, Option, Question

REASON = Question("why", N_("What is the reason?"), "textarea")


def need_questions(context: Context, _: Answers) -> list[Question]:
    """Ask for a need or circumstance, how it is known and who may read it."""
    sure = (Option("recorded", N_("We were told, or it is documented")), Option("believed", N_("We believe it")))
    roles = tuple(Option(role.id, text=getattr(role.title, context.language)) for role in context.desk.pack.roles)
    named = tuple(Option(key, text=words[context.language == "cy"]) for key, words in CHARACTERISTICS.items())
    return [
        Question("text", N_("What is the need or circumstance?"), "textarea"),
        Question("certainty", N_("How do we know?"), "radios", options=sure),
        Question("cannot_use", N_("Which channels can the person not use?"), "checkboxes", options=CHANNELS, optional=True),
        Question("adjustment", N_("Which adjustment is made or asked for?"), optional=True),
        Question("requested", N_("Did the person ask for it?"), "radios", options=YES_NO),
        Question("characteristic", N_("Which protected characteristic does it concern, if any?"), "radios", N_("It is counted in the yearly figures and nowhere else."), named, optional=True),
        Question("seen_by", N_("From which role up may the words be read?"), "radios", options=roles),
    ]  # fmt: skip


def need(context: Context, answers: Answers) -> Done:
    """Record a need or circumstance."""
    draft = Circumstance(
        circumstance_id=0,
        certainty=Certainty(answers.one("certainty")),
        text=answers.one("text"),
        by=context.desk.officer.name,
        at=context.desk.now,
        cannot_use=tuple(Channel(value) for value in answers.many("cannot_use")),
        seen_by=answers.one("seen_by"),
        adjustment=answers.one("adjustment"),
        requested=answers.yes("requested"),
        characteristic=answers.one("characteristic"),
    )
    return Done(people.note(context.desk, context.contact_id, draft))


def profile_questions(_: Context, answers: Answers) -> list[Question]:
    """Ask who it is and how we write to them."""
    kinds = (
        Option("person", N_("A person")),
        Option("organisation", N_("An organisation")),
        Option("professional", N_("Somebody acting professionally")),
    )
    languages = (
        Option("cy", N_("Welsh")), Option("en", N_("English")), Option("both", N_("Both, or not known")),
    )  # fmt: skip
    found = [Question("kind", N_("Who is it?"), "radios", options=kinds)]
    if answers.one("kind") in {"organisation", "professional"}:
        found += [Question("represents", N_("For whom?"), optional=True), REASON]
    return [
        *found,
        Question("language", N_("In which language do we write?"), "radios", options=languages),
        Question("easy_read", N_("Does the person need Easy Read?"), "radios", options=YES_NO),
    ]


def profile(context: Context, answers: Answers) -> Done:
    """Record who it is and how we write to them."""
    profile = Profile(
        answers.one("kind"),
        answers.one("represents"),
        answers.one("language"),
        answers.yes("easy_read"),
        answers.one("why"),
    )
    people.describe(context.desk, context.contact_id, profile)
    return Done(context.contact_id)


def join(context: Context, answers: Answers) -> Done:
    """Make two contacts one."""
    other = answers.number("other") or 0
    return Done(people.join(context.desk, context.contact_id, other, answers.one("why")))
