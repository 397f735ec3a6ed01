"""Loads a policy pack from YAML; every problem is told with file, line and field."""

import difflib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from models.domain import Action
from models.labels import LABELS, Stance
from models.policy.schema import Clause, Pack

PACKS = Path(__file__).resolve().parent / "packs"
BYTES_AT_MOST = 2_000_000
DEPTH_AT_MOST = 40
CARRIERS = ("classifier", "detector", "rule", "workflow", "letter", "page", "record", "clock", "not_yet")


class PackError(Exception):
    """A pack cannot be used; `problems` holds every sentence, each with file, line and field."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


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
    root = _compose(data, name)
    lines: dict[tuple[str | int, ...], int] = {}
    fields = _plain(root, (), lines, name)
    if not isinstance(fields, dict):
        raise PackError([f"{name}:1: a pack is a mapping with the fields id, version, clauses …; this is not one"])
    try:
        pack = Pack.model_validate(fields)
    except ValidationError as error:
        raise PackError([_sentence(name, lines, detail) for detail in error.errors()]) from error
    problems = [f"{name}:{_line(lines, where)}: {_dotted(where)}: {what}" for where, what in _crosschecks(pack)]
    if problems:
        raise PackError(problems)
    return pack


def _compose(data: bytes, name: str) -> yaml.Node:
    if len(data) > BYTES_AT_MOST:
        raise PackError([f"{name}: the file is larger than {BYTES_AT_MOST} bytes; a pack is not"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError([f"{name}: this is not UTF-8 text (byte {error.start}); save the pack as UTF-8"]) from error
    if max((len(line) - len(line.lstrip("[{- ")) for line in text.splitlines()), default=0) > 4 * DEPTH_AT_MOST:
        raise PackError([f"{name}: the nesting is deeper than any pack's; check the file"])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            raise PackError([f"{name}: anchors and aliases are not allowed in a pack; write the value out"])
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError([f"{name}:{line}: this is not valid YAML: {error.problem}; correct the line"]) from error
    except yaml.YAMLError as error:
        raise PackError([f"{name}: this is not valid YAML: {error}"]) from error
    if node is None:
        raise PackError([f"{name}:1: the file is empty; a pack needs at least id, version and clauses"])
    return node


def _plain(node: yaml.Node, where: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], name: str) -> Any:
    """Return the values of a node and note on which line each stands."""
    lines[where] = node.start_mark.line + 1
    if len(where) > DEPTH_AT_MOST:
        raise PackError([f"{name}:{lines[where]}: the nesting is deeper than any pack's"])
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            word = str(key.value)
            if word in found:
                raise PackError(
                    [f"{name}:{key.start_mark.line + 1}: {_dotted((*where, word))}: the field stands twice"]
                )
            found[word] = _plain(value, (*where, word), lines, name)
            lines[(*where, word)] = key.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, (*where, index), lines, name) for index, value in enumerate(node.value)]
    return _scalar(node, where, lines, name)


def _scalar(node: yaml.Node, where: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], name: str) -> Any:
    tag = node.tag.rsplit(":", 1)[-1]
    text = str(node.value)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in {"true", "yes", "on"}
    if tag in {"int", "float"}:
        try:
            return int(text) if tag == "int" else float(text)
        except ValueError:
            return text
    if tag in {"str", "timestamp"}:
        return text
    raise PackError([f"{name}:{lines[where]}: {_dotted(where)}: the tag {node.tag} is not allowed in a pack"])


def _dotted(where: Sequence[str | int]) -> str:
    out = ""
    for part in where:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out or "the pack"


def _line(lines: dict[tuple[str | int, ...], int], where: tuple[str | int, ...]) -> int:
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 1)


def _sentence(name: str, lines: dict[tuple[str | int, ...], int], detail: Any) -> str:
    where = tuple(part for part in detail["loc"] if part != "[key]")
    text = str(detail["msg"]).removeprefix("Value error, ")
    return f"{name}:{_line(lines, where)}: {_dotted(where)}: {text}{_suggestion(detail)}"


def _suggestion(detail: Any) -> str:
    given = detail.get("input")
    word = given.get("label") if isinstance(given, dict) else given
    if not isinstance(word, str) or "unknown signal" not in str(detail["msg"]):
        return ""
    close = difflib.get_close_matches(word, LABELS, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _crosschecks(pack: Pack) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from _clause_checks(pack)
    ids = {clause.id for clause in pack.clauses}
    for where, clause_id in _cited(pack):
        if clause_id not in ids:
            yield where, f"the clause {clause_id!r} is not among the pack's clauses"
    roles = {role.id for role in pack.roles}
    for index, entry in enumerate(pack.authority):
        if entry.at_least not in roles:
            yield ("authority", index, "at_least"), f"the role {entry.at_least!r} is not among the pack's roles"
    if pack.appeal.role is not None and pack.appeal.role not in roles:
        yield ("appeal", "role"), f"the role {pack.appeal.role!r} is not among the pack's roles"


def _clause_checks(pack: Pack) -> Iterator[tuple[tuple[str | int, ...], str]]:
    seen: set[str] = set()
    for index, clause in enumerate(pack.clauses):
        if clause.id in seen:
            yield ("clauses", index, "id"), f"the clause {clause.id!r} stands twice"
        seen.add(clause.id)
        if not clause.id.startswith(f"{pack.id}/"):
            yield ("clauses", index, "id"), f"the clause {clause.id!r} must begin with '{pack.id}/'"
        yield from _automatic_checks(pack, index, clause)
        for carrier in clause.carried_by:
            if carrier != "document" and carrier.split(":")[0] not in CARRIERS:
                yield (
                    ("clauses", index, "carried_by"),
                    f"{carrier!r} is not of the form KIND:NAME with KIND one of {', '.join(CARRIERS)}",
                )


def _automatic_checks(pack: Pack, index: int, clause: Clause) -> Iterator[tuple[tuple[str | int, ...], str]]:
    harm = any(LABELS[match.label] is Stance.HARM for match in clause.signals)
    for group, actions in clause.automatic.items():
        if actions and not harm:
            what = "nothing may be automatic: no signal of the clause is harm (patterns, demands and notices wait for a person)"
            yield ("clauses", index, "automatic"), what
        for action in actions:
            if action not in pack.automation.daily_quota:
                yield ("clauses", index, "automatic", group), f"the action {action.value!r} has no daily_quota"
            if action is Action.BLOCK:
                yield (
                    ("clauses", index, "automatic", group),
                    "blocking is named in automation.block_at_once_for, not in a clause",
                )


def _cited(pack: Pack) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from ((("authority", i, "clause"), entry.clause) for i, entry in enumerate(pack.authority))
    yield from ((("measures", i, "clause"), entry.clause) for i, entry in enumerate(pack.measures))
    yield from ((("ladder", "steps", i, "clause"), step.clause) for i, step in enumerate(pack.ladder.steps))
    yield ("appeal", "clause"), pack.appeal.clause
    yield ("last_line", "clause"), pack.last_line.clause
