"""Whole journeys by keyboard alone: measures proposed, approved, written and appealed against; the rota; one verdict on many."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from models.policy.loader import builtin_pack
from models.session import writing
from models.store import people
from models.store.formal import offices
from review_queue import auth
from review_queue.i18n import utc_now
from tests.review_queue.browser import chromium
from tests.review_queue.conftest import NAME, PASSWORD
from tests.review_queue.full_site import KEY, SECOND, full_site
from tests.review_queue.keyboard import Keys

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OFFICER = "ifan"


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    """The site, and a page for each person: two who may decide, and an officer of the lowest grade who may only propose."""
    with full_site(tmp_path_factory.mktemp("keyboard"), appealed=False) as site, chromium() as browser:
        world = site.desks[NAME].world
        with writing(world.engine) as database:
            words = auth._hasher.hash(PASSWORD)
            people.add(database, OFFICER, words, "reviewer", "en", must_change=False, now=utc_now())
            offices.appoint(database, KEY, OFFICER, builtin_pack("psow"), "staff", "root", utc_now())
        site.admit(OFFICER)
        yield site, {name: site.enter(browser, name).new_page() for name in (NAME, SECOND, OFFICER)}


@contextmanager
def hand(rooms, name, path="/today"):
    """Give the keyboard of one person, at a page; at the end the focus must have shown at every step."""
    site, pages = rooms
    pages[name].goto(f"{site.address}{path}")
    keys = Keys(pages[name])
    yield keys
    assert keys.unseen == []


def says(keys, words):
    return words in keys.page.inner_text("main")


def recorded(keys):
    assert keys.page.locator(".govuk-panel--confirmation").count(), keys.page.inner_text("main")


def test_an_officer_proposes_a_warning_another_takes_it_and_the_letter_goes(rooms):
    site, _ = rooms
    with hand(rooms, OFFICER, site.pages["case-thread"]) as keys:
        keys.go("#verdict a[href*='/warn']")
        message = keys.page.locator("input[name=incidents]").first.get_attribute("value")
        replies = {"incidents": message, "clauses": "psow/2.2.a", "what": "called us names", "why": "Please stop.", "written": "yes", "policy": "yes"}  # fmt: skip
        keys.answer(replies)
        assert says(keys, "it goes there as a proposal")
        keys.go("button[value=confirm]")
        recorded(keys)
    with hand(rooms, SECOND) as keys:
        keys.go(".moj-primary-navigation a[href='/formal']")
        keys.go("main a[href*='/proposal']")
        keys.answer({"verdict": "take"})
        keys.go("button[value=confirm]")
        recorded(keys)
        keys.go("main a[href^='/letters/']")
        for language in ("cy", "en"):
            keys.go(f"main a[href$='/edit/{language}']")
            keys.go("main button.govuk-button")
        keys.write("#address", "12 Ffordd y Môr")
        keys.page.keyboard.press("Enter")
        keys.page.keyboard.type("SY23 1AA")
        keys.go("button[value=address]")
        keys.go("button[value=approve]")
        assert says(keys, "approved by mair")
        keys.choose("way", "post")
        keys.go("main form:has(input[value=send]) button")
        assert says(keys, "it has gone")


def test_an_incident_by_telephone_is_entered(rooms):
    site, _ = rooms
    with hand(rooms, OFFICER, site.pages["file"]) as keys:
        keys.go("main a[href$='/incident']")
        keys.go("button[value=next]")
        assert keys.page.is_visible(".govuk-error-summary")
        keys.go_to(".govuk-error-summary a")
        assert keys.page.evaluate("document.activeElement.name") == "channel", "the link of an error leads to its field"
        keys.answer(
            {
                "channel": "telephone", "day": "2026-03-05", "time": "10:30", "what": "shouted at Elin", "clauses": "psow/2.2.h",
                "ended": "warned", "danger": "no", "staff": "Elin", "manager": "tm", "apart": "yes",
            }
        )  # fmt: skip
        assert says(keys, "shouted at Elin")
        keys.go("main button[value='change:what']")
        keys.write("textarea", " and at Nia")
        keys.go("button[value=next]")
        keys.go("button[value=confirm]")
        recorded(keys)


def test_an_appeal_is_entered_and_decided_by_somebody_not_involved(rooms):
    site, _ = rooms
    with hand(rooms, OFFICER, site.pages["file"]) as keys:
        keys.go("main a[href*='/appeal?']")
        keys.answer({"day": utc_now().date().isoformat(), "grounds": "It was not me."})
        keys.go("button[value=confirm]")
        recorded(keys)
    with hand(rooms, NAME, site.pages["file"]) as keys:
        keys.go("main a[href*='/hear?']")
        keys.answer({"outcome": "dismissed", "why": "It was right."})
        assert says(keys, f"{NAME} took part"), "who decided does not hear the appeal"
        assert not keys.page.locator("button[value=confirm]").count()
    with hand(rooms, SECOND, site.pages["file"]) as keys:
        keys.go("main a[href*='/hear?']")
        keys.answer({"outcome": "dismissed", "why": "It was heard and is right."})
        keys.go("button[value=confirm]")
        recorded(keys)


def test_a_restriction_is_reviewed_goes_on_and_ends(rooms):
    site, _ = rooms
    with hand(rooms, SECOND, site.pages["file"]) as keys:
        keys.go("main a[href*='/review?']")
        next_one = utc_now().date() + timedelta(days=60)
        keys.answer(
            {
                "outcome": "continue",
                "why": "No change.",
                "circumstances": "A hearing aid.",
                "next": next_one.isoformat(),
            }
        )
        keys.go("button[value=confirm]")
        recorded(keys)
        keys.go("main a[href='/formal/psow/1']")
        keys.go("main a[href*='/review?']")
        keys.answer({"outcome": "end", "why": "It has been quiet."})
        keys.go("button[value=confirm]")
        recorded(keys)


def test_an_urgent_case_is_taken_up_from_the_rota(rooms):
    with hand(rooms, NAME) as keys:
        keys.go(".moj-primary-navigation a[href='/']")
        keys.go(".moj-sub-navigation a[href='/rota']")
        keys.go("main form[action$='/acknowledge'] button")
        assert says(keys, "nobody else is called")


def test_one_verdict_on_many_is_proposed_and_approved_by_another(rooms):
    with hand(rooms, NAME, "/?channel=email") as keys:
        keys.go("main a[href^='/bulk/new']")
        keys.go("main form[method=get] button")
        keys.write("#why", "They are all of one kind.")
        keys.go("main form[method=post] button")
        assert says(keys, "another person agrees")
        there = keys.page.url.split("?")[0]
    with hand(rooms, SECOND) as keys:
        keys.go(".moj-primary-navigation a[href='/']")
        keys.go(".moj-sub-navigation a[href='/bulk']")
        keys.go(f"main a[href='{there[there.index('/bulk') :]}']")
        keys.go("main form[action$='/approve'] button")
        assert says(keys, "Approved")


def test_the_focus_is_not_lost_when_the_next_card_is_shown_at_once(rooms):
    with hand(rooms, OFFICER, "/?channel=x") as keys:
        keys.go("[data-case] a")
        first = keys.page.url
        keys.page.wait_for_function("document.querySelector('[data-card]').dataset.ahead !== ''")
        keys.reach("#verdict button[value=no_action]")
        keys.page.keyboard.press("Enter")
        keys.page.wait_for_function("first => location.href !== first", arg=first)
        assert keys.page.evaluate("document.activeElement.id") == "main", "reading begins at the new card"
        keys.page.keyboard.press("Tab")
        assert keys.page.evaluate("document.getElementById('main').contains(document.activeElement)")
