"""What classifiers note beside a finding, in both languages: they write English, `notes.tsv` holds the Welsh of each."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

_NUMBER = re.compile(r"\b\d+\b")
_APART = ", "


@cache
def welsh_of() -> Mapping[str, str]:
    """Return the Welsh of each note, by its English; `{}` stands for a number in both."""
    text = (resources.files("models.policy") / "notes.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return dict(lines)


@lru_cache(maxsize=4_096)
def note_in(note: str, language: str) -> str | None:
    """Return a note in `language`; None where it is not in the list, such as what another service said.

    A note may join several with a comma, which some hold themselves: the longest that is known goes first.
    """
    if language == "en" or not note:
        return note
    pieces, found = note.split(_APART), []
    while pieces:
        for count in range(len(pieces), 0, -1):
            said = _APART.join(pieces[:count])
            known = welsh_of().get(_NUMBER.sub("{}", said))
            if known is not None:
                found.append(known.format(*_NUMBER.findall(said)))
                pieces = pieces[count:]
                break
        else:
            return None
    return _APART.join(found)
