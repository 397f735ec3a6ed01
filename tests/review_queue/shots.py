"""`python -m tests.review_queue.shots FOLDER`: a picture of each page, both languages, wide and narrow."""

import sys
import tempfile
from pathlib import Path

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


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "shots"))
