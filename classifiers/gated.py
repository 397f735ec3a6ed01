"""An expression behind literals: most texts hold none of them and are spared the expression."""

import re
from dataclasses import dataclass
from functools import cached_property


class Caseless:
    """An expression that ignores case, itself written in lower case.

    Over ASCII, as most texts are, it is looked for in the text's lower case: where case counts the machine passes at once
    over what does not begin with the right letter, which takes a third of the time.
    """

    def __init__(self, expression: str) -> None:
        """Keep `expression`.

        Raises:
            ValueError: It holds a letter in upper case, which no text in lower case would meet.
        """
        if any(letter.isupper() for letter in re.sub(r"\\.", "", expression)):
            raise ValueError(f"write it in lower case: {expression[:80]}")
        self._expression = expression

    @cached_property
    def _in_lower(self) -> re.Pattern[str]:
        return re.compile(self._expression)

    @cached_property
    def _in_any(self) -> re.Pattern[str]:
        return re.compile(self._expression, re.IGNORECASE)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place in `text`, None where there is none; the words matched may be in lower case."""
        return self._in_lower.search(text.lower()) if text.isascii() else self._in_any.search(text)

    def words(self, text: str) -> set[str]:
        """Return all that is found in `text`, in lower case."""
        if text.isascii():
            return set(self._in_lower.findall(text.lower()))
        return {found.lower() for found in self._in_any.findall(text)}


@dataclass(frozen=True, slots=True)
class Gated:
    """An expression that ignores case; of `literals`, in lower case, one stands in whatever it finds."""

    literals: tuple[str, ...]
    expression: Caseless

    def possible(self, lowered: str) -> bool:
        """True when a text in lower case holds one of the literals."""
        return any(literal in lowered for literal in self.literals)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place in `text`, None where there is none."""
        return self.expression.search(text) if self.possible(text.lower()) else None


def gated(literals: str, expression: str) -> Gated:
    """Return `expression` behind `literals`, which stand apart by `/`."""
    return Gated(tuple(literals.split("/")), Caseless(expression))


def begun(*expressions: str) -> str:
    """Return an alternative of expressions that each begin a word, by a plain letter.

    What begins with a letter instead of the edge of a word is passed over at once where the letter is another.
    """
    return "|".join(rf"{one[0]}(?<!\w{one[0]}){one[1:]}" for one in expressions)


def each(words: str, after: str) -> str:
    """Return an alternative of `words`, which stand apart by `|`, each followed by the expression `after`."""
    return "|".join(word + after for word in words.split("|"))
