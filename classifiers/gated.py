"""An expression behind literals: most texts hold none of them and are spared the expression."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gated:
    """An expression that ignores case; of `literals`, in lower case, one stands in whatever it finds."""

    literals: tuple[str, ...]
    expression: re.Pattern[str]

    def possible(self, lowered: str) -> bool:
        """True when a text in lower case holds one of the literals."""
        return any(literal in lowered for literal in self.literals)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place in `text`, None where there is none."""
        return self.expression.search(text) if self.possible(text.lower()) else None


def gated(literals: str, expression: str) -> Gated:
    """Return `expression` behind `literals`, which stand apart by `/`."""
    return Gated(tuple(literals.split("/")), re.compile(expression, re.IGNORECASE))
