"""A kill at any moment loses no message and doubles none."""

import base64
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.session import open_store, reading
from models.store import cases
from models.tables import decision, message

KILLS = 6


def ingest(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "ingest", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PORTHOR_LOG": "error"}
    )


def counted(data_dir: Path) -> tuple[int, int, int]:
    engine = open_store(f"sqlite:///{data_dir / 'porthor.sqlite3'}")
    with reading(engine) as database:
        kept = database.execute(select(func.count()).select_from(message)).scalar_one()
        decided = database.execute(select(func.count()).select_from(decision)).scalar_one()
        lost = len(cases.unaccounted(database))
    engine.dispose()
    return kept, decided, lost


def survives(sources: list[str], expected: int, data_dir: Path) -> None:
    """Start, kill -9 at random moments, start again to the end: each message exactly once."""
    draw = random.Random(7)
    arguments = [*sources, "--mode", "enforce", "--data-dir", str(data_dir)]
    for _ in range(KILLS):
        process = ingest(*arguments)
        time.sleep(draw.uniform(1.2, 4.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert ingest(*arguments).wait() == 0
    assert counted(data_dir) == (expected, expected, 0)
    assert ingest(*arguments).wait() == 0
    assert counted(data_dir) == (expected, expected, 0)


@pytest.mark.slow
def test_kill_nine_in_the_middle_leaves_each_invented_message_exactly_once(tmp_path):
    path = tmp_path / "many.mbox"
    parts = [
        f"From x Thu Jan  1 00:00:00 2026\nFrom: w{n % 90}@example.org\nMessage-ID: <same@example.org>\nSubject: Repair {n}\n\n"
        f"This is message {n} about the gate at number {n % 40}. {'You fucking useless bastards.' if n % 17 == 0 else 'Thank you.'}\n\n"
        for n in range(900)
    ]
    path.write_text("".join(parts), "utf-8")
    survives([str(path)], 900, tmp_path / "data")


@pytest.mark.slow
@pytest.mark.shared
def test_kill_nine_in_the_middle_leaves_each_real_message_exactly_once(tmp_path, shared_dir):
    folder = tmp_path / "mails"
    folder.mkdir()
    with gzip.open(shared_dir / "data" / "csdmc2010_raw" / "data.jsonl.gz") as file:
        for number, row in enumerate(map(json.loads, file)):
            (folder / f"{number:05}.eml").write_bytes(base64.b64decode(row["raw_b64"]))
    domain = [str(shared_dir / "data" / "domain" / f"messages_{lang}.jsonl") for lang in ("en", "cy")]
    survives([str(folder), *domain], 1988 + 1150, tmp_path / "data")
