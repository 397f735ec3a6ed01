"""The page that lists every clause of every document against what carries it out."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.schema import Clause, Pack

TESTS = Path(__file__).resolve().parents[2] / "tests" / "carriers.yaml"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "coverage.md"
_STATES = ("carried out", "in part", "still to come", "context")
_HEAD = """# Coverage of the policies

Every clause of the five documents, one by one, and what carries it out. Made by
`python -m models.policy.coverage`; a test fails when it is stale, when a clause has no row, or when
something is named that does not exist. `not_yet:part-N` says in which part of the plan it comes.
`document` carries what only states context; `shown by` names the tests of what carries a clause out. The rows `rule.` and `law.` hold for every pack by the
clause register: what is automatic, welfare, rights, the Welsh language.

| document | clauses | carried out | in part | still to come | context |
| --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page."""
    documents, shown = list(_documents()), tests()
    total = _counts([clause for _, clauses in documents for clause in clauses])
    summary = [f"| {title} | {_counts(clauses)} |" for title, clauses in documents]
    parts = ["\n".join([_HEAD.rstrip(), *summary, f"| **together** | {total} |"])]
    for title, clauses in documents:
        parts.append(f"\n## {title}\n")
        parts.append("| clause | what it says | kind | carried out by | shown by |\n| --- | --- | --- | --- | --- |")
        parts.extend(_rows(clauses, shown))
    return "\n".join(parts) + "\n"


def _documents() -> Iterator[tuple[str, list[Clause]]]:
    for pack_id in sorted(builtin_pack_ids()):
        pack = builtin_pack(pack_id)
        for document in pack.documents:
            mine = [clause for clause in pack.clauses if _document(clause, pack) == document.clause_prefix]
            yield f"{pack.organisation.name.en}: {document.title.en} (document {document.id})", mine


def _document(clause: Clause, pack: Pack) -> str:
    """Return the prefix of the document a clause belongs to: the longest that fits."""
    return max((d.clause_prefix for d in pack.documents if clause.id.startswith(d.clause_prefix)), key=len)


def _counts(clauses: Sequence[Clause]) -> str:
    """Return how many there are, and how many are carried out, in part, still to come, and context."""
    states = Counter(_state(clause) for clause in clauses)
    return " | ".join(str(n) for n in (len(clauses), *(states[state] for state in _STATES)))


def _state(clause: Clause) -> str:
    waiting = [carrier.startswith("not_yet:") for carrier in clause.carried_by]
    if clause.carried_by == ("document",):
        return "context"
    return "still to come" if all(waiting) else "in part" if any(waiting) else "carried out"


def tests() -> Mapping[str, Sequence[str]]:
    """Return the tests of what carries clauses out, by carrier."""
    found: Mapping[str, Sequence[str]] = yaml.safe_load(TESTS.read_text("utf-8"))
    return found


def shown_by(clause: Clause, shown: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the tests that show what carries a clause out, in its order."""
    return tuple(dict.fromkeys(test for carrier in clause.carried_by for test in shown.get(carrier, ())))


def _rows(clauses: Sequence[Clause], shown: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for clause in clauses:
        kinds, carried = ", ".join(clause.kind), ", ".join(clause.carried_by)
        named = ", ".join(f"`{test}`" for test in shown_by(clause, shown)) or "–"
        yield f"| {clause.id} | {clause.text.en.replace('|', chr(92) + '|')} | {kinds} | {carried} | {named} |"


def main() -> None:
    """Write the page, or with `--check` say whether it is up to date."""
    text = page()
    if "--check" in sys.argv:
        if not PAGE.is_file() or PAGE.read_text("utf-8") != text:
            sys.exit(f"{PAGE}: out of date; run `make docs`")
        return
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
