"""What a person's measures mean for the bot: formal events as the history of a decision holds them."""

from collections.abc import Iterator

from models.domain import Channel
from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.steps import Restriction
from models.measures.terms import SPECS, Terms, closes, type_of
from models.policy.history import EventKind, FormalEvent, RestrictionType
from models.policy.schema import Pack


def events_of(dossier: Dossier, pack: Pack) -> tuple[FormalEvent, ...]:
    """Return warnings that were told and restrictions that hold, oldest first.

    A restriction never speaks beyond its end, nor beyond a review that nobody made; one that rests says nothing.
    """
    found = [
        FormalEvent(EventKind.WARNING, warning.told_at, text=warning.why)
        for warning in dossier.warnings
        if warning.told_at is not None
    ]
    for restriction in dossier.restrictions:
        if restriction.suspended_at is None:
            found += _restriction(dossier, restriction, pack)
    return tuple(sorted(found, key=lambda event: event.at))


def _restriction(dossier: Dossier, restriction: Restriction, pack: Pack) -> Iterator[FormalEvent]:
    until = deadlines.enforced_until(restriction, dossier.incidents, pack)
    for terms in restriction.measures:
        kind = type_of(pack, terms)
        if kind is None:
            continue
        yield FormalEvent(
            EventKind.RESTRICTION,
            restriction.starts_at,
            text=restriction.why,
            restriction=_bot_type(kind, terms),
            until=until,
            matter=terms.matter,
            max_items=terms.max_items,
            per_days=terms.per_days,
            weekdays=terms.weekdays if kind == "days_and_times" and Channel.EMAIL in terms.channels else (),
            open_channels=terms.channels if kind == "one_channel" else (),
            closed_channels=_closed(pack, kind, terms),
        )


def _bot_type(kind: str, terms: Terms) -> RestrictionType:
    """Return how the bot keeps to a measure; times that cover mail are a limit on its days."""
    if kind == "days_and_times" and Channel.EMAIL in terms.channels:
        return RestrictionType.VOLUME_LIMIT
    return SPECS[kind].bot or RestrictionType.OTHER


def _closed(pack: Pack, kind: str, terms: Terms) -> tuple[Channel, ...]:
    return tuple(sorted(closes(pack, terms))) if kind in {"block_contact", "block_social", "stop_all"} else ()
