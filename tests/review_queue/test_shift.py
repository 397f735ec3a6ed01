"""A shift in a real Chromium: a hundred mixed cases cleared by keyboard, each effect verified at its platform, three undone."""

import re
import time

import pytest
from sqlalchemy import select

from models.session import reading
from models.store import queue as queues
from models.tables import case, case_item, message, verdict
from tests.review_queue.barriers import barriers
from tests.review_queue.browser import chromium
from tests.review_queue.shift import NEWS, REVIEWERS, shift, sign_in

INTERACTIONS_AT_MOST = 300
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with shift(tmp_path_factory.mktemp("shift")) as found, chromium() as browser:
        yield found, browser


class Hands:
    """Presses keys and counts them, each on a page that has come whole: half a page does not hear them."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def press(self, key):
        self.count += 1
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)


def card_of(page):
    node = page.query_selector("[data-card]")
    return None if node is None else int(node.get_attribute("data-card"))


def until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert condition()


def hidden(ledger):
    return {key for effect, key in ledger.in_force if effect in {"hide", "quarantine"}}


def state_of(found, number):
    with reading(found.service.engine) as database:
        return database.execute(select(case.c.state).where(case.c.id == number)).scalar()


def key_for(page):
    """Return what an experienced reviewer would press, from what the card shows."""
    if page.query_selector(".govuk-warning-text"):
        return "s"
    if "friend17" in page.inner_text("h1"):
        return "d"
    keys = {node.get_attribute("data-key") for node in page.query_selector_all("#verdict [data-key]")}
    return "q" if "q" in keys else "h"


def test_two_reviewers_at_one_case_give_one_verdict_and_the_slower_is_told_kindly(place):
    found, browser = place
    pages = []
    for name in REVIEWERS:
        page = browser.new_context().new_page()
        sign_in(page, found.address, name)
        page.goto(f"{found.address}/?words=poster5&channel=x&org=psow")
        pages.append(page)
    nia, ifan = pages
    target = f"{found.address}{nia.query_selector_all('[data-case] a')[-1].get_attribute('href')}"
    nia.goto(target)
    number = card_of(nia)
    until(lambda: ifan.locator(f'[data-case="{number}"] [data-held]').is_visible())
    assert "nia" in ifan.inner_text(f'[data-case="{number}"]')
    ifan.goto(target)
    assert "nia" in ifan.inner_text(".moj-alert--warning")
    nia.keyboard.press("d")
    until(lambda: card_of(nia) != number)
    until(lambda: state_of(found, number) == "closed")
    ifan.keyboard.press("h")
    ifan.wait_for_selector("text=nia decided this case a moment before you")
    with reading(found.service.engine) as database:
        said = database.execute(select(verdict.c.by, verdict.c.kind).where(verdict.c.case_id == number)).all()
    assert [tuple(row) for row in said] == [("nia", "deliver")]
    for page in pages:
        page.context.close()


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_queue_has_a_barrier(place, language, scheme):
    found, browser = place
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, found.address)
    page.goto(f"{found.address}/language/{language}?back=/")
    first = [link.get_attribute("href") for link in page.query_selector_all("[data-case] a")]
    page.goto(f"{found.address}/?words=library")
    campaign = page.query_selector("[data-case] a").get_attribute("href")
    page.goto(f"{found.address}/?words=complaint&channel=email")
    mail = page.query_selector("[data-case] a").get_attribute("href")
    page.goto(f"{found.address}{mail}")
    layout = page.get_attribute("a[href$='/layout']", "href")
    for path in (
        "/?channel=x&lang=cy",
        "/?words=nothingatall",
        "/help",
        first[0],
        f"{first[3]}?shown=1",
        campaign,
        mail,
        layout,
    ):
        page.goto(f"{found.address}{path}")
        page.evaluate("document.querySelectorAll('main details').forEach((node) => node.setAttribute('open', ''))")
        assert barriers(page) == [], path
        assert page.get_attribute("html", "lang") == language
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} sideways at 400 %"
        page.set_viewport_size({"width": 1280, "height": 900})
    context.close()


def test_everything_works_without_javascript(place):
    found, browser = place
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, found.address)
    page.goto(f"{found.address}/?words=poster7&channel=x")
    page.click("[data-case] a")
    number = card_of(page)
    page.click("#verdict button[value=deliver]")
    assert state_of(found, number) == "closed"
    page.goto(f"{found.address}/case/{number}")
    page.click("#verdict button[value=undo]")
    assert state_of(found, number) == "open"
    context.close()


def test_a_hundred_mixed_cases_are_cleared_by_keyboard_and_three_undone(place):
    found, browser = place
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(page, found.address)
    hands = Hands(page)
    with reading(found.service.engine) as database:
        waiting = queues.counts(database)["open"]
    assert waiting >= 100
    hands.press("j")
    hands.press("Enter")
    page.wait_for_selector("[data-card]", state="attached")
    decided = {}
    while (number := card_of(page)) is not None:
        assert number not in decided, "a case that was decided came again"
        key = key_for(page)
        decided[number] = key
        hands.press(key)
        page.wait_for_function("n => document.querySelector('[data-card]')?.dataset.card !== String(n)", arg=number)
        page.wait_for_timeout(30)
    assert len(decided) >= 100
    assert hands.count <= INTERACTIONS_AT_MOST
    with reading(found.service.engine) as database:
        left = queues.counts(database)
    assert left["open"] == 0
    assert "d" in decided.values(), "the campaign's letter with something new in it came by itself"
    _look_at_the_platforms(found)
    _undo_three(page, found, decided)
    page.context.close()


def _look_at_the_platforms(found):
    """Every insult is held, the campaign with it; nothing that was escalated or delivered is."""
    insults = {entry["key"] for entry in found.mails.items}
    until(lambda: hidden(found.mails) == insults)
    campaign = {entry["key"] for entry in found.posts.items if entry["author"].startswith("friend")}
    fresh = {entry["key"] for entry in found.posts.items if NEWS.strip() in entry["text"]}
    until(lambda: campaign - fresh <= hidden(found.posts))
    assert not fresh & hidden(found.posts)
    urgent = {e["key"] for e in found.posts.items if e["author"] == "alone" or e["author"].startswith("angry")}
    assert not urgent & hidden(found.posts)
    assert not found.posts.redundant
    assert not found.mails.redundant


def _undo_three(page, found, decided):
    """Undo a post, a mail and a mail of a folder: each effect is taken back at its platform and read back."""
    with reading(found.service.engine) as database:
        query = (
            select(message.c.connection_id, message.c.native_id, case_item.c.case_id)
            .join(message, message.c.id == case_item.c.message_id)
            .where(case_item.c.case_id.in_([n for n, key in decided.items() if key in {"q", "h"}]))
        )
        chosen = {row.connection_id: (row.case_id, row.native_id) for row in database.execute(query) if alone(row)}
    assert set(chosen) == {"posts", "mails", "laid-out"}
    for number, _ in chosen.values():
        page.goto(f"{found.address}/case/{number}")
        page.keyboard.press("u")
        page.wait_for_selector('[data-open="1"]', state="attached")
        until(lambda: page.reload() and re.search("undone · read back", page.inner_text("main")))
    for name, ledger in (("posts", found.posts), ("mails", found.mails)):
        assert chosen[name][1] not in hidden(ledger)
    assert queue_size(found) == 3


def alone(row):
    """True for an item that is the only one of its case here: neither of the campaign nor of the chain."""
    return row.connection_id == "laid-out" or int(row.native_id[1:]) >= {"posts": 40, "mails": 5}[row.connection_id]


def queue_size(found):
    with reading(found.service.engine) as database:
        return queues.counts(database)["open"]
