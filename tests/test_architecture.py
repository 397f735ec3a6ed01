"""What import-linter cannot see: folders, sizes, names, and a test for every connector and classifier."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.registry import _KINDS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "classifiers", "connectors", "models", "review_queue")
LINES_AT_MOST = 350
FUNCTION_LINES_AT_MOST = 50
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def sources() -> Iterator[Path]:
    for package in (*PACKAGES, "tests"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts and "versions" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring: documented options are not length."""
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_is_ours_and_not_another_of_the_same_name(name):
    found = Path(str(importlib.import_module(name).__file__)).resolve()
    assert found.is_relative_to(ROOT), f"'{name}' is imported from {found}"


def test_no_file_is_longer_than_a_reader_can_hold():
    long = {
        str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text("utf-8").splitlines())) > LINES_AT_MOST
    }
    assert not long, f"split what has grown two subjects: {long}"


def test_no_function_is_longer_than_a_page():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} ({code_lines(node)})"
        for path in sources()
        for node in functions(path)
        if code_lines(node) > FUNCTION_LINES_AT_MOST
    ]
    assert not long, "\n".join(long)


def test_names_of_files_say_what_is_in_them():
    assert not [str(p) for p in sources() if SAYS_NOTHING & set(p.stem.split("_"))]


def test_every_classifier_and_detector_has_its_test():
    registry = Registry.default(StaffDirectory.empty())
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "classifiers").glob("test_*.py")}
    assert not {*registry.names, *registry.detector_names} - tested


def test_every_connector_has_its_test():
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "connectors").glob("test_*.py")}
    ours = {kind for kind, path in _KINDS.items() if path.startswith("connectors.")}
    assert ours
    assert not ours - tested


def test_every_test_folder_is_a_package():
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").is_file()]


def test_models_init_imports_nothing():
    tree = ast.parse((ROOT / "models" / "__init__.py").read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
