"""The pages of the desk in a real Chromium: no script is needed, and charts are drawn under the policy of the page."""

import pytest

from tests.review_queue.barriers import barriers
from tests.review_queue.browser import chromium, example_bot, sign_in

ADDRESS = "http://127.0.0.1:8127"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with example_bot(tmp_path_factory.mktemp("desk"), 8127) as password, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
        page = context.new_page()
        sign_in(page, ADDRESS, password)
        yield browser, page


def test_a_queue_is_named_and_a_verdict_on_many_proposed_without_a_script(site):
    browser, page = site
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    plain.goto(f"{ADDRESS}/queues")
    plain.fill("#name_cy", "Tai")
    plain.fill("#name_en", "Housing")
    plain.press("#name_en", "Enter")
    plain.wait_for_selector(".govuk-notification-banner--success")
    page.goto(f"{ADDRESS}/queues")
    assert barriers(page) == []
    plain.goto(f"{ADDRESS}/?channel=email")
    plain.click("a[href^='/bulk/new']")
    plain.click("main form[method=get] button")
    plain.fill("#why", "seen often")
    plain.click("main form[method=post] button")
    plain.wait_for_selector(".govuk-notification-banner--success")
    page.goto(plain.url)
    assert barriers(page) == []


def test_an_entry_is_proposed_by_keyboard_without_a_script(site):
    browser, page = site
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    plain.goto(f"{ADDRESS}/lists/new")
    plain.fill("#value", "useless council")
    plain.fill("#why", "seen often")
    plain.focus("main button[type=submit]")
    plain.keyboard.press("Enter")
    plain.wait_for_selector("text=/matched|cyfateb/")
    plain.focus("main button[type=submit]")
    plain.keyboard.press("Enter")
    plain.wait_for_selector(".govuk-notification-banner--success")
    assert "useless council" in plain.inner_text("main table")
    plain.goto(f"{ADDRESS}/quarantine")
    plain.check("input[name=chosen] >> nth=0")
    plain.click("main form[action='/quarantine/release'] button")
    assert plain.is_visible("#note")


def test_charts_are_drawn_under_the_policy_of_the_page(site):
    browser, page = site
    strict = browser.new_context(storage_state=page.context.storage_state()).new_page()
    strict.goto(f"{ADDRESS}/insights")
    strict.wait_for_load_state("networkidle")
    drawn = strict.evaluate("[...document.querySelectorAll('.porthor-chart')].map(image => image.naturalWidth)")
    assert drawn
    assert all(width > 100 for width in drawn)
