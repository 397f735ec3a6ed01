"""What each verdict will do, platform by platform, before anybody gives it: from what the connection can."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain import Action, Channel, EnforcementState, VerdictKind
from models.store.cards import Card, CardItem

SHORTCUTS: Mapping[str, tuple[Action, ...]] = {
    "hide": (Action.HIDE,),
    "quarantine": (Action.QUARANTINE,),
    "mute": (Action.HIDE, Action.MUTE),
    "block": (Action.HIDE, Action.BLOCK),
    "report": (Action.HIDE, Action.REPORT),
}
"""Verdicts given by one key, and the effects they stand for: the item is held, and the account acted on."""
KEYS: Mapping[str, str] = {
    "deliver": "d",
    "proposed": "e",
    "hide": "h",
    "quarantine": "q",
    "mute": "t",
    "block": "b",
    "report": "r",
    "no_action": "n",
    "escalate": "s",
}
_GONE = {EnforcementState.CANCELLED.value, EnforcementState.REFUSED.value, EnforcementState.DEAD.value}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that will happen: `how` is bot, person (a task is made), lift, stays or nothing; `count` items."""

    how: str
    action: str
    channel: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """One verdict a reviewer may give: its name, its key, and what it will do."""

    name: str
    key: str
    effects: tuple[Effect, ...]
    proposed: bool = False


def proposed(card: Card) -> tuple[Action, ...]:
    """Return what the machine proposes for a case, mildest first."""
    named = {name for item in card.items for name in (*item.decision["proposed"], *item.decision["actions"])}
    return tuple(action for action in Action if action.value in named and action is not Action.NONE)


def offers(card: Card) -> list[Offer]:
    """Return the verdicts that make sense for a case, in the order of their buttons."""
    mail = any(item.message["channel"] == Channel.EMAIL.value for item in card.items)
    social = any(item.message["channel"] != Channel.EMAIL.value for item in card.items)
    wanted = proposed(card)
    made = [Offer("deliver", KEYS["deliver"], _delivered(card))]
    if wanted:
        made.append(Offer("proposed", KEYS["proposed"], _enforced(card, wanted), proposed=True))
    fitting = [
        *(["hide", "mute", "block", "report"] if social else []),
        *(["quarantine"] if mail and not social else []),
    ]
    made += [Offer(name, KEYS[name], _enforced(card, SHORTCUTS[name])) for name in fitting]
    return [*made, Offer("no_action", KEYS["no_action"], (Effect("nothing", "", ""),))]


def meaning(name: str, card: Card) -> tuple[VerdictKind, tuple[Action, ...]]:
    """Return kind and effects of a verdict given by its name.

    Raises:
        ValueError: There is no such verdict.
    """
    if name == "proposed":
        return VerdictKind.ENFORCE, proposed(card)
    if name in SHORTCUTS:
        return VerdictKind.ENFORCE, SHORTCUTS[name]
    return VerdictKind(name), ()


def _standing(item: CardItem) -> list[str]:
    """Return the effects that stand on an item, or will, by the youngest row of each."""
    last = {(row["effect"], row["target_id"]): row for row in item.enforcements}
    return [effect for (effect, _), row in last.items() if row["wanted"] and row["state"] not in _GONE]


def _delivered(card: Card) -> tuple[Effect, ...]:
    lifted = [Effect("lift", effect, item.message["channel"]) for item in card.items for effect in _standing(item)]
    staying = [Effect("stays", "", item.message["channel"]) for item in card.items if not _standing(item)]
    return _counted([*lifted, *staying])


def _enforced(card: Card, actions: tuple[Action, ...]) -> tuple[Effect, ...]:
    found = []
    for item in card.items:
        channel = item.message["channel"]
        can = card.can.get(item.message["connection_id"], frozenset())
        for action in dict.fromkeys(_fitting(action, channel) for action in actions):
            if channel == Channel.EMAIL.value and action.on_account:
                found.append(Effect("never", action.value, channel))
            elif action.value in _standing(item):
                found.append(Effect("confirmed", action.value, channel))
            else:
                found.append(Effect("bot" if action.value in can else "person", action.value, channel))
    return _counted(found)


def _fitting(action: Action, channel: str) -> Action:
    if action not in {Action.HIDE, Action.QUARANTINE}:
        return action
    return Action.QUARANTINE if channel == Channel.EMAIL.value else Action.HIDE


def _counted(found: list[Effect]) -> tuple[Effect, ...]:
    many: dict[Effect, int] = {}
    for effect in found:
        many[effect] = many.get(effect, 0) + 1
    return tuple(Effect(e.how, e.action, e.channel, count) for e, count in many.items())
