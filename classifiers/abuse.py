"""The abuse family: learned heads confirmed by the lexicon, milder where the words are not aimed at anybody here."""

import re
from collections.abc import Sequence
from dataclasses import replace

from classifiers import lexicon
from classifiers.batch import MessageBatch
from classifiers.learned import RULE_CARRIES_TO, Learned, learned_signals, raised
from models.domain import Message, Signal, Span
from models.labels import LABELS

_STRENGTH = {3: 0.5, 2: 0.2, 1: 0.15}
_QUOTED_SPEECH = re.compile(
    r"(?:called|calls|calling) (?:me|us|my|him|her)|(?:said|shouted|screamed|wrote|told|sent|left|posted)[^.!?\n]{0,40}[\"“‘:]|"
    r"graffiti|threatened (?:me|us|my|him|her|to)|abused (?:me|us|by)|been (?:called|told|threatened)|"
    r"galw(?:odd|ais|yd)? (?:fi|ni|hi|o|e)|bygythi(?:odd|wyd|ad gan)|dweud wrth(?:yf|a i|o i)",
)
GRAVE = 2
_NEED_A_WORD = ("abuse.insult", "abuse.profanity")
_LEXICAL = tuple(label for label in LABELS if label.startswith("abuse."))


class AbuseClassifier(Learned):
    """Emits every `abuse.*` label of the register."""

    name = "abuse"
    labels = _LEXICAL

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the abuse signals of each message."""
        batch = MessageBatch.of(messages)
        return [self._one(batch, index) for index in range(len(batch))]

    def _one(self, batch: MessageBatch, index: int) -> list[Signal]:
        signals = learned_signals(batch, index, self.labels, self.name)
        plain = batch.normalised[index]
        found = lexicon.find(plain.text, batch.languages[index])
        if not found:
            return [_without_a_word(signal) for signal in signals]
        reported = _QUOTED_SPEECH.search(plain.text) is not None
        hits: dict[str, tuple[float, tuple[Span, ...]]] = {}
        for hit in found:
            if hit.label not in LABELS or not hit.label.startswith("abuse."):
                continue
            strength = _STRENGTH.get(hit.severity, 0.08) * (0.3 if reported else 1.0)
            before, spans = hits.get(hit.label, (0.0, ()))
            hits[hit.label] = (max(before, strength), (*spans, plain.to_original(hit.start, hit.end)))
        grave = any(hit.severity >= GRAVE for hit in found if hit.label != lexicon.INNOCENT)
        joined = raised(signals, hits, self.name, batch.version)
        return joined if grave else [_without_a_word(signal) for signal in joined]


def _without_a_word(signal: Signal) -> Signal:
    """Keep an insult that no word of abuse bears out below what may be acted on: 'your delay is a disgrace' is criticism."""
    if signal.label in _NEED_A_WORD and signal.probability > RULE_CARRIES_TO:
        return replace(signal, probability=RULE_CARRIES_TO)
    return signal
