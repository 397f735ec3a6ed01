"""After the first steps: complaints, closed cases, risks told of, notices seen, the policy reviewed, needs that end, people taken apart."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.domain import Channel
from models.formal_tables import circumstance, notice
from models.measures.steps import Appeal, Record, RecordKind
from models.records.timeline import timeline
from models.session import reading, writing
from models.store import audit
from models.store.formal import aftercare, files, notices, offices, people, sealed
from models.store.formal.desk import Desk
from models.tables import contact, message
from tests.fakes.desks import KEY, Office, refused
from tests.fakes.formal import need, taken
from tests.fakes.world import INNOCENT, World


@pytest.fixture(params=["psow", "adra", "wrexham", "phso"])
def office(request):
    made = Office(request.param)
    yield made
    made.close()


def record(kind, why="because", **more):
    return Record(0, kind, taken("x"), why, **more)


def lowest(office):
    return min(office.pack.roles, key=lambda role: role.rank).id


def kinds(office):
    return list(office.database.execute(select(notice.c.kind)).scalars())


def test_a_complaint_about_us_is_taken_in_by_anybody_and_told(office):
    done = office.desk(lowest(office)).record(office.contact, record(RecordKind.COMPLAINT, "you never rang back"))
    assert not done.proposed
    told = office.database.execute(select(notice).where(notice.c.kind == "complaint_received")).one()
    known = office.pack.complaints
    assert told.to_role == ((known.role if known else None) or max(office.pack.roles, key=lambda r: r.rank).id)
    assert not office.file().incidents, "it is never held against anybody"
    assert sealed.altered(office.database, KEY) == []


def test_under_wrexham_an_appeal_is_a_complaint_as_well(office):
    if not office.pack.appeal.exists:
        return
    number = office.up_to_restriction()
    office.desk(lowest(office)).lodge(office.contact, Appeal(0, number, office.now, "unfair"))
    complaints = [r for r in office.file().records if r.kind is RecordKind.COMPLAINT]
    assert [r.why for r in complaints] == (["unfair"] if office.pack_id == "wrexham" else [])


def test_who_was_told_of_a_risk_is_recorded_with_the_time(office):
    desk = office.desk(lowest(office))
    assert refused(desk.record, office.contact, record(RecordKind.WELFARE)) == ["told_missing"]
    late = office.now + timedelta(minutes=1)
    assert refused(desk.record, office.contact, record(RecordKind.WELFARE, told="999", told_at=late)) == ["told_ahead"]
    done = desk.record(office.contact, record(RecordKind.WELFARE, told="999", told_at=office.now))
    assert not done.proposed


def test_a_notice_is_seen_by_its_role_or_above_and_only_once():
    office = Office("psow")
    office.up_to_restriction()
    rows = {row["kind"]: row for row in notices.open_ones(office.database, "psow")}
    assert refused(aftercare.seen, office.desk("staff"), rows["advice_group_not_asked"]["id"]) == ["state"]
    aftercare.seen(office.desk("edcl"), rows["advice_group_not_asked"]["id"])
    assert refused(aftercare.seen, office.desk("edcl"), rows["advice_group_not_asked"]["id"]) == ["state"]
    assert "advice_group_not_asked" not in {row["kind"] for row in notices.open_ones(office.database, "psow")}
    assert audit.verify(office.database, KEY)[1] is None
    office.close()


def test_a_review_of_the_policy_moves_its_clock_and_its_changes_are_to_be_told(office):
    office.up_to_restriction()
    top = max(office.pack.roles, key=lambda role: role.rank).id
    today = office.now.date()
    assert refused(aftercare.policy_reviewed, office.desk(lowest(office)), today, "", None) == ["too_low"]
    assert refused(aftercare.policy_reviewed, office.desk(top), today, "a new ladder", None) == ["reason_missing"]
    assert refused(aftercare.policy_reviewed, office.desk(top), today + timedelta(days=1), "", None) == ["state"]
    aftercare.policy_reviewed(office.desk(top), today, "", None)
    assert aftercare.policy_issued(office.database, office.pack) == today
    assert "policy_changed" not in kinds(office)
    aftercare.policy_reviewed(office.desk(top), today, "a new ladder", today)
    assert kinds(office).count("policy_changed") == 1
    assert sealed.altered(office.database, KEY) == []


def test_a_need_ends_with_its_reason_and_advice_comes_before_declining(office):
    desk = office.desk()
    number = people.note(desk, office.contact, need("a stammer", adjustment="letters only", requested=True))
    assert refused(people.decline, desk, number, "cannot") == ["advice_first"]
    people.advise_on(desk, number, "the therapist says one officer will do")
    people.decline(desk, number, "one officer is named instead")
    people.close_note(desk, number, "it was a misunderstanding")
    (found,) = files.circumstances_of(office.database, office.contact)
    assert (found.ended_why, found.declined_why) == ("it was a misunderstanding", "one officer is named instead")
    assert office.database.execute(select(circumstance.c.ended_at)).scalar_one() == office.now
    assert not office.database.execute(select(contact.c.adjustment).where(contact.c.id == office.contact)).scalar_one()


def test_the_timeline_holds_everything_in_order_and_hides_what_is_not_theirs(office):
    office.up_to_restriction()
    number = people.note(office.desk(), office.contact, need("a private illness"))
    told = timeline(office.database, office.pack, office.contact, "en", frozenset())
    assert {"incident_upheld", "warning", "restriction", "letter_wanted", "letter_sent", "need"} <= {
        m.kind for m in told
    }
    assert [m.at for m in told] == sorted((m.at for m in told), reverse=True)
    assert "a private illness" not in str(told)
    first = next(found for found in told if found.kind == "incident_upheld")
    clause, _, words = first.text.partition(" ")
    assert clause.startswith(f"{office.pack_id}/")
    assert words, "the clause in words"
    assert {"warning", "restriction"} <= {found.code for found in told if found.kind == "letter_wanted"}
    assert "a private illness" in str(timeline(office.database, office.pack, office.contact, "cy", frozenset({number})))


def test_what_comes_after_a_closed_case_is_logged_until_somebody_read_it_and_a_risk_until_somebody_was_told():
    world = World()
    pack = world.policies("psow", world.connection.mode).pack
    with writing(world.engine) as database:
        offices.appoint(database, KEY, "nia", pack, "staff", "root", world.clock())
    world.put(world.message("1", INNOCENT, channel=Channel.EMAIL))
    (person,) = world.every(select(message.c.contact_id))[0]

    def desk(database):
        return Desk(database, KEY, pack, offices.officer(database, "nia", "psow", world.clock()), world.clock())

    with writing(world.engine) as database:
        desk(database).record(person, record(RecordKind.CASE_CLOSED, "final letter of May", about="2026-1"))
    world.clock.forward(hours=1)
    world.put(
        world.message("2", INNOCENT, channel=Channel.EMAIL),
        world.message("3", "I cannot go on, I am going to kill myself tonight", channel=Channel.EMAIL),
    )
    with writing(world.engine) as database:
        file = files.dossier_of(database, person, "psow")
        assert [row["read"] for row in aftercare.since_closed(database, file)] == [None, None]
        risks = aftercare.untold(database, "psow")
        assert {row["id"] for row in risks} == {3}
        draft = record(RecordKind.READ_AGAIN, "nothing new", about="message:2")
        assert refused(desk(database).record, person, draft) == ["look_first"]
        desk(database).record(
            person, record(RecordKind.READ_AGAIN, "nothing new", about="message:2", checked_for_new=True)
        )
        desk(database).record(person, record(RecordKind.WELFARE, told="999", told_at=world.clock(), about="message:3"))
        again = aftercare.since_closed(database, files.dossier_of(database, person, "psow"))
        assert [row["read"] is not None for row in again] == [True, False]
        assert aftercare.untold(database, "psow") == []
    with reading(world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
    world.engine.dispose()
