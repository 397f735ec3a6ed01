"""Starts the page as a process of its own, with a scrubbed environment: it holds no credentials."""

import os
import subprocess
import sys
from pathlib import Path

from bot.secrets import ensure_keys
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
STOP_S = 10


def start(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the page and return its process."""
    keys = ensure_keys(settings.secrets_dir)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    command = [
        sys.executable, "-m", "review_queue", "--database", settings.database_url,
        "--host", settings.host, "--port", str(settings.port), "--keys", str(keys),
    ]  # fmt: skip
    return subprocess.Popen(command, env=environment, cwd=ROOT)  # noqa: S603 - our own module, no shell


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the page kindly, then firmly."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
