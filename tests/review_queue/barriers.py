"""What keeps somebody from using a page, found in a real Chromium: axe-core's rules, and what axe does not look at."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.review_queue.browser import ROOT

AXE = ROOT / "review_queue" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2 AA, and what is good beside it: one first heading, headings in order, everything inside a landmark."""
NARROW = {"width": 320, "height": 640}
"""1280 pixels at 400 %: WCAG 2.2, success criterion 1.4.10."""
_WIDER = """() => [...document.querySelectorAll('body *')].filter(node => {
  const box = node.getBoundingClientRect();
  const inside = node.closest('.porthor-wide, .porthor-scroll, .govuk-visually-hidden, .govuk-skip-link');
  return box.width && box.right > innerWidth + 1 && !inside && ![...node.children].some(child => child.getBoundingClientRect().right > innerWidth + 1);
}).map(node => node.outerHTML.slice(0, 120))"""
_CLIPPED = """() => [...document.querySelectorAll('body *')].filter(node => {
  const style = getComputedStyle(node), hides = value => ['hidden', 'clip'].includes(value);
  const cut = (hides(style.overflowX) && node.scrollWidth > node.clientWidth + 1) || (hides(style.overflowY) && node.scrollHeight > node.clientHeight + 1);
  return cut && !node.closest('.govuk-visually-hidden, .govuk-skip-link, select, [hidden]') && style.position !== 'absolute' && node.clientWidth > 1;
}).map(node => node.outerHTML.slice(0, 120))"""
_BROKEN = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || holder.closest('.govuk-visually-hidden, .govuk-skip-link, select, textarea, [hidden], script, style') || !holder.getClientRects().length) continue;
    for (const word of node.data.matchAll(/(?<![^\\s(])\\p{L}{3,14}(?=[\\s,.:;)]|$)/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.push(`${word[0]} in ${holder.outerHTML.slice(0, 90)}`);
    }
  }
  return found;
}"""
_MOVING = """() => document.getAnimations().map(found => found.effect.target.outerHTML.slice(0, 120)).concat(
  [...document.querySelectorAll('body, body *')].filter(node => {
    const style = getComputedStyle(node);
    return style.animationName !== 'none' || style.transitionDuration.split(',').some(time => parseFloat(time) > 0 ) && style.transitionProperty !== 'none' || style.scrollBehavior === 'smooth';
  }).map(node => node.outerHTML.slice(0, 120)))"""


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def barriers(page: Page, rules: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """Return axe-core's violations as (rule, nodes), of `rules` alone where some are named, once the page has come whole."""
    page.wait_for_load_state()
    page.evaluate(_axe())
    only: dict[str, Any] = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(RULES)}
    found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
    return [
        (
            entry["id"],
            [(node["html"][:120], node["failureSummary"][-200:] if rules else "") for node in entry["nodes"]][:3],
        )
        for entry in found["violations"]
    ]


def sideways(page: Page) -> list[tuple[str, Any]]:
    """Return what makes the page as it stands wider than its window, text that a box cuts off, and words broken over two lines."""
    page.wait_for_load_state()
    found = [("clipped", cut_off(page)), ("broken words", page.evaluate(_BROKEN))]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(("sideways", page.evaluate(_WIDER)))
    return [(name, nodes[:3]) for name, nodes in found if nodes or name == "sideways"]


def cut_off(page: Page) -> list[str]:
    """Return the boxes that cut their text off."""
    return list(page.evaluate(_CLIPPED))


def moving(page: Page) -> list[tuple[str, Any]]:
    """Return what moves or would move on the page as it stands."""
    found = page.evaluate(_MOVING)
    return [("moving", found[:3])] if found else []
