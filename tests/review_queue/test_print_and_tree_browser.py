"""Pages as they are printed, and as a screen reader has them read: Chromium's own print, and its accessibility tree."""

import io
import itertools

import pypdf
import pytest

from tests.review_queue.barriers import cut_off
from tests.review_queue.browser import chromium
from tests.review_queue.full_site import full_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PRINTED = {
    "case-shown": ("the whole lot of you at", "Why it is here"),
    "letter": ("Annwyl", "Dear"),
    "register": ("somebody", "Printed on"),
    "statement": ("Sut rydym yn cymedroli", "How we moderate", "If you do not agree"),
}
"""What is printed, and words of it that must stand on the paper, from its first part to its last."""
PAPER = {"width": 718, "height": 1047}
"""A4 less its margins, at 96 dots an inch."""
_LEFT_OVER = """() => [...document.querySelectorAll('nav, button, form, select, .govuk-button, .govuk-back-link, .govuk-skip-link, .govuk-details:not([open])')]
  .filter(node => node.checkVisibility()).map(node => node.outerHTML.slice(0, 100))"""
_SPRAYED = """() => [...document.querySelectorAll('a')].filter(node => !['none', 'normal', '""'].includes(getComputedStyle(node, '::after').content))
  .map(node => node.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with full_site(tmp_path_factory.mktemp("read")) as site, chromium() as browser:
        yield site, site.enter(browser).new_page()


@pytest.mark.parametrize("name", PRINTED)
def test_a_page_prints_whole_and_without_what_can_only_be_pressed(place, name):
    page = opened(place, name)
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    try:
        assert page.evaluate(_LEFT_OVER) == []
        assert page.evaluate(_SPRAYED) == []
        assert cut_off(page) == []
        paper = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "2cm"))
    finally:
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1280, "height": 900})
    text = " ".join(" ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(paper)).pages).split())
    assert [words for words in PRINTED[name] if words not in text] == []
    assert "/case/" not in text
    assert "Sign out" not in text


def tree(page):
    """Return Chromium's accessibility tree as (role, name, properties) in the order of reading, without what is ignored."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    found, waiting = [], [next(iter(nodes))]
    while waiting:
        node = nodes.get(waiting.pop())
        if node is None:
            continue
        waiting += reversed(node.get("childIds", ()))
        if not node["ignored"]:
            properties = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
            found.append((node["role"]["value"], node.get("name", {}).get("value", ""), properties))
    return found


def opened(place, name, language="en"):
    site, page = place
    page.goto(f"{site.address}/language/{language}?back=/help")
    page.goto(f"{site.address}{site.pages[name]}")
    return page


def named(nodes, role):
    return [name for found, name, _ in nodes if found == role]


@pytest.mark.parametrize("language", ["en", "cy"])
def test_marked_words_say_what_they_are_and_where_they_end(place, language):
    page = opened(place, "case-shown", language)
    nodes = tree(page)
    marks = page.evaluate("[...document.querySelectorAll('mark')].map(node => node.textContent)")
    assert len(marks) >= 2
    assert len(named(nodes, "mark")) == len(marks)
    said = [name.strip() for name in named(nodes, "StaticText") if name.strip()]
    insult = {"en": "an insult", "cy": "sarhad"}[language]
    begun = [at for at, words in enumerate(said) if words.startswith("[") and insult in words and words.endswith(":")]
    assert begun, "the kind is said where the words begin"
    assert all("]" in said[at + 1 : at + 4] for at in begun), "and it is said where they end"
    assert all(words != insult for words in said[begun[0] : begun[0] + 4]), "the drawn label is not said again"
    assert page.get_attribute("mark .govuk-visually-hidden", "lang") == language, "in the language of the page"


def test_the_card_has_its_landmarks_its_name_and_its_controls(place):
    page = opened(place, "case-shown")
    nodes = tree(page)
    assert len(named(nodes, "main")) == len(named(nodes, "banner")) == 1
    assert named(nodes, "complementary") == ["The person"]
    assert {"Your account", "Main", "Cases"} <= set(named(nodes, "navigation"))
    assert "Verdict" in named(nodes, "form")
    assert {"Deliver d", "Escalate s"} <= set(named(nodes, "button")), "the key is said with the name"
    levels = [properties["level"] for role, _, properties in nodes if role == "heading"]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


def test_news_come_in_a_region_that_was_there_before(place):
    page = opened(place, "queue")
    assert "status" in [role for role, _, _ in tree(page)], "an empty region, which is listened to already"
    assert not page.is_visible("[data-news]")
    page.evaluate("document.querySelector('[data-news]').hidden = false")
    nodes = tree(page)
    assert any("New cases have come" in name for name in named(nodes, "link"))
    assert [properties.get("live") for role, _, properties in nodes if role == "status"] == ["polite"]
