"""The pages of the desk in a real Chromium: no script is needed, and charts are drawn under the policy of the page."""

import pytest

from tests.review_queue.barriers import barriers
from tests.review_queue.browser import chromium, example_bot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with example_bot(tmp_path_factory.mktemp("desk")) as (address, password), chromium() as browser:
        page = browser.new_context(
            viewport={"width": 1280, "height": 900}, bypass_csp=True, base_url=address
        ).new_page()
        sign_in(page, password)
        state = page.context.storage_state()

        def opened(**options):
            return browser.new_context(storage_state=state, base_url=address, **options).new_page()

        yield opened, page


def test_a_queue_is_named_and_a_verdict_on_many_proposed_without_a_script(site):
    opened, page = site
    plain = opened(java_script_enabled=False)
    plain.goto("/queues")
    plain.fill("#name_cy", "Tai")
    plain.fill("#name_en", "Housing")
    plain.press("#name_en", "Enter")
    plain.wait_for_selector(".govuk-notification-banner--success")
    page.goto("/queues")
    assert barriers(page) == []
    plain.goto("/?channel=email")
    plain.click("a[href^='/bulk/new']")
    plain.click("main form[method=get] button")
    plain.fill("#why", "seen often")
    plain.click("main form[method=post] button")
    plain.wait_for_selector(".govuk-notification-banner--success")
    page.goto(plain.url)
    assert barriers(page) == []


def test_an_entry_is_proposed_by_keyboard_without_a_script(site):
    opened, _page = site
    plain = opened(java_script_enabled=False)
    plain.goto("/lists/new")
    plain.fill("#value", "useless council")
    plain.fill("#why", "seen often")
    plain.focus("main button[type=submit]")
    plain.keyboard.press("Enter")
    plain.wait_for_selector("text=/matched|cyfateb/")
    plain.focus("main button[type=submit]")
    plain.keyboard.press("Enter")
    plain.wait_for_selector(".govuk-notification-banner--success")
    assert "useless council" in plain.inner_text("main table")
    plain.goto("/quarantine")
    plain.check("input[name=chosen] >> nth=0")
    plain.click("main form[action='/quarantine/release'] button")
    assert plain.is_visible("#note")


def test_charts_are_drawn_under_the_policy_of_the_page(site):
    opened, _page = site
    strict = opened()
    strict.goto("/insights")
    strict.wait_for_load_state("networkidle")
    drawn = strict.evaluate("[...document.querySelectorAll('.porthor-chart')].map(image => image.naturalWidth)")
    assert drawn
    assert all(width > 100 for width in drawn)
