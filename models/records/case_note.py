"""A note about a case for the organisation's own case system: what happened and under which clause, nobody's name, no message."""

import re
from collections.abc import Iterator
from datetime import datetime

from models.domain import Action, Channel
from models.policy.clocks import LONDON
from models.policy.schema import Pack
from models.policy.wording import ACTION_WORDS
from models.store.cards import Card

_REFERENCE = re.compile(r"PORTHOR-[A-Z0-9_]+-0*(\d{1,9})", re.IGNORECASE)

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Note from moderation", "reference": "Reference", "opened": "Opened", "channel": "Channel",
        "messages": "Messages", "language": "Language of the last message", "state": "State", "clauses": "Clauses of the policy",
        "none": "none", "decided": "Decided by a person", "force": "In force", "until": "lifts itself unless confirmed by",
        "open": "waits for a decision", "escalated": "waits for a decision, escalated", "closed": "decided",
        "deliver": "delivered", "enforce": "held or acted on", "escalate": "escalated", "no_action": "no action taken",
        "undo": "the verdict before was undone", "email": "mail", "cy": "Welsh", "mixed": "both languages", "unknown": "not known",
        "english": "English", "more": "The messages and the evidence are kept in Porthor under this reference.",
    },
    "cy": {
        "title": "Nodyn cymedroli", "reference": "Cyfeirnod", "opened": "Agorwyd", "channel": "Sianel",
        "messages": "Negeseuon", "language": "Iaith y neges ddiwethaf", "state": "Cyflwr", "clauses": "Cymalau'r polisi",
        "none": "dim", "decided": "Penderfynwyd gan berson", "force": "Mewn grym", "until": "yn codi ei hun oni chadarnheir erbyn",
        "open": "yn aros am benderfyniad", "escalated": "yn aros am benderfyniad, wedi'i uwchgyfeirio", "closed": "penderfynwyd",
        "deliver": "danfonwyd", "enforce": "daliwyd neu gweithredwyd", "escalate": "uwchgyfeiriwyd", "no_action": "ni chymerwyd camau",
        "undo": "dadwnaed y dyfarniad blaenorol", "email": "e-bost", "cy": "Cymraeg", "mixed": "y ddwy iaith", "unknown": "anhysbys",
        "english": "Saesneg", "more": "Cedwir y negeseuon a'r dystiolaeth yn Porthor o dan y cyfeirnod hwn.",
    },
}  # fmt: skip
_STANDS = {"done", "already_done"}


def reference_of(org: str, case_id: int) -> str:
    """Return by what a case is called elsewhere."""
    return f"PORTHOR-{org.upper()}-{case_id}"


def case_of(words: str) -> int | None:
    """Return the case that a reference names, None where `words` is none."""
    found = _REFERENCE.fullmatch(words.strip())
    return None if found is None else int(found[1])


def note(card: Card, pack: Pack, language: str) -> str:
    """Return the note in `language` (`en` or `cy`)."""
    return "\n".join(_lines(card, pack, language)) + "\n"


def _lines(card: Card, pack: Pack, language: str) -> Iterator[str]:
    words, case = WORDS[language], card.case
    newest = max(card.items, key=lambda item: item.message["received_at"]).message
    spoken = {"cy": words["cy"], "en": words["english"], "mixed": words["mixed"]}.get(newest["lang"], words["unknown"])
    yield f"{words['title']} · {pack.organisation.name.cy if language == 'cy' else pack.organisation.name.en}"
    yield f"{words['reference']}: {reference_of(case['org'], case['id'])}"
    yield f"{words['opened']}: {_when(case['opened_at'])}"
    yield f"{words['channel']}: {', '.join(_channels(card, words))}"
    yield f"{words['messages']}: {card.count}"
    yield f"{words['language']}: {spoken}"
    yield f"{words['state']}: {words[case['state']]}"
    clauses = list(dict.fromkeys(name for item in card.items for name in item.decision["clauses"]))
    texts = {clause.id: clause.text.cy if language == "cy" else clause.text.en for clause in pack.clauses}
    yield f"{words['clauses']}:{'' if clauses else ' ' + words['none']}"
    yield from (f"  - {name} {texts.get(name, '')}".rstrip() for name in clauses)
    yield from (f"{words['decided']}: {words[row['kind']]}, {_when(row['at'])}" for row in card.verdicts)
    yield from _in_force(card, words, language)
    yield words["more"]


def _channels(card: Card, words: dict[str, str]) -> list[str]:
    found = dict.fromkeys(item.message["channel"] for item in card.items)
    return [words["email"] if name == Channel.EMAIL.value else name.capitalize() for name in found]


def _in_force(card: Card, words: dict[str, str], language: str) -> Iterator[str]:
    """Yield what stands now, each effect once, with when it lifts itself."""
    said = []
    for item in card.items:
        last = {(row["effect"], row["target_id"]): row for row in item.enforcements}
        for row in last.values():
            if row["wanted"] and row["state"] in _STANDS:
                told = ACTION_WORDS[Action(row["effect"])]
                until = f", {words['until']} {_when(row['provisional_until'])}" if row["provisional_until"] else ""
                said.append(f"{words['force']}: {told.cy if language == 'cy' else told.en}{until}")
    yield from dict.fromkeys(said)


def _when(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%d/%m/%Y %H:%M")
