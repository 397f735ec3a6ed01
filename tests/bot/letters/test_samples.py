"""Samples of letters, as the command writes them."""

import subprocess
import sys

from models.letters import easy, full
from models.letters.kinds import KINDS


def porthor(*words):
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_writes_one_of_each_as_pages_pictures_and_word(tmp_path):
    done = porthor("letters", "--samples", str(tmp_path / "new"), "--pack", "phso")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("44 letters in ")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    for name in ("phso-extended-easy-read-cy.pdf", "phso-warning-standard-en.docx", "phso-returned-standard-cy-1.png"):
        assert name in names
    assert "phso-appeal_outcome-standard-en.pdf" not in names, "there is no appeal under this policy"


def test_an_unknown_pack_is_told_in_a_sentence(tmp_path):
    done = porthor("letters", "--samples", str(tmp_path), "--pack", "nowhere")
    assert done.returncode == 2
    assert "use one of adra, phso, psow, wrexham" in done.stderr


def test_every_kind_has_its_letter_in_both_styles():
    assert set(KINDS) == set(full.TITLES) == set(easy.TITLES)
