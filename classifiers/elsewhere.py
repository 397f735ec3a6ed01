"""Elsewhere: somebody under a restriction who perhaps writes from an address that is not theirs; a person looks, nothing else."""

import re
from collections.abc import Sequence

from classifiers.fold import fold
from classifiers.matters import shared
from models.domain import Message, Signal
from models.policy.history import HistoryView, RestrictedPerson
from models.policy.limits import Limits

VERSION = "1"
DOUBT = 0.5
SAME_MATTER = 0.2
_PART = re.compile(r"[\W\d_]+")
_SAYS_WHO = re.compile(
    r"\b(?:this is|it is|it's|its|i am|i'm|my name is|yours,?|regards,?|signed|yma|ydw i|yma mae|yn gywir,?|cofion,?)\s+(?:only |just |still )?(?:me,? )?([^\W\d_]{3,}(?: [^\W\d_]+){0,2})|"
    r"\b([^\W\d_]{3,}) (?:here|again|speaking|(?:sydd|sy|s)[ ']?'?n? ?yma|eto|ydw i|dw i)\b|(?:^|\n)\W*([^\W\d_]{3,}(?: [^\W\d_]+\.?){0,2})\W*$",
)
_BORROWED = re.compile(
    r"\b(?:using|on|from|with|borrow(?:ed|ing)|through|via)\s+(?:(?:my|our|the|a|an|his|her) )?(?:[\w'-]+ ){0,3}?(?:e-?mail|account|address|phone|laptop|tablet|profile)\b|"
    r"\b(?:new|other|different|another|second) (?:e-?mail|account|address|profile)\b|\byou(?:'ve| have)? (?:blocked|banned|barred|stopped|restricted) (?:me|my|him)\b|"
    r"\b(?:e-?bost|cyfrif|ffon) (?:newydd|arall|fy |ei |ein )|\bo (?:e-?bost|gyfrif|ffon)\b|\b(?:wedi|di) (?:fy )?(?:mlocio|blocio|ngwahardd)\b",
)


class ElsewhereDetector:
    """Emits `persistence.after_decision` for a message that says it is by somebody whose contact is restricted."""

    name = "elsewhere"
    version = VERSION
    labels = ("persistence.after_decision",)

    def detect(self, message: Message, _found: Sequence[Signal], history: HistoryView, _limits: Limits) -> list[Signal]:
        """Return a doubt where the writer's own words name a restricted person and something else bears it out."""
        if not any(_perhaps(message, person) for person in history.restricted):
            return []
        note = "perhaps somebody whose contact is restricted, from another address"
        return [Signal("persistence.after_decision", DOUBT, self.name, self.version, note=note)]


def _perhaps(message: Message, person: RestrictedPerson) -> bool:
    """True when the text names the person as its writer, and a second thing fits: the name whole, the address, or the matter."""
    if message.author.address in person.addresses:
        return False
    folded, names = fold(message.own_text), {fold(name) for name in person.names}
    said = {part for match in _SAYS_WHO.finditer(folded) for part in _PART.split(match.group(0))} & names
    if not said:
        return False
    known_as = f"{message.author.address.partition('@')[0]} {message.author.display_name}"
    family = set(_PART.split(fold(known_as))) & names
    return (
        len(said | family) > 1
        or _BORROWED.search(folded) is not None
        or shared(message.own_text, person.matter) >= SAME_MATTER
    )
