"""Text that the letters' fonts can show: what none of them has is written out by its Unicode name, never dropped."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path

FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
_KEPT = frozenset("\n\u200c\u200d\u00ad")
_LONG = re.compile(r"\S{36,}")
_EVERY = 24
_NUMBER = re.compile(r"(?<=\d) (?=\d)")
BREAK = "\u200b"
"""Where a word that no line holds may be broken."""


def folders() -> list[str]:
    """Return the folders of the fonts that come with the program's packages."""
    return [str(Path(str(files(name))) / "files") for name in FONTS]


@cache
def _known() -> frozenset[int]:
    """Return the code points that some font shows."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for folder in folders():
        for path in sorted(Path(folder).glob("*.ttf")):
            with TTFont(path, lazy=True) as font:
                found |= set(font.getBestCmap())
    return frozenset(found)


def shown(text: str) -> str:
    """Return `text` as the fonts can show it. Control characters go; words that fill a line may break.

    A telephone number does not.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    known = _known()
    spelt = "".join(_character(c, known) for c in composed)
    return _NUMBER.sub("\u00a0", _LONG.sub(lambda found: _breakable(found[0]), spelt))


def _character(character: str, known: frozenset[int]) -> str:
    if character in _KEPT:
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return ""
    if ord(character) in known:
        return character
    return f"[{unicodedata.name(character, f'U+{ord(character):04X}').lower()}]"


def _breakable(word: str) -> str:
    return BREAK.join(word[at : at + _EVERY] for at in range(0, len(word), _EVERY))


def spoken(text: str) -> str:
    """Return `text` without control characters, for a mail: they can turn lines round or hide words."""
    kept = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(c for c in kept if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
