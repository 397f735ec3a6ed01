"""The pages of letters in a real Chromium: no barrier in either language, and nothing runs off a narrow screen."""

from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from models.session import writing
from models.store import people
from review_queue import auth
from review_queue.app import Keys, create_app
from tests.fakes.world import World
from tests.review_queue.barriers import barriers
from tests.review_queue.browser import chromium
from tests.review_queue.conftest import NAME, PASSWORD, Desk, fill
from tests.review_queue.test_letter_pages import warned
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def letter_site(folder, browser):
    """Serve a small store with one warning's letter to write; yield a page that is signed in, and the letter's path."""
    world = World(f"sqlite:///{folder / 'page.sqlite3'}")
    fill(world)
    with writing(world.engine) as database:
        people.add(database, NAME, auth._hasher.hash(PASSWORD), "reviewer", "en", must_change=False, now=world.clock())
    app = create_app(world.engine, Keys(b"s" * 32, b"a" * 32, b"e" * 32), letter_ways=("email", "post", "notify"))
    with TestClient(app, follow_redirects=False) as client:
        client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
        number = warned(Desk(world, client))
    with served(app) as address:
        shown = browser.new_context(
            viewport={"width": 1280, "height": 900}, bypass_csp=True, base_url=address
        ).new_page()
        shown.goto("/sign-in")
        shown.fill("#name", NAME)
        shown.fill("#password", PASSWORD)
        shown.click("main button")
        yield shown, f"/letters/psow/{number}"
    world.engine.dispose()


@pytest.fixture
def page(tmp_path):
    with chromium() as browser, letter_site(tmp_path, browser) as found:
        yield found


def test_no_page_of_letters_has_a_barrier_from_reading_to_sending(page, tmp_path):
    shown, letter = page
    for language in ("en", "cy"):
        shown.goto(f"/language/{language}?back=/letters")
        for path in ("/letters", letter, f"{letter}/edit/cy"):
            shown.goto(path)
            assert barriers(shown) == [], path
            shown.screenshot(path=tmp_path / f"{path.rsplit('/', 1)[1]}-{language}.png", full_page=True)
    shown.goto(letter)
    shown.click("button[value=approve]")
    assert barriers(shown) == [], "refused: an officer's words were not read over"
    assert shown.is_visible(".govuk-error-summary")
    for language in ("cy", "en"):
        shown.goto(f"{letter}/edit/{language}")
        shown.fill("textarea >> nth=0", shown.input_value("textarea >> nth=0"))
        shown.click("main button.govuk-button")
    shown.fill("#address", "12 Ffordd y Môr\nSY23 1AA")
    shown.click("button[value=address]")
    shown.click("button[value=approve]")
    assert barriers(shown) == [], "approved"
    shown.set_viewport_size({"width": 390, "height": 844})
    for path in ("/letters", letter):
        shown.goto(path)
        assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    shown.check("#way-post")
    shown.click("text=/Anfon y llythyr|Send the letter/")
    assert barriers(shown) == [], "sent"
    assert "govuk-error-summary" not in shown.content()
