"""The pages of letters: read, changed and approved by those who may, given as PDF and Word, hostile words only text."""

import io
import re
from html import unescape

import pypdf
import pytest
from sqlalchemy import select, update

from models.engine_tables import dispatch
from models.formal_tables import letter_wanted
from models.session import reading, writing
from models.store.formal import sealed
from models.tables import account, enforcement, message
from tests.review_queue.conftest import HOSTILE
from tests.review_queue.test_formal_pages import KEY, appoint, confirm, report, rows, uphold, walk


def warned(desk, why="Please stop."):
    appoint(desk, "hopsc")
    number = report(desk)
    uphold(desk, number)
    path = "/formal/psow/1/warn"
    replies = {"incidents": [str(number)], "why": why, "written": "yes", "policy": "yes"}
    assert confirm(desk.client, path, walk(desk.client, path, replies)).status_code == 200
    return rows(desk, select(letter_wanted.c.id).order_by(letter_wanted.c.id.desc()))[0].id


def post(desk, path, **values):
    return desk.client.post(path, data={"csrf": desk.csrf()} | values)


def save(desk, path, language, **changes):
    """Save the words of one language as the page gives them, with some changed."""
    html = desk.client.get(f"{path}/edit/{language}").text
    found = re.findall(r'<textarea[^>]*name="(block\.[^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    given = {unescape(name): unescape(text) for name, text in found} | {f"block.{k}": v for k, v in changes.items()}
    return desk.client.post(f"{path}/edit/{language}", data={"csrf": desk.csrf()} | given)


def ready(desk, why="Please stop."):
    number = warned(desk, why)
    path = f"/letters/psow/{number}"
    for language in ("cy", "en"):
        assert save(desk, path, language).status_code == 303
    return number, path


def test_a_letter_is_read_over_approved_and_posted_and_the_step_is_complete(desk):
    number = warned(desk)
    path = f"/letters/psow/{number}"
    assert f'href="{path}"' in desk.client.get("/letters").text
    assert "not complete" in desk.client.get("/formal/psow/1").text
    page = desk.client.get(path).text
    assert 'lang="cy"' in page
    assert page.index('<article lang="cy">') < page.index('<article lang="en">'), "Welsh is not second"
    refused = post(desk, path, step="approve")
    assert refused.status_code == 422
    assert "must be read over" in refused.text
    for language in ("cy", "en"):
        assert save(desk, path, language, why=f"Reason {language}.").status_code == 303
    assert post(desk, path, step="approve").status_code == 303
    assert post(desk, path, step="send", way="post").status_code == 422, "there is no address yet"
    assert post(desk, path, step="withdraw").status_code == 303
    assert post(desk, path, step="address", name="Gwen", address="12 Ffordd y Môr\nSY23 1AA").status_code == 303
    assert post(desk, path, step="approve").status_code == 303
    assert post(desk, path, step="send", way="post").status_code == 303
    assert "complete" in desk.client.get(path).text
    assert "not complete" not in desk.client.get("/formal/psow/1").text
    assert f'href="{path}"' in desk.client.get("/formal/psow/1").text, "it stays on the person's file"
    body = desk.client.get(f"{path}/letter.pdf").content
    read = "".join(found.extract_text() for found in pypdf.PdfReader(io.BytesIO(body)).pages)
    assert "Reason cy." in read
    assert "12 Ffordd y Môr" in read
    with reading(desk.world.engine) as database:
        assert sealed.altered(database, KEY) == []


def test_words_that_the_policy_demands_are_not_edited_away(desk):
    number = warned(desk)
    path = f"/letters/psow/{number}"
    answer = save(desk, path, "en", consequences="", **{"consequences.list": ""}, why="Mine.")
    assert answer.status_code == 422
    assert "what may follow" in answer.text
    assert "Mine.</textarea>" in answer.text, "what was typed is not lost"
    desk.client.get("/language/cy")
    assert "yr hyn a allai ddilyn" in save(desk, path, "en", consequences="", **{"consequences.list": ""}).text


def test_letters_are_for_those_who_hold_a_role(desk):
    number = warned(desk)
    path = f"/letters/psow/{number}"
    assert desk.client.get(f"/letters/adra/{number}").status_code == 403
    assert desk.client.get("/letters/psow/999").status_code == 404
    assert desk.client.get("/letters/nowhere/1").status_code == 404
    assert desk.client.get(f"{path}/edit/fr").status_code == 404
    assert desk.client.get(f"{path}/letter.exe").status_code == 404
    appoint(desk, "staff")
    assert desk.client.get(path).status_code == 200
    for language in ("cy", "en"):
        save(desk, path, language)
    answer = post(desk, path, step="approve")
    assert answer.status_code == 422
    assert "Team Manager" in answer.text
    desk.client.cookies.delete("porthor_session")
    for closed in ("/letters", path, f"{path}/letter.pdf", f"{path}/edit/en"):
        assert desk.client.get(closed).headers["location"] == "/sign-in"


def test_without_a_role_there_is_no_list(desk):
    assert desk.client.get("/letters").status_code == 403
    assert desk.client.get("/letters/psow/1").status_code == 403


@pytest.mark.parametrize("step", ["address", "approve", "withdraw", "send", "went", "did_not_go"])
def test_a_form_without_its_token_changes_nothing(desk, step):
    number, path = ready(desk)
    assert desk.client.post(path, data={"csrf": "forged", "step": step, "way": "post"}).status_code == 403
    assert desk.client.post(f"{path}/edit/en", data={"csrf": "forged"}).status_code == 403
    assert rows(desk, select(letter_wanted.c.sent_at).where(letter_wanted.c.id == number))[0].sent_at is None


def test_mail_goes_to_the_bot_where_the_settings_allow_it(desk):
    _, path = ready(desk)
    post(desk, path, step="approve")
    assert post(desk, path, step="send", way="email", recipient="evil@example.org").status_code == 422
    desk.client.app.state.page.letter_ways = ("email", "post")
    with writing(desk.world.engine) as database:
        mail = database.execute(select(message).where(message.c.channel == "email")).first()
        database.execute(update(account).where(account.c.address == mail.author).values(contact_id=1, platform="email"))
    assert mail.author in desk.client.get(path).text
    assert post(desk, path, step="send", way="email", recipient="other@example.org").status_code == 422
    assert post(desk, path, step="send", way="email", recipient=mail.author).status_code == 303
    (row,) = rows(desk, select(dispatch).where(dispatch.c.kind == "letter"))
    assert (row.recipient, row.state) == (mail.author, "pending")
    assert "on its way" in desk.client.get(path).text


def test_hostile_words_are_only_text_and_the_files_are_downloads(desk):
    _, path = ready(desk, HOSTILE)
    for html in (desk.client.get(path).text, desk.client.get(f"{path}/edit/en").text):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "{{7*7}}" in html
    for form, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = desk.client.get(f"{path}/letter.{form}")
        assert answer.content.startswith(start)
        assert answer.headers["content-disposition"].startswith("attachment")


def test_a_message_is_returned_with_its_part_marked(desk):
    appoint(desk, "hopsc")
    with writing(desk.world.engine) as database:
        text = database.execute(select(message.c.id, message.c.own_text).where(message.c.contact_id == 1)).first()
    path = "/formal/psow/1/return"
    wrong = walk(desk.client, path, {"message": str(text.id), "words": "never said"})
    assert wrong.status_code == 422
    part = text.own_text[:8].strip()
    page = walk(desk.client, path, {"message": str(text.id), "words": part})
    assert confirm(desk.client, path, page).status_code == 200
    number = rows(desk, select(letter_wanted.c.id))[-1].id
    html = unescape(desk.client.get(f"/letters/psow/{number}").text)
    assert f"<mark>{part}</mark>" in html
    assert "end of marked part" in html
    assert "diwedd y rhan a farciwyd" in html
    assert post(desk, f"/letters/psow/{number}", step="approve").status_code == 303


def test_where_there_is_help_is_written_by_anybody(desk):
    appoint(desk, "staff")
    (found,) = rows(desk, select(message.c.id).where(message.c.contact_id == 1))[:1]
    path = "/formal/psow/1/signpost"
    assert confirm(desk.client, path, walk(desk.client, path, {"message": str(found.id)})).status_code == 200
    number = rows(desk, select(letter_wanted.c.id))[-1].id
    assert "116 123" in desk.client.get(f"/letters/psow/{number}").text
    assert post(desk, f"/letters/psow/{number}", step="approve").status_code == 303


def test_what_a_machine_held_is_told_with_what_the_law_gives(desk):
    appoint(desk, "hopsc")
    texts = {}
    for acted in (False, True):
        if acted:
            desk.world.act()
        held = select(enforcement.c.message_id).where(enforcement.c.verdict_id.is_(None))
        number = rows(desk, held.order_by(enforcement.c.id))[0].message_id
        found = rows(desk, select(message.c.contact_id, message.c.own_text).where(message.c.id == number))[0]
        path = f"/formal/psow/{found.contact_id}/return"
        page = walk(desk.client, path, {"message": str(number), "words": found.own_text[:6].strip()})
        assert confirm(desk.client, path, page).status_code == 200
        letter = rows(desk, select(letter_wanted.c.id))[-1].id
        texts[acted] = desk.client.get(f"/letters/psow/{letter}").text
    assert "computer program" not in texts[False], "nothing was carried out yet"
    assert "computer program" in texts[True]
    assert "ask for a person to look at it again" in texts[True]
    assert "rhaglen gyfrifiadurol" in texts[True]
