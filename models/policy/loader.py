"""Loads a policy pack from YAML; every problem is told with file, line and field, and all of them at once."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.labels import LABELS
from models.policy import crosschecks
from models.policy.pack_yaml import PackError, PackYaml, Where
from models.policy.schema import GROUPS, Pack
from models.policy.strict import Strict

__all__ = ["PackError", "builtin_pack", "builtin_pack_ids", "load_pack", "parse_pack"]

PACKS = Path(__file__).resolve().parent / "packs"
_SHOWN = 40


def builtin_pack_ids() -> frozenset[str]:
    """Return the ids of the packs that come with the program."""
    return frozenset(path.stem for path in PACKS.glob("*.yaml"))


@cache
def builtin_pack(pack_id: str) -> Pack:
    """Return a pack that comes with the program.

    Raises:
        PackError: There is none of this name, or it is broken.
    """
    return load_pack(PACKS / f"{pack_id}.yaml")


def load_pack(path: Path) -> Pack:
    """Read and check the pack in `path`.

    Raises:
        PackError: With every problem found.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PackError([f"{path}: the pack cannot be read: {error.strerror}; check the path"]) from error
    return parse_pack(data, str(path))


def parse_pack(data: bytes, name: str) -> Pack:
    """Check the pack in `data`, called `name` in errors.

    Raises:
        PackError: With every problem found.
    """
    source = PackYaml(data, name)
    if not isinstance(source.value, dict):
        raise PackError([f"{name}:1: a pack is a mapping with the fields id, version, clauses …; this is not one"])
    try:
        pack = Pack.model_validate(source.value)
    except ValidationError as error:
        raise PackError([_sentence(source, detail) for detail in error.errors()]) from error
    problems = [source.problem(where, what) for where, what in crosschecks.problems(pack)]
    if problems:
        raise PackError(problems)
    return pack


def _sentence(source: PackYaml, detail: Mapping[str, Any]) -> str:
    where: Where = tuple(part for part in detail["loc"] if part != "[key]")
    text = str(detail["msg"]).removeprefix("Value error, ")
    given = detail["input"]
    match detail["type"]:
        case "missing":
            told = "the field is missing; add it"
        case "extra_forbidden":
            known = crosschecks.suggestion(str(where[-1]), _field_names())
            told = f"there is no such field here; remove it or correct its name{known}"
        case "literal_error" | "enum":
            wanted = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
            told = f"{_shown(given)}: {text}{crosschecks.suggestion(str(given), wanted)}"
        case "string_type" if isinstance(given, int | float):
            told = f"{_shown(given)} must be text; put it in quotes"
        case "string_too_short":
            told = "the text is empty; write it, in each language"
        case "value_error":
            where, told = _of_value(where, given, text)
        case _:
            told = f"{_shown(given)}: {text}"
    return source.problem(where, told)


def _of_value(where: Where, given: Any, text: str) -> tuple[Where, str]:
    """Return the field and the sentence of a check that the schema makes over several fields at once."""
    if text.startswith("unknown signal "):
        return (*where, "label"), text + crosschecks.suggestion(given["label"], LABELS)
    if text.startswith("unknown groups "):
        wrong = next(group for group in given["groups"] if group not in GROUPS)
        return (*where, "groups"), text + crosschecks.suggestion(wrong, GROUPS)
    return where, text


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _field_names() -> frozenset[str]:
    return frozenset(name for model in Strict.__subclasses__() for name in model.model_fields)
