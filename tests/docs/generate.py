"""`python -m tests.docs.generate`: the page of commands, from what the program itself says of them."""

import json
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
    parts += [
        f"## porthor {' '.join(words)}\n\n```\n{text}\n```\n"
        for words, text in zip(COMMANDS, helps(COMMANDS), strict=True)
    ]
    return "\n".join(parts)


def helps(commands: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return what `--help` says of each command, without its boxes; one process is asked for all."""
    environment = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1", "TERM": "dumb"}
    told = subprocess.run(
        [sys.executable, "-c", _ASK],
        input=json.dumps(commands), capture_output=True, text=True, check=True, env=environment, cwd=ROOT,
    ).stdout  # fmt: skip
    return [_unboxed(text) for text in json.loads(told)]


_ASK = """
import io, json, sys
from contextlib import redirect_stdout
from bot.cli import main
said = []
for words in json.load(sys.stdin):
    sys.argv = ["porthor", *words, "--help"]
    with redirect_stdout(io.StringIO()) as out:
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    said.append(out.getvalue())
print(json.dumps(said))
"""


def _unboxed(text: str) -> str:
    lines = [_BOX.sub(" ", line).rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
