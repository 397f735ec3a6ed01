"""Hostile words in a real Chromium, on every page that shows them: nothing runs, nothing is fetched, nothing is broken."""

import csv
import io
import re
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Error

from tests.review_queue.browser import chromium
from tests.review_queue.conftest import NAME, PASSWORD
from tests.review_queue.hostile_payloads import ADDRESSES, EVERY, FORMULAS, RUNNING, SHAPES
from tests.review_queue.hostile_site import hostile_site, signed_in
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOK = r"""() => {
  const bad = [], at = (node) => node.outerHTML.slice(0, 120);
  for (const node of document.querySelectorAll('*')) {
    const name = node.localName;
    if (name === 'script' && !/^\/static\/dist\/[a-z.]+\.js$/.test(node.getAttribute('src') || '')) bad.push(['script', at(node)]);
    if (['base', 'object', 'embed', 'style', 'template', 'video', 'audio', 'svg', 'math', 'marquee'].includes(name)) bad.push([name, at(node)]);
    if (name === 'meta' && node.httpEquiv) bad.push(['meta', at(node)]);
    if (name === 'iframe' && !/^\/message\/\d+\/html$/.test(node.getAttribute('src') || '')) bad.push(['iframe', at(node)]);
    if (name === 'link' && !['stylesheet', 'icon'].includes(node.rel)) bad.push(['link', at(node)]);
    for (const {name: key, value} of node.attributes) {
      if (/^on|^hx-on|^style$|^srcdoc$|^srcset$/.test(key)) bad.push([key, at(node)]);
      if (['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'poster'].includes(key)) {
        const plain = value.replace(/[\s\u0000-\u001f]/g, '').toLowerCase();
        const ours = /^(\/(?!\/)|#|\?|https:\/\/platform\.example\/)/.test(plain) || plain === '' || (key === 'href' && name === 'link' && plain === 'data:,') || plain.startsWith('data:image/svg+xml;');
        if (!ours) bad.push([key, at(node)]);
      }
    }
  }
  for (const node of document.querySelectorAll('main details')) node.open = true;
  if (document.documentElement.scrollWidth > window.innerWidth) bad.push(['sideways', String(document.documentElement.scrollWidth)]);
  const text = document.body.innerText;
  if (/[\u0300-\u036f]{7}/.test(text)) bad.push(['piled marks', '']);
  if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) bad.push(['unseen', '']);
  return bad.slice(0, 5);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with (
        hostile_site(tmp_path_factory.mktemp("hostile")) as filled,
        served(filled.app) as address,
        chromium() as browser,
    ):
        yield filled, browser, address


class Watch:
    """A page in a browser, and what happened on it that should not have."""

    def __init__(self, browser, address, *, guarded, width):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, bypass_csp=not guarded, base_url=address
        )
        context.route(lambda wanted: not wanted.startswith(address), lambda route: route.abort())
        self.context, self.address, self.found = context, address, []
        self._fresh()

    def _fresh(self):
        self.page = self.context.new_page()
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _dialog(self, dialog):
        self.found.append(("ran", dialog.message))
        dialog.dismiss()

    def _request(self, request):
        if urlsplit(request.url).scheme not in {"data", "about", "blob"} and not request.url.startswith(self.address):
            self.found.append(("left", request.url))

    def enter(self):
        self.page.goto("/sign-in")
        self.page.fill("#name", NAME)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_load_state()

    def look(self, path, *, shape=True):
        """Open a page; return what is wrong with it."""
        self.found.clear()
        try:
            self.page.goto(path, wait_until="load")
            wrong = self.page.evaluate(LOOK) if shape else []
        except Error:
            self.page.close()
            self._fresh()
            return [("led away", path), *self.found]
        if urlsplit(self.page.url).path != urlsplit(path).path:
            wrong.append(["led away", self.page.url])
        return [*map(tuple, wrong), *self.found]


def addresses(filled):
    """Return every page that shows what strangers wrote."""
    yield from (f"/case/{number}?shown=1" for number in filled.cases)
    yield from (f"/message/{number}/layout" for number in filled.mails)
    yield from (f"/?words={quote(payload[:190])}&state=any" for payload in EVERY)
    yield from (f"/quarantine?text={quote(payload[:190])}" for payload in EVERY[::6])
    yield from (f"/formal/psow/{contact}{rest}" for contact in range(1, 20) for rest in ("", "/timeline"))
    yield from (f"/?at={page}" for page in range(1, 4))
    yield from (f"/quarantine?at={page}" for page in range(1, 5))
    yield from (
        "/today",
        "/enforcement",
        "/connections",
        "/lists",
        "/insights",
        "/blind",
        "/people",
        "/account",
        "/help",
    )
    yield from ("/formal", "/register", "/letters", "/policy", "/policy/psow", "/year/psow", "/lists/1", "/lists/30")
    yield from (f"/case/{number}/evidence" for number in filled.cases[:5])


def test_nothing_of_a_strangers_runs_leaves_or_breaks_a_page_even_without_the_page_policy(site):
    filled, *shown = site
    assert len(filled.cases) > 40
    watch = Watch(*shown, guarded=False, width=390)
    watch.enter()
    wrong = {path[:80]: found for path in addresses(filled) if (found := watch.look(path))}
    assert wrong == {}
    watch.context.close()


def test_originals_and_layouts_opened_by_themselves_stay_shut(site):
    filled, *shown = site
    watch = Watch(*shown, guarded=True, width=1280)
    watch.enter()
    wrong = {}
    for number in filled.messages:
        for rest in ("raw", "html") if number in filled.mails else ("raw",):
            if found := watch.look(f"/message/{number}/{rest}", shape=False):
                wrong[number, rest] = found
    assert wrong == {}
    watch.context.close()


def test_a_page_that_is_unsafe_is_caught(site):
    _, *shown = site
    watch = Watch(*shown, guarded=False, width=390)
    missed = [EVERY[n] for n in range(len(RUNNING)) if not watch.look(f"/sign-in/unsafe/{n}")]
    assert missed == []
    seen = {kind for n in range(len(RUNNING)) for kind, _ in watch.look(f"/sign-in/unsafe/{n}")}
    assert {"ran", "left", "script", "iframe", "base", "href", "formaction"} <= seen
    broken = [EVERY.index(shape) for shape in SHAPES[1:5]]
    kinds = {kind for n in broken for kind, _ in watch.look(f"/sign-in/unsafe/{n}")}
    assert {"sideways", "piled marks"} <= kinds
    watch.context.close()


def test_no_cell_of_a_file_to_take_away_is_a_formula(site):
    filled, *_ = site
    client = signed_in(filled.app)
    answer = client.get("/quarantine/file.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) > len(FORMULAS)
    token = client.app.state.page.sessions.read(client.cookies["porthor_session"]).csrf
    table = client.post("/register/table", data={"csrf": token})
    assert table.status_code == 200
    rows += list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    for name in ("volume", "clauses", "load"):
        rows += list(csv.reader(io.StringIO(client.get(f"/insights/{name}.csv").content.decode("utf-8-sig"))))
    begins = re.compile(r"^[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
    assert [cell for row in rows for cell in row if begins.match(cell) and not re.fullmatch(r"-?[\d.]+", cell)] == []
    assert any(cell.startswith("'=cmd") for row in rows for cell in row)


def test_no_header_or_address_takes_a_strangers_line(site):
    filled, *_ = site
    client = signed_in(filled.app)
    for payload in (*ADDRESSES, "//hostile.invalid/", "/\\hostile.invalid", "/%0d%0aSet-Cookie: a=b", "\r\nX: y"):
        answer = client.get(f"/language/cy?back={quote(payload)}")
        assert "x" not in answer.headers
        assert not urlsplit(answer.headers["location"]).netloc
        assert answer.headers["location"].startswith("/")
        assert not answer.headers["location"].startswith(("//", "/\\"))
