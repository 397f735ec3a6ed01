"""A batch of messages with what the classifiers share: plain text, language, and the heads' probabilities."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from classifiers import encoder, linear
from classifiers.cues import words_in
from classifiers.fold import fold
from classifiers.language import languages_of
from classifiers.layer import LocalLayer
from classifiers.lexical import Lexical, lexical
from classifiers.normalise import Normalised, normalise
from classifiers.runs import heaviest_runs
from models.domain import Channel, Message, Span
from models.labels import LABELS

NOTHING_BELOW = 0.02
"""A probability below this is not told at all."""
TOLD_FROM = {"spam": 0.0005, "abuse.insult": 0.002}
"""The commonest kinds are told however small: who orders what people post by them needs every message."""
SPAN_FROM = 0.15
"""Below this probability nothing is pointed at: it would be noise."""


class MessageBatch(Sequence[Message]):
    """Messages in order; each shared result is worked out once and only when asked for."""

    def __init__(
        self,
        messages: Sequence[Message],
        base: NDArray[np.float32] | None = None,
        layer: LocalLayer | None = None,
    ) -> None:
        """Make a batch; `base` gives scores that are known already, shape (messages, base heads)."""
        self._messages = tuple(messages)
        self._layer = layer
        self._given = base

    @classmethod
    def of(cls, messages: Sequence[Message], layer: LocalLayer | None = None) -> "MessageBatch":
        """Return `messages` as a batch, itself if it is one."""
        return messages if isinstance(messages, MessageBatch) else cls(messages, layer=layer)

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | Sequence[Message]:
        return self._messages[index]

    @property
    def _heads(self) -> linear.Heads:
        return linear.load()

    @cached_property
    def version(self) -> str:
        """The version of the trained heads, and of the local layer over them."""
        return self._heads.version if self._layer is None else f"{self._heads.version}+{self._layer.version}"

    @cached_property
    def normalised(self) -> tuple[Normalised, ...]:
        """The own texts made plain, with the way back to the original."""
        return tuple(normalise(message.own_text[: linear.CHARACTERS_AT_MOST]) for message in self._messages)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The own texts folded for phrase matching, character for character."""
        return tuple(fold(message.own_text[: linear.CHARACTERS_AT_MOST]) for message in self._messages)

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """The different words of each folded text."""
        return tuple(map(words_in, self.folded))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """`en`, `cy` or `mixed` for each message."""
        return languages_of([message.own_text for message in self._messages])

    @cached_property
    def _base(self) -> NDArray[np.float32]:
        """The raw scores of the base heads, shape (messages, base)."""
        return self._heads.base_scores(self._whole) if self._given is None else self._given

    def score(self, index: int, base: str) -> float:
        """Return the raw score (log-odds) of one base head."""
        return float(self._base[index, self._heads.base.index(base)])

    @cached_property
    def _whole(self) -> list[str]:
        return [
            f"{normalise(message.subject).text}\n{plain.text}" if message.subject else plain.text
            for message, plain in zip(self._messages, self.normalised, strict=True)
        ]

    @property
    def texts(self) -> Sequence[str]:
        """The words the heads read, made plain."""
        return self._whole

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """The probability of every label of the heads, shape (messages, labels)."""
        return self._probabilities

    @cached_property
    def lexical(self) -> tuple[Lexical, ...]:
        """What the lexicon says of each message."""
        return tuple(
            lexical(plain.text, language) for plain, language in zip(self.normalised, self.languages, strict=True)
        )

    @cached_property
    def _probabilities(self) -> NDArray[np.float32]:
        mail = np.array([message.channel is Channel.EMAIL for message in self._messages], bool)
        columns = np.stack([found.row for found in self.lexical])
        trust = self._heads.trust(self._base)
        found = linear.stacked(self._base, columns, trust, self._heads.experts)
        spoken = [frozenset(hit.label for hit in one.hits) for one in self.lexical]
        known = linear.bounded(self._looked_at_again(found, trust, mail), trust, self._heads.labels, spoken)
        worded = linear.worded(known, self._heads.labels, self._whole, spoken)
        named = linear.named(worded, self._heads.labels)
        if self._layer is None:
            return named
        return self._layer.applied(named, self._heads.labels, self._whole, self._heads.idf)

    def _looked_at_again(
        self, found: NDArray[np.float32], trust: NDArray[np.float32], mail: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Let the encoder judge what lies in its band: a short text whole, of a long one the sentences that stand out.

        Where it cannot be asked, people judge: nothing there reaches what is acted on.
        """
        second, band = encoder.load(), encoder.band()
        labels = self._heads.labels
        if band is None:
            return found
        rows = band.doubtful(encoder.wrong_of(found, labels), trust, mail).tolist()
        doubtful = [row for row in rows if self.languages[row] == encoder.LANGUAGE]
        if not doubtful:
            return found
        out = found.copy()
        if second is None:
            out[doubtful] = linear.for_people(found[doubtful], labels)
            return out
        asked = [encoder.condensed(self._whole[row], self._suspicion) for row in doubtful]
        blended = second.blended(found[doubtful], second.logits(asked), labels)
        few = np.array([len(text) < encoder.FEW for text in asked])[:, None]
        out[doubtful] = np.where(few, np.maximum(found[doubtful], blended), blended)
        return out

    def _suspicion(self, sentences: list[str]) -> NDArray[np.float32]:
        return self._heads.base_scores(sentences)[:, self._heads.base.index(linear.ANY)]

    @cached_property
    def _found(self) -> list[dict[str, float]]:
        rows = self._probabilities
        names = self._heads.labels
        out: list[dict[str, float]] = [{} for _ in self._messages]
        least = np.array([TOLD_FROM.get(name, NOTHING_BELOW) for name in names], np.float32)
        places = np.nonzero(rows >= least)
        for row, column, value in zip(places[0].tolist(), places[1].tolist(), rows[places].tolist(), strict=True):
            out[row][names[column]] = value
        return out

    def learned(self, index: int) -> dict[str, float]:
        """Return label → probability of message `index` for every head that is told; targets begin with `target.`."""
        return self._found[index]

    def probability(self, index: int, label: str) -> float:
        """Return the probability of one head for message `index`, however small."""
        return float(self._probabilities[index, self._heads.labels.index(label)])

    def target(self, index: int, groups_only: bool = False) -> str | None:
        """Return the likeliest target of message `index`, or None."""
        found = {
            name.removeprefix("target."): probability
            for name, probability in self._found[index].items()
            if name.startswith("target.group:" if groups_only else "target.")
        }
        best = max(found, key=lambda name: found[name], default=None)
        return best if best is not None and found[best] >= (0.05 if groups_only else 0.2) else None

    def spans(self, index: int, label: str) -> tuple[Span, ...]:
        """Return the stretch of message `index` whose words carry `label` most, as a range of its own text."""
        found = self._spans[index]
        if label not in found:
            found |= self._heaviest({index: [label]})[index]
        return found[label]

    @cached_property
    def _spans(self) -> list[dict[str, tuple[Span, ...]]]:
        """The stretches of every label that is likely enough to be pointed at, for all messages together."""
        named = {
            index: [label for label, p in found.items() if label in LABELS and p >= _pointed_at_from(label)]
            for index, found in enumerate(self._found)
        }
        spans = self._heaviest({index: labels for index, labels in named.items() if labels})
        return [spans.get(index, {}) for index in range(len(self))]

    def _heaviest(self, wanted: Mapping[int, Sequence[str]]) -> dict[int, dict[str, tuple[Span, ...]]]:
        """Return for each message in `wanted` and each of its labels where it stands."""
        heads = self._heads
        places = {label: column for column, label in enumerate(heads.labels)}
        columns = [self._through[[places[label] for label in labels]].T for labels in wanted.values()]
        plain = [self.normalised[index] for index in wanted]
        runs = heaviest_runs([one.text for one in plain], heads.idf, heads.weights, columns)
        return {
            index: {
                label: () if run is None else (one.to_original(*run),) for label, run in zip(labels, found, strict=True)
            }
            for (index, labels), one, found in zip(wanted.items(), plain, runs, strict=True)
        }

    @cached_property
    def _through(self) -> NDArray[np.float64]:
        return self._heads.through()


def _pointed_at_from(label: str) -> float:
    """Return the probability from which somebody will ask where a label stands: the wording raises doubtful spam."""
    return NOTHING_BELOW if label.startswith("spam") else SPAN_FROM
