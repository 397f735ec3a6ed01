"""Whose details stand in a text: what each one is, whose word stands nearest, weighed by few and readable features."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from classifiers.base import ArtefactMissing
from classifiers.identifiers import PRECISE, identifiers
from classifiers.lives import calls, lives
from classifiers.mentions import Mention, mentions
from models.domain import Channel, Message, Span

ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "whose.json"
OWNERS = ("own", "third", "staff")
_BREAK = re.compile(r"[.!?\n]+\s")
_FAR = 200
_TITLED = re.compile(r"(?:dear |annwyl )?(?:mr|mrs|ms|miss|dr)\.? \w+|(?:dear|annwyl|hello|hi) \w+")


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail: its kind, whether it leads to one person by itself, whose word is nearest, and where it stands."""

    kind: str
    precise: bool
    owner: str
    span: Span


@dataclass(frozen=True, slots=True)
class Weighed:
    """The probability of each owner, and the details found."""

    probabilities: Mapping[str, float]
    details: tuple[Detail, ...]


def details(message: Message, folded: str, spoken: Sequence[Mention]) -> list[Detail]:
    """Return the details in a message's own text with the owner that the words around each suggest."""
    found = [(entry.kind, entry.kind in PRECISE, entry.start, entry.end) for entry in identifiers(message.own_text)]
    found += [(entry.kind, False, entry.start, entry.end) for entry in lives(folded)]
    breaks = [match.end() for match in _BREAK.finditer(folded)]
    return [
        Detail(kind, precise, _owner(start, end, breaks, spoken), Span(start, end))
        for kind, precise, start, end in found
    ]


def _owner(start: int, end: int, breaks: Sequence[int], spoken: Sequence[Mention]) -> str:
    """Return whose word stands nearest: inside it, before it in its sentence, after it in its sentence, then before that."""
    begins = max((at for at in breaks if at <= start), default=0)
    ends = min((at for at in breaks if at >= end), default=end + _FAR)
    inside = [m for m in spoken if m.start < end and m.end > start and m.who != "body"]
    before = [m for m in spoken if begins <= m.start and m.end <= start]
    after = [m for m in spoken if end <= m.start < ends]
    earlier = [m for m in spoken if start - _FAR <= m.start < begins]
    for found in (inside[:1], before[-1:], after[:1], earlier[-1:]):
        for mention in found:
            return _meant(mention, spoken) if mention.who == "they" else mention.who
    return "nobody"


def _meant(pronoun: Mention, spoken: Sequence[Mention]) -> str:
    """Return whom a pronoun means: the last before it that is staff or somebody else, or the first after it."""
    before = [m for m in spoken if m.end <= pronoun.start and m.who in {"staff", "other"}]
    if before:
        return before[-1].who
    after = [m for m in spoken if m.start >= pronoun.end and m.who in {"staff", "other"}]
    return f"they_{after[0].who}" if after else "they"


def features(message: Message, folded: str, spoken: Sequence[Mention], found: Sequence[Detail]) -> dict[str, float]:
    """Return the features by name; counts are damped, so that a long text is no louder than a short one."""
    mail = message.channel is Channel.EMAIL
    where = "mail" if mail else "post"
    count: Counter[str] = Counter()
    for detail in found:
        sort = "precise" if detail.precise else "plate" if detail.kind in {"plate", "postcode"} else "life"
        count[f"{sort} of {detail.owner}"] += 1
        count[f"{sort} of {detail.owner} in {where}"] += 1
        count[f"{detail.kind}"] += 1
        count[f"{detail.kind} of {detail.owner}"] += 1
        count[f"{detail.kind} in {where}"] += 1
    who = Counter(mention.who for mention in spoken)
    for name, number in who.items():
        count[f"says {name}"] += number
        count[f"says {name} in {where}"] += number
    kinds = {detail.kind for detail in found}
    owners = Counter(detail.owner for detail in found)
    out = {name: math.log1p(number) for name, number in count.items()}
    out[where] = 1.0
    out["calls"] = out[f"calls in {where}"] = float(calls(folded))
    out["kinds"] = math.log1p(len(kinds))
    out[f"kinds in {where}"] = math.log1p(len(kinds))
    out["words"] = math.log1p(len(folded) / 50)
    out["question"] = float("?" in folded)
    out["begins with a person"] = float(_TITLED.match(folded) is not None)
    if owners:
        out[f"most of {owners.most_common(1)[0][0]} in {where}"] = 1.0
    if spoken:
        out[f"first {spoken[0].who} in {where}"] = 1.0
    out["staff and no me"] = float(who["staff"] > 0 and not who["me"])
    out["other and no me"] = float(who["other"] > 0 and not who["me"])
    out["nobody but me"] = float(who["me"] > 0 and not who["staff"] + who["other"] + who["they"])
    return {name: value for name, value in out.items() if value}
