"""Heads raised by cues: a phrase list says what to look for, spaCy's tokens say whether it is denied."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from classifiers.batch import MessageBatch
from classifiers.cues import CueHit, load_cues
from classifiers.fold import fold
from classifiers.learned import learned_signals, raised
from models.domain import Message, Signal, Span

_DENIALS = ("not", "n't", "never", "no", "without", "wouldn't", "dim", "ddim", "byth", "nid", "heb", "peidio")
_WINDOW_TOKENS = 3
_SUPPRESSING = 0.25


def cued_signals(
    messages: Sequence[Message], labels: tuple[str, ...], classifier: str, cues: str
) -> list[list[Signal]]:
    """Return for each message the heads of `labels`, raised by the phrases of the cue file `cues`."""
    batch = MessageBatch.of(messages)
    found = load_cues(cues)
    out = []
    for index, message in enumerate(batch):
        signals = learned_signals(batch, index, labels, classifier)
        folded = fold(message.own_text[:12_000])
        hits = [hit for hit in found.find(folded) if hit.cue.label in labels]
        out.append(raised(signals, _strongest(folded, hits), classifier, batch.version) if hits else signals)
    return out


def _strongest(folded: str, hits: list[CueHit]) -> dict[str, tuple[float, tuple[Span, ...]]]:
    best: dict[str, tuple[float, tuple[Span, ...]]] = {}
    for hit in hits:
        strength = hit.cue.strength * (_SUPPRESSING if _denied(folded, hit) else 1.0)
        before, spans = best.get(hit.cue.label, (0.0, ()))
        best[hit.cue.label] = (max(before, strength), (*spans, Span(hit.start, hit.end)))
    return best


def _denied(folded: str, hit: CueHit) -> bool:
    """True when one of the few tokens before the hit, in its sentence, denies it."""
    start = max(folded.rfind(mark, 0, hit.start) for mark in ".!?\n") + 1
    before = [token.text for token in _tokeniser()(folded[start : hit.start])][-_WINDOW_TOKENS:]
    return any(token in _DENIALS for token in before)


@cache
def _tokeniser() -> Any:
    """Return spaCy's English tokeniser: it splits `wouldn't` and keeps `Mr.`; imported when first needed."""
    import spacy

    return spacy.blank("en").tokenizer
