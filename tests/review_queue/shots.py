"""`python -m tests.review_queue.shots FOLDER [NAME…]`: pictures of every page, both languages, wide, narrow and printed."""

import subprocess
import sys
import tempfile
from os import environ
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.review_queue import shift
from tests.review_queue.browser import ROOT, chromium, example_bot, sign_in
from tests.review_queue.test_letter_browser import letter_site

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "/today",
    "/connections",
    "/quarantine",
    "/enforcement",
    "/blind",
    "/lists",
    "/lists/new",
    "/policy",
    "/policy/psow",
    "/policy/psow/threshold?at=99",
    "/queues",
    "/queues/rules/new?org=adra",
    "/bulk",
    "/bulk/new?channel=email&verdict=deliver",
    "/insights",
    "/people",
    "/people/add",
    "/people/reviewer",
    "/api",
    "/rota",
    "/rota/psow",
    "/api/keys",
    "/api/keys/new",
    "/api/webhooks",
    "/api/webhooks/new",
    "/account",
    "/account/second-factor",
)
ROLES = {"psow": "hopsc", "adra": "manager", "wrexham": "manager", "phso": "manager"}


class Camera:
    """Takes pictures of the pages of one site into a folder; `wanted` are the names to take, empty for all."""

    def __init__(self, page: Page, folder: Path, wanted: frozenset[str]) -> None:
        self.page, self.folder, self.wanted = page, folder, wanted

    def take(self, paths: dict[str, str]) -> None:
        """Take each page of `paths`, from a name to a path: whole, in both languages, wide and narrow, and as print."""
        chosen = {name: path for name, path in paths.items() if not self.wanted or name in self.wanted}
        for language in ("en", "cy"):
            self.page.goto(f"/language/{language}?back=/help")
            for name, path in chosen.items():
                for size in (NARROW, WIDE):
                    self.page.set_viewport_size(size)  # type: ignore[arg-type]
                    self.page.goto(path)
                    whole = self.page.evaluate("document.documentElement.scrollHeight")
                    self.page.set_viewport_size({"width": size["width"], "height": max(whole, size["height"])})
                    self.page.screenshot(path=self.folder / f"{name}-{language}-{size['width']}.png")
                self.page.pdf(path=self.folder / f"{name}-{language}.pdf", format="A4")

    def link(self, path: str, selector: str) -> str:
        """Return where the first link that fits `selector` on the page at `path` leads."""
        self.page.goto(path)
        return self.page.get_attribute(selector, "href") or "/"


def example(browser: Browser, folder: Path, wanted: frozenset[str]) -> None:
    """Take the queue, a case, the desk and the formal side over the example, and the first page of the tutorial."""
    with tempfile.TemporaryDirectory() as data_dir, example_bot(Path(data_dir)) as (address, password):
        page = browser.new_context(viewport=WIDE, base_url=address).new_page()  # type: ignore[arg-type]
        sign_in(page, password)
        for org, role in ROLES.items():
            command = [ROOT / ".venv" / "bin" / "porthor", "roles", "give", "reviewer", org, role]
            subprocess.run(command, env={**environ, "DATA_DIR": data_dir}, check=True, capture_output=True)
        camera = Camera(page, folder, wanted)
        page.screenshot(path=folder / "tutorial.png")
        pages = {
            "queue": "/",
            "case": camera.link("/", "[data-case] a"),
            "case-email": camera.link("/?channel=email", "[data-case] a"),
            "help": "/help",
            "password": "/password",
            "nowhere": "/nowhere",
        }
        camera.take(pages | {path.strip("/").replace("/", "-"): path for path in PAGES})
        outside = Camera(browser.new_context(base_url=address).new_page(), folder, wanted)
        outside.take({"sign-in": "/sign-in"})


def work(browser: Browser, folder: Path, wanted: frozenset[str]) -> None:
    """Take a shift: the filtered list, an urgent case, a campaign, nothing to do."""
    with tempfile.TemporaryDirectory() as data_dir, shift.shift(Path(data_dir)) as found:
        page = browser.new_context(viewport=WIDE, base_url=found.address).new_page()  # type: ignore[arg-type]
        shift.sign_in(page, found.address)
        camera = Camera(page, folder, wanted)
        pages = {
            "shift": "/",
            "filters": "/?channel=x&lang=cy",
            "urgent": camera.link("/", "[data-case] a"),
            "campaign": camera.link("/?words=library", "[data-case] a"),
            "nothing": "/?words=nothingatall",
        }
        camera.take(pages)
        page.context.close()


def formal(browser: Browser, folder: Path, wanted: frozenset[str]) -> None:
    """Take the formal side: work, a file, forms, letters, the register, the year."""
    with tempfile.TemporaryDirectory() as data_dir, letter_site(Path(data_dir), browser) as (page, letter):
        file, path = "/formal/psow/1", letter
        camera = Camera(page, folder, wanted)
        pages = {
            "letters": "/letters",
            "letter": path,
            "letter-edit": f"{path}/edit/cy",
            "formal": "/formal",
            "file": file,
            "timeline": f"{file}/timeline",
            "incident": f"{file}/incident",
            "restrict": f"{file}/restrict",
            "register": "/register",
            "year": "/year/psow",
            "policy-review": "/policy-review/psow",
            "evidence": "/case/1/evidence",
        }
        camera.take(pages)


if __name__ == "__main__":
    to, names = Path(sys.argv[1] if len(sys.argv) > 1 else "shots"), frozenset(sys.argv[2:])
    to.mkdir(parents=True, exist_ok=True)
    with chromium() as opened:
        for site in (example, work, formal):
            site(opened, to, names)
