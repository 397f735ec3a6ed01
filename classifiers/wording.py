"""The words of a text as two copies of it are compared: in units (sentences, lines), greeting and signature known as such."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from classifiers.fold import fold

CHARACTERS_AT_MOST = 12_000
_UNIT = re.compile(r"[^.!?\n;]+(?:[.!?;]+(?=\S)[^.!?\n;]+)*[.!?;]*")
_WORD = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]|\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_POSTSCRIPT = re.compile(r" (?=p\.?s\.?[ :,])")
_SEPARATOR = re.compile(r"[.,:/'-]")
_HEADED = re.compile(
    r"^\s*(?:on .{4,80} wrote|ar .{4,80} (?:ysgrifennodd|meddai)\b.*|-+ ?(?:original|forwarded) message ?-+|from: .*|sent: .*|to: .*|subject: .*)\s*:?\s*$"
)
_GREETING = re.compile(
    r"^[\W_]*(?:dear|hi|hiya|hello|hey|good (?:morning|afternoon|evening)|to whom|for the attention|fao|annwyl|helo|shwmae|su'?mae|"
    r"bore da|prynhawn da|p'?nawn da|noswaith dda|at bwy bynnag)\b"
)
_OPENING = re.compile(
    r"^[\W_]*(?:dear|annwyl) [^,.!?\n]{1,40}[,!.:]|^[\W_]*(?:hi|hiya|hello|hey|helo|shwmae|su'?mae)(?: (?:there|again|eto|all|bawb))?\b|"
    r"^[\W_]*(?:good (?:morning|afternoon|evening)|bore da|prynhawn da|p'?nawn da|noswaith dda)\b|^[\W_]*to whom it may concern\b|"
    r"^[\W_]*at bwy bynnag[^,.\n]{1,30}[,.]|^[\W_]*dear sir(?: or madam|/madam|s)?\b"
)
_CLOSING = re.compile(
    r"^--|^[\W_]*(?:(?:kind(?:est)?|best|warm|many) )?(?:regards|wishes|thanks)\b|^[\W_]*(?:yours|thank you|thanks|cheers|ta|diolch|cofion|yn gywir|yr eiddoch|"
    r"sent from|anfonwyd o|hwyl|best)\b"
)
_INLINE_CLOSING = re.compile(
    r"(?:kind regards|best wishes|many thanks|yours (?:sincerely|faithfully)|regards|cofion gorau|yn gywir|yr eiddoch)\b"
)
_REACH = re.compile(r"^[\W_]*(?:tel|ffon|phone|mob|mobile|email|e-bost)?[\W_]*(?:\+?\d[\d ]{8,}|\S+@\S+)\s*$")
OPENING_UNITS, CLOSING_CHARACTERS, NAME_WORDS = 3, 80, 3
GREETING_WORDS, LONGEST_SIGNATURE_LINE, SIGNATURE_LINES = 9, 10, 6
_AUXILIARIES = {
    word: f"{ ({'can': 'ca', 'will': 'wo'}.get(word, word)) }nt"
    for word in "do can will is was did does have has had could would should are were must need".split()
}
"""`do not`, `don't` and `dont` are one."""
NEGATIONS = frozenset(_AUXILIARIES.values()) | frozenset(
    "cannot aint not no never nor none noone nothing cannot without ni nid na nad nac dim ddim byth heb neb".split()
)
_ALIASES = {"nobody": "noone", "anybody": "anyone", "somebody": "someone", "everybody": "everyone"}
NUMERALS = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred thousand million first second third fourth fifth "
    "sixth seventh eighth ninth tenth dau ddau dwy ddwy tri thri tair pedwar pedair pump chwech saith wyth naw deg deuddeg ugain cant mil cyntaf gyntaf ail "
    "trydydd pedwerydd pumed chweched".split()
)


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
    folded = _POSTSCRIPT.sub("\n", fold(text).replace("\r", "\n"))
    shouting = text.upper() == text
    spans = [match.span() for match in _UNIT.finditer(folded) if match.group().strip()]
    framed = _framed([folded[start:end] for start, end in spans])
    words: list[str] = []
    units: list[int] = []
    named: set[int] = set()
    frame: set[int] = set()
    for unit, (start, end) in enumerate(spans):
        opened, closing = _opened(folded, start, end) if unit < OPENING_UNITS else start, _closing(folded, start, end)
        for match in _WORD.finditer(folded, start, end):
            at = match.start()
            word = _SEPARATOR.sub("", match.group())
            word = _ALIASES.get(word, word)
            if word == "not" and words and words[-1] in _AUXILIARIES:
                words[-1] = _AUXILIARIES[words[-1]]
                continue
            if unit in framed or folded[at - 1 : at] == "@" or not opened <= at < closing:
                frame.add(len(words))
            elif at > opened + 1 and not shouting and text[at].isupper():
                named.add(len(words))
            words.append(word)
            units.append(unit)
    core = [word for at, word in enumerate(words) if at not in frame]
    return Wording(
        tuple(words), tuple(units), frozenset(named), frozenset(frame), Counter(core or words),
        frozenset(core or words), " ".join(core or words),
    )  # fmt: skip


def _opened(text: str, start: int, end: int) -> int:
    """Return where the greetings before a sentence end."""
    for _ in range(2):
        found = _OPENING.search(text[start:end])
        if not found:
            break
        start += found.end()
    return start


def _closing(text: str, start: int, end: int) -> int:
    """Return where a signature begins in the text's last sentence, else its end."""
    found = _INLINE_CLOSING.search(text, start, end)
    return found.start() if found and len(text) - found.start() <= CLOSING_CHARACTERS else end


def _greets(unit: str) -> bool:
    """True for a sentence or line that greets and says nothing else."""
    opened = _opened(unit, 0, len(unit))
    return _WORD.search(unit, opened) is None if opened else _GREETING.search(unit) is not None


def _framed(units: list[str]) -> frozenset[int]:
    """Return which units are greeting, the line over a quotation, or signature; never all of them."""
    sizes = [len(_WORD.findall(unit)) for unit in units]
    head = {
        at
        for at, unit in enumerate(units)
        if _HEADED.search(unit) or (at < OPENING_UNITS and sizes[at] <= GREETING_WORDS and _greets(unit))
    }
    tail: set[int] = set()
    for at in range(len(units) - 1, max(-1, len(units) - 1 - SIGNATURE_LINES), -1):
        if sizes[at] > LONGEST_SIGNATURE_LINE:
            break
        if _CLOSING.search(units[at]):
            tail.update(range(at, len(units)))
        elif _REACH.search(units[at]) and set(range(at + 1, len(units))) <= tail:
            tail.update((at, at - 1) if at and sizes[at - 1] <= NAME_WORDS else (at,))
    return next((frozenset(found) for found in (head | tail, head, tail) if len(found) < len(units)), frozenset())
