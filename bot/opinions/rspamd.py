"""rspamd over HTTP as one more word on mail: it sees headers and routes that other filters share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from bot.opinions.base import OpinionError
from classifiers.base import highest
from models.domain import Channel, Message, Signal

VERSION = "1"


@dataclass(frozen=True, slots=True)
class RspamdOpinion:
    """Asks `url`/checkv2. `raw_of` gives the bytes a mail came as; only mail with them is asked about.

    Source: rspamd's protocol documentation, reply to /checkv2: `score`, `required_score`, `action`, `symbols`.
    """

    url: str
    timeout_s: float
    raw_of: Callable[[Message], bytes | None]
    name: str = "rspamd"

    def wants(self, message: Message, signals: Sequence[Signal]) -> bool:
        """True for mail that is not surely spam already."""
        spam = highest(signals, "spam")
        return message.channel is Channel.EMAIL and spam < 0.5

    def ask(self, message: Message) -> list[Signal]:
        """Return `spam` with the share of the required score that was reached.

        Raises:
            OpinionError: rspamd did not answer in time, or not in its form.
        """
        raw = self.raw_of(message)
        if raw is None:
            return []
        address = f"{self.url.rstrip('/')}/checkv2"
        try:
            reply = httpx.post(address, content=raw, timeout=self.timeout_s)
            reply.raise_for_status()
            fields = reply.json()
            score, required = float(fields["score"]), float(fields["required_score"])
            symbols = sorted(fields.get("symbols", {}))[:6]
        except httpx.HTTPError as error:
            raise OpinionError(f"{address} did not answer: {type(error).__name__}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise OpinionError(f"{address} answered out of form: {type(error).__name__}") from error
        if required <= 0 or score <= 0:
            return []
        return [Signal("spam", min(0.99, score / required), self.name, VERSION, note=", ".join(symbols))]
