"""The steps that tests of connectors take: read to the end, want an effect, turn the clock."""

from datetime import datetime

from models.domain import Action, Enforcement, Target


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def wanted(effect: Action, native_id: str, kind: str = "account") -> Enforcement:
    return Enforcement(1, "c", Target(kind, native_id), effect, wanted=True, generation=1)


def items(connector, cursor=None):
    return [item for batch in connector.fetch(cursor) for item in batch.items]


def texts(connector, cursor=None):
    return [item.message.own_text for item in items(connector, cursor)]


def last_cursor(connector, cursor=None):
    return list(connector.fetch(cursor))[-1].cursor
