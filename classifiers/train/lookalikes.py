"""Writes the table of letters drawn like Latin ones: `python -m classifiers.train.lookalikes`.

Source: Unicode's confusables, as the package `confusable_homoglyphs` carries them.
"""

import sys
import unicodedata
from pathlib import Path

from confusable_homoglyphs import confusables

TABLE = Path(__file__).resolve().parents[1] / "lexicons" / "lookalikes.tsv"
SCRIPTS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def table() -> dict[str, str]:
    """Return letter → the ASCII letter it is drawn like, for the scripts that are used to deceive."""
    found = {}
    for code in range(0x370, sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.name(character, "").startswith(SCRIPTS):
            hits = confusables.is_confusable(character, preferred_aliases=[], greedy=True) or []
            likes = [entry["c"] for hit in hits for entry in hit["homoglyphs"]]
            latin = next((like.lower() for like in likes if len(like) == 1 and like.isascii() and like.isalpha()), None)
            if latin is not None:
                found[character] = latin
    return found


def main() -> None:
    """Write the table."""
    lines = [f"{letter}\t{latin}" for letter, latin in table().items()]
    TABLE.write_text("# letter\tLatin letter it is drawn like\n" + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
