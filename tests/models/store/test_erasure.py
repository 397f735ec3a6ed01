"""Erasing: no row, no word in any table or in the search index, no byte; and never what somebody still waits for."""

from dataclasses import replace

import pytest
from sqlalchemy import func, inspect, select, text

from models.domain import Action, Author, VerdictKind
from models.formal_tables import incident
from models.queue_tables import case_facet, case_note, handed_over
from models.session import reading, writing
from models.store import claims, erasure, notes, queue
from models.store.erasure import NotErasable
from models.store.formal.codec import dumped
from models.store.queue import QueueFilter
from models.tables import account, case, case_item, contact, evidence, message, metadata
from tests.fakes import formal
from tests.fakes.world import KEY, World

SECRET = "xylophonium"
DESPAIR = "I cannot go on any more, tonight I am going to take all my tablets and end my life"


@pytest.fixture
def world(tmp_path):
    made = World(f"sqlite:///{tmp_path / 'erase.sqlite3'}")
    first = replace(
        made.message("1", f"{DESPAIR} {SECRET}"), author=Author(f"{SECRET}@x", f"{SECRET} name"), subject=SECRET
    )
    made.put(first, made.message("2", DESPAIR, author="other"))
    made.act()
    with writing(made.engine) as database:
        number = _case_of(database, 1)
        notes.add(database, number, "nia", f"a note on {SECRET}", made.clock())
        claims.hand_over(database, KEY, number, "nia", made.clock())
    made.judge(VerdictKind.DELIVER, case_id=number)
    made.act()
    yield made
    made.engine.dispose()


def _case_of(database, message_id):
    return database.execute(select(case_item.c.case_id).where(case_item.c.message_id == message_id)).scalar_one()


def places_of(database, word):
    """Return each table and column that holds `word`, those of the search index and the words it knows too."""
    found = []
    for table in inspect(database).get_table_names():
        for column in inspect(database).get_columns(table):
            hit = f'SELECT count(*) FROM "{table}" WHERE instr(lower(CAST("{column["name"]}" AS BLOB)), :word)'
            if database.execute(text(hit), {"word": word.encode()}).scalar():
                found.append(f"{table}.{column['name']}")
    return found


def test_a_person_goes_with_every_word_and_the_search_forgets_them(world):
    with reading(world.engine) as database:
        contact_id = database.execute(select(message.c.contact_id).where(message.c.id == 1)).scalar_one()
        number = _case_of(database, 1)
        before = places_of(database, SECRET)
        assert {"message.own_text", "account.address", "contact.name", "case_note.text"} <= set(before)
        assert any(place.startswith("message_search") for place in before)
        assert queue.queue(database, QueueFilter(state="any", words=SECRET), 5, 0)[1] == 1
    with writing(world.engine) as database:
        assert erasure.erase_contact(database, contact_id) == 1
        erasure.scrub(database)
    with reading(world.engine) as database:
        assert places_of(database, SECRET) == []
        assert queue.queue(database, QueueFilter(state="any", words=SECRET), 5, 0) == ([], 0)
        for table in (case_facet, case_note):
            assert database.execute(select(func.count()).where(table.c.case_id == number)).scalar_one() == 0
        for table in (handed_over, account):
            assert database.execute(select(func.count()).where(table.c.contact_id == contact_id)).scalar_one() == 0
        assert database.execute(select(func.count()).select_from(evidence)).scalar_one() >= 1
        assert database.execute(text("PRAGMA foreign_key_check")).all() == []
    with writing(world.engine) as database:
        database.execute(text("INSERT INTO message_search(message_search) VALUES ('integrity-check')"))


def test_nothing_points_to_what_was_erased_in_any_table_there_is(world):
    with reading(world.engine) as database:
        contact_id = database.execute(select(message.c.contact_id).where(message.c.id == 1)).scalar_one()
    with writing(world.engine) as database:
        erasure.erase_contact(database, contact_id)
        for table in metadata.sorted_tables:
            for column in table.c:
                to = {key.column for key in column.foreign_keys}
                if message.c.id in to:
                    assert not database.execute(select(func.count()).where(column == 1)).scalar_one(), column
                if contact.c.id in to:
                    assert not database.execute(select(func.count()).where(column == contact_id)).scalar_one(), column


def test_a_case_that_keeps_other_messages_stays_and_is_found_by_them_alone(world):
    with writing(world.engine) as database:
        kept, gone = _case_of(database, 2), _case_of(database, 1)
        database.execute(case_item.update().where(case_item.c.message_id == 1).values(case_id=kept))
        database.execute(case.update().where(case.c.id.in_([kept, gone])).values(state="closed"))
        database.execute(case_facet.insert().values(case_id=kept, kind="label", value="only of the first"))
        erasure.erase_messages(database, [1])
        rest = database.execute(select(case_facet.c.kind, case_facet.c.value).where(case_facet.c.case_id == kept)).all()
        assert ("channel", "x") in [tuple(row) for row in rest]
        assert "only of the first" not in [row.value for row in rest]
        other = database.execute(select(message.c.contact_id).where(message.c.id == 2)).scalar_one()
        assert database.execute(select(case.c.contact_id).where(case.c.id == kept)).scalar_one() == other


def test_what_waits_what_is_held_and_what_a_file_rests_on_is_not_erased(world):
    with reading(world.engine) as database:
        second = _case_of(database, 2)
    with pytest.raises(NotErasable) as refused, writing(world.engine) as database:
        erasure.erase_messages(database, [2])
    assert refused.value.why == "open"
    world.judge(VerdictKind.ENFORCE, [Action.HIDE], case_id=second)
    world.act()
    with pytest.raises(NotErasable) as refused, writing(world.engine) as database:
        erasure.erase_messages(database, [2])
    assert refused.value.why == "held", "a hold that the store forgets can never be lifted"
    with writing(world.engine) as database:
        about = database.execute(select(message.c.contact_id).where(message.c.id == 1)).scalar_one()
        found = {"contact_id": about, "org": "psow", "at": world.clock(), "state": "upheld", "message_id": 1}
        database.execute(incident.insert().values(**found, detail=dumped(formal.incident(0, world.clock()))))
    for erase in (lambda d: erasure.erase_messages(d, [1]), lambda d: erasure.erase_contact(d, about)):
        with pytest.raises(NotErasable) as refused, writing(world.engine) as database:
            erase(database)
        assert refused.value.why == "formal"
    with reading(world.engine) as database:
        assert places_of(database, SECRET)
