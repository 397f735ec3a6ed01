"""Every note that a classifier can write has its Welsh, which keeps its numbers; what others say is left as it is."""

import ast
from importlib import resources
from pathlib import Path

import pytest

import classifiers
from classifiers.envelope import TESTS
from classifiers.novelty import _FIGURES
from classifiers.promotion import _SHAPES, _wordings
from models.policy.notes import note_in, welsh_of

HERE = Path(classifiers.__file__).parent
SPOKEN = {test.name for test in TESTS if test.weight > 0} | {
    name for name, weight, _ in ((w.name, w.weight, None) for w in _wordings()) if weight > 0
} | {name for name, weight, _ in _SHAPES if weight > 0}  # fmt: skip
COUNTED = {f"new {kind}s: {{}}" for kind in (*_FIGURES, "name")} | {
    "new attachments: {}",
    "messages of others today: {}",
}


def template(node: ast.expr) -> list[str]:
    """Return the notes that an expression may be, `{}` for each number."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)]  # type: ignore[misc]
    return []


def written() -> set[str]:
    """Return what the detectors' own code notes: the last argument of `_signal`, `note=`, and what is named so."""
    found: list[str] = []
    for path in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                named = [one.value for one in node.keywords if one.arg == "note"]
                own = isinstance(node.func, ast.Attribute) and node.func.attr == "_signal"
                for value in [*named, *(node.args[-1:] if own else [])]:
                    found += template(value)
            elif isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["note"]:
                found += template(node.value)
            elif isinstance(node, ast.FunctionDef) and node.name == "_flood":
                for one in ast.walk(node):
                    found += template(one.value) if isinstance(one, ast.Return) and one.value is not None else []
    return {note for note in found if note}


def test_every_note_has_its_welsh_and_none_is_left_over():
    assert len(written()) > 20, "the detectors' code is read"
    spoken = written() | SPOKEN | COUNTED
    assert [note for note in spoken if note_in(note.replace("{}", "3"), "cy") is None] == []
    assert set(welsh_of()) <= spoken | {piece for note in spoken for piece in note.split(", ")}


@pytest.mark.parametrize(("english", "welsh"), sorted(welsh_of().items()))
def test_the_welsh_keeps_the_numbers_and_says_something_else(english, welsh):
    assert english.count("{}") == welsh.count("{}")
    assert english != welsh
    assert note_in(english.replace("{}", "3"), "cy") == welsh.replace("{}", "3")
    assert note_in(english.replace("{}", "3"), "en") == english.replace("{}", "3")


def test_joined_notes_are_told_apart_although_some_hold_commas():
    joined = "4 in a day, 12 in a week, an officer's private life, in public, approached before"
    assert note_in(joined, "cy") == (
        "4 mewn diwrnod, 12 mewn wythnos, bywyd preifat swyddog, yn gyhoeddus, ar ôl ymyriad cynharach"
    )
    assert note_in("", "cy") == ""


@pytest.mark.parametrize("said", ["BAYES_99, URIBL", "4 in a day, who knows", "new dates: many"])
def test_what_another_service_says_is_not_guessed_at(said):
    assert note_in(said, "cy") is None


def test_the_list_is_written_once():
    lines = (resources.files("models.policy") / "notes.tsv").read_text("utf-8").splitlines()
    keys = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    assert len(keys) == len(set(keys))
