"""The classifiers and detectors by name, and the one pass that runs them over a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import structlog

from classifiers.abuse import AbuseClassifier
from classifiers.base import ArtefactMissing, Classifier, PatternDetector
from classifiers.batch import MessageBatch
from classifiers.conduct import ConductDetector
from classifiers.demands import DemandsClassifier
from classifiers.doxing import DoxingClassifier
from classifiers.duplicates import DuplicatesDetector
from classifiers.elsewhere import ElsewhereDetector
from classifiers.layer import LocalLayer
from classifiers.link_patterns import LinkPatternsDetector
from classifiers.links import LinksClassifier
from classifiers.novelty import NoveltyDetector
from classifiers.persistence import PersistenceDetector
from classifiers.rights import RightsClassifier
from classifiers.spam import SpamClassifier
from classifiers.staff import StaffDirectory
from classifiers.welfare import WelfareClassifier
from models.domain import Message, Signal
from models.policy.history import HistoryView
from models.policy.limits import Limits

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Classified:
    """What one message's text gave; `missing` names the classifiers that did not answer."""

    signals: tuple[Signal, ...]
    missing: frozenset[str]
    lang: str


class Registry:
    """The classifiers that read a text and the detectors that read a history, in their order."""

    def __init__(
        self, classifiers: Sequence[Classifier], detectors: Sequence[PatternDetector], layer: LocalLayer | None = None
    ) -> None:
        names = [*(part.name for part in classifiers), *(part.name for part in detectors)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"registered twice: {', '.join(twice)}")
        self._classifiers = tuple(classifiers)
        self._detectors = tuple(detectors)
        self._layer = layer

    @classmethod
    def default(cls, staff: StaffDirectory, layer: LocalLayer | None = None) -> "Registry":
        """Return all classifiers and detectors that come with the program, with a local layer over the heads if given."""
        classifiers: list[Classifier] = [
            AbuseClassifier(), SpamClassifier(), LinksClassifier(), DoxingClassifier(staff),
            WelfareClassifier(), RightsClassifier(), DemandsClassifier(),
        ]  # fmt: skip
        detectors: list[PatternDetector] = [
            DuplicatesDetector(),
            NoveltyDetector(),
            LinkPatternsDetector(),
            PersistenceDetector(),
            ConductDetector(),
            ElsewhereDetector(),
        ]
        return cls(classifiers, detectors, layer)

    def with_layer(self, layer: LocalLayer | None) -> "Registry":
        """Return the same classifiers and detectors over another local layer."""
        return Registry(self._classifiers, self._detectors, layer)

    @property
    def layer(self) -> LocalLayer | None:
        """The local layer over the heads, None where there is none."""
        return self._layer

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classifiers."""
        return tuple(part.name for part in self._classifiers)

    @property
    def detector_names(self) -> tuple[str, ...]:
        """The names of the detectors."""
        return tuple(part.name for part in self._detectors)

    def classify(self, messages: Sequence[Message]) -> list[Classified]:
        """Run every classifier over `messages`; one that fails is named as missing, never passed over."""
        if not messages:
            return []
        batch = MessageBatch.of(messages, self._layer)
        found: list[list[Signal]] = [[] for _ in batch]
        missing: list[set[str]] = [set() for _ in batch]
        for classifier in self._classifiers:
            for index, signals in enumerate(self._run(classifier, batch)):
                if signals is None:
                    missing[index].add(classifier.name)
                else:
                    found[index].extend(signals)
        return [
            Classified(tuple(merged(signals)), frozenset(gone), lang)
            for signals, gone, lang in zip(found, missing, batch.languages, strict=True)
        ]

    def _run(self, classifier: Classifier, batch: MessageBatch) -> list[list[Signal] | None]:
        """Run one classifier; where the batch breaks it, message by message, so that one loses no other."""
        try:
            return list(classifier.classify(batch))
        except ArtefactMissing as error:
            _told_once(classifier.name, str(error))
            return [None for _ in batch]
        except Exception:
            log.exception("classifier_failed_on_batch", classifier=classifier.name, size=len(batch))
        return [self._single(classifier, message) for message in batch]

    def _single(self, classifier: Classifier, message: Message) -> list[Signal] | None:
        try:
            return classifier.classify(MessageBatch([message], layer=self._layer))[0]
        except Exception:
            log.exception("classifier_failed", classifier=classifier.name, message=message.key.native_id)
            return None

    def detect(
        self, message: Message, found: Sequence[Signal], history: HistoryView, limits: Limits
    ) -> tuple[list[Signal], frozenset[str]]:
        """Return the pattern signals of `message` and the detectors that failed."""
        signals: list[Signal] = []
        missing = set()
        for detector in self._detectors:
            try:
                signals.extend(detector.detect(message, [*found, *signals] if signals else found, history, limits))
            except Exception:
                log.exception("detector_failed", detector=detector.name, message=message.key.native_id)
                missing.add(detector.name)
        return signals, frozenset(missing)


@cache
def _told_once(classifier: str, error: str) -> None:
    """Say why a classifier is missing: once, for it is missing for every message alike."""
    log.error("classifier_missing", classifier=classifier, error=error)


def merged(signals: Sequence[Signal]) -> list[Signal]:
    """Return one signal a label, the likeliest, in the order of likelihood."""
    best: dict[str, Signal] = {}
    for signal in signals:
        if signal.label not in best or signal.probability > best[signal.label].probability:
            best[signal.label] = signal
    return sorted(best.values(), key=lambda signal: -signal.probability)


def joined(text: Sequence[Signal], patterns: Sequence[Signal]) -> list[Signal]:
    """Return the signals of a message's text, as `merged` gave them, and of its history together.

    What the history says of persistence outweighs the wording: a first disagreement is a right.
    """
    if not patterns:
        return list(text)
    spoken = {signal.label for signal in patterns if signal.label.startswith("persistence.")}
    return merged([*(signal for signal in text if signal.label not in spoken), *patterns])
