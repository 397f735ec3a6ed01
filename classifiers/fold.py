"""Folds text for matching without changing its length: lower case, no accents, straight apostrophes."""

import unicodedata

_APOSTROPHES = frozenset("’‘ʼʹ`´′")


class _Fold(dict[int, str]):
    """Maps a code point to its folded character; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _APOSTROPHES:
            folded = "'"
        else:
            base = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)).lower()
            lower = character.lower()
            folded = base if len(base) == 1 else lower if len(lower) == 1 else character
        self[code] = folded
        return folded


_TABLE = _Fold()


def fold(text: str) -> str:
    """Return `text` folded, of the same length, so that a span of one is a span of the other."""
    return text.lower() if text.isascii() else text.translate(_TABLE)
