"""A shift by keyboard in a real Chromium over the whole bot, and no barrier on any page in either language."""

import os
import subprocess
import time

import pytest

from tests.review_queue.browser import ROOT, chromium, example_bot, sign_in

ADDRESS = "http://127.0.0.1:8123"
AXE = ROOT / "review_queue" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_cases(page):
    return int(page.inner_text(".porthor-counts li:nth-child(2) strong"))


def wait_for_open_cases(page, count):
    """Wait until the list, which follows the queue by itself, tells `count`: a verdict goes while the next card is shown."""
    page.goto(ADDRESS)
    page.wait_for_function(
        "count => document.querySelector('[data-count=open]').textContent === String(count)", arg=count
    )


def barriers(page):
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [(entry["id"], [node["html"][:120] for node in entry["nodes"]][:3]) for entry in found["violations"]]


def press(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def held(data_dir):
    return {path.parent.name for path in (data_dir / "connections").glob("*/*/*.json")}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("browser")
    with example_bot(data_dir, 8123) as password, chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True).new_page()
        sign_in(page, ADDRESS, password)
        yield page, data_dir


def test_a_case_is_opened_decided_and_undone_by_keyboard(desk):
    page, data_dir = desk
    page.goto(ADDRESS)
    before = open_cases(page)
    page.keyboard.press("j")
    press(page, "Enter")
    first = page.url
    press(page, "d")
    page.wait_for_selector("text=See the case you just decided")
    wait_for_open_cases(page, before - 1)
    page.goto(first)
    press(page, "u")
    wait_for_open_cases(page, before)
    assert held(data_dir)


def test_enforcing_by_key_is_carried_out_and_read_back(desk):
    page, data_dir = desk
    page.goto(f"{ADDRESS}/?channel=x&handling=review")
    page.keyboard.press("j")
    press(page, "Enter")
    card = page.url
    press(page, "h")
    for _ in range(40):
        page.goto(card)
        if "read back" in page.inner_text("main"):
            break
        time.sleep(0.25)
    assert "read back" in page.inner_text("main")
    assert "hide" in held(data_dir)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_no_page_has_a_barrier(desk, language):
    page, _ = desk
    page.goto(f"{ADDRESS}/language/{language}?back=/")
    cases = [f"{ADDRESS}{link.get_attribute('href')}" for link in page.query_selector_all("[data-case] a")[:4]]
    for address in (f"{ADDRESS}/", f"{ADDRESS}/?state=escalated", *cases, f"{ADDRESS}/password", f"{ADDRESS}/nowhere"):
        page.goto(address)
        assert barriers(page) == [], address
        assert page.get_attribute("html", "lang") == language


def test_no_page_of_the_formal_side_has_a_barrier(desk):
    page, data_dir = desk
    page.goto(ADDRESS)
    page.goto(f"{ADDRESS}{page.get_attribute('[data-case] a', 'href')}")
    file = page.get_attribute("a[href^='/formal/']:not([href='/formal'])", "href")
    org = file.split("/")[2]
    roles = {"psow": "hopsc", "adra": "manager", "wrexham": "manager", "phso": "manager"}
    command = [ROOT / ".venv" / "bin" / "porthor", "roles", "give", "reviewer", org, roles[org]]
    subprocess.run(command, env={**os.environ, "DATA_DIR": str(data_dir)}, check=True, capture_output=True)
    for language in ("en", "cy"):
        page.goto(f"{ADDRESS}/language/{language}?back=/")
        for path in (
            "/formal",
            "/register",
            file,
            f"{file}/incident",
            f"{file}/restrict",
            f"{file}/record",
            f"{file}/need",
        ):
            page.goto(f"{ADDRESS}{path}")
            assert barriers(page) == [], path
        page.click("button[value=next]")
        assert barriers(page) == [], "a question with its error"
        assert page.is_visible(".govuk-error-summary")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{ADDRESS}{file}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "sideways"
        page.set_viewport_size({"width": 1280, "height": 900})


def test_narrow_pages_do_not_scroll_sideways(desk):
    page, _ = desk
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(ADDRESS)
    first = page.get_attribute("[data-case] a", "href")
    for path in ("/", first):
        page.goto(f"{ADDRESS}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.set_viewport_size({"width": 1280, "height": 900})
