"""Conduct over time: what a contact's earlier words make of these, where each by itself would say little."""

import re
from collections.abc import Sequence
from datetime import timedelta

from classifiers.base import highest
from classifiers.pursuit import AT_THE_DOOR, IN_PUBLIC, approaches
from models.domain import Channel, ChannelGroup, Message, Signal
from models.policy.history import HistoryView, PastMessage
from models.policy.limits import Limits

VERSION = "1"
NOTED, LOOK, FIRST = 0.35, 0.8, 0.95
_THREAT, _INSULT, _RUDENESS, _HARASSMENT = "abuse.threat", "abuse.insult", "abuse.rudeness", "abuse.harassment"
_NAMED, _DETAILS = "doxing.staff_named", "doxing.staff_details"
_BELITTLING = (_INSULT, _RUDENESS, "abuse.microaggression")
_THREAT_DAYS, _BELITTLING_DAYS, _REFUSAL_DAYS, _PURSUIT_DAYS, _CONDUCT_DAYS = 3, 31, 60, 60, 365
_DOUBTFUL, _EARLIER, _AGAIN = 0.22, 0.4, 0.7
_LEANS = 0.35
_TERSE_WORDS = 15
_REMARKS = 3
_NAMES_STAFF = 0.5
SHOWN_TO_ALL = 0.9
_REFUSALS = 3
_BARE_NO = re.compile(
    r"^\W*(?:no|nope|never|na|nac ydw|i refuse|i won't|i will not|dw i'n gwrthod|dim diolch)\b(?:\W+[\w']+){0,4}\W*$",
    re.IGNORECASE,
)
_EACH_NO = re.compile(
    r"\b(?:won't|will not|refuse to|not going to|not prepared to|(?:fydda|wna) i ddim|(?:yn|'n) gwrthod)\b",
    re.IGNORECASE,
)


class ConductDetector:
    """Emits what grows over a contact's messages: threats followed up, remarks that add up, refusals, pursuit."""

    name = "conduct"
    version = VERSION
    labels = (
        _THREAT, _INSULT, _RUDENESS, _HARASSMENT, "demand.refuses_procedure", "persistence.rising_severity",
        _DETAILS,
    )  # fmt: skip

    def detect(self, message: Message, found: Sequence[Signal], history: HistoryView, _limits: Limits) -> list[Signal]:
        """Return the patterns of conduct that this message goes on with."""
        if not history.messages:
            return []
        rising = self._rising(found, history)
        return [
            *rising,
            *self._threat(message, found, history, rises=bool(rising)),
            *self._belittling(message, found, history),
            *self._refusals(message, history),
            *self._pursuit(message, found, history),
        ]

    def _signal(self, label: str, probability: float, note: str) -> Signal:
        return Signal(label, probability, self.name, self.version, note=note)

    def _rising(self, found: Sequence[Signal], history: HistoryView) -> list[Signal]:
        levels = [
            max((p for label, p in past.signals.items() if label.startswith("abuse.")), default=0.0)
            for past in history.messages[-3:]
        ]
        now = max((signal.probability for signal in found if signal.label.startswith("abuse.")), default=0.0)
        if len(levels) >= 2 and now >= 0.4 and levels[-2] < levels[-1] < now and now - levels[-2] >= 0.3:
            return [self._signal("persistence.rising_severity", 0.6, "each message harsher than the last")]
        return []

    def _threat(self, message: Message, found: Sequence[Signal], history: HistoryView, *, rises: bool) -> list[Signal]:
        """What follows a threat within days is read beside it; a few words on the same day are part of it: a train, a place.

        What only leans towards a threat is taken for one where each message is harsher than the last.
        """
        now = highest(found, _THREAT)
        if rises and now >= _LEANS:
            return [self._signal(_THREAT, max(now, _AGAIN), "harsher each time")]
        recent = [
            past for past in history.within(message.received_at, _THREAT_DAYS) if past.signals.get(_THREAT, 0.0) >= 0.5
        ]
        if not recent or now >= recent[-1].signals[_THREAT]:
            return []
        at_once = message.received_at - recent[-1].at <= timedelta(days=1)
        terse = len(message.own_text.split()) <= _TERSE_WORDS
        return [
            self._signal(
                _THREAT, min(recent[-1].signals[_THREAT], _AGAIN) if at_once and terse else 0.5, "follows a threat"
            )
        ]

    def _belittling(self, message: Message, found: Sequence[Signal], history: HistoryView) -> list[Signal]:
        """A doubtful insult weighs more from somebody who insulted before, and small remarks add up."""
        now = max((highest(found, label) for label in _BELITTLING), default=0.0)
        if now < _DOUBTFUL:
            return []
        signals = []
        year = history.within(message.received_at, _CONDUCT_DAYS)
        insult = highest(found, _INSULT)
        if _DOUBTFUL <= insult < _AGAIN and any(_belittles(past) >= _EARLIER for past in year):
            signals.append(self._signal(_INSULT, _AGAIN, "again"))
        recent = history.within(message.received_at, _BELITTLING_DAYS)
        remarks = 1 + sum(_belittles(past) >= _LEANS for past in recent)
        if remarks >= _REMARKS and highest(found, _RUDENESS) < _AGAIN:
            signals.append(self._signal(_RUDENESS, _AGAIN, f"{remarks} belittling remarks in a month"))
        return signals

    def _refusals(self, message: Message, history: HistoryView) -> list[Signal]:
        """A bare no, again and again, to each step that was asked for."""
        if not _BARE_NO.search(message.own_text):
            return []
        count = 1 + sum(_refused(past) for past in history.within(message.received_at, _REFUSAL_DAYS))
        return [
            self._signal("demand.refuses_procedure", LOOK if count >= _REFUSALS else NOTED, f"refused {count} times")
        ]

    def _pursuit(self, message: Message, found: Sequence[Signal], history: HistoryView) -> list[Signal]:
        """Approaches to somebody's private life, each harmless alone; at their door they go first to a person.

        In public, beside the name of a member of staff, they show strangers where to look: that is hidden.
        """
        now = approaches(message.own_text, told_by_staff=message.channel is Channel.TELEPHONE)
        if not now:
            return []
        past = [
            approaches(old.own_text, told_by_staff=old.channel is Channel.TELEPHONE)
            for old in history.within(message.received_at, _PURSUIT_DAYS)
        ]
        earlier = [found for found in past if found]
        if not earlier:
            return []
        near = bool(now & AT_THE_DOOR)
        followed = near and (len(earlier) > 1 or bool(frozenset().union(*earlier) & AT_THE_DOOR))
        note = f"{len(earlier) + 1} approaches to a private life"
        signals = [self._signal(_HARASSMENT, FIRST if followed else _AGAIN, note)]
        in_public = message.channel.group is ChannelGroup.SOCIAL
        if in_public and now & IN_PUBLIC and highest(found, _NAMED) >= _NAMES_STAFF:
            signals.append(
                self._signal(_DETAILS, SHOWN_TO_ALL, "an officer's private life, in public, approached before")
            )
        return signals


def _belittles(past: PastMessage) -> float:
    return max(past.signals.get(label, 0.0) for label in _BELITTLING)


def _refused(past: PastMessage) -> int:
    """Return how many steps an earlier message said no to."""
    if _BARE_NO.search(past.own_text):
        return 1
    return len(_EACH_NO.findall(past.own_text)) if past.signals.get("demand.refuses_procedure", 0.0) >= 0.5 else 0
