"""What an account lets us do, remembered for the time when it cannot be asked."""

from collections.abc import Callable

import orjson

from connectors.base import ConnectorError
from connectors.mail.ledger import Ledger
from models.domain import Action

_NAME = "abilities"


def abilities(ledger: Ledger, ask: Callable[[], frozenset[Action]]) -> frozenset[Action]:
    """Return what `ask` finds; while the other side does not answer, what it found last, at first nothing."""
    try:
        found = ask()
    except ConnectorError:
        return frozenset(Action(name) for name in orjson.loads(ledger.note(_NAME) or b"[]"))
    ledger.remember(_NAME, orjson.dumps(sorted(found)).decode())
    return found
