"""Text that hides nothing: characters that a document's fonts cannot draw, or that act unseen, are named in brackets."""

import unicodedata

_DRAWN = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x370, 0x52F),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20BF),
)
_SILENT = frozenset({0xAD, 0x2060})
_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    """Return `text` with each emoji, foreign letter or unseen sign as its name, `⟨thumbs up sign⟩` for one."""
    return "".join(_shown(letter) for letter in unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def _shown(letter: str) -> str:
    code = ord(letter)
    if letter in _KEPT or (code not in _SILENT and any(low <= code <= high for low, high in _DRAWN)):
        return letter
    name = unicodedata.name(letter, "").lower() or f"U+{code:04X}"
    return f"⟨{name}⟩"
