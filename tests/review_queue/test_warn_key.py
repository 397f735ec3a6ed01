"""The warn key of a card: from the case to a warning and the letter of it, which names the case, and back."""

import re

from sqlalchemy import select, update

from models.formal_tables import incident, letter_wanted, measure
from models.session import writing
from models.tables import case, message
from tests.fakes.world import INNOCENT
from tests.review_queue.test_formal_pages import appoint, confirm, rows, walk

RUDE = "You useless fucking cunts, you are worthless scum, mend the bridge in Rhyl"


def warn_path(desk, number):
    page = desk.client.get(f"/case/{number}").text
    found = re.search(r'href="(/formal/[^"]+/warn\?about=\d+)" data-key="w"', page)
    return found.group(1)


def one(desk, text, author):
    desk.world.put(desk.world.message(f"k-{author}", text, author=author), cursor=author)
    row = desk.world.every(select(message).where(message.c.native_id == f"k-{author}"))[0]
    found = desk.world.every(select(case).where(case.c.contact_id == row.contact_id))
    return row, found[0].id if found else None


def test_the_key_leads_from_the_case_to_a_letter_that_names_it_and_back(desk):
    appoint(desk, "hopsc")
    row, number = one(desk, RUDE, "rhys")
    (open_one,) = rows(desk, select(incident).where(incident.c.message_id == row.id))
    path = warn_path(desk, number)
    first = desk.client.get(path).text
    assert f'value="case.{open_one.id}" checked' in first, "what the key was pressed for"
    replies = {"incidents": [f"case.{open_one.id}"], "why": "please stop", "written": "yes", "policy": "yes"}
    replies |= {"police": "not", "police_note": "nobody was in danger"}
    page = walk(desk.client, path, replies)
    assert rows(desk, select(measure)) == [], "nothing is kept before it is confirmed"
    assert rows(desk, select(incident.c.state).where(incident.c.id == open_one.id)) == [("proposed",)]
    done = confirm(desk.client, path, page)
    assert done.status_code == 200
    assert rows(desk, select(incident.c.state).where(incident.c.id == open_one.id)) == [("upheld",)]
    (made,) = rows(desk, select(measure).where(measure.c.kind == "warning"))
    assert made.detail["incident_ids"] == [open_one.id]
    (letter,) = rows(desk, select(letter_wanted).where(letter_wanted.c.measure_id == made.id))
    assert f'href="/letters/psow/{letter.id}"' in done.text
    assert f'href="/case/{number}"' in done.text
    assert f'href="/case/{number}"' in desk.client.get(f"/letters/psow/{letter.id}").text
    card = desk.client.get(f"/case/{number}").text
    assert "A warning rests on this case" in card
    assert 'data-key="d"' in card, "the case still waits for its verdict"


def test_what_the_machine_made_no_incident_of_is_reported_with_the_warning(desk):
    appoint(desk, "hopsc")
    row, number = one(desk, RUDE, "mared")
    with writing(desk.world.engine) as database:
        database.execute(incident.delete().where(incident.c.message_id == row.id))
    path = warn_path(desk, number)
    replies = {"incidents": [f"message.{row.id}"], "clauses": ["psow/2.2.h"], "what": "insulted the whole team"}
    replies |= {"why": "please stop", "written": "yes", "policy": "yes"}
    page = walk(desk.client, path, replies)
    assert confirm(desk.client, path, page).status_code == 200
    (made,) = rows(desk, select(incident).where(incident.c.message_id == row.id))
    assert (made.state, made.detail["what"]) == ("upheld", "insulted the whole team")


def test_another_persons_case_an_unproven_origin_and_no_case_offer_nothing(desk):
    appoint(desk, "hopsc")
    mine, number = one(desk, RUDE, "gareth")
    other, theirs = one(desk, f"{RUDE} and the school", "sioned")
    path = f"/formal/psow/{mine.contact_id}/warn"
    assert 'value="case.' not in desk.client.get(f"{path}?about={theirs}").text
    assert 'value="case.' not in desk.client.get(path).text
    with writing(desk.world.engine) as database:
        database.execute(update(message).where(message.c.id == mine.id).values(verified=False))
    assert 'value="case.' not in desk.client.get(f"{path}?about={number}").text
    forged = {"incidents": [f"case.{other.id}"], "why": "x", "written": "yes", "policy": "yes"}
    form = {"csrf": desk.csrf(), "at": "incidents", "go": "next", "about": str(number), **forged}
    assert desk.client.post(path, data=form).status_code == 422, "not among the choices"


def test_without_a_role_the_key_explains_and_an_innocent_message_has_no_case(desk):
    _, number = one(desk, RUDE, "owain")
    assert desk.client.get(warn_path(desk, number)).status_code == 403
    assert one(desk, INNOCENT, "lowri")[1] is None
