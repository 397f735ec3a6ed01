"""The abuse family: learned heads that weigh the lexicon too, milder where no word of abuse bears an insult out."""

import re
from collections.abc import Sequence
from dataclasses import replace

from classifiers.banter import as_banter
from classifiers.base import capped, highest
from classifiers.batch import MessageBatch
from classifiers.criticism import as_criticism
from classifiers.cued import strongest
from classifiers.cues import load_cues
from classifiers.learned import RULE_CARRIES_TO, Learned, learned_signals
from classifiers.lexical import REPORTED, calls_names
from models.domain import Message, Signal, Span
from models.labels import LABELS

GRAVE = 2
CALLED = 0.65
"""So likely an insult is a sentence that only calls somebody a name: enough for a look, never for an action."""
SPANS_AT_MOST = 4
_INSULT = "abuse.insult"
_QUOTED = re.compile(r'"[^"\n]{8,300}"|“[^”\n]{8,300}”|«[^»\n]{8,300}»')
_NEED_A_WORD = (_INSULT, "abuse.profanity")


class AbuseClassifier(Learned):
    """Emits every `abuse.*` label of the register."""

    name = "abuse"
    labels = tuple(label for label in LABELS if label.startswith("abuse."))

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the abuse signals of each message."""
        batch = MessageBatch.of(messages)
        return [self._all(batch, index) for index in range(len(batch))]

    def _all(self, batch: MessageBatch, index: int) -> list[Signal]:
        signals, text = self._one(batch, index), batch[index].own_text
        if not any(hit.label in _NEED_A_WORD for hit in batch.lexical[index].hits):
            signals = as_criticism(text, signals)
        return as_banter(text, _told(self._belittled(batch, index, signals), text))

    def _belittled(self, batch: MessageBatch, index: int, signals: list[Signal]) -> list[Signal]:
        """Note who talks down to the reader without a rude word: one such remark is little, they add up over time."""
        folded = batch.folded[index]
        hits = load_cues("belittling").find(folded, batch.words[index])
        for label, (strength, spans) in strongest(folded, hits).items() if hits else ():
            if highest(signals, label) < strength:
                remark = Signal(label, strength, self.name, batch.version, spans, batch.target(index))
                signals = [*(signal for signal in signals if signal.label != label), remark]
        return signals

    def _one(self, batch: MessageBatch, index: int) -> list[Signal]:
        signals = learned_signals(batch, index, self.labels, self.name)
        hits = batch.lexical[index].hits
        if not hits:
            return [_without_a_word(signal) for signal in signals]
        plain = batch.normalised[index]
        signals = self._called_names(batch, index, signals)
        words: dict[str, tuple[Span, ...]] = {}
        for hit in hits:
            words[hit.label] = (*words.get(hit.label, ()), plain.to_original(hit.start, hit.end))
        shown = [
            replace(signal, spans=_led_by(words[signal.label], signal.spans)) if signal.label in words else signal
            for signal in signals
        ]
        grave = any(hit.severity >= GRAVE for hit in hits)
        return shown if grave else [_without_a_word(signal) for signal in shown]

    def _called_names(self, batch: MessageBatch, index: int, signals: list[Signal]) -> list[Signal]:
        """Bring before a person what calls the reader names, however mild: a sentence that is nothing but the name."""
        plain = batch.normalised[index]
        named = [hit for hit in batch.lexical[index].hits if hit.label == _INSULT and calls_names(plain.text, hit)]
        if not named or highest(signals, _INSULT) >= CALLED or REPORTED.search(plain.text):
            return signals
        spans = tuple(plain.to_original(hit.start, hit.end) for hit in named)
        called = Signal(_INSULT, CALLED, self.name, batch.version, spans, batch.target(index))
        return [*(signal for signal in signals if signal.label != _INSULT), called]


def _told(signals: list[Signal], text: str) -> list[Signal]:
    """Keep what stands between quotation marks below what may be acted on: who tells of abuse mostly suffered it."""
    if '"' not in text and "“" not in text and "«" not in text:
        return signals
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    return [
        capped(signal, RULE_CARRIES_TO) if quoted and _stands_in(signal.spans, quoted) else signal for signal in signals
    ]


def _stands_in(spans: Sequence[Span], quoted: Sequence[tuple[int, int]]) -> bool:
    """True when the leading span and at least half of all lie in what is quoted."""
    inside = [any(start <= span.start and span.end <= end for start, end in quoted) for span in spans]
    return bool(inside) and inside[0] and 2 * sum(inside) >= len(inside)


def _led_by(words: tuple[Span, ...], spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the words of the lexicon first, then what else carries the score."""
    apart = tuple(span for span in spans if not any(word.start < span.end and span.start < word.end for word in words))
    return (*words, *apart)[:SPANS_AT_MOST]


def _without_a_word(signal: Signal) -> Signal:
    """Keep an insult that no word of abuse bears out below what may be acted on: 'your delay is a disgrace' is criticism."""
    return capped(signal, RULE_CARRIES_TO) if signal.label in _NEED_A_WORD else signal
