"""Whose details stand in a text: what each one is, whose word stands nearest, weighed by few and readable features."""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from classifiers.base import ArtefactMissing
from classifiers.gated import begun, each
from classifiers.identifiers import PRECISE, Identifier, identifiers
from classifiers.lives import calls, lives
from classifiers.mentions import Mention, mentions
from models.domain import Channel, Message, Span

ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "whose.json"
OWNERS = ("own", "third", "staff")
CLASSES = (*OWNERS, "none")
_BREAK = re.compile(r"[.!?\n]+\s")
_FAR = 200
_CLOSE = 18
HEADS = (
    "doxing.own_details", "doxing.staff_details", "doxing.third_party", "doxing.staff_named", "spam", "abuse.threat",
    "abuse.harassment", "abuse.accusation", "abuse.incitement", "abuse.insult", "target.staff", "target.third_party",
    "welfare.safeguarding", "welfare.emergency", "rights.request",
)  # fmt: skip
HINT_FROM = 0.05
"""Where no identifier stands and no head leans to doxing so far, nobody looks: ordinary posts cost nothing more."""
_LEANING = HEADS[:3]
_FLOOR = 0.0005
_HEADS_SCALE = 4.0
_LOOSE = frozenset({"plate", "postcode"})
_LESS = 0.5
"""What a finer feature counts beside a broader one."""
_COMMERCE = re.compile(
    each(r"£|\$|€", r"\d[\d,.]*(?:k| a | an | per |-|\+)")
    + r"|%(?:(?<=\d%)|(?<=\d %)) (?:off|a )|whatsapp|telegram|"
    + begun(
        "free (?:delivery|quote|check|survey|collection|to good)",
        r"quotes?\b",
        r"offer\b",
        r"loans?\b",
        r"earn\b",
        "per day",
    )
    + r"|no win|crypto|bitcoin|order (?:now|on)|for sale|we (?:do|buy|sell|offer|give)|certified|prices?\b|discount|call-out|"
    r"available (?:now|dec|for)|am ddim|hanner pris|cynnig|pris(?:iau)? |paypal|spell|cured|insured|no experience|stock"
)
_PUBLIC = re.compile(
    r"helpline|switchboard|website|web ?site|contact page|drop-in|surgery is|register|minutes|published|open (?:till|to|day)|everyone welcome|plaque|licen[cs]e|planning (?:application|portal)|object(?:ion)?\b|public meeting|gwefan|swyddfa|llinell gymorth|cyfarfod"
)
_RAISED = re.compile(
    r"shame if|be a shame|i know where|know where (?:you|he|she)|watch(?:ing)? (?:you|your|her|him)|accidents? happen|careful|pay (?:you|him|her) a|see you (?:at|there|soon|thursday|tonight)|visit|sleep (?:tight|well)|lose |burn|brick|petrol|dwi'n gwybod lle|gwbod lle|ofalus|sleeps?\b|tonight|heno\b"
)
_OWN_CASE = re.compile(
    begun(
        "my (?:number|address|case|details|name|account|refund|nhs|ni|national|date of birth|dob|mobile|phone|email|house|flat|boiler|claim)"
    )
    + "|"
    + each("ring|phone|call|text|email|contact", " (?:me|us|back)")
    + r"|ffoniwch (?:fi|ni)|fy (?:rhif|nghyfeiriad|manylion)|i'm at|we're at|i live|dwi'n byw|rwy'n byw|"
    r"come (?:and|any)|please (?:ring|call|phone|help|update)|refund|ad-?daliad|talwch|pay (?:up|it|me)|boiler|boilar|where is|when will"
)
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


@lru_cache(maxsize=1)
def weights() -> Mapping[str, Mapping[str, float]]:
    """Return feature → owner → weight, as trained.

    Raises:
        ArtefactMissing: The weights are not there or cannot be read.
    """
    try:
        found: Mapping[str, Mapping[str, float]] = json.loads(ARTEFACT.read_text("utf-8"))["weights"]
    except (OSError, ValueError, KeyError) as error:
        raise ArtefactMissing(
            f"{ARTEFACT}: the weights of whose details they are cannot be read ({error}); run `python -m classifiers.train.whose`"
        ) from error
    return found


def weigh(message: Message, folded: str, staff: Sequence[Span], heads: Mapping[str, float]) -> Weighed | None:
    """Return whose details stand in a message, None where it holds none.

    `staff` says where the directory's members are named, `heads` is label → probability of the learned heads.
    """
    places = _places(message, folded)
    if not places:
        return None
    author = f"{message.author.address} {message.author.display_name}"
    spoken = mentions(message.own_text, folded, author, staff)
    found = _owned(places, folded, spoken)
    held = features(message, folded, spoken, found) | learned_features(message, heads)
    total = dict.fromkeys(CLASSES, 0.0)
    table = weights()
    for name, value in (("bias", 1.0), *held.items()):
        for owner, weight in table.get(name, {}).items():
            total[owner] += weight * value
    highest = max(total.values())
    parts = {owner: math.exp(logit - highest) for owner, logit in total.items()}
    return Weighed({owner: parts[owner] / sum(parts.values()) for owner in OWNERS}, tuple(found))


def hinted(message: Message, heads: Mapping[str, float], staff: Sequence[Span]) -> bool:
    """True where it is worth to look whose details there are: a head leans to it, staff are named, or an identifier stands there."""
    return (
        bool(staff)
        or any(heads.get(label, 0.0) >= HINT_FROM for label in _LEANING)
        or bool(_identifiers(message.own_text))
    )


@lru_cache(maxsize=1)
def _identifiers(text: str) -> tuple[Identifier, ...]:
    """Return the identifiers of one text: asked for as a hint, and again for the details."""
    return tuple(identifiers(text))


def learned_features(message: Message, heads: Mapping[str, float]) -> dict[str, float]:
    """Return the learned heads' log-odds as features, small beside those that can be read."""
    where = "mail" if message.channel is Channel.EMAIL else "post"
    out = {}
    for label in HEADS:
        p = min(max(heads.get(label, 0.0), _FLOOR), 1.0 - _FLOOR)
        out[f"heads {label}"] = out[f"heads {label} in {where}"] = math.log(p / (1.0 - p)) / _HEADS_SCALE
    return out


def details(message: Message, folded: str, spoken: Sequence[Mention]) -> list[Detail]:
    """Return the details in a message's own text with the owner that the words around each suggest."""
    return _owned(_places(message, folded), folded, spoken)


def _places(message: Message, folded: str) -> list[tuple[str, bool, int, int]]:
    """Return of each detail its kind, whether it leads to one person by itself, and [start, end)."""
    found = [(entry.kind, entry.kind in PRECISE, entry.start, entry.end) for entry in _identifiers(message.own_text)]
    return found + [(entry.kind, False, entry.start, entry.end) for entry in lives(folded)]


def _owned(places: Sequence[tuple[str, bool, int, int]], folded: str, spoken: Sequence[Mention]) -> list[Detail]:
    breaks = [match.end() for match in _BREAK.finditer(folded)]
    return [
        Detail(kind, precise, _owner(start, end, breaks, spoken), Span(start, end))
        for kind, precise, start, end in places
    ]


def _owner(start: int, end: int, breaks: Sequence[int], spoken: Sequence[Mention]) -> str:
    """Return whose word stands nearest: inside it, before it in its sentence, after it in its sentence, then before that."""
    begins = max((at for at in breaks if at <= start), default=0)
    ends = min((at for at in breaks if at >= end), default=end + _FAR)
    inside = [m for m in spoken if m.start < end and m.end > start and m.who != "body"]
    before = _subjects([m for m in spoken if begins <= m.start and m.end <= start], start)
    after = [m for m in spoken if end <= m.start < ends]
    earlier = [m for m in spoken if start - _FAR <= m.start < begins]
    for found in (inside[:1], before[-1:], after[:1], earlier[-1:]):
        for mention in found:
            return _meant(mention, spoken) if mention.who == "they" else mention.who
    return "nobody"


def _subjects(before: Sequence[Mention], start: int) -> Sequence[Mention]:
    """Return the mentions without a far `my` or `me`, where the sentence speaks of somebody else: it says whose bin, not who lives there."""
    if not any(m.who in {"staff", "other", "they"} for m in before):
        return before
    return [m for m in before if not m.oblique or start - m.end <= _CLOSE]


def _meant(pronoun: Mention, spoken: Sequence[Mention]) -> str:
    """Return whom a pronoun means: the last before it that is staff or somebody else, or the first after it."""
    before = [m for m in spoken if m.end <= pronoun.start and m.who in {"staff", "other"}]
    if before:
        return before[-1].who
    after = [m for m in spoken if m.start >= pronoun.end and m.who in {"staff", "other"}]
    return f"they, later {after[0].who}" if after else "they"


def features(message: Message, folded: str, spoken: Sequence[Mention], found: Sequence[Detail]) -> dict[str, float]:
    """Return the features by name: mostly that something holds, so that a long text is no louder than a short one."""
    where = "mail" if message.channel is Channel.EMAIL else "post"
    kinds: dict[str, set[str]] = defaultdict(set)
    for detail in found:
        kinds[detail.owner].add(detail.kind)
    most = max(kinds, key=lambda owner: len(kinds[owner]), default="nobody")
    out: dict[str, float] = {where: 1.0, f"words in {where}": math.log1p(len(folded) / 100)}
    out |= _of_details(found, kinds, where)
    out[f"most of {most} in {where}"] = 1.0
    out |= _of_mentions(spoken, found, kinds, where)
    out |= _of_wording(folded, kinds, most, where)
    out["question"] = _LESS * float("?" in folded)
    return out


def _of_details(found: Sequence[Detail], kinds: Mapping[str, set[str]], where: str) -> dict[str, float]:
    out: dict[str, float] = {}
    for detail in found:
        out[f"{_sort(detail)} of {detail.owner} in {where}"] = 1.0
        out[f"{detail.kind} in {where}"] = 1.0
        out[f"{detail.kind} of {detail.owner}"] = _LESS
    for (owner, sort), number in Counter((d.owner, _sort(d)) for d in found).items():
        out[f"how much {sort} of {owner} in {where}"] = math.log1p(number)
    for owner, held in kinds.items():
        out[f"kinds of {owner} in {where}"] = math.log1p(len(held))
    return out


def _of_mentions(
    spoken: Sequence[Mention], found: Sequence[Detail], kinds: Mapping[str, set[str]], where: str
) -> dict[str, float]:
    out: dict[str, float] = {}
    who = Counter(mention.who for mention in spoken)
    for name, number in who.items():
        out[f"says {name} in {where}"] = 1.0
        out[f"often {name} in {where}"] = math.log1p(number) * _LESS
    for name in dict.fromkeys(mention.who for mention in spoken if mention.named):
        out[f"names {name} in {where}"] = 1.0
        out[f"names {name} with {min(len(kinds.get(name, ())), 3)} kinds in {where}"] = 1.0
    precise = any(detail.precise for detail in found)
    if precise and not who["staff"] + who["other"] + who["they"]:
        out[f"precise and nobody else in {where}"] = 1.0
    if precise and not who["me"]:
        out[f"precise and no me in {where}"] = 1.0
    for name in ("staff", "other"):
        if who[name] and not who["me"]:
            out[f"{name} and no me in {where}"] = 1.0
    return out


def _of_wording(folded: str, kinds: Mapping[str, set[str]], most: str, where: str) -> dict[str, float]:
    yours = len(kinds.get("you", ()))
    said = {
        (f"calls in {where}", f"calls, most of {most} in {where}"): calls(folded),
        (f"to a person, {min(yours, 3)} kinds of you in {where}",): _TITLED.match(folded),
        (f"sells in {where}",): _COMMERCE.search(folded),
        (f"public words in {where}",): _PUBLIC.search(folded),
        (
            f"threatens in {where}",
            f"threatens, most of {most} in {where}",
            f"threatens, {min(yours, 2)} kinds of you in {where}",
        ): _RAISED.search(folded),
        (f"own case in {where}",): _OWN_CASE.search(folded),
    }
    return {name: 1.0 for names, holds in said.items() if holds for name in names}


def _sort(detail: Detail) -> str:
    return "precise" if detail.precise else "loose" if detail.kind in _LOOSE else "life"
