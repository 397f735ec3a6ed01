"""Patterns of somebody's life in folded text: home, car, routine, family, workplace, health, accounts, and calls to go there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.gated import begun, each


@dataclass(frozen=True, slots=True)
class Trace:
    """One piece of somebody's life: its kind and [start, end) in the text."""

    kind: str
    start: int
    end: int


_COLOUR = r"red|blue|green|grey|gray|white|black|silver|yellow|orange|pink|gold|coch|glas|las|gwyrdd|werdd|llwyd|lwyd|gwyn|wen|du|ddu|melyn|felen|arian|pinc"
_MAKE = (
    r"corsa|fiesta|golf|polo|qashqai|juke|mini|audi|bmw|clio|octavia|kuga|sportage|fiat|passat|berlingo|saab|nissan|toyota|yaris|skoda|ford|vauxhall|volvo|mercedes|merc|"
    r"transit|focus|astra|tesla|honda|jazz|civic|hyundai|kia|picanto|renault|megane|peugeot|citroen|seat|ibiza|leon|dacia|duster|sandero|jaguar|land rover|range rover|defender|"
    r"freelander|jeep|mondeo|insignia|zafira|micra|tiguan|up|aygo|auris|beetle|camper|camper van|moped|motorbike|volkswagen|vw|porsche|lexus|mazda|suzuki|subaru|car|van|hatchback|estate|convertible|suv|mpv"
)
_DAY = r"mon(?:day)?|tues?(?:day)?|wed(?:nesday|s)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|llun|mawrth|mercher|iau|gwener|sadwrn|sul"
_THEIRS = r"his|her|their|the\w* (?:man|woman|bloke|girl)'s|\w+'s"
_KIN = (
    r"kids?|children|daughters?|sons?|lads?|girls?|boys?|little (?:boy|girl|one)s?|mum|mam|mother|nan|nain|taid|dad|father|parents|wife|husband|missus|mrs|partner|boyfriend|girlfriend|"
    r"fella|other half|chap|sisters?|brothers?|baby|toddler|family|grandkids|ex"
)
_KIN_CY = r"gwr|ngwr|wr|gwraig|wraig|plant|blant|phlant|mab|fab|merch|ferch|mam|fam|tad|thad|dad|chwaer|brawd|frawd|gariad|cariad|nain|taid|rhieni|teulu|hogyn|hogan|wyr|bachgen|fachgen"
_KINDS = {
    "home": (
        r"liv(?:es|ed|ing|in)\b|\blive (?:at|in|on|over|above|next|near|with)|(?:i|we|all) know where|where (?:\w+ ){0,4}lives?\b|\bwhich (?:street|road|house)|"
        rf"(?:{_THEIRS}) (?:own )?(?:house|home|flat|bungalow|cottage|place|front door|back door|door|doorstep|gate|garden|wall|drive|street|road|address|gaff)\b|"
        rf"your (?:house|home|flat|bungalow|front door|back gate|back door|doorstep|garden|drive|street)|home (?:address|number|phone)|(?:nice|lovely) house|"
        rf"(?:{_COLOUR}|end|corner|last|big|white) (?:house|one|terrace|cottage|bungalow|door|gate|semi|detached|curtains)\b|house (?:with|on|by|past|at|next|is)\b|"
        r"(?:flat|lives?|living|room|floor) (?:above|over)|\babove the \w+|\bover the \w+ (?:shop|bar)|barn conversion|caravan|next door|moved (?:to|in)|hiding (?:in|at|out)|address is|"
        r"(?:number|no\.?|rhif|flat|fflat|apartment|block|bloc) ?\d{1,3}[a-d]?\b|(?:i'm|im|we're|dwi|dw i|dan ni) (?:at|in|yn) (?:no\.? ?)?\d{1,3}\b|\bat \d{1,3}\b|\bat yours\b|\b(?:end|top|bottom) (?:house )?of \w+|drws nesa|"
        r"yn byw\b|\bei (?:dy|thy|chartref|gartref|chyfeiriad|gyfeiriad|ddrws|drws)\b|\b(?:drws|giat|gat|llidiart|llenni) (?:\w+ )?(?:coch|glas|las|gwyrdd|werdd|melyn|felen|gwyn|wen|du|ddu|ffrynt|goch)|"
        r"ty (?:pen|mawr|gwyn|ola|olaf|cyntaf|cynta)|(?:byngalo|bwthyn|fflat) |lle (?:\w+ ){1,3}byw|cyfeiriad (?:newydd )?\w+|goriad|allwedd|key(?:s|'s)? (?:under|with|is|in)|back door|never locks"
    ),
    "vehicle": (
        rf"(?:{_COLOUR}) (?:\w+ )?(?:{_MAKE})\b|\b(?:{_MAKE}) (?:\d+ )?(?:{_COLOUR})\b|driv(?:es|ing|in) (?:a|the|an|her|his|around|round)\b|parks? (?:it|her|his|their|the|up|on|at|in|outside|behind|half|round)\b(?! (?:mine|ours|my|our)\b)|"
        rf"(?:{_THEIRS}|your) (?:own )?(?:car|van|motor|camper|bike)\b|number ?plates?\b|\bplates?:? [a-z]|\breg(?:istration)?\b|leaves it\b|yn (?:parcio|gyrru|dreifio)|dreifio|\bei (?:gar|char|fan)\b|\bcar (?:o|e|hi)\b|parcio (?:tu|y)"
    ),
    "routine": (
        rf"(?:gets?|got|catch(?:es)?|takes?|on) the (?:\d[\d.:]* ?(?:bus|train)?|[a-z]?\d+ bus|bus|train|school bus)|\bevery (?:{_DAY}|night|morning|day|evening|lunch|lunchtime|nite|week|weekend|nos|bore)|"
        rf"(?:{_DAY})s? (?:and|&|a) (?:{_DAY})s?|\b(?:{_DAY})s\b|school run|school gates?|pick(?:s|ing)?[- ](?:up|them)|drops? (?:them|her|him|the|off)|(?:the |at |a )gym\b|spin class|leisure centre|"
        r"(?:home|in|up|out) (?:by|at|from|til|till|until) (?:\w+ )?(?:\d|six|seven|five|half)|leaves? (?:work|the office|the house|at)|walks? (?:the|her|his|your|a|home|down|to)|"
        r"drinks? (?:in|at|yn)|shops? (?:at|in)|(?:is|they're|he's|she's) in (?:the )?\w+ now|away (?:until|til|till|for|in)|(?:on|off on) (?:a )?(?:holiday|cruise)|(?:house|home) is empty|\bgwag\b|in (?:corfu|tenerife|spain|krakow)|"
        r"(?:lights?|light) (?:goes?|went) off|works nights|on nights|on (?:her|his|their|your) own|i watch|follow(?:ed|ing)?|dilyn|seen (?:her|him|you|your)|saw (?:your|her|him)|been watching|parked (?:outside|opposite)|"
        r"bob (?:bore|nos|dydd|lunch|wythnos|amser|prynhawn|p'nawn)|(?:nos|dydd|bore) (?:llun|mawrth|mercher|iau|gwener|sadwrn|sul)|yn gollwng|i ffwrdd|ar ei (?:gwyliau|wyliau)|ar (?:ei )?ben ei hun|yn tenerife|am (?:wyth|chwech|saith|8|7|6)\b|"
        r"gorffen am|goes to (?:the|college|church|his|her|work)|plays? (?:football|bowls|golf|rugby)|goes to"
    ),
    "family": (
        rf"(?:{_THEIRS}|your|you've a|has (?:a|two|three)|got (?:a|two|three|kids)) (?:\w+ )?(?:{_KIN})\b|(?:two|three|four|2|3) (?:little )?(?:kids|boys|girls|children)|kids (?:go|catch|get|at)|(?:mum|dad|mam|nan)'s (?:the|on|in|at|a)\b|"
        rf"(?:ei|eich|dy|ch|'ch|'i) (?:{_KIN_CY})\b|(?:{_KIN_CY}) (?:bach )?yn (?:ysgol|gweithio|y)|tri o blant|\bmab bach|hogan fach|\b(?:{_KIN}) (?:is|works|goes|at|called|named)\b|"
        r"\byear \d+\b|\byr ?\d+\b|\bblwyddyn \d|(?:at|to|in|yn) (?:st\.? \w+'?s?|ysgol \w+|the welsh school|\w+ (?:primary|juniors|infants|school|comp))"
    ),
    "work": (
        r"works? (?:at|in|for|on|as|nights|behind|over|away)\b|\bteaches\b|(?:a|the) \w+ (?:at|in) (?:the )?(?:spar|aldi|co-op|tesco|asda|boots|pub|hospital|surgery)|shifts? at|employer|ask (?:his|her) (?:gaffer|boss)|\b(?:his|her) (?:boss|gaffer|head|employer)|"
        r"yn gweithio|gweithio (?:yn|i|fel)|(?:gwraig|gwr) yn"
    ),
    "health": (
        r"(?:he|she|who)(?:'s| is| has| was|'s got| had)? ?(?:been )?(?:got )?(?:off sick|off with|on (?:sertraline|methadone|lithium|drugs|medication|benefits|pip)|adhd|autis\w+|cancer|hiv|ms|dementia|depress\w+|pregnant|an alcoholic|bipolar|a breakdown|epilep\w+)|"
        r"\bon (?:sertraline|methadone|lithium|pip|esa|benefits)|\b(?:adhd|colostomi|colostomy|hiv|stma|dementia|rehab|methadone|dialysis|abortion|erthyliad|fethdal\w*|methdal\w*|bankrupt|overdose|sectioned|psych ward|carchar|prison|did time|"
        r"divorced|affair|ysgaru|yn disgwyl|alcohol|carers|triniaeth|foetal alcohol|gambl\w+|debts?|dyledion)\b|wife left|gets pip|claims? pip|"
        r"\b(?:cancer|chemo\w*|tumour|prolapse|catheter|biopsy|miscarriage|hysterectomy|stroke|epilep\w+|bipolar|schizo\w+|psychosis|breakdown|depression|anorexi\w+|insulin|sertraline|"
        r"canser|ganser|cemo\w*|iselder|epilepsi|diabetes|clefyd|strocs?|llawdriniaeth\w*|meddyginiaeth\w*|chwalfa)\b|(?:his|her|their|my) (?:meds|medication|operation|diagnosis|disability|illness)\b|(?:ei|fy|eu) (?:salwch|hiechyd|iechyd|nghyflwr|gyflwr)\b|\bin hospital\b|yn yr? ysbyty\b"
    ),
    "paper": (
        r"(?:pay ?slip|bank (?:card|statement|details)|debit card|credit card|passport|driving licen[cs]e|birth certificate|tenancy agreement|rent account|benefit letter|court order|"
        r"(?:doctor|hospital|gp|consultant|solicitor|police|school|dentist)'?s? (?:letter|notes?|records?|report)|medical (?:records?|notes|history|stuff|report)|case (?:file|notes)|care plan|complaint (?:form|file)|"
        r"unredacted|screenshots? of (?:his|her|their|my|the)|nudes?|(?:sent|came|posted|delivered|emailed) (?:to )?(?:me|us) by mistake|by mistake|names? (?:and|&|\+) (?:flat|address\w*|number|phone|face)\w*|"
        r"slip cyflog|cerdyn banc|trwydded yrru|tystysgrif geni|cofnodion meddygol|nodiadau meddygol|llythyr (?:y |yr )?(?:meddyg|ysbyty|twrnai)|ffeil|ar ddamwain|trwy gamgymeriad|drwy gamgymeriad)\b"
    ),
    "entry": (
        r"(?:door|gate|key ?safe|entry|alarm|garage|lock) code\b|code (?:for|of|to) the (?:door|gate|key ?safe|alarm|block)|code is\b|pin (?:is|number)\b|cod (?:y |yr )?(?:drws|giat|larwm|allwedd\w*)\b|"
        r"on the latch|left (?:open|unlocked)|(?:door|gate|window)(?:'s| is) (?:always |never )?(?:open|unlocked|locked)|spare key|goriad sbar|wastad ar agor|ddim yn cloi|away (?:till|until|from)|house(?:'s| is| will be) empty|"
        r"on (?:my|her|his) own|ar (?:fy mhen|ben) (?:fy hun|ei hun)\b"
    ),
    "care": (
        r"(?:foster|kinship|residential|temporary) (?:care|carers?|placement|home)|(?:taken )?into care|in care\b|(?:women'?s )?refuge\b|safe house|probation|on tag\b|social worker|social services|took (?:her|his|my|their) kids|"
        r"gofal maeth|lloches|gweithiwr cymdeithasol|(?:ward|stafell|ystafell|room|cell) \d+|in (?:flat|room) \d+"
    ),
    "account": (
        r"\b(?:insta(?:gram)?|snap(?:chat)?|tik ?tok|facebook|face ?book|fb|twitter|linkedin|vinted|tinder|hinge|onlyfans|whatsapp|profile|page)\b|\bdm (?:him|her|them)\b"
    ),
}
_CALL = re.compile(
    each("ring|call|phone|text|send", " (?:him|her|them)")
    + r"|gi(?:ve)? (?:him|her|them) (?:a )?(?:ring|call|tinkle|bell|piece)|pa(?:y|id) (?:him|her|them) a visit|"
    + each(r"pop|go|get|come|take \w+", " (?:round|over|down)")
    + "|"
    + begun("knock", r"share\b", r"ask (?:him|her|them)\b", r"pawb\b", r"enjoy\b", r"lads\b")
    + r"|rhannwch|spread the word|say (?:hi|hello)|dweud helo|deud helo|make (?:him|her|them) famous|let (?:him|her|them) know|let's all|everyone (?:ring|message|go|watch)|look (?:him|her|them) up|"
    r"bring (?:what|bats|pans|drums|a)|call in|ring the|turn up|film (?:him|her)|rhowch (?:alwad|wybod)|galwad i|ffoniwch (?:o|e|hi|fo|nhw)|i bawb|name and shame|watch out|do something|anyone know|who (?:is|knows)|just so"
)
_LIFE = re.compile(rf"(?<!\w)(?:{'|'.join(f'(?P<{kind}>{pattern})' for kind, pattern in _KINDS.items())})")


def lives(folded: str) -> Iterator[Trace]:
    """Yield every trace of somebody's life in folded text; whose it is, is not asked here."""
    for match in _LIFE.finditer(folded):
        if match.lastgroup is not None and match.end() > match.start():
            yield Trace(match.lastgroup, *match.span())


def calls(folded: str) -> bool:
    """True when readers are called on to go there, ring, share or look."""
    return _CALL.search(folded) is not None
