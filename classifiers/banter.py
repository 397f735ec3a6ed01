"""Banter: rough names between friends, who call each other to a cup of tea in the same breath. A person may look, nothing acts."""

from collections.abc import Sequence

from classifiers.base import capped
from classifiers.gated import gated
from classifiers.learned import RULE_CARRIES_TO
from models.domain import Signal

_ROUGH = frozenset({"abuse.insult", "abuse.profanity"})
_FOND = gated(
    "pint/peint/beint/cuppa/brew/banad/baned/paned/proud of/birthday/benblwydd/penblwydd/love y/love u/miss y/miss u/caru ti/caru chdi",
    r"\b(?:pint(?:'s| is)? on me|(?:i )?owe (?:you|ya|u) (?:a|one) (?:pint|beer|drink)|buy(?:ing)? (?:you|ya|u) a pint|(?:come|pop|nip) (?:over|round|in|down)? ?for a (?:cuppa|brew|pint|coffee)|"
    r"p?beint (?:gin|gen|gan) i|peint (?:gin|gen|gan|arna) i|(?:tyrd|ty'd|dewch|dere) (?:draw |acw |yma )?am (?:banad|baned|beint|goffi)|"
    r"proud of (?:you|ya|u),? (?:mate|butt|bach|lad|love|son|mun|x+)\b|happy birthday|pen-?blwydd hapus|benblwydd hapus|love (?:you|ya|u) (?:all|lots|loads|really|mate|butt|bach|x+)\b|miss (?:you|ya|u) (?:mate|butt|x+)\b|"
    r"caru (?:ti|chdi) (?:boi|bach|x+))",
)


def as_banter(text: str, signals: Sequence[Signal]) -> list[Signal]:
    """Return the abuse signals with rough words kept below what may be acted on, where the text is fond of whom it calls names."""
    if not any(signal.label in _ROUGH and signal.probability > RULE_CARRIES_TO for signal in signals):
        return list(signals)
    if _FOND.search(text) is None:
        return list(signals)
    return [capped(signal, RULE_CARRIES_TO) if signal.label in _ROUGH else signal for signal in signals]
