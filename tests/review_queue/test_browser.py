"""A shift by keyboard in a real Chromium over the whole bot."""

import time

import pytest

from tests.review_queue.browser import chromium, example_bot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_cases(page):
    return int(page.inner_text(".porthor-counts li:nth-child(2) strong"))


def wait_for_open_cases(page, count):
    """Wait until the list, which follows the queue by itself, tells `count`: a verdict goes while the next card is shown."""
    page.goto("/")
    page.wait_for_function(
        "count => document.querySelector('[data-count=open]').textContent === String(count)", arg=count
    )


def press(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def held(data_dir):
    return {path.parent.name for path in (data_dir / "connections").glob("*/*/*.json")}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("browser")
    with example_bot(data_dir) as (address, password), chromium() as browser:
        page = browser.new_context(
            viewport={"width": 1280, "height": 900}, bypass_csp=True, base_url=address
        ).new_page()
        sign_in(page, password)
        yield page, data_dir


def test_a_case_is_opened_decided_and_undone_by_keyboard(desk):
    page, data_dir = desk
    page.goto("/")
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
    page.goto("/?channel=x&handling=review")
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
