"""Short ways to classify one text, for the tests of each classifier."""

from datetime import UTC, datetime
from functools import cache

from classifiers.registry import Registry
from classifiers.staff import Member, StaffDirectory
from models.domain import Author, Channel, Message, MessageKey, Signal
from models.policy.history import HistoryView, PastMessage
from models.policy.limits import Limits

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
STAFF = StaffDirectory(
    (
        Member("psow", "Rhodri Ames", "officer", public_face=False),
        Member("psow", "Marian Foss", "Ombudsman", public_face=True),
    )
)


@cache
def registry() -> Registry:
    return Registry.default(STAFF)


def message(text: str, channel: Channel = Channel.X, **more: object) -> Message:
    from connectors.mail.links import links_in

    fields = {"links": links_in(text), "received_at": NOW, "author": Author("somebody")} | more
    return Message(MessageKey("t", "1"), channel, "psow", own_text=text, **fields)


def found(text: str, channel: Channel = Channel.X, **more: object) -> dict[str, Signal]:
    (one,) = registry().classify([message(text, channel, **more)])
    assert not one.missing
    return {signal.label: signal for signal in one.signals}


def probability(text: str, label: str, channel: Channel = Channel.X) -> float:
    signal = found(text, channel).get(label)
    return 0.0 if signal is None else signal.probability


def shown(text: str, label: str, channel: Channel = Channel.X) -> list[str]:
    return [text[span.start : span.end] for span in found(text, channel)[label].spans]


def past(text: str, at: datetime, author: str = "somebody", **more: object) -> PastMessage:
    return PastMessage(f"{at}-{author}-{len(text)}", at, more.pop("channel", Channel.EMAIL), author, text, **more)


def patterns(text: str, history: HistoryView, channel: Channel = Channel.EMAIL, **more: object) -> dict[str, Signal]:
    item = message(text, channel, **more)
    signals, missing = registry().detect(item, list(found(text, channel).values()), history, Limits())
    assert not missing
    return {signal.label: signal for signal in signals}
