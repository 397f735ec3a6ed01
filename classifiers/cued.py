"""Heads raised by cues: a phrase list says what to look for, the words before it whether it is denied."""

import re
from collections.abc import Sequence

from classifiers.batch import MessageBatch
from classifiers.cues import CueHit, load_cues
from classifiers.learned import learned_signals, raised
from models.domain import Message, Signal, Span

_DENIALS = ("not", "never", "no", "without", "dim", "ddim", "byth", "nid", "heb", "peidio")
_DENIAL = re.compile("|".join((*_DENIALS, "n't")))
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_WINDOW_WORDS = 3
_SUPPRESSING = 0.25


def cued_signals(
    messages: Sequence[Message], labels: tuple[str, ...], classifier: str, cues: str
) -> list[list[Signal]]:
    """Return for each message the heads of `labels`, raised by the phrases of the cue file `cues`."""
    batch = MessageBatch.of(messages)
    found = load_cues(cues)
    out = []
    for index in range(len(batch)):
        signals = learned_signals(batch, index, labels, classifier)
        folded = batch.folded[index]
        hits = [hit for hit in found.find(folded, batch.words[index]) if hit.cue.label in labels]
        out.append(raised(signals, strongest(folded, hits), classifier, batch.version) if hits else signals)
    return out


def strongest(folded: str, hits: list[CueHit]) -> dict[str, tuple[float, tuple[Span, ...]]]:
    """Return for each label the strength of its strongest phrase, less where it is denied, and where its phrases stand."""
    best: dict[str, tuple[float, tuple[Span, ...]]] = {}
    for hit in hits:
        strength = hit.cue.strength * (_SUPPRESSING if _denied(folded, hit) else 1.0)
        before, spans = best.get(hit.cue.label, (0.0, ()))
        best[hit.cue.label] = (max(before, strength), (*spans, Span(hit.start, hit.end)))
    return best


def _denied(folded: str, hit: CueHit) -> bool:
    """True when one of the few words before the hit, in its sentence, denies it."""
    start = max(folded.rfind(mark, 0, hit.start) for mark in ".!?\n") + 1
    if not _DENIAL.search(folded, start, hit.start):
        return False
    before = _WORD.findall(folded, start, hit.start)[-_WINDOW_WORDS:]
    return any(word in _DENIALS or word.endswith("n't") for word in before)
