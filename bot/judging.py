"""Labelled messages with the signals that an honest model gives them: what certificates and quality figures are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from classifiers import encoder
from classifiers.batch import MessageBatch
from classifiers.registry import Registry, joined
from classifiers.staff import StaffDirectory
from classifiers.train import blend, sources
from connectors.archive.posts import read_post
from models.domain import Author, Channel, ChannelGroup, Decision, Message, MessageKey, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView
from models.policy.in_force import PolicyInForce

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """Messages of one source with their signals; `rows` are their labels where the source is the domain."""

    source: str
    group: ChannelGroup
    messages: tuple[Message, ...]
    signals: tuple[tuple[Signal, ...], ...]
    rows: tuple[sources.DomainRow, ...] = ()

    def best(self, labels: Sequence[str]) -> NDArray[np.float32]:
        """Return the highest probability of each label, shape (messages, labels)."""
        out = np.zeros((len(self.messages), len(labels)), np.float32)
        place = {label: column for column, label in enumerate(labels)}
        for row, signals in enumerate(self.signals):
            for signal in signals:
                column = place.get(signal.label)
                if column is not None:
                    out[row, column] = max(out[row, column], signal.probability)
        return out

    def decisions(self, policies: dict[str, PolicyInForce]) -> list[Decision]:
        """Decide every message by itself, as if it were the first of its author."""
        view = HistoryView.empty()
        return [
            decide(message, signals, view, policies[message.org], NOW)
            for message, signals in zip(self.messages, self.signals, strict=True)
        ]

    def where(self, keep: Sequence[bool] | NDArray[np.bool_]) -> "Judged":
        """Return the messages for which `keep` is true."""
        at = [index for index, kept in enumerate(keep) if kept]
        rows = tuple(self.rows[index] for index in at) if self.rows else ()
        return Judged(
            self.source,
            self.group,
            tuple(self.messages[index] for index in at),
            tuple(self.signals[index] for index in at),
            rows,
        )


def domain_message(row: sources.DomainRow) -> Message:
    """Return the message that a labelled row stands for, read as `porthor classify` reads it."""
    fields = {
        "id": row.id,
        "channel": row.channel,
        "author": row.author,
        "subject": row.subject,
        "text": row.text,
    }
    return read_post(fields, MessageKey("judging", row.id), row.org, NOW).message


def never_seen(rows: Sequence[sources.DomainRow]) -> list[sources.DomainRow]:
    """Return the rows that no model here was trained on: those the encoder never saw, where there is one."""
    return [row for row in rows if encoder.load() is None or not blend.shown_to_encoder(row)]


def judge_domain(rows: Sequence[sources.DomainRow], staff: StaffDirectory, scheme: str) -> dict[ChannelGroup, Judged]:
    """Return the rows with signals by linear heads that never saw them, by channel group."""
    registry = Registry.default(staff)
    out = {}
    for group in (ChannelGroup.MAIL, ChannelGroup.SOCIAL):
        mine = [row for row in rows if Channel(row.channel).group is group]
        messages = [domain_message(row) for row in mine]
        base = blend.left_out_scores(mine, scheme)
        signals = _signals(registry, messages, base)
        out[group] = Judged("domain", group, tuple(messages), signals, tuple(mine))
    return out


def judge_texts(source: str, texts: Sequence[str], channel: Channel) -> Judged:
    """Return texts of a public source with their signals."""
    messages = tuple(
        Message(MessageKey(source, str(number)), channel, "psow", Author(f"{source}-{number}"), text, NOW)
        for number, text in enumerate(texts)
    )
    return judge_messages(source, messages)


def judge_messages(source: str, messages: Sequence[Message]) -> Judged:
    """Return messages of one channel group with their signals, by the models in use."""
    signals = _signals(Registry.default(StaffDirectory.empty()), messages, None)
    return Judged(source, messages[0].channel.group, tuple(messages), signals)


def _signals(
    registry: Registry, messages: Sequence[Message], base: NDArray[np.float32] | None
) -> tuple[tuple[Signal, ...], ...]:
    out: list[tuple[Signal, ...]] = []
    for at in range(0, len(messages), BATCH):
        chunk = messages[at : at + BATCH]
        batch = MessageBatch(chunk, None if base is None else base[at : at + BATCH])
        out += [tuple(joined(one.signals, [])) for one in registry.classify(batch)]
    return tuple(out)
