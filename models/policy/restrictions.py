"""What a restriction in force means for one message: filed, held, or for a person to look at."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from models.domain import Action, ChannelGroup, Message
from models.policy.clocks import LONDON, add_months
from models.policy.history import EventKind, FormalEvent, HistoryView, RestrictionType
from models.policy.in_force import PolicyInForce

CONDUCT = ("abuse.insult", "abuse.profanity", "abuse.threat", "abuse.sexual", "abuse.identity_hate", "abuse.harassment")
SAME_MATTER = ("persistence.after_decision", "persistence.refuses_decision", "duplicate.same_contact")
ABUSIVE_ON_CLOSED_CHANNEL = 0.3
NOTED = 0.2
"""A pattern signal from this probability on is taken as present, though not yet worth a look."""


@dataclass(frozen=True, slots=True)
class UnderRestriction:
    """What a restriction asks for: an action a person has already decided, or a look."""

    action: Action | None
    look: bool
    rule: str


def end_of(event: FormalEvent, history: HistoryView, policy: PolicyInForce) -> datetime | None:
    """Return when the restriction `event` runs out by its own date or the pack's clock.

    A rolling clock counts from the last item with abusive conduct after its start (PHSO); a fixed
    one ends, for the machine, when the review is due: then a person decides anew.
    """
    if event.until is not None:
        return event.until
    clocks = policy.pack.clocks
    if clocks.restriction_rolls_from_last_incident and clocks.restriction_lasts_months is not None:
        return _rolled_end(event.at, clocks.restriction_lasts_months, history, policy)
    months = clocks.restriction_lasts_months or clocks.review_within_months
    return None if months is None else months_after(event.at, months)


def months_after(at: datetime, months: int) -> datetime:
    """Return the end of the London day `months` calendar months after `at`, in UTC."""
    last_day = add_months(at.astimezone(LONDON).date(), months)
    return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=LONDON).astimezone(UTC)


def _rolled_end(start: datetime, months: int, history: HistoryView, policy: PolicyInForce) -> datetime:
    end = months_after(start, months)
    for past in history.messages:
        if start <= past.at < end and any(
            past.signals.get(label, 0.0) >= policy.review_at(label, past.channel.group) for label in CONDUCT
        ):
            end = months_after(past.at, months)
    return end


def in_force(history: HistoryView, policy: PolicyInForce, now: datetime) -> tuple[FormalEvent, ...]:
    """Return the restrictions in force at `now`, oldest first."""
    if not history.events:
        return ()
    ended = history.last(EventKind.RESTRICTION_END, now)
    found = []
    for event in history.events:
        if event.kind is not EventKind.RESTRICTION or event.at > now:
            continue
        if ended is not None and ended.at >= event.at:
            continue
        end = end_of(event, history, policy)
        if end is None or now < end:
            found.append(event)
    return tuple(found)


def applied(
    message: Message, best: dict[str, float], history: HistoryView, policy: PolicyInForce, now: datetime
) -> UnderRestriction | None:
    """Return what the restrictions in force ask for with `message`, or None where there are none.

    `best` maps label to probability. New information is the caller's to check: with it nothing is
    ever filed. On a channel that a person has closed, less abuse is needed for holding an item.
    """
    events = in_force(history, policy, now)
    if not events:
        return None
    harmful = any(best.get(label, 0.0) >= ABUSIVE_ON_CLOSED_CHANNEL for label in CONDUCT)
    for event in events:
        same_matter = any(best.get(label, 0.0) >= NOTED for label in SAME_MATTER)
        match event.restriction:
            case RestrictionType.READ_AND_FILE:
                return UnderRestriction(Action.FILE if same_matter else None, not same_matter, "read_and_file")
            case RestrictionType.VOLUME_LIMIT if _over_limit(event, history, message.received_at):
                return UnderRestriction(Action.FILE if same_matter else None, not same_matter, "volume_limit")
            case RestrictionType.BLOCK_CONTACT if _closed(event, message):
                held = Action.HIDE if message.channel.group is ChannelGroup.SOCIAL else Action.QUARANTINE
                return UnderRestriction(held, False, "closed_channel")
            case RestrictionType.ONE_CHANNEL if message.channel not in event.open_channels:
                return UnderRestriction(Action.QUARANTINE if harmful else None, True, "closed_channel")
            case _:
                continue
    return None


def _closed(event: FormalEvent, message: Message) -> bool:
    return not event.closed_channels or message.channel in event.closed_channels


def _over_limit(event: FormalEvent, history: HistoryView, at: datetime) -> bool:
    if event.weekdays and at.weekday() not in event.weekdays:
        return True
    if event.max_items is None or event.per_days is None:
        return False
    earlier = [past for past in history.within(at, event.per_days) if past.at >= event.at]
    return len(earlier) >= event.max_items
