"""The fault suite in its shorter form, and a page that does not outlive the bot that was killed."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.chaos.run import REAL, run

KILLS = 8


@pytest.mark.slow
def test_killed_and_lied_to_the_bot_loses_nothing_doubles_nothing_and_forgets_nothing(tmp_path):
    counts, chaos = run(tmp_path, KILLS, seed=7, fault_rate=0.2)
    assert counts.wrong() == {}, counts
    assert chaos.kills >= KILLS
    assert {side.name for side in chaos.sides} >= {*REAL, "mailbox", "posts", "letters"}
    assert all(counts.total[f"messages by {side.name}"] for side in chaos.sides)
    assert counts.total["effects done"] > 0


@pytest.mark.slow
def test_the_page_ends_with_the_bot_that_was_killed(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from bot.cli import main; main()", "run"]
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(tmp_path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert any("First sign-in" in line for line in process.stdout)
        assert _open(port)
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert "another bot acts" in second.stderr
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 20
        while _open(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not _open(port)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
