"""Classify and decide line by line without a database: each message by itself, with an empty history."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from bot.policies import ReferencePolicies, UnknownPack
from classifiers.chances import chance_of
from classifiers.registry import Classified, Registry, joined
from connectors.archive.posts import Post, PostError, fields_of, read_post, text_field
from connectors.mail.quotes import OwnText
from models.domain import Decision, MessageKey, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView

BATCH_LINES = 500


@dataclass(frozen=True, slots=True)
class _Unread:
    """A line that could not be read, and why."""

    identifier: Any
    error: str


def classify_lines(
    lines: Iterable[bytes], registry: Registry, policies: ReferencePolicies, pack: str | None
) -> Iterator[tuple[bytes, bool]]:
    """Yield for each non-empty line one line of JSON and whether the line could be read, in order."""
    now = datetime.now(UTC)
    waiting = (line for line in lines if line.strip())
    number = 0
    while chunk := list(islice(waiting, BATCH_LINES)):
        items = [_read(line, number + index, policies, pack, now) for index, line in enumerate(chunk)]
        number += len(chunk)
        yield from _answers(items, registry, policies, now)


def _answers(
    items: list[Post | _Unread], registry: Registry, policies: ReferencePolicies, now: datetime
) -> Iterator[tuple[bytes, bool]]:
    history = HistoryView.empty()
    found = iter(registry.classify([item.message for item in items if isinstance(item, Post)]))
    for item in items:
        if isinstance(item, _Unread):
            yield orjson.dumps({"id": item.identifier, "error": item.error}), False
            continue
        classified = next(found)
        policy = policies.of(item.message.org)
        patterns, failed = registry.detect(item.message, classified.signals, history, policy.pack.limits)
        whole = Classified(tuple(joined(classified.signals, patterns)), classified.missing | failed, classified.lang)
        decision = decide(item.message, whole.signals, history, policy, now, whole.missing)
        yield orjson.dumps(_answer(item, whole, decision)), True


def _answer(item: Post, classified: Classified, decision: Decision) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": item.identifier,
        "handling": decision.handling.value,
        "actions": [action.value for action in decision.actions],
        "signals": [_shown(signal, item.own) for signal in classified.signals],
        "clauses": list(decision.clauses),
        "why": decision.why.en,
        "why_cy": decision.why.cy,
        "lang": classified.lang,
    }
    if item.raw_mail is not None:
        answer["own_text"] = item.message.own_text
    if classified.missing:
        answer["missing"] = sorted(classified.missing)
    return answer


def _shown(signal: Signal, own: OwnText | None) -> dict[str, Any]:
    spans = [span if own is None else own.to_source(span) for span in signal.spans]
    first, chance = spans[0] if spans else None, chance_of(signal)
    shown: dict[str, Any] = {
        "label": signal.label,
        "probability": round(signal.probability, 4),
        "chance": round(signal.probability if chance is None else chance, 4),
        "start": None if first is None else first.start,
        "end": None if first is None else first.end,
        "target": signal.target,
        "classifier": signal.classifier,
        "version": signal.version,
    }
    if len(spans) > 1:
        shown["spans"] = [[span.start, span.end] for span in spans]
    return shown


def _read(line: bytes, number: int, policies: ReferencePolicies, pack: str | None, now: datetime) -> Post | _Unread:
    try:
        fields = fields_of(line)
    except PostError as error:
        return _Unread(None, str(error))
    try:
        return _item(fields, number, policies, pack, now)
    except (PostError, UnknownPack) as error:
        return _Unread(fields.get("id"), str(error))


def _item(fields: Mapping[str, Any], number: int, policies: ReferencePolicies, pack: str | None, now: datetime) -> Post:
    org = text_field(fields, "org") or pack
    if org is None:
        raise PostError("'org' is missing: name the pack in each line or with --pack")
    policies.of(org)
    return read_post(fields, MessageKey("classify", str(number)), org, now)
