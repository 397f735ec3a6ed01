"""Claims: a card never waits for who writes, and whoever comes late is told who holds it."""

from models.session import reading, writing
from models.store import reviewers
from models.tables import case
from review_queue.i18n import utc_now
from tests.review_queue.conftest import NAME
from tests.review_queue.test_access import csrf, enter
from tests.review_queue.test_casework import post, rows


def test_a_card_does_not_wait_for_a_writer_and_is_claimed_and_counted_a_moment_later(desk):
    with writing(desk.world.engine):
        page = desk.client.get("/case/1")
        assert page.status_code == 200
        assert 'data-claimed=""' in page.text
    assert rows(desk, case.c.claimed_by)[0].claimed_by is None
    for _ in range(2):
        assert post(desk, "/case/1/claim").status_code == 204
    assert rows(desk, case.c.claimed_by)[0].claimed_by == NAME
    with reading(desk.world.engine) as database:
        assert reviewers.of(database, NAME, utc_now()).seen == 1, "a claim that is renewed counts once"
    assert 'data-claimed="1"' in desk.client.get("/case/1").text


def test_a_claim_that_comes_too_late_says_who_holds_the_case(desk):
    desk.client.get("/case/1")
    other = enter(desk, "ifan", "reviewer")
    answer = other.post("/case/1/claim", data={"csrf": csrf(other)})
    assert answer.status_code == 409
    assert f"<strong>{NAME}</strong>" in answer.text
