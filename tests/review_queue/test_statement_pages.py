"""The statement on the page and as files, the note of a case, and the search for a reference."""

import re

from models.domain import VerdictKind
from models.records.case_note import case_of, reference_of
from tests.review_queue.api_client import Api, key
from tests.review_queue.conftest import HOSTILE


def test_the_statement_is_shown_kept_and_copied_in_both_languages(desk):
    page = desk.client.get("/statement/psow").text
    assert page.index("Sut rydym yn cymedroli") < page.index("How we moderate")
    assert re.search(r'<button[^>]*data-copy="statement-text" hidden>', page), (
        "without script there is nothing to press"
    )
    html = desk.client.get("/statement/psow/statement.html")
    assert 'filename="psow.html"' in html.headers["content-disposition"]
    assert "sandbox" in html.headers["content-security-policy"]
    text = desk.client.get("/statement/psow/statement.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Lle mae'n sicr, caiff guddio sylw" in text.text, "this connection may act by itself"
    assert desk.client.get("/statement/nowhere").status_code == 404
    found = Api(desk, key(desk)).get("/organisations/psow/statement").json()
    assert found["text"] == text.text
    assert 'href="/statement/psow"' in desk.client.get("/policy/psow").text


def test_the_note_of_a_case_names_nobody_and_holds_no_word(desk):
    desk.world.act()
    for case_id in (1, 3):
        note = desk.client.get(f"/case/{case_id}/note.txt")
        assert f'filename="PORTHOR-PSOW-{case_id}.txt"' in note.headers["content-disposition"]
        assert note.text.count("\n") > 8
        assert "psow/" in note.text
        for secret in (HOSTILE, "<script", "scum", "cunts", "somebody", "evil@example.org"):
            assert secret not in note.text
    before = desk.client.get("/case/1/note.txt").text
    assert "waits for a decision" in before
    assert "In force: hidden, lifts itself unless confirmed by" in before
    desk.world.judge(VerdictKind.DELIVER)
    desk.world.act()
    after = desk.client.get("/case/1/note.txt").text
    assert "Decided by a person: delivered" in after
    assert "In force" not in after
    assert "nia" not in after
    found = Api(desk, key(desk)).get("/cases/1/note").json()
    assert (found["reference"], found["text"]["en"]) == ("PORTHOR-PSOW-1", after)
    desk.client.get("/language/cy")
    assert desk.client.get("/case/1/note.txt").text == found["text"]["cy"]
    assert "Penderfynwyd gan berson: danfonwyd" in found["text"]["cy"]


def test_the_card_offers_the_note(desk):
    page = desk.client.get("/case/1").text
    assert 'href="/case/1/note.txt"' in page
    assert "PORTHOR-PSOW-1" in page
    assert re.search(r'<textarea[^>]*id="case-note-text"[^>]*readonly>', page)


def test_a_reference_is_found_by_the_search(desk):
    assert desk.client.get("/", params={"words": " porthor-psow-0001 "}).headers["location"] == "/case/1"
    assert desk.client.get("/", params={"words": "porthor psow"}).status_code == 200
    assert case_of(reference_of("psow", 17)) == 17
    assert case_of("PORTHOR-PSOW-") is None
    assert case_of("x PORTHOR-PSOW-1") is None
