"""Copies of a text as people make them — typed over, put in order anew, signed, quoted — for measuring who finds them."""

import random
import re
import unicodedata
from collections.abc import Callable

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    letter: "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
    for row in _ROWS
    for at, letter in enumerate(row)
}  # fmt: skip
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_TOKEN = re.compile(r"\S+")
_MUTATED = {"c": "g", "p": "b", "t": "d", "g": "", "b": "f", "d": "dd", "m": "f", "ll": "l", "rh": "r"}
_GREETINGS = (
    "Hello,",
    "Hi there",
    "Dear Sir or Madam,",
    "Annwyl Syr,",
    "Good morning,",
    "To whom it may concern,",
    "Helo",
)
_CLOSINGS = (
    "Regards\n{name}", "Kind regards,\n{name}\n07700 900{n}", "Diolch,\n{name}", "Yours sincerely\n\n{name}\n{n} Stryd Fawr",
    "Thanks, {name}", "Yn gywir\n{name}", "Cofion gorau,\n{name}\n{first}@example.org", "Sent from my iPhone", "-- \n{name}",
    "{name}\nTel: 01632 960{n}", "Many thanks\n\n{name} (Mrs)", "Cheers\n{first}",
)  # fmt: skip
_FIRST = ("Nia", "Huw", "Carys", "Dai", "Sandra", "Mohammed", "Ffion", "Peter", "Angharad", "Joyce")
_LAST = ("Pugh", "Rees", "Hallett", "Tudor", "Iqbal", "Bevan", "Ellis-Price", "Morgan", "Ap Dafydd", "Cole")
Edit = Callable[[str, random.Random], str]


def typed_over(rate: float) -> Edit:
    """Return an edit that makes slips of the finger in `rate` of the letters: beside, left out, doubled, swapped."""

    def edit(text: str, draw: random.Random) -> str:
        out: list[str] = []
        skip = False
        for at, letter in enumerate(text):
            if skip:
                skip = False
                continue
            following = text[at + 1 : at + 2]
            if not letter.isalpha() or draw.random() >= rate:
                out.append(letter)
                continue
            kind = draw.randrange(4)
            if kind == 0:
                out.append(_near(letter, draw))
            elif kind == 1:
                out.append(letter * 2)
            elif kind == 2 and following.isalpha():
                out.append(following + letter)
                skip = True
        return "".join(out)

    return edit


def _near(letter: str, draw: random.Random) -> str:
    beside = _BESIDE.get(letter.lower(), "")
    chosen = draw.choice(beside) if beside else letter
    return chosen.upper() if letter.isupper() else chosen


def reordered(text: str, draw: random.Random) -> str:
    """Return the sentences in another order."""
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    draw.shuffle(parts)
    return " ".join(parts)


def signed(text: str, draw: random.Random) -> str:
    """Return the text with a signature under it."""
    first, last = draw.choice(_FIRST), draw.choice(_LAST)
    closing = draw.choice(_CLOSINGS).format(name=f"{first} {last}", first=first.lower(), n=draw.randrange(100, 999))
    return text + draw.choice(("\n\n", "\n", "\n")) + closing


def greeted(text: str, draw: random.Random) -> str:
    """Return the text with a greeting over it."""
    return draw.choice(_GREETINGS) + draw.choice(("\n\n", "\n", " ")) + text


def quoted(text: str, draw: random.Random) -> str:
    """Return the text as a mail program quotes it."""
    lines = "\n".join(f"> {line}" for line in text.split("\n"))
    return f"On {draw.randrange(1, 28)} March 2026 {draw.choice(_FIRST)} wrote:\n{lines}"


def shouted(text: str, draw: random.Random) -> str:
    """Return the text in capitals, or all small and without its stops."""
    return text.upper() if draw.random() < 0.5 else re.sub(r"[,.;:!?'’](?!//|\w+[./])", "", text.lower())


def bare_letters(text: str, _draw: random.Random) -> str:
    """Return the text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def rewrapped(text: str, draw: random.Random) -> str:
    """Return the text with its lines broken elsewhere, as another program wraps them."""
    words, width, lines = text.split(), draw.choice((40, 72)), [""]
    for word in words:
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def mutated(text: str, draw: random.Random) -> str:
    """Return the text with some words mutated, or not, as in other dialects of Welsh."""
    words = text.split(" ")
    for at, word in enumerate(words):
        for head, softened in _MUTATED.items():
            if len(word) > 4 and word.startswith(head) and draw.random() < 0.06:
                words[at] = softened + word[len(head) :]
                break
    return " ".join(words)


def all_at_once(text: str, draw: random.Random) -> str:
    """Return the text typed over, put in order anew, greeted and signed."""
    for edit in (typed_over(0.02), reordered, greeted, signed):
        text = edit(text, draw)
    return text


EDITS: dict[str, Edit] = {
    "typed over, 2 % slips": typed_over(0.02),
    "typed over, 5 % slips": typed_over(0.05),
    "reordered": reordered,
    "signed": signed,
    "greeted": greeted,
    "quoted": quoted,
    "capitals or none": shouted,
    "accents lost": bare_letters,
    "rewrapped": rewrapped,
    "mutated": mutated,
    "all at once": all_at_once,
}
"""What is done to a text, by name."""
