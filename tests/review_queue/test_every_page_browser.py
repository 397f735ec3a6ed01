"""Every page in a real Chromium, in both languages: no barrier in light or dark, nothing lost at 400 %, nothing that moves."""

import re
from contextlib import contextmanager

import pytest

from tests.review_queue.access_table import TABLE
from tests.review_queue.answers import answers
from tests.review_queue.barriers import NARROW, barriers, moving, sideways
from tests.review_queue.browser import chromium
from tests.review_queue.full_site import full_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDE = {"width": 1280, "height": 900}
NO_PAGES = frozenset(
    {
        "/calendar/{secret}.ics", "/case/{case_id}/note.txt", "/document/{org}/{contact_id}/{kind}/{number}.{ending}", "/events", "/health",
        "/insights/{name}.csv", "/insights/{name}.svg", "/language/{language}", "/letters/{org}/{number}/letter.{form}",
        "/message/{message_id}/html", "/message/{message_id}/raw", "/quarantine/file.csv", "/sign-in/code", "/sign-in/single",
        "/sign-in/single/back", "/statement/{org}/statement.html", "/statement/{org}/statement.txt", "/year/{org}/{name}",
    }
)  # fmt: skip
"""What is asked for by GET and is no page of its own: files, a stream, a way to elsewhere, what others have written."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with full_site(tmp_path_factory.mktemp("pages")) as site, chromium() as browser:
        yield site, site.enter(browser).new_page()


@contextmanager
def shown(page, site, language):
    """Yield how to open a page by its name: one that is asked for, or the answer to a form."""
    given = answers(site, language)

    def fulfil(route):
        route.fulfill(body=given[route.request.url.rpartition("/")[2]], content_type="text/html; charset=utf-8")

    page.route("**/answer/*", fulfil)
    page.goto(f"{site.address}/language/{language}?back=/help")
    yield site.pages | {name: f"/answer/{name}" for name in given}
    page.unroute("**/answer/*")


def test_every_page_of_the_application_is_visited(place):
    site, _ = place
    visited = [address.split("?")[0] for address in (*site.pages.values(), "/sign-in")]
    for method, path in TABLE:
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        found = any(re.fullmatch(pattern, address) for address in visited)
        assert method != "GET" or path in NO_PAGES or found, f"{path} is missing in full_site.py"


@pytest.mark.parametrize("language", ["en", "cy"])
def test_no_page_has_a_barrier(place, language):
    site, page = place
    wrong = []
    with shown(page, site, language) as pages:
        for name, path in pages.items():
            page.emulate_media(color_scheme="light", reduced_motion="no-preference")
            page.set_viewport_size(WIDE)
            page.goto(f"{site.address}{path}")
            found = barriers(page) + sideways(page)
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            page.set_viewport_size(NARROW)
            found += [("dark", *entry) for entry in barriers(page, ("color-contrast", "scrollable-region-focusable"))]
            found += moving(page) + sideways(page)
            if page.get_attribute("html", "lang") != language:
                found.append(("lang", page.get_attribute("html", "lang")))
            wrong += [(name, *entry) for entry in found]
    assert wrong == [], "\n".join(map(str, wrong))
