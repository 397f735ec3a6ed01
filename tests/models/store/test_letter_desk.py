"""Letters on the desk: nothing demanded vanishes, the grade approves, each goes at most once, and the trail proves it."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from models.domain import EnforcementState
from models.engine_tables import dispatch
from models.formal_tables import contact_profile, letter, letter_wanted
from models.letters import blocks
from models.measures.refusals import SENTENCES
from models.measures.steps import Ask, FormalWarning, Record, RecordKind, Review, ReviewOutcome
from models.measures.terms import Terms
from models.store import audit, evidence
from models.store.formal import letters, sealed, writing
from models.store.formal.desk import StepRefused
from tests.fakes.desks import KEY, refused
from tests.fakes.formal import MANAGES, taken

PACKS = ("psow", "adra", "wrexham", "phso")
every_pack = pytest.mark.parametrize("office", PACKS, indirect=True)
HOME = ("12 Ffordd y Môr", "Aberystwyth", "SY23 1AA")


def wanted(office, kind):
    query = select(letter_wanted.c.id).where(letter_wanted.c.kind == kind).order_by(letter_wanted.c.id.desc())
    return office.database.execute(query).scalars().first()


def read_over(office, number, words="Calls could not be borne."):
    found = writing.sheet(office.desk(), number)
    for one in found.letters:
        given = {block.key: words for block in one.blocks() if getattr(block, "own_words", False)}
        writing.edit(office.desk(), number, one.language, given)


def approved(office, number):
    read_over(office, number)
    writing.address(office.desk(), number, "Ms Jones", HOME)
    writing.approve(office.desk(), number)


@every_pack
def test_a_decision_goes_by_post_once_it_is_read_over_addressed_and_approved(office):
    measure = office.up_to_restriction()
    number = wanted(office, "restriction")
    assert not letters.complete(office.database, measure)
    desk = office.desk()
    assert refused(writing.send, desk, number, "post") == ["letter_not_approved"]
    assert refused(writing.approve, desk, number) == ["letter_unread"]
    read_over(office, number)
    writing.approve(desk, number)
    assert refused(writing.send, desk, number, "post") == ["letter_no_address"]
    writing.withdraw(desk, number)
    approved(office, number)
    assert refused(writing.edit, desk, number, "en", {"why": "other"}) == ["letter_approved"]
    writing.send(desk, number, "post")
    found = writing.sheet(desk, number)
    assert found.state == "sent"
    assert letters.complete(office.database, measure)
    assert office.file().restriction(measure).received_on > office.now.date(), "by post it takes some days"
    kept = evidence.body_of(office.database, found.row["pdf_sha256"])
    assert kept.startswith(b"%PDF")
    assert refused(writing.send, desk, number, "post") == ["letter_gone"]
    assert refused(writing.withdraw, desk, number) == ["letter_gone"]
    assert audit.verify(office.database, KEY)[1] is None
    assert sealed.altered(office.database, KEY) == []
    office.database.execute(update(letter).where(letter.c.id == number).values(words={}))
    assert sealed.altered(office.database, KEY) == [f"letter:{number}"]


def test_what_the_policy_demands_cannot_be_edited_away(office):
    office.up_to_restriction()
    number = wanted(office, "restriction")
    with pytest.raises(StepRefused) as told:
        writing.edit(office.desk(), number, "cy", {"review": "", "appeal.time": "Cewch apelio rywbryd."})
    (found,) = told.value.refusals
    assert "the day of the review" in found.say.en
    assert "yr amser ar gyfer apêl" in found.say.cy
    assert writing.sheet(office.desk(), number).row["words"] == {}
    writing.edit(office.desk(), number, "en", {"rights": "", "why": "Plain words.", "no such block": "x"})
    english = next(one for one in writing.sheet(office.desk(), number).letters if one.language == "en")
    said = [blocks.plain(block) for block in english.blocks()]
    assert "Plain words." in said
    assert not [words for words in said if words.startswith("You can still ask us for information")]


def test_a_letter_without_the_details_of_the_pack_is_not_approved(office):
    office.up_to_restriction()
    number = wanted(office, "restriction")
    read_over(office, number)
    bare = office.pack.organisation.model_copy(update={"post": None, "email": ""})
    desk = replace(office.desk(), pack=office.pack.model_copy(update={"organisation": bare}))
    assert refused(writing.approve, desk, number) == ["letter_lacks"]


@pytest.mark.parametrize(
    ("language", "written"), [("en", ["en"]), ("cy", ["cy"]), ("both", ["cy", "en"]), ("", ["cy", "en"])]
)
def test_the_language_is_the_persons_and_unknown_means_both(office, language, written):
    values = {"kind": "person", "represents": "", "language": language, "easy_read": True, "why": "", "by": "x"}
    office.database.execute(insert(contact_profile).values(contact_id=office.contact, at=office.now, **values))
    office.up_to_restriction()
    found = writing.sheet(office.desk(), wanted(office, "restriction"))
    assert [one.language for one in found.letters] == written
    assert {one.style for one in found.letters} == {"easy-read"}


def test_approving_is_for_the_grade(office):
    office.up_to_restriction()
    number = wanted(office, "restriction")
    read_over(office, number)
    assert refused(writing.approve, office.desk("tm"), number) == ["too_low"]
    assert refused(writing.approve, office.desk("staff"), number) == ["too_low"]
    writing.approve(office.desk("edcl"), number)


def test_the_answer_to_an_appeal_is_approved_by_nobody_who_took_part(office):
    from models.measures.steps import Appeal, AppealOutcome

    restriction = office.up_to_restriction()
    office.send(restriction)
    office.forward(days=1)
    appeal = office.desk().lodge(office.contact, Appeal(0, restriction, office.now, "unfair")).number
    office.desk("edcl").hear(
        office.contact, Appeal(appeal, restriction, office.now, "unfair", outcome=AppealOutcome.DISMISSED, why="right")
    )
    number = wanted(office, "appeal_outcome")
    read_over(office, number)
    assert refused(writing.approve, office.desk("hopsc"), number) == ["recused"]
    writing.approve(office.desk("edcl"), number)
    assert writing.sheet(office.desk(), number).facts.signed.name == "edcl"


def test_mail_is_entered_once_to_an_address_the_person_wrote_from(office, monkeypatch):
    office.up_to_restriction()
    number = wanted(office, "restriction")
    approved(office, number)
    assert refused(writing.send, office.desk(), number, "email", "jones@example.org") == ["letter_no_address"]
    monkeypatch.setattr(writing.letter_facts, "addresses", lambda *_: ("jones@example.org",))
    assert refused(writing.send, office.desk(), number, "email", "other@example.org") == ["letter_no_address"]
    writing.send(office.desk(), number, "email", "jones@example.org")
    assert writing.sheet(office.desk(), number).state == "going"
    for again in (writing.send, lambda *a: writing.withdraw(*a[:2])):
        assert refused(again, office.desk(), number, "email", "jones@example.org") == ["letter_gone"]
    (row,) = office.database.execute(select(dispatch)).all()
    assert (row.kind, row.recipient, row.detail["letter"]) == ("letter", "jones@example.org", number)
    ended(office, EnforcementState.UNKNOWN)
    assert refused(writing.send, office.desk(), number, "post") == ["letter_unsure"]
    writing.resolve(office.desk(), number, went=False)
    writing.send(office.desk(), number, "email", "jones@example.org")
    ended(office, EnforcementState.REFUSED)
    assert writing.sheet(office.desk(), number).state == "failed"
    writing.send(office.desk(), number, "post")
    assert writing.sheet(office.desk(), number).state == "sent"


def ended(office, state):
    office.database.execute(update(dispatch).where(dispatch.c.state == "pending").values(state=state.value))


def test_a_letter_of_which_nobody_knew_is_noted_as_gone_by_a_person(office, monkeypatch):
    office.up_to_restriction()
    number = wanted(office, "restriction")
    approved(office, number)
    assert refused(lambda: writing.resolve(office.desk(), number, went=True)) == ["letter_gone"]
    monkeypatch.setattr(writing.letter_facts, "addresses", lambda *_: ("jones@example.org",))
    writing.send(office.desk(), number, "email", "jones@example.org")
    ended(office, EnforcementState.UNKNOWN)
    writing.resolve(office.desk(), number, went=True)
    assert writing.sheet(office.desk(), number).state == "sent"


def test_what_was_approved_is_what_goes_whatever_the_record_says_later(office):
    restriction = office.up_to_restriction()
    number = wanted(office, "restriction")
    approved(office, number)
    before = writing.sheet(office.desk(), number).letters
    office.forward(days=1)
    review = Review(
        0,
        restriction,
        ReviewOutcome.VARY,
        taken("x"),
        "milder",
        office.now.date().replace(month=6),
        (Terms("single_contact", officer="Nia"),),
    )
    office.desk().review(office.contact, review)
    after = writing.sheet(office.desk(), number)
    assert after.letters == before
    writing.send(office.desk(), number, "post")
    assert writing.sheet(office.desk(), number).letters == before


@every_pack
def test_every_letter_that_the_desk_wants_can_be_composed_and_approved(office):
    """Walk through the steps and let each letter go, in both languages."""
    first = office.incident()
    if office.pack_id == "phso":
        office.desk().ask(office.contact, Ask(0, (first,), taken("x"), "please do not", written=True))
        goes(office, "ask")
        office.forward(days=4)
        first = office.incident()
    office.desk().warn(office.contact, FormalWarning(0, (first,), taken("x"), "please stop", policy_enclosed=True))
    goes(office, "warning")
    office.forward(days=6)
    restriction = office.desk().restrict(office.contact, office.draft(office.incident())).number
    goes(office, "restriction")
    office.forward(days=3)
    if office.pack_id == "phso":
        office.incident()
        goes(office, "extended")
    review = Review(0, restriction, ReviewOutcome.CONTINUE, taken("x"), "still needed")
    if office.pack_id != "phso":
        review = replace(review, next_review_on=office.now.date().replace(month=8))
    office.desk(MANAGES[office.pack_id]).review(office.contact, review)
    if "review" in office.letters():
        goes(office, "review")
    office.desk().review(office.contact, replace(review, outcome=ReviewOutcome.END, next_review_on=None))
    goes(office, "end")
    office.desk().record(
        office.contact, Record(0, RecordKind.NOT_REPLY, taken("x"), "asked and answered", checked_for_new=True)
    )
    goes(office, "not_replying")
    assert letters.waiting(office.database, office.pack_id) == []
    assert sealed.altered(office.database, KEY) == []


def goes(office, kind):
    number = wanted(office, kind)
    assert number is not None, kind
    found = writing.sheet(office.desk(), number)
    assert not any(found.missing.values()), (kind, found.missing)
    approved(office, number)
    writing.send(office.desk(), number, "post")


def test_every_refusal_of_letters_has_its_two_sentences():
    for code in (
        "lacks",
        "unread",
        "approved",
        "not_approved",
        "gone",
        "unsure",
        "no_address",
        "not_there",
        "encloses",
    ):
        found = SENTENCES[f"letter_{code}"]
        assert found.en
        assert found.cy
        assert found.en != found.cy
