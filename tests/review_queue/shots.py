"""`python -m tests.review_queue.shots FOLDER`: a picture of each page, both languages, wide and narrow."""

import sys
import tempfile
from pathlib import Path

from tests.review_queue import shift
from tests.review_queue.browser import chromium, example_bot, sign_in

ADDRESS = "http://127.0.0.1:8124"


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data_dir,
        example_bot(Path(data_dir), 8124) as password,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        sign_in(page, ADDRESS, password)
        for language in ("en", "cy"):
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{ADDRESS}/language/{language}?back=/")
                page.screenshot(path=folder / f"queue-{language}-{width}.png")
                page.click("[data-case] a")
                page.wait_for_load_state()
                page.screenshot(path=folder / f"case-{language}-{width}.png", full_page=True)


def queue(folder: Path) -> None:
    """Write pictures of a shift into `folder`: list, search, an urgent case, a campaign, the keys, nothing to do."""
    with tempfile.TemporaryDirectory() as data_dir, shift.shift(Path(data_dir), 8125) as found, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        shift.sign_in(page, found.address)
        for language in ("en", "cy"):
            page.goto(f"{found.address}/language/{language}?back=/?words=library")
            campaign = page.get_attribute("[data-case] a", "href")
            page.goto(f"{found.address}/")
            urgent = page.get_attribute("[data-case] a", "href")
            paths = {
                "list": "/",
                "filters": "/?channel=x&lang=cy",
                "urgent": urgent,
                "campaign": campaign,
                "keys": "/help",
                "nothing": "/?words=nothingatall",
            }
            for name, path in paths.items():
                for width in (1280, 390):
                    page.set_viewport_size({"width": width, "height": 900})
                    page.goto(f"{found.address}{path}")
                    page.screenshot(path=folder / f"queue-{name}-{language}-{width}.png", full_page=width == 390)


if __name__ == "__main__":
    wanted = Path(sys.argv[1] if len(sys.argv) > 1 else "shots")
    main(wanted)
    queue(wanted)
