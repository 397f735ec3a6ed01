"""The words of a text as two copies of it are compared: in units (sentences, lines), greeting and signature known as such."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from classifiers.fold import fold

CHARACTERS_AT_MOST = 12_000
_UNIT = re.compile(r"[^.!?\n;]+(?:[.!?;]+(?=\S)[^.!?\n;]+)*[.!?;]*")
_WORD = re.compile(r"https?://\S+|\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_CONTRACTED = re.compile(r"n't$|^(?:do|ca|wo|is|was|did|does|have|has|could|would|should|are|were|ai)nt$")
_HEADED = re.compile(r"^\s*(?:on .{4,80} wrote|ar .{4,80} (?:ysgrifennodd|meddai)\b.*|-+ ?(?:original|forwarded) message ?-+|from: .*|sent: .*|to: .*|subject: .*)\s*:?\s*$")
_GREETING = re.compile(
    r"^[\W_]*(?:dear|hi|hiya|hello|hey|good (?:morning|afternoon|evening)|to whom|for the attention|fao|annwyl|helo|shwmae|su'?mae|"
    r"bore da|prynhawn da|p'?nawn da|noswaith dda|at bwy bynnag)\b"
)
_CLOSING = re.compile(
    r"^[\W_]*(?:(?:kind(?:est)?|best|warm|many) )?(?:regards|wishes|thanks)\b|^[\W_]*(?:yours|thank you|thanks|cheers|ta|diolch|cofion|yn gywir|yr eiddoch|"
    r"sent from|anfonwyd o|hwyl|best)\b"
)
_INLINE_CLOSING = re.compile(r"(?:kind regards|best wishes|many thanks|yours (?:sincerely|faithfully)|regards|cofion gorau|yn gywir|yr eiddoch)\b")
_REACH = re.compile(r"^[\W_]*(?:tel|ffon|phone|mob|mobile|email|e-bost)?[\W_]*(?:\+?\d[\d ]{8,}|\S+@\S+)\s*$")
GREETING_WORDS, SIGNATURE_WORDS, SIGNATURE_LINES = 9, 7, 6
NEGATIONS = frozenset("not no never nor none nobody nothing cannot without ni nid na nad nac dim ddim byth heb neb".split())


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one text in order; of each the unit it stands in, whether it is a name, and whether it is frame.

    Frame is what surrounds the matter: greeting, signature, the line over a quotation, a mention.
    """

    words: tuple[str, ...]
    units: tuple[int, ...]
    named: frozenset[int]
    frame: frozenset[int]
    counted: Counter[str]
    core: frozenset[str]
    plain: str


@lru_cache(maxsize=8_192)
def wording_of(text: str) -> Wording:
    """Return the words of `text`, its first CHARACTERS_AT_MOST characters."""
    text = text[:CHARACTERS_AT_MOST]
    folded = fold(text).replace("\r", "\n")
    shouting = text.upper() == text
    spans = [match.span() for match in _UNIT.finditer(folded) if match.group().strip()]
    framed = _framed([folded[start:end] for start, end in spans])
    words: list[str] = []
    units: list[int] = []
    named: set[int] = set()
    frame: set[int] = set()
    for unit, (start, end) in enumerate(spans):
        closing = _INLINE_CLOSING.search(folded, start, end)
        first = True
        for match in _WORD.finditer(folded, start, end):
            at = match.start()
            if unit in framed or folded[at - 1 : at] == "@" or (closing and _ends(folded, closing.start(), at)):
                frame.add(len(words))
            elif not first and not shouting and text[at].isupper():
                named.update(range(len(words), len(words) + 2))
            first = False
            for word in _resolved(match.group()):
                words.append(word)
                units.append(unit)
    core = [word for at, word in enumerate(words) if at not in frame]
    return Wording(
        tuple(words), tuple(units), frozenset(named), frozenset(frame), Counter(core or words),
        frozenset(core or words), " ".join(core or words),
    )  # fmt: skip


def _ends(text: str, closing: int, at: int) -> bool:
    return closing <= at and len(text) - closing <= 80


def _resolved(word: str) -> list[str]:
    """Return a word without apostrophes; `don't` and `dont` are `do not`."""
    if word == "cannot":
        return ["can", "not"]
    if _CONTRACTED.search(word):
        base = word.replace("'", "").removesuffix("nt")
        return [{"ca": "can", "wo": "will", "ai": "is"}.get(base, base), "not"]
    return [word.replace("'", "")]


def _framed(units: list[str]) -> set[int]:
    """Return which units are greeting, the line over a quotation, or signature."""
    found: set[int] = set()
    sizes = [len(_WORD.findall(unit)) for unit in units]
    for at, unit in enumerate(units):
        if _HEADED.search(unit) or (at < 3 and sizes[at] <= GREETING_WORDS and _GREETING.search(unit)):
            found.add(at)
    for at in range(len(units) - 1, max(0, len(units) - 1 - SIGNATURE_LINES), -1):
        if sizes[at] > SIGNATURE_WORDS + 3:
            break
        if _CLOSING.search(units[at]) or units[at].startswith("-- "):
            found.update(range(at, len(units)))
    for at in range(len(units) - 1, 0, -1):
        if at in found:
            continue
        if not _REACH.search(units[at]):
            break
        found.add(at)
    return found if len(found) < len(units) else set()
