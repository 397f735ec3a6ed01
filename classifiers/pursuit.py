"""Pursuit: approaches to the private life of somebody who only does their work, each harmless alone, together stalking."""

import re
from collections.abc import Mapping
from enum import StrEnum

from classifiers.fold import fold


class Approach(StrEnum):
    """Where a message leaves the office and enters somebody's own life."""

    ACCOUNT = "account"
    HOME = "home"
    FAMILY = "family"
    WATCHED = "watched"
    GIFT = "gift"


AT_THE_DOOR = frozenset({Approach.HOME, Approach.FAMILY, Approach.WATCHED, Approach.GIFT})
"""Approaches that are made in person, or show that one was near."""
IN_PUBLIC = frozenset({Approach.ACCOUNT, Approach.HOME, Approach.FAMILY, Approach.WATCHED})
"""Approaches that, made where everybody reads, tell others where somebody lives and with whom."""

_PLACES = r"(?:house|home|flat|front door|door ?step|garden|drive|driveway|gate|garden wall|wall|windows?|bedroom|letter ?box|porch|car|washing line)"
_KIN = r"(?:husband|wife|partner|boyfriend|girlfriend|kids?|children|daughters?|sons?|little (?:girl|boy|one)s?|girls|boys|mum|mother|dad|baby|dog)"
_PAPERS = (
    r"[\w' -]{0,30}(?:form|letter|paper|document|cheque|key|copy|photo|receipt|report|sample|rubbish|waste|bag)s?\b"
)
_NETWORKS = r"(?:facebook|fb|insta(?:gram)?|snapchat|tiktok|linkedin|twitter|whatsapp|strava)"
_PATTERNS: Mapping[Approach, str] = {
    Approach.ACCOUNT: rf"\b(?:friend request|asked to be your friend|(?:added|followed|messaged|found|looked up|looked at) you(?:r profile)?(?: up)?(?: on)? {_NETWORKS}|"
    rf"your (?:own |private |personal )?(?:{_NETWORKS}|profile|photos|pictures|pics|holiday snaps|stories)|"
    rf"cais ffrind|(?:dy|eich|ych) (?:llunia?u?|proffil|{_NETWORKS}))\b",
    Approach.HOME: rf"\b(?:where you live|i know your (?:house|street|road|address)|(?:outside|past|by|to|at|near|on|behind|in front of) your (?:own )?{_PLACES}|"
    rf"(?:nice|lovely|pretty|big|smart) (?:house|garden|place|home) (?:you have|you've got|in your)|your lights? (?:was|were|is|are) on|"
    rf"ble ti'n byw|lle (?:ti'n|dach chi'n|rydych chi'n) byw|(?:tu allan i|wrth|heibio) (?:dy|eich|ych) (?:dy|ty|gartref|cartref|ddrws|drws|giat|wal|gar|car))\b",
    Approach.FAMILY: rf"\b(?:(?:met|saw|seen|spoke (?:to|with)|chatted (?:to|with)|talked to|know|bumped into|love|like) your {_KIN}|"
    rf"your {_KIN}(?: is| are|'s| goes| go| looks?| plays?| walks?| waits?)? (?:in|at|to|on|from|lovely|pretty|growing|school|class)|"
    rf"(?:which|what) school (?:your|the|do your)|(?:gweld|cwrdd a|siarad efo|siarad a|nabod) (?:dy|eich|ych) (?:wr|wraig|blant|plant|ferch|fab|hogyn|hogan|hogia|mam|tad))\b",
    Approach.WATCHED: r"\b(?:i (?:saw|watched|see|followed|spotted|noticed) you (?:in|at|on|with|from|leave|leaving|get|getting|going|walk|walking|come|coming|home|again|yesterday|last night|this morning)|"
    r"(?:what time|when) do you (?:finish|get off|leave|knock off)|(?:wait|waiting|waited) (?:for you|outside)(?: (?:after|when|till|until|by|in|at|on)\b)|i was behind you|"
    r"(?:your|the) (?:usual )?(?:bus|train|run|walk|gym|swim|spin class|slimming world)(?: home)? (?:on|at|every)|weles i (?:ti|chi)|(?:dilyn|gwylio) (?:ti|chi|di)|pryd (?:ti'n|dach chi'n) gorffen)\b",
    Approach.GIFT: rf"\b(?:(?:left|leaving|leave|dropped|put|hung) (?!{_PAPERS})(?:you )?(?:a |an |some |the |my )?[\w' -]{{2,40}} (?:on|at|in|by|through|under|outside) your (?:own )?{_PLACES}|"
    rf"(?:flowers|chocolates|perfume|roses|a present|a gift|a bottle) (?:for you|to your (?:house|home|door|flat)|on your)|gadael [\w' -]{{2,40}} (?:wrth|ar|yn|tu allan i) (?:dy|eich|ych) (?:ddrws|dy|wal|gar))\b",
}
_FOUND = {approach: re.compile(pattern, re.IGNORECASE) for approach, pattern in _PATTERNS.items()}
_NAMED_KIN = re.compile(r"\b[Mm]et your [A-Z]\w+")


_THEIRS = re.compile(r"\b(?:her|his|their)\b")


def approaches(text: str, *, told_by_staff: bool = False) -> frozenset[Approach]:
    """Return the approaches to a reader's private life in `text`; a note by staff tells of them in the third person."""
    folded = _THEIRS.sub("your", fold(text)) if told_by_staff else fold(text)
    found = {approach for approach, pattern in _FOUND.items() if pattern.search(folded)}
    if _NAMED_KIN.search(text):
        found.add(Approach.FAMILY)
    return frozenset(found)
