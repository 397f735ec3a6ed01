"""Who is spoken of, word by word, in folded text: the writer, whoever reads, staff, somebody else, or the organisation itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.fold import fold
from classifiers.names import people
from models.domain import Span


@dataclass(frozen=True, slots=True)
class Mention:
    """One word for somebody: `me`, `you`, `staff`, `other`, `they` (a pronoun) or `body` (the organisation)."""

    who: str
    start: int
    end: int
    named: bool = False
    oblique: bool = False
    """A possessive or an object (`my`, `us`), not a subject."""


_ROLE = (
    r"(?:housing|case ?|planning|planner|income|rent|rents|allocations?|enforcement|neighbourhood|parking|traffic|trading standards|environmental health|noise|licensing|council tax|tax|benefits?|repairs|complaints?|concerns|"
    r"reception|access|tree|arboricultural|welfare|school|admissions?|social|support|customer|area|service|regional|highways|registry|investigation|data|eviction|evictions|arrears|blue badge|council|adra|phso|ombudsman'?s?|letting?s?|press|asb|tenancy|bin|leisure|library|pool)"
)
_PERSON = r"(?:woman|man|bloke|lady|girl|guy|lad|chap|one|officers?|managers?|workers?|people|staff|team leader|clerk|warden|surveyor|plasterer|fella|officer's|jobsworth|inspector|assistant|advisors?|advisers?|rep)"
_STAFF = (
    rf"\b{_ROLE} {_PERSON}(?:'s)?\b|\b(?:caseworkers?|case ?workers?|case handler|investigators?|wardens?|planners?|cllr|councillors?|cyng|cynghorydd|registrar|receptionist|monitoring officer|chief exec(?:utive)?|prif weithredwr|chief officer|"
    r"lead member|leader|(?:head|director) of [a-z]+|pennaeth|cyfarwyddwr|rheolwr|swyddogion|swyddog|gweithiwr achos|ymchwilydd|warden|lollipop (?:lady|man)|jobsworth|binm[ae]n|officers?|officer's|bailiff|"
    r"works? (?:at|for|in) (?:the )?(?:council|adra|ombudsman|phso|wrexham council|guildhall|tax office)|gweithio i(?:'r)? (?:cyngor|adra)|signs? the|did my (?:case|bins|assessment)|(?:who|wnaeth|nath) (?:passed|refused|did|signed|sent|closed|evicted|gwrthod)|"
    r"dyn (?:y )?(?:fan|cyngor|bins|biniau|parcio)|dynes (?:y )?(?:cyngor|treth|parcio)|(?:woman|man|bloke|lady|girl|voice|one) (?:from|at|on|who|in) (?:the )?(?:council|adra|ombudsman|planning|housing|parking|tax|phone|@\w+)|"
    r"(?:from|at|in|o|yn) (?:the )?(?:allocations|lettings|planning|housing|licensing|enforcement|evictions|complaints|arrears|benefits|homelessness|adran \w+|cynllunio|tai)|ombudsman's (?:man|woman|\w+)|"
    r"swyddogion? \w+|(?:the|y) (?:warden|planner|surveyor|officer|swyddog)|chief executive|prif swyddog|(?:housing|tai|traffig|parking|parcio) (?:officer|warden|swyddog)|(?:direct|extension|ext)\b)\b"
)
_OTHER = (
    r"\b(?:my|our|me|fy|'y|'n) (?:ex|neighbours?|landlord|landlady|mate|boss|gaffer|tenant|nghyn\w*|cymydog|nghymydog|nghymdogion|cyn[- ]?\w+|ex[- ]\w+)\b|\b(?:neighbours?|landlord|landlady|tenants?|nurse|sister|doctor|dr|gp|surgeon|teacher|head ?teacher|athro|athrawes|meddyg|nyrs|"
    r"cymydog|cymdogion|cymdoges|landlordd?|drws nesa|next door|him next door|(?:that|the|this|some|a|old|young|another) (?:lad|boy|girl|kid|bloke|man|woman|tramp|couple|family|guy|tenant|one|fella|child|pervert|nonce|thief|liar)|"
    r"y (?:dyn|ddynes|boi|hogyn|bachgen|ferch|fandal|twyllwr|teulu|bobl)|whoever|somebody|someone|rhywun|nonce|thief|scammer|fraud|dealer|dealing|grass|snitch|twyllwr|lleidr)\b"
)
_KIN = r"son|lad|daughter|girl|boy|kids?|children|mum|mam|mother|dad|father|nan|nain|taid|wife|husband|partner|baby|little one|sister|brother|family|missus|uncle|auntie|aunt|grandson|granddaughter|mab|merch|gwr|gwraig|plant|ngwr|ngwraig|mhlant|mab|merch|mam|nhad|ngwr"
_ME = rf"\b(?:my|our|fy|'y) (?:\w+ )?(?:{_KIN})(?:'s)?\b|\b(?:i|i'm|i've|i'll|i'd|im|ive|ill|my|me|mine|myself|we|we're|we've|our|ours|us|fi|fy|dwi|dw|rwy|rwyf|rydw|rydym|dyn ni|ein|minnau|innau|'dw|wyf|own|meself|yma|yours (?:sincerely|faithfully))\b"
_YOU = r"\b(?:you|your|you're|you've|yours|ur|u|chi|eich|chwi|dach|ti|dy|dych|ydych|'ch|ya)\b"
_THEY = r"\b(?:he|he's|she|she's|shes|hes|his|her|hers|him|they|they're|their|them|ei|fo|fe|ef|eu|nhw|hwn|iddo|iddi|amdano|amdani|ganddo|ganddi|hi'n|o'n|fo'n|fe'n|hi yw|hi ydi|mae o|mae hi|mae'n|mae'i|a'i|i'w|efo hi|efo fo)\b"
_BODY = (
    r"\b(?:switchboard|helpline|help line|contact (?:page|us|centre)|contact details|website|web ?site|on the site|registered|public register|register of interests|published|council (?:number|email|site|office)|office|offices|reception|guildhall|surgery is|"
    r"drop-in|advice line|citizens advice|shelter|samaritans|llais|llinell gymorth|swyddfa|gwefan|neuadd y dref|dderbynfa|derbynfa|depot|licen[cs]e|licence holder|hotline|charity|elusen|press office|out of hours|main line|ombudsman helpline|poster|"
    r"plaque|historic|history|died|companies house|site|sites|development|application|planning application|road works|roadworks|lamp ?post|manhole|pothole|streetlight|street light)\b"
)
_WHO = re.compile(
    r"\b(?:"
    + "|".join(
        f"(?P<{who}>{pattern})"
        for who, pattern in (
            ("staff", _STAFF),
            ("other", _OTHER),
            ("me", _ME),
            ("you", _YOU),
            ("they", _THEY),
            ("body", _BODY),
        )
    )
    + ")"
)
"""Every pattern begins at the edge of a word; said once, most places of a text cost one look."""
_OBLIQUE = frozenset("my me mine our ours us fy ein own myself".split())
_NEAR_ROLE = 45


def mentions(text: str, folded: str, author: str, staff: Sequence[Span]) -> list[Mention]:
    """Return who is spoken of, in order; a name is staff's (directory, or a role beside it), the writer's own, or another's."""
    found = [
        Mention(match.lastgroup or "", *match.span(), oblique=match.group() in _OBLIQUE)
        for match in _WHO.finditer(folded)
    ]
    roles = [mention for mention in found if mention.who == "staff"]
    found += [Mention("staff", span.start, span.end, named=True) for span in staff]
    own = fold(author)
    for person in people(text):
        if any(span.start < person.end and person.start < span.end for span in staff):
            continue
        name = folded[person.start : person.end]
        who = _named(name, person.start, person.end, own, folded, roles)
        found.append(Mention(who, person.start, person.end, named=True))
    return sorted(found, key=lambda mention: (mention.start, -mention.end))


_SIGNS = re.compile(
    r"(?:i'm|i am|my name(?:'s| is)|it's me|me,?|name|yours|regards|diolch|thanks|cofion|ydw i|fi|enw i|ring me|-)[\s,:]*$"
)


def _named(name: str, start: int, end: int, own: str, folded: str, roles: Sequence[Mention]) -> str:
    words = re.findall(r"\w{3,}", name)
    if any(word in own for word in words) or _SIGNS.search(folded[max(0, start - 16) : start]):
        return "me"
    if _ends(start, end, folded) or _OWN_NUMBER.match(folded[end : end + 24]):
        return "me"
    if _ADDRESSED.match(folded[:start]):
        return "staff"
    if any((role.end <= start and start - role.end <= 12) or end <= role.start <= end + _NEAR_ROLE for role in roles):
        return "staff"
    return "other"


_ADDRESSED = re.compile(r"\s*(?:(?:dear|annwyl|hello|hi|helo|good \w+)[,\s]+)?$")
_OWN_NUMBER = re.compile(
    r"[\s,(.]{0,3}(?:d\.?o\.?b|b\.|born|nhs|gig|ni\b|national ins|rhif yswiriant|ganwyd|\d{1,2}[./]\d{1,2}[./]\d{2})"
)


def _ends(start: int, end: int, folded: str) -> bool:
    """True where a name closes the text, alone on its line or after a full stop: a signature."""
    return (
        end >= len(folded.rstrip(" .!x"))
        and start > 0
        and folded[:start].rstrip(" ")[-1:] in {"\n", ".", "!", "?", ","}
    )
