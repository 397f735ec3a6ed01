"""What other limits would have meant for what was received: much contact, long letters, cases past their time. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.labels import LABELS, Stance
from models.policy.limits import Limits, Targets
from models.policy.links import EXCESSIVE, LinkFacts

VOLUME, LENGTH = "persistence.volume", "persistence.length"
LONG_LETTER_WORDS = 150
"""Shorter mails are never too long, however much was written that day. Source: `classifiers/persistence.py`."""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_PERSON_ANYWAY = frozenset({"list_deny", "list_watch", "opaque_to_person", "missing_to_person", "novelty_to_person"})


@dataclass(frozen=True, slots=True)
class Received:
    """One ordinary message of proven origin as it was decided, in order of time; not `counted`, it is only history."""

    message_id: int
    contact_id: int
    at: datetime
    words: int
    attention: int
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Linking:
    """One message as it was decided, with what counts of its links; None for one from before they were counted.

    `otherwise` is what else spoke of its links, by itself; `look_from` is what brought it before a person.
    """

    message_id: int
    mail: bool
    facts: LinkFacts | None
    look_from: float
    otherwise: float
    attention: int
    labels: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pressing:
    """How many messages a pattern speaks of before and after, and which then go to a person, or no longer do.

    `uncounted` are those of which too little is kept; they are not among `looked_at`.
    """

    looked_at: int
    before: int
    after: int
    to_person: tuple[int, ...]
    to_nobody: tuple[int, ...]
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class Waited:
    """One case: of which kind (urgent, grave, other), when it was opened and, if it was, decided."""

    case_id: int
    kind: str
    opened_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Late:
    """Of `cases` of one kind how many were past their target before and would be after, and which differ."""

    cases: int
    before: int
    after: int
    differ: tuple[int, ...]


def pressing(label: str, history: Iterable[Received], before: Limits, after: Limits) -> Pressing:
    """Return what moved limits of volume or length would have meant."""
    recent: dict[int, deque[Received]] = {}
    looked_at = spoke = speaks = 0
    to_person: list[int] = []
    to_nobody: list[int] = []
    for entry in history:
        past = recent.setdefault(entry.contact_id, deque())
        while past and past[0].at < entry.at - _WEEK:
            past.popleft()
        was, now = _speaks(label, entry, past, before), _speaks(label, entry, past, after)
        past.append(entry)
        if not entry.counted:
            continue
        looked_at, spoke, speaks = looked_at + 1, spoke + was, speaks + now
        if now and not was and entry.attention == 0:
            to_person.append(entry.message_id)
        if was and not now and _only_for(label, entry):
            to_nobody.append(entry.message_id)
    return Pressing(looked_at, spoke, speaks, tuple(to_person), tuple(to_nobody))


def _speaks(label: str, entry: Received, past: Sequence[Received], limits: Limits) -> bool:
    today = [old for old in past if old.at >= entry.at - _DAY]
    if label == VOLUME:
        return bool(past) and (len(today) + 1 >= limits.volume_per_day or len(past) + 1 >= limits.volume_per_week)
    written = sum(old.words for old in today) + entry.words
    again = entry.words >= LONG_LETTER_WORDS and any(old.words >= LONG_LETTER_WORDS for old in today)
    return again or (written >= limits.length_words_per_day and entry.words > LONG_LETTER_WORDS)


def linking(history: Iterable[Linking], before: Limits, after: Limits) -> Pressing:
    """Return what moved limits of links would have meant; a limit speaks where it alone brings a message before a person."""
    looked_at = spoke = speaks = uncounted = 0
    to_person: list[int] = []
    to_nobody: list[int] = []
    for entry in history:
        if entry.facts is None:
            uncounted += 1
            continue
        was, now = (entry.facts.strength(limits, mail=entry.mail) >= entry.look_from for limits in (before, after))
        looked_at, spoke, speaks = looked_at + 1, spoke + was, speaks + now
        if entry.otherwise >= entry.look_from:
            continue
        if now and not was and entry.attention == 0:
            to_person.append(entry.message_id)
        if was and not now and _only_for(EXCESSIVE, entry):
            to_nobody.append(entry.message_id)
    return Pressing(looked_at, spoke, speaks, tuple(to_person), tuple(to_nobody), uncounted)


def _only_for(label: str, entry: Received | Linking) -> bool:
    """True for a message that a person looks at for nothing but this pattern."""
    others = [name for name in entry.labels if name != label and LABELS[name] is not Stance.MITIGATING]
    return entry.attention == 1 and label in entry.labels and not others and not _PERSON_ANYWAY & set(entry.rules)


def late(kind: str, cases: Iterable[Waited], before: Targets, after: Targets, now: datetime) -> Late:
    """Return how many cases of a kind were decided past their target, or wait past it, under either."""
    mine = [entry for entry in cases if entry.kind == kind]
    was, then = (timedelta(minutes=getattr(targets, f"{kind}_minutes")) for targets in (before, after))
    took = {entry.case_id: (entry.decided_at or now) - entry.opened_at for entry in mine}
    differ = tuple(number for number, time in took.items() if (time > was) != (time > then))
    return Late(
        len(mine), sum(time > was for time in took.values()), sum(time > then for time in took.values()), differ
    )


@dataclass(frozen=True, slots=True)
class Acted:
    """One message that the machine acted on by itself, and the highest probability it acted for."""

    message_id: int
    probability: float


def stricter(at: float, history: Sequence[Acted]) -> tuple[int, tuple[int, ...]]:
    """Return how many messages were acted on, and which would have gone to a person were it from `at` only."""
    return len(history), tuple(entry.message_id for entry in history if entry.probability < at)
