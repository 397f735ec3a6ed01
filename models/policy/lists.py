"""Lists that staff keep: senders and phrases that are allowed, denied, watched, or known as professional. Pure.

A list never makes the machine act, and an allow never hides a risk to life, a threat or private details: in doubt a person.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from models.domain import Action, Attention, ChannelGroup, Decision, Message, Nature
from models.labels import LABELS, URGENT_WELFARE, Stance, family
from models.policy.reasons import reason

NEVER_ALLOWED_AWAY = frozenset({*URGENT_WELFARE, "abuse.threat", "doxing.staff_details", "doxing.third_party"})
_SETTLED_OTHERWISE = frozenset(
    {"read_and_file", "volume_limit", "closed_channel", "missing_to_person", "opaque_to_person", "novelty_to_person"}
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
PHRASE_CHARACTERS_AT_LEAST = 4


class Kind(StrEnum):
    """What an entry means for what it matches."""

    ALLOW = "allow"
    DENY = "deny"
    WATCH = "watch"
    PROFESSIONAL = "professional"


class Matches(StrEnum):
    """What an entry is compared with: the sender (an address, a handle, or `@domain`), or the author's own words."""

    SENDER = "sender"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry in force. `connection_id` narrows it to one connection."""

    kind: Kind
    matches: Matches
    value: str
    connection_id: str | None = None

    def fits(self, message: Message) -> bool:
        """True when the entry speaks of `message`. An unproven origin is nobody's for an allow."""
        if self.connection_id not in {None, message.key.connection_id}:
            return False
        if self.matches is Matches.PHRASE:
            return bool(_phrase(self.value).search(plain(f"{message.subject or ''}\n{message.own_text}")))
        proven = message.author.verified or self.kind in {Kind.DENY, Kind.WATCH}
        return proven and _sender_fits(self.value.casefold(), message.author.address.casefold())


def plain(text: str) -> str:
    """Return `text` as phrases are compared: one case, one form of each letter, single spaces, nothing invisible."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold().split())


@lru_cache(maxsize=2048)
def _phrase(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(plain(value))}(?!\w)")


def _sender_fits(value: str, address: str) -> bool:
    if not value.startswith("@"):
        return bool(address) and address == value
    domain = address.rpartition("@")[2] if "@" in address else ""
    return domain == value[1:] or domain.endswith(f".{value[1:]}")


def applied(
    decision: Decision, message: Message, labels: Sequence[str], offered: Sequence[Action], entries: Iterable[Entry]
) -> Decision:
    """Return the decision as the lists have it.

    `labels` are those that a person would look at; `offered` is what the pack has against denied things.
    The organisation's own messages and history stay as they are. The hardest kind that fits counts first:
    deny, watch, professional, allow.
    """
    if message.nature in {Nature.OWN, Nature.HISTORY}:
        return decision
    found = {entry.kind: entry for entry in entries if entry.fits(message)}
    changed = decision
    if Kind.ALLOW in found and not {Kind.DENY, Kind.WATCH} & set(found):
        changed = _allowed(changed, labels, found[Kind.ALLOW])
    if Kind.PROFESSIONAL in found and changed.actions:
        changed = _moved(changed, Attention.REVIEW, (), changed.proposed, "list_professional")
    if Kind.DENY in found:
        proposed = changed.proposed or tuple(offered)
        changed = _moved(changed, Attention.REVIEW, changed.actions, proposed, "list_deny")
    if Kind.WATCH in found:
        changed = _moved(changed, Attention.REVIEW, changed.actions, changed.proposed, "list_watch")
    return changed


def _allowed(decision: Decision, labels: Sequence[str], entry: Entry) -> Decision:
    guarded = NEVER_ALLOWED_AWAY & set(labels) or _SETTLED_OTHERWISE & set(decision.rules)
    light = all(family(label) in {"spam", "links"} or LABELS[label] is not Stance.HARM for label in labels)
    if decision.attention is Attention.URGENT or guarded or (entry.matches is Matches.PHRASE and not light):
        return decision
    if decision.attention is Attention.DELIVER and not decision.actions:
        return decision
    rules = (*decision.rules, "list_allow")
    why = reason((), Attention.DELIVER, (), ("list_allow",))
    return replace(
        decision, attention=Attention.DELIVER, actions=(), proposed=(), provisional_until=None, rules=rules, why=why
    )


def _moved(
    decision: Decision, at_least: Attention, actions: tuple[Action, ...], proposed: tuple[Action, ...], rule: str
) -> Decision:
    attention = max(decision.attention, at_least)
    labels = tuple(dict.fromkeys(entry.label for entry in decision.signals))
    rules = (*decision.rules, rule)
    return replace(
        decision,
        attention=attention,
        actions=actions,
        proposed=proposed,
        provisional_until=decision.provisional_until if actions else None,
        rules=rules,
        why=reason(labels, attention, actions, rules),
    )


def offered_for(group: ChannelGroup) -> tuple[Action, ...]:
    """Return what a person is offered against a denied message on this kind of channel."""
    return (Action.QUARANTINE,) if group is ChannelGroup.MAIL else (Action.HIDE,)
