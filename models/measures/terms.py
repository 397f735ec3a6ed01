"""Every kind of measure with its fields: what each must say, which lines of contact it closes, what the bot makes of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from models.domain import Channel, ChannelGroup
from models.policy.history import RestrictionType
from models.policy.schema import Pack

SOCIAL = frozenset(channel for channel in Channel if channel.group is ChannelGroup.SOCIAL)
WEEKDAYS = range(7)


@dataclass(frozen=True, slots=True)
class Terms:
    """One measure in its own words and numbers; which fields count is the measure's kind's to say (see `SPECS`).

    `measure` is the id in the pack. `channels` are those left open (one channel), closed (blocking) or
    spoken of (days and times). `from_time` and `to_time` are London times, `HH:MM`.
    """

    measure: str
    channels: tuple[Channel, ...] = ()
    weekdays: tuple[int, ...] = ()
    from_time: str = ""
    to_time: str = ""
    max_items: int | None = None
    per_days: int | None = None
    max_minutes: int | None = None
    officer: str = ""
    third_party: str = ""
    text: str = ""
    matter: str = ""
    working_days: int | None = None
    on: date | None = None
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a kind of measure is: the fields it cannot do without, and what it means for contact.

    `one_of` are groups of fields of which at least one is given. `bot` is how the bot keeps to it, None
    where only people can.
    """

    needs: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    bot: RestrictionType | None = None


SPECS: dict[str, Spec] = {
    "one_channel": Spec(needs=("channels",), bot=RestrictionType.ONE_CHANNEL),
    "days_and_times": Spec(one_of=(("weekdays", "from_time"),)),
    "single_contact": Spec(needs=("officer",)),
    "behaviour_contract": Spec(needs=("text", "signature")),
    "block_contact": Spec(needs=("channels",), bot=RestrictionType.BLOCK_CONTACT),
    "block_social": Spec(bot=RestrictionType.BLOCK_CONTACT),
    "read_and_file": Spec(bot=RestrictionType.READ_AND_FILE),
    "volume_limit": Spec(one_of=(("max_items", "max_minutes"),), bot=RestrictionType.VOLUME_LIMIT),
    "witness": Spec(),
    "appointment": Spec(needs=("text",)),
    "refuse_repeats": Spec(needs=("matter",)),
    "refer_ombudsman": Spec(),
    "return_marked": Spec(),
    "third_party": Spec(needs=("third_party",)),
    "longer_reply": Spec(needs=("working_days",)),
    "time_out": Spec(needs=("on",)),
    "restricted_issues": Spec(needs=("matter",)),
    "no_names": Spec(),
    "return_post": Spec(),
    "meeting": Spec(needs=("text",)),
    "stop_all": Spec(bot=RestrictionType.BLOCK_CONTACT),
}
"""By type of measure. Of a behaviour contract `signature` is `offered`, `signed` or `refused`."""

SIGNATURES = ("offered", "signed", "refused")


def type_of(pack: Pack, terms: Terms) -> str | None:
    """Return the type of a measure of the pack, None when the pack does not have it."""
    return next((measure.type for measure in pack.measures if measure.id == terms.measure), None)


def missing(pack: Pack, terms: Terms) -> tuple[str, ...]:
    """Return the fields that the measure lacks or that hold what they cannot, empty when it is whole."""
    kind = type_of(pack, terms)
    if kind is None:
        return ("measure",)
    spec = SPECS[kind]
    wrong = [name for name in spec.needs if not _given(getattr(terms, name))]
    wrong += [group[0] for group in spec.one_of if not any(_given(getattr(terms, name)) for name in group)]
    wrong += [name for name, fails in _CHECKS.items() if name not in wrong and fails(terms)]
    if kind == "behaviour_contract" and terms.signature not in SIGNATURES:
        wrong.append("signature")
    return tuple(dict.fromkeys(wrong))


def _given(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _bad_hours(terms: Terms) -> bool:
    return bool(terms.from_time or terms.to_time) and not (
        _is_time(terms.from_time) and _is_time(terms.to_time) and terms.from_time < terms.to_time
    )


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    fits = colon == ":" and len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()
    return fits and int(hours) < 24 and int(minutes) < 60


_CHECKS: dict[str, Callable[[Terms], bool]] = {
    "weekdays": lambda terms: not set(terms.weekdays) <= set(WEEKDAYS),
    "from_time": _bad_hours,
    "per_days": lambda terms: terms.max_items is not None and (terms.per_days is None or terms.per_days < 1),
    "max_items": lambda terms: terms.max_items is not None and terms.max_items < 1,
    "max_minutes": lambda terms: terms.max_minutes is not None and terms.max_minutes < 1,
    "working_days": lambda terms: terms.working_days is not None and terms.working_days < 1,
}


def closes(pack: Pack, terms: Terms) -> frozenset[Channel]:
    """Return the channels on which the measure leaves nobody to hear the person.

    Reading and filing, limits, times and a single point of contact narrow a line; they do not close it.
    """
    every = frozenset(pack.lines) | SOCIAL | {Channel.EMAIL, Channel.TELEPHONE, Channel.LETTER}
    match type_of(pack, terms):
        case "one_channel":
            return frozenset(pack.lines) - frozenset(terms.channels)
        case "block_contact":
            return frozenset(terms.channels)
        case "block_social":
            return SOCIAL
        case "return_post":
            return frozenset({Channel.LETTER})
        case "stop_all":
            return every
        case _:
            return frozenset()


def closed_by(pack: Pack, measures: Iterable[Terms]) -> frozenset[Channel]:
    """Return the channels that measures close together."""
    return frozenset().union(*(closes(pack, terms) for terms in measures))
