"""The shape of a full store: who wrote when, where, in which language, how it was handled, and what are campaigns."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

ORGS = ("psow", "adra", "wrexham", "phso")
CHANNELS = ("email", "x", "facebook", "mastodon", "bluesky")
LANGS = ("en", "cy", "mixed")
HANDLINGS = ("deliver", "review", "enforce", "urgent")
DAYS, BURST_DAYS = 730, 30
BUSY_CONTACTS, BUSY_MESSAGES = 20, 3_000
CAMPAIGNS, CAMPAIGN_AT_MOST = 120, 3_000
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 10, 10, 10, 9, 9, 9, 8, 6, 4, 2)
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """One entry a message, oldest first: seconds since 1970, contact (from 1), and places in the tuples above.

    `campaign` is 0 for no campaign. `contacts` is how many people there are.
    """

    at: Numbers
    contact: Numbers
    org: Numbers
    channel: Numbers
    lang: Numbers
    handling: Numbers
    campaign: Numbers
    contacts: int


def shape_of(messages: int, seed: int) -> Shape:
    """Return the shape of a store of so many messages.

    Two years with days on which everything comes at once, office hours, a few people who write thousands of times and
    many who write once, campaigns of up to `CAMPAIGN_AT_MOST` letters within some days, one message in four not in English.
    """
    draw = np.random.default_rng(seed)
    at = _times(draw, messages)
    contact, contacts = _contacts(draw, messages)
    of_contact = {"org": draw.integers(0, 4, contacts + 1), "lang": draw.choice(3, contacts + 1, p=(0.76, 0.18, 0.06))}
    mail = draw.random(contacts + 1) < 0.45
    social = draw.integers(1, len(CHANNELS), contacts + 1)
    channel = np.where(mail, 0, social)
    handling = draw.choice(4, messages, p=(0.835, 0.12, 0.04, 0.005))
    campaign = _campaigns(draw, messages)
    handling[(campaign > 0) & (handling != 3)] = 1
    org = of_contact["org"][contact]
    org[campaign > 0] = campaign[campaign > 0] % 4
    return Shape(at, contact, org, channel[contact], of_contact["lang"][contact], handling, campaign, contacts)


def _times(draw: np.random.Generator, messages: int) -> Numbers:
    weights = draw.uniform(0.6, 1.4, DAYS)
    weights[draw.choice(DAYS - 1, BURST_DAYS, replace=False)] *= 12
    days = draw.choice(DAYS, messages, p=weights / weights.sum())
    hours = draw.choice(24, messages, p=np.array(HOURS) / sum(HOURS))
    start = int(datetime.now(UTC).timestamp()) - DAYS * 86_400
    return np.sort(start + days * 86_400 + hours * 3_600 + draw.integers(0, 3_600, messages))


def _contacts(draw: np.random.Generator, messages: int) -> tuple[Numbers, int]:
    """Return who wrote each message: the first few very often, the others as `1 / rank` has it, most of them once."""
    contacts = max(BUSY_CONTACTS + 10, messages // 4)
    often = min(BUSY_MESSAGES, messages // (5 * BUSY_CONTACTS))
    busy = np.repeat(np.arange(1, BUSY_CONTACTS + 1), often)
    left = messages - len(busy)
    some = draw.integers(BUSY_CONTACTS + 1, contacts + 1, left - left // 3)
    keen = BUSY_CONTACTS + 1 + (draw.pareto(0.9, left // 3) * 40).astype(np.int64) % (contacts - BUSY_CONTACTS)
    who = np.concatenate([busy, some, keen])
    draw.shuffle(who)
    return who, contacts


def _campaigns(draw: np.random.Generator, messages: int) -> Numbers:
    """Return which campaign each message is of, the last two still going on."""
    found = np.zeros(messages, np.int64)
    for number in range(1, CAMPAIGNS + 1):
        size = int(min(CAMPAIGN_AT_MOST, messages // 100, 30 + draw.lognormal(4.6, 1.0)))
        size = min(CAMPAIGN_AT_MOST, messages // 100) if number == CAMPAIGNS else size
        width = min(messages, 5 * size)
        begin = messages - width if number >= CAMPAIGNS - 1 else int(draw.integers(0, messages - width + 1))
        found[begin + draw.choice(width, size, replace=False)] = number
    return found
