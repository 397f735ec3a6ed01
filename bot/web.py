"""Starts the page as a process of its own, with a scrubbed environment: it holds no credentials."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from bot.secrets import ensure_keys
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
START_S = 60
STOP_S = 10


def start(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the page and return its process; it ends when this one does, however that happens."""
    keys = ensure_keys(settings.secrets_dir)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    command = [
        sys.executable, "-m", "review_queue", "--database", settings.database_url,
        "--host", settings.host, "--port", str(settings.port), "--keys", str(keys), "--letters", ",".join(settings.letter_ways), "--with-parent",
        *(["--demo"] if settings.demo else []),
    ]  # fmt: skip
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.PIPE)  # noqa: S603 - our own module, no shell


def taken(settings: Settings) -> bool:
    """True when something listens on our port already."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((settings.host, settings.port)) == 0


def answers(settings: Settings, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the page takes connections; False when it ended or never did."""
    for _ in range(int(START_S / 0.2)):
        if process.poll() is not None:
            return False
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((settings.host, settings.port)) == 0:
                return True
        time.sleep(0.2)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the page kindly, then firmly."""
    process.terminate()
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
