"""Criticism of a body, however harsh, is what complaints are made of: 'you people are a disgrace' is not yet abuse of anybody."""

import re
from collections.abc import Sequence

from classifiers import linear
from classifiers.base import capped
from classifiers.gated import gated
from classifiers.linear import ANY
from classifiers.normalise import normalise
from models.domain import Signal

JUST_CRITICISM = 0.45
"""So likely an insult is at most where only criticism of the body was said: read in its turn, not put into the queue, whose threshold is never under .47."""
_LEANS_FROM = 1.0
"""The head of abuse of any kind, before the stack, from which what is said beside the criticism leans towards abuse."""
_MILD = frozenset({"abuse.insult", "abuse.rudeness"})
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_CRITICISM = gated(
    "disgrac/shambl/joke/embarrass/asham/useless/hopeless/incompeten/shame/pathetic/gwarth/warth/cywilydd/gywilydd/joc/jôc/anobeithiol/dda i ddim/da i ddim",
    r"\b(?:you|u|ye|yous)(?: people| lot| all| guys| folk)?(?:'re|'s| are| r|re| should(?: all)? be| ought to be| want to be)(?: all| just| simply| nothing but)*"
    r"(?: an?)?(?: absolute| total| complete| utter| bloody| national| real| right)*"
    r" (?:disgrace\w*|shambl\w*|joke|embarrassment|(?:thoroughly )?ashamed|useless|hopeless|incompetent|shameful|pathetic)\b|"
    r"\bshame on (?:you|the lot of you)\b|"
    r"\b(?:rydych|rydach|dach|'dach|ydych|da) chi(?: i gyd| bobl)?(?: yn|'n) (?:warth\w*|gywilydd\w*|joc|jôc|anobeithiol|dda i ddim)|"
    r"\b(?:rhag eich cywilydd|rhag cywilydd|cywilydd arnoch|cywilydd i chi)\b",
)
_BY_NAME = re.compile(r"(?:,|^)\s*(?:(?:Mr|Mrs|Ms|Miss|Dr|Cllr)\.? )?[A-Z][a-z]{2,}\s*(?:[.!?,]|$)|@\w")


def as_criticism(text: str, signals: Sequence[Signal]) -> list[Signal]:
    """Return the abuse signals with the insult milder where the whole text only criticises the body; no word of abuse stands in it."""
    if not any(signal.label in _MILD and signal.probability > JUST_CRITICISM for signal in signals):
        return list(signals)
    if _CRITICISM.search(text) is None or not _mild_without(text):
        return list(signals)
    return [capped(signal, JUST_CRITICISM) if signal.label in _MILD else signal for signal in signals]


def _mild_without(text: str) -> bool:
    """True when no sentence of criticism speaks to somebody by name, and what else is said leans towards no abuse."""
    sentences = [match.group() for match in _SENTENCE.finditer(text)]
    critical = [sentence for sentence in sentences if _CRITICISM.search(sentence)]
    if any(_BY_NAME.search(sentence.strip()) for sentence in critical):
        return False
    rest = " ".join(sentence for sentence in sentences if sentence not in critical)
    if len(rest.split()) < 3:
        return True
    heads = linear.load()
    return bool(heads.base_scores([normalise(rest).text])[0, heads.base.index(ANY)] < _LEANS_FROM)
