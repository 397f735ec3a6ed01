"""A real Chromium against the real page, for tests and for pictures."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.network.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "tri gair bach cofiadwy"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def example_bot(data_dir: Path) -> Iterator[tuple[str, str]]:
    """Run `porthor run --example`; yield its address and the one-time password."""
    port = free_port()
    command = [sys.executable, "-c", "from bot.cli import main; main()", "run", "--example"]
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(data_dir)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = next(found for line in process.stdout if (found := re.search(r"password (\S+)", line)))
        yield f"http://127.0.0.1:{port}", told.group(1)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium; its absence is a failure that says how to get it."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing: run `make system`, or install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def sign_in(page: Page, password: str) -> None:
    """Sign in for the first time and choose a password, on a page whose context has the address as its base."""
    for _ in range(60):
        try:
            page.goto("/")
            break
        except Exception:  # noqa: BLE001 - the page is still starting
            time.sleep(0.5)
    page.fill("#name", "reviewer")
    page.fill("#password", password)
    page.click("main button")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("main button")
    page.wait_for_selector("[data-case]")
