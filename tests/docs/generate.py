"""`python -m tests.docs.generate`: the page of commands, from what the program itself says of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "commands.md"
COMMANDS = (
    ("run",),
    ("connect",),
    ("status",),
    ("pause",),
    ("resume",),
    ("ingest",),
    ("decide",),
    ("classify",),
    ("scenarios",),
    ("evaluate",),
    ("certify",),
    ("learn",),
    ("packs", "new"),
    ("packs", "check"),
    ("packs", "diff"),
    ("packs", "test"),
    ("packs", "schema"),
    ("packs", "list"),
    ("roles", "give"),
    ("roles", "list"),
    ("audit", "verify"),
    ("letters",),
    ("evidence", "pack"),
    ("evidence", "verify"),
    ("evidence", "key"),
    ("erase",),
    ("doctor",),
)
_BOX = re.compile(r"[╭╮╰╯│─]+")


def page() -> str:
    """Return the page."""
    parts = [
        "# Commands\n\nMade by `python -m tests.docs.generate` from the program's own help; a test fails when it is stale.\n"
    ]
    parts += [f"## porthor {' '.join(words)}\n\n```\n{help_of(words)}\n```\n" for words in COMMANDS]
    return "\n".join(parts)


def help_of(words: tuple[str, ...]) -> str:
    """Return what `--help` says, without its boxes."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words, "--help"]
    environment = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1", "TERM": "dumb"}
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=ROOT).stdout
    lines = [_BOX.sub(" ", line).rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().replace("Usage: -c", "Usage: porthor")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
