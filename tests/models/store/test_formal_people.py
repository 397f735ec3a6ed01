"""Who a contact is, in the store: needs that protect, organisations marked, contacts joined and split again."""

from sqlalchemy import select

from models.domain import Channel
from models.measures.steps import FormalWarning
from models.measures.terms import Terms
from models.store.formal import letters, notices, pausing, people, sealed
from models.store.formal.people import Profile
from models.tables import account, contact
from tests.fakes.desks import KEY, refused
from tests.fakes.formal import need, taken

EMAIL = Channel.EMAIL


def test_the_last_line_that_a_need_closes_lets_the_measure_rest(office):
    number = office.up_to_restriction()
    people.note(office.desk(), office.contact, need("cannot use a screen", EMAIL))
    assert office.file().in_force(office.pack, office.now) == ()
    assert office.file().open_lines(office.pack, office.now)
    assert notices.find(office.database, "review_at_once", f"measure:{number}") is not None
    assert refused(pausing.resume, office.desk(), office.contact, number, "why") == ["last_line_reason"]


def test_needs_protect_from_the_machine_and_are_closed_and_declined_with_care(office):
    adjusted = select(contact.c.adjustment).where(contact.c.id == office.contact)
    number = people.note(
        office.desk("staff"), office.contact, need("dyslexia", adjustment="large print", requested=True)
    )
    assert office.database.execute(adjusted).scalar_one()
    assert refused(people.decline, office.desk(), number, "no") == ["advice_first"]
    people.advise_on(office.desk(), number, "specialist of 3 March")
    assert refused(people.decline, office.desk("staff"), number, "no") == ["too_low"]
    people.decline(office.desk(), number, "another way was agreed")
    people.close_note(office.desk(), number)
    assert not office.database.execute(adjusted).scalar_one()
    assert sealed.altered(office.database, KEY) == []


def test_an_organisation_is_marked_with_a_reason(office):
    assert refused(people.describe, office.desk(), office.contact, Profile("organisation")) == ["reason_missing"]
    people.describe(office.desk(), office.contact, Profile("professional", "a firm", "cy", True, "writes for clients"))
    assert people.profile_of(office.desk(), office.contact).language == "cy"
    assert office.file().organisation
    first = office.incident()
    office.desk().warn(office.contact, FormalWarning(0, (first,), taken("x"), "stop"))
    (letter,) = letters.waiting(office.database, "psow")
    assert (letter["language"], letter["style"]) == ("cy", "easy-read")


def test_two_contacts_are_joined_and_split_again(office):
    number = office.up_to_restriction()
    other = office.somebody("M. Jones", "mj@example.org")
    office.incident(contact_id=other)
    assert refused(people.join, office.desk(), office.contact, other, " ") == ["reason_missing"]
    assert refused(people.join, office.desk(), office.contact, office.contact, "same") == ["state"]
    link = people.join(office.desk(), office.contact, other, "the same number and signature")
    assert len(office.file().incidents) == 3
    assert sealed.altered(office.database, KEY) == []
    office.incident()
    people.split(office.desk(), link, "a neighbour")
    assert len(office.file(other).incidents) == 1
    assert len(office.file().incidents) == 3
    assert refused(people.split, office.desk(), link, "again") == ["state"]
    assert office.file().restriction(number) is not None
    assert sealed.altered(office.database, KEY) == []


def test_joining_may_not_close_the_last_line(office):
    office.up_to_restriction()
    mine, other = office.contact, office.somebody("M. Jones", "mj@example.org")
    office.contact = other
    office.up_to_restriction(measures=(Terms("one_channel", channels=(Channel.LETTER,)),))
    assert refused(people.join, office.desk(), mine, other, "the same") == ["join_closes"]
    assert office.file(mine).open_lines(office.pack, office.now) == (EMAIL,)


def test_an_account_is_taken_apart_as_another_person(office):
    other = office.somebody("M. Jones", "mj@example.org")
    people.join(office.desk(), office.contact, other, "looked alike")
    ids = list(office.database.execute(select(account.c.id).where(account.c.contact_id == office.contact)).scalars())
    assert refused(people.split_accounts, office.desk(), office.contact, ids, "all") == ["state"]
    made = people.split_accounts(office.desk(), office.contact, ids[1:], "a neighbour")
    assert list(office.database.execute(select(account.c.address).where(account.c.contact_id == made)).scalars()) == [
        "mj@example.org"
    ]
