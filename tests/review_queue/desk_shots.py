"""`python -m tests.review_queue.desk_shots FOLDER PATH…`: pictures of pages of the desk, both languages, wide and narrow."""

import sys
import tempfile
from pathlib import Path

from tests.review_queue.browser import chromium, example_bot, sign_in

ADDRESS = "http://127.0.0.1:8126"


def main(folder: Path, paths: list[str]) -> None:
    """Write the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data_dir,
        example_bot(Path(data_dir), 8126) as password,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        sign_in(page, ADDRESS, password)
        for language in ("en", "cy"):
            page.goto(f"{ADDRESS}/language/{language}?back=/today")
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                for path in paths:
                    page.goto(f"{ADDRESS}{path}")
                    name = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "queue"
                    page.screenshot(path=folder / f"{name}-{language}-{width}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
