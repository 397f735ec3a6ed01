"""Telephone numbers written as they are said: `o double seven hundred, nine double o` is 07700 900."""

import re
from collections.abc import Iterator

_SAID = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "dim": "0", "sero": "0",
    "one": "1", "un": "1", "two": "2", "dau": "2", "three": "3", "tri": "3", "four": "4", "pedwar": "4",
    "five": "5", "pump": "5", "six": "6", "chwech": "6", "seven": "7", "saith": "7", "eight": "8", "wyth": "8",
    "nine": "9", "naw": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3, "dwbl": 2}
_TELLING = ("double", "triple", "treble", "dwbl", "zero", "sero", "nought", "seven", "saith", "nine", "naw ")
_RUN = re.compile(
    rf"(?i)(?:\b(?:{'|'.join([*_SAID, *_TIMES, 'hundred', 'cant'])}|\d{{1,6}})\b[\s,.\-]{{0,3}}){{4,}}",
)
_TOKEN = re.compile(r"(?i)[a-z]+|\d+")
_LENGTHS = {10, 11}


def spoken_digits(text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of each run of number words that makes a British telephone number; plain digits are not its matter.

    `lower` is `text` in lower case.
    """
    if not any(map(lower.__contains__, _TELLING)):
        return
    for match in _RUN.finditer(text):
        digits = _digits(match.group())
        if len(digits) in _LENGTHS and digits[0] == "0" and not match.group().replace(" ", "").isdigit():
            yield match.start(), match.start() + len(match.group().rstrip(" ,.-"))


def _digits(said: str) -> str:
    out, times = "", 1
    for token in _TOKEN.findall(said.lower()):
        if token in _TIMES:
            times = _TIMES[token]
            continue
        out += "00" if token in {"hundred", "cant"} else _SAID.get(token, token) * times
        times = 1
    return out
