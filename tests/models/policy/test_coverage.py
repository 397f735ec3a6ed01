"""The page of coverage as a command: it writes, it checks, and its summary adds up."""

import ast
import re
from pathlib import Path

import pytest

from models.policy import coverage, loader, schema


def test_the_command_writes_the_page_and_tells_when_it_is_stale(monkeypatch, tmp_path):
    page = tmp_path / "coverage.md"
    monkeypatch.setattr(coverage, "PAGE", page)
    monkeypatch.setattr("sys.argv", ["coverage", "--check"])
    with pytest.raises(SystemExit, match="out of date"):
        coverage.main()
    monkeypatch.setattr("sys.argv", ["coverage"])
    coverage.main()
    monkeypatch.setattr("sys.argv", ["coverage", "--check"])
    coverage.main()
    page.write_text(page.read_text("utf-8").replace("psow/1.1", "psow/1.0"), "utf-8")
    with pytest.raises(SystemExit, match=r"make docs"):
        coverage.main()


def test_the_summary_adds_up():
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", coverage.page(), re.MULTILINE)
    *documents, together = [[int(cell) for cell in row[1:]] for row in rows]
    assert len(documents) == 5
    assert [sum(column) for column in zip(*documents, strict=True)] == together
    assert all(row[0] == sum(row[1:]) for row in documents)


def test_the_reference_of_packs_names_every_field():
    text = (coverage.PAGE.parent / "packs.md").read_text("utf-8")
    fields = {name for model in schema.Strict.__subclasses__() for name in model.model_fields}
    assert not {name for name in fields if f"`{name}`" not in text}
    assert not {pack_id for pack_id in loader.builtin_pack_ids() if f"`{pack_id}`" not in text}


ROOT = Path(coverage.TESTS).parents[1]


def test_every_carrier_names_a_test_that_exists():
    defined: dict[Path, set[str]] = {}
    for carrier, names in coverage.tests().items():
        assert names, carrier
        for name in names:
            file, _, function = name.partition("::")
            path = ROOT / file
            assert path.is_file(), f"{carrier}: {name}"
            if path not in defined:
                tree = ast.parse(path.read_text("utf-8"))
                defined[path] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert any(found.startswith("test_") for found in defined[path])
            assert not function or function in defined[path], f"{carrier}: {name}"


def test_every_clause_that_is_carried_out_names_a_test():
    shown = coverage.tests()
    clauses = [clause for name in loader.builtin_pack_ids() for clause in loader.builtin_pack(name).clauses]
    claimed = {carrier for clause in clauses for carrier in clause.carried_by if not carrier.startswith("not_yet:")}
    assert claimed == set(shown), "tests/carriers.yaml names each carrier that a pack claims, and no other"
    waits = ("not_yet:",)
    for clause in clauses:
        if not all(carrier.startswith(waits) for carrier in clause.carried_by):
            assert coverage.shown_by(clause, shown), clause.id
