"""Packs from the command line: begun, compared, tried by their own examples, and described for editors."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import packs
from bot.cli.errors import CommandError
from models.policy import json_schema
from models.policy.differences import differences
from models.policy.loader import PACKS, builtin_pack, builtin_pack_ids, load_pack

RUN = CliRunner()


def begun(folder):
    path = folder / "gwynedd.yaml"
    told = RUN.invoke(
        packs.command,
        ["new", "gwynedd", "--name", "Gwynedd Council", "--name-cy", "Cyngor Gwynedd", "--out", str(path)],
    )
    assert told.exit_code == 0, told.output
    return path


def test_a_new_pack_is_in_order_under_its_own_name(tmp_path):
    path = begun(tmp_path)
    made = load_pack(path)
    assert (made.id, made.organisation.name.cy) == ("gwynedd", "Cyngor Gwynedd")
    assert all(clause.id.startswith("gwynedd/") for clause in made.clauses)
    assert "wrexham/" not in path.read_text("utf-8")
    again = RUN.invoke(packs.command, ["new", "gwynedd", "--name", "x", "--name-cy", "x", "--out", str(path)])
    assert isinstance(again.exception, CommandError)
    for wrong in (["--from", "nowhere"], []):
        pack_id = "gwynedd" if wrong else "Gwynedd Council"
        told = RUN.invoke(
            packs.command, ["new", pack_id, "--name", "x", "--name-cy", "x", "--out", str(tmp_path / "y.yaml"), *wrong]
        )
        assert told.exit_code != 0
        assert not (tmp_path / "y.yaml").exists()


def test_two_packs_are_compared_clause_by_clause_whatever_they_are_called(tmp_path):
    path = begun(tmp_path)
    same = RUN.invoke(packs.command, ["diff", "wrexham", "wrexham"])
    assert (same.exit_code, same.output) == (0, "")
    fresh = list(differences(builtin_pack("wrexham"), load_pack(path)))
    assert {line.split(":")[0] for line in fresh} == {
        "~ id",
        "~ version",
        "~ organisation.name.en",
        "~ organisation.name.cy",
    }
    path.write_text(
        path.read_text("utf-8")
        .replace("occasions_generally: 2", "occasions_generally: 3")
        .replace("severity: high", "severity: low", 1),
        "utf-8",
    )
    told = RUN.invoke(packs.command, ["diff", "wrexham", str(path)])
    assert told.exit_code == 1
    assert "~ ladder.occasions_generally: 2 → 3" in told.output
    assert "~ clauses.2.2.a.severity: high → low" in told.output
    assert isinstance(RUN.invoke(packs.command, ["diff", "wrexham", "nowhere.yaml"]).exception, CommandError)


@pytest.mark.parametrize("pack_id", sorted(builtin_pack_ids()))
def test_the_examples_of_the_packs_come_out_as_they_should(pack_id):
    told = RUN.invoke(packs.command, ["test", pack_id])
    assert told.exit_code == 0, told.output


def test_an_example_that_comes_out_otherwise_is_told(tmp_path):
    path = tmp_path / "e.yaml"
    wrong = [{"text": "Thank you so much, the fence is mended", "handling": ["urgent"], "clauses": ["psow/2.2.a"]}]
    path.write_text(yaml.safe_dump(wrong), "utf-8")
    told = RUN.invoke(packs.command, ["test", "psow", str(path)])
    assert told.exit_code == 1
    assert "is deliver, not urgent" in told.output
    assert "does not cite psow/2.2.a" in told.output
    for broken in (
        "text: x",
        "- text: x",
        "- {text: x, handling: [sing]}",
        "- {text: x, handling: [deliver], more: 1}",
        "[",
        "",
    ):
        path.write_text(broken, "utf-8")
        assert isinstance(RUN.invoke(packs.command, ["test", "psow", str(path)]).exception, CommandError), broken
    assert isinstance(RUN.invoke(packs.command, ["test", "psow", str(tmp_path / "none")]).exception, CommandError)


def test_the_schema_for_editors_is_fresh_and_names_every_field():
    assert json_schema.PAGE.read_text("utf-8") == json_schema.text(), "run `make docs`"
    assert RUN.invoke(packs.command, ["schema"]).output == json_schema.text()
    properties = json.loads(json_schema.text())["properties"]
    for pack_id in builtin_pack_ids():
        fields = yaml.safe_load((PACKS / f"{pack_id}.yaml").read_text("utf-8"))
        assert set(fields) <= set(properties)
