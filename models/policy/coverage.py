"""The page that lists every clause of every document against what carries it out."""

import sys
from collections.abc import Iterator
from pathlib import Path

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.schema import Clause, Pack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "coverage.md"
_HEAD = """# Coverage of the policies

Every clause of the five documents, one by one, and what carries it out. Made by
`python -m models.policy.coverage`; a test fails when it is stale, when a clause has no row, or when
something is named that does not exist. `not_yet:part-N` says in which part of the plan it comes.
"""


def page() -> str:
    """Return the page."""
    parts = [_HEAD]
    for pack_id in sorted(builtin_pack_ids()):
        pack = builtin_pack(pack_id)
        for document in pack.documents:
            mine = [clause for clause in pack.clauses if _document(clause, pack) == document.clause_prefix]
            parts.append(
                f"\n## {pack.organisation.name.en}: {document.title.en} (document {document.id}, {len(mine)} clauses)\n"
            )
            parts.append("| clause | what it says | kind | carried out by |\n| --- | --- | --- | --- |")
            parts.extend(_rows(mine))
    return "\n".join(parts) + "\n"


def _document(clause: Clause, pack: Pack) -> str:
    """Return the prefix of the document a clause belongs to: the longest that fits."""
    return max((d.clause_prefix for d in pack.documents if clause.id.startswith(d.clause_prefix)), key=len)


def _rows(clauses: list[Clause]) -> Iterator[str]:
    for clause in clauses:
        kinds, carried = ", ".join(clause.kind), ", ".join(clause.carried_by)
        yield f"| {clause.id} | {clause.text.en} | {kinds} | {carried} |"


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
