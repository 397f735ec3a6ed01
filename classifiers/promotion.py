"""What gives an advertisement or a lure away in words and links: named tests with weights, for posts and for mails.

Weights are log-odds, set by hand; the learned heads carry the rest.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import ahocorasick

from classifiers.fold import fold
from classifiers.hosts import host_of, is_doubtful
from models.domain import Channel, Message, Span

CAP = 4.5


@dataclass(frozen=True, slots=True)
class Wording:
    """One test of the wording: its name, its weight, and the expression that holds when found."""

    name: str
    weight: float
    literals: str
    """Separated by `/`: of these one stands in any text the expression can find, so most texts need no look."""
    found: re.Pattern[str]


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")", re.IGNORECASE)


WORDINGS = (
    Wording("asks to be followed or visited", 1.5, "check/chek/subscribe/my channel/my video/my page/my blog/my mixtape/my youtube/my profile/my onlyfans/my new /follow/4sub/4like/for sub/for like/4 sub/4 like/4follow/4 follow/for follow/please share/please like/watch my/visit ", _any(r"(?:check|chek) (?:it |me |this )?out (?:my|our|this|the)\b", r"subscribe (?:to|and|my|me)\b", r"my (?:new )?(?:channel|video|page|blog|mixtape|youtube|profile|onlyfans)\b", r"follow (?:me|us|back|for)\b", r"(?:sub|follow|like)\s?(?:4|for)\s?(?:sub|follow|like)", r"please (?:share|like|subscribe)\b", r"watch my\b", r"visit (?:us|our|my|www|http)")),
    Wording("asks for contact elsewhere", 1.5, "dm /inbox/whats/telegram/t.me/bio/message /text /add /contact/reach", _any(r"dm (?:me|us|for|now)\b", r"inbox (?:me|us)\b", r"whats\s?app\b", r"telegram\b", r"t\.me/", r"link in (?:my )?bio\b", r"(?:message|text|add|contact|reach) (?:me|him|her|us) (?:on|at|via|through|now|up)\b", r"cysylltwch â ni ar whatsapp")),
    Wording("gives away or sells", 0.9, "free /give/% off/discount/promo/best price/best deal/best offer/buy /order /shop /book /apply /register /sign up /enrol /claim /click /limited /cheap/ sale/cynnig/gostyngiad/archebwch/am ddim", _any(r"free (?:gift|trial|iphone|voucher|quote|sample|shipping|delivery|money|access|download|tickets|followers|consultation)", r"give\s?away\b", r"\d{1,3}\s?% off\b", r"discount", r"promo(?: ?code)?\b", r"best (?:price|deal|offer)s?\b", r"(?:buy|order|shop|book|apply|register|sign up|enrol|claim|click) (?:it |yours |your \w+ )?(?:now|today|here|below)\b", r"limited (?:time|offer|spots|slots|places)\b", r"cheap(?:est)?\b", r"on sale\b", r"for sale\b", r"cynnig arbennig", r"gostyngiad", r"archebwch (?:nawr|rwan|heddiw)", r"am ddim i'r")),
    Wording("promises money", 1.4, "earn/made up/made over/made an/made $/made £/made €/make up/make over/make an/make $/make £/make €/making /money/income/from home/financial/doubl/tripl/crypto/bitcoin/forex/binary/btc/nft/airdrop/usdt/invest/trading/trader/guarant/rich/prize/won $/won £/won €/win $/win £/win €/won a/won the/win a/win the/winner/iphone/lottery/voucher/loan/ennill/buddsoddi", _any(r"(?:earn|earning|make|made|making) (?:up to |over |an extra )?[$£€]\s?\d[\d,]*", r"make money\b", r"(?:extra|passive|online|daily|weekly) income\b", r"work(?:ing)? from home\b", r"financial freedom\b", r"(?:double|doubled|tripled) (?:my|your)\b", r"(?:crypto|bitcoin|forex|binary options?|btc|nft|airdrop|usdt)\b", r"(?:invest|trading|trader|investment)s?\b.{0,40}(?:profit|return|expert|platform|manager)", r"guaranteed (?:profit|return|approval|results|income)", r"get rich\b", r"(?:won|winner|win) (?:a |an |the )?(?:prize|[$£€]|iphone|lottery|voucher)", r"(?:instant|quick|payday|no credit check) loans?\b", r"ennill arian", r"buddsoddi.{0,30}elw")),
    Wording("sells reach or services to strangers", 1.3, "seo/backlink/rank/followers/views/likes/subscribers/traffic/leads/design/develop/guest/marketing/grow/generation/list/sponsored/agency/services/company/optimi", _any(r"\bseo\b", r"backlinks?\b", r"(?:rank|ranking) (?:your|on|higher|#?1|first)", r"(?:more|buy|get|real|organic) (?:followers|views|likes|subscribers|traffic|leads)\b", r"web ?(?:site )?(?:design|development|developer)", r"guest post", r"digital marketing", r"grow your (?:business|brand|audience|account)", r"lead generation", r"email list", r"sponsored post", r"(?:our|my) (?:agency|services|company) (?:can|offers?|provides?)", r"optimi[sz]e your (?:site|website|page)")),
    Wording("offers to get lost money or accounts back", 1.6, "recover/hack/spell caster/brought", _any(r"recover(?:ed|y|ing)? (?:my|your|of) (?:lost |stolen |hacked )?(?:funds?|money|account|crypto|bitcoin|instagram|facebook)", r"(?:hacker|recovery (?:expert|agent|specialist))\b", r"(?:helped|help) me (?:recover|get back|spy|hack)", r"spell caster", r"brought (?:my|back my) ex\b")),
    Wording("lures with company or sex", 1.1, "girl/women/single/ladies/milf/babe/cam chat/cam show/cam site/cam dating/camchat/camshow/sex/onlyfans/nude/adult/escort", _any(r"(?:hot|sexy|horny|lonely|single|local) (?:girls?|women|singles|ladies|milfs?|babes)", r"(?:cam|sex) ?(?:chat|show|site|dating)", r"onlyfans\b", r"nudes?\b", r"adult (?:site|dating|content)", r"escort", r"meet (?:girls|women|singles)")),
    Wording("sells medicine or goods that filters know", 1.4, "viagra/enhance/pill/longer in bed/luxury/designer/swiss/degree/pharmacy/cialis/cbd/keto/weight/replica/rolex/ray ban/ray-ban/rayban/casino/betting/slot/burner/testosterone/diploma", _any(r"viagra\b", r"(?:male|penis) enhance\w*", r"(?:blue|penis|enhancement|herbal) ?pills?\b", r"(?:last|stay) longer in bed", r"(?:luxury|designer|replica|swiss) (?:watch|timepiece|handbag)s?", r"(?:degree|diploma) (?:you (?:deserve|want)|in \d|without|from)", r"e-?pharmacy", r"cialis\b", r"\bcbd\b", r"keto\b", r"weight[- ]?loss\b", r"replica (?:watch|bag|rolex)", r"rolex\b", r"ray[- ]?ban", r"casino\b", r"betting tips?\b", r"slot(?:s| games?)\b", r"online pharmacy", r"fat burner", r"testosterone", r"diploma without")),
    Wording("a parcel, prize or fee to pay", 1.2, "parcel/package/delivery/shipment/ fee/charge/selected/you've won/you have won/chosen/claim/refund/rebate/inherit/next of kin/beneficiary/million/mln/western union/atm card", _any(r"(?:parcel|package|delivery|shipment) (?:is |has been |could not be |was )?(?:held|waiting|pending|on hold|delivered|returned)", r"(?:small|unpaid|outstanding|customs|redelivery|re-delivery) (?:fee|charge|shipping fee)", r"you(?:'ve| have) (?:been selected|won|been chosen)", r"claim your\b", r"unclaimed (?:refund|funds|parcel)", r"tax (?:refund|rebate)", r"refund (?:is )?(?:available|pending|of £)", r"inheritance\b", r"next of kin", r"beneficiary\b", r"(?:million|mln) (?:dollars|pounds|usd|gbp)", r"western union", r"atm card")),
    Wording("an account to be saved", 1.3, "verify/confirm/validate/update/activate/upgrade/account/mailbox/profile/access/membership/page /licen/unusual/storage/quota/password/sign in/sign-in/signin/click/document/ file/ fax/voicemail/message/invoice/factor/multifactor/2fa/gwirio/cadarnhau/cyfrif", _any(r"(?:verify|confirm|validate|update|re-?activate|upgrade) (?:your|the) (?:account|identity|mailbox|password|details|payment|billing|information|e-?mail|card)", r"(?:account|mailbox|profile|access|membership|page|licen[cs]e) (?:has been|will be|is|was)(?: temporarily| permanently)? (?:suspended|limited|locked|disabled|deactivated|closed|terminated|deleted|restricted|blocked)", r"unusual (?:sign-?in|activity|log-?in)", r"(?:mailbox|storage|quota) (?:is )?(?:almost )?(?:full|exceeded|quota)", r"password (?:expires?|will expire|expir)", r"(?:keep|maintain) (?:the )?(?:same|current) password", r"sign[- ]?in (?:attempt|to (?:review|view|continue))", r"click (?:here|below|the (?:link|button)) to (?:verify|confirm|unlock|avoid|restore|review|view|keep|release|continue)", r"(?:shared|sent) (?:a |an )?(?:secure |encrypted )?(?:document|file|fax|voicemail) (?:with|to|for) you", r"(?:view|open|review) (?:the )?(?:secure |shared )?(?:document|message|voicemail|fax|invoice)\b.{0,30}(?:here|below|link|button)", r"multi-?factor|2fa (?:reset|expires)", r"gwirio eich (?:cyfrif|manylion)", r"cadarnhau eich (?:manylion|cyfrif)", r"cyfrif wedi'i (?:atal|gloi)")),
    Wording("payment to a new account or by vouchers", 1.3, "bank/account/payment/gift/are you/process/urgent/invoice/manylion", _any(r"(?:new|changed|updated|change (?:of|in|to)|amended) (?:our |the |my )?(?:bank|account|payment|banking) (?:details|account|information|instructions)", r"(?:bank|account) (?:details|account) (?:have|has) (?:been )?changed", r"gift ?cards?\b.{0,60}(?:urgent|meeting|code|scratch|photo|discreet|reimburse|buy|get|need)", r"(?:are you (?:at your desk|available|free)).{0,80}(?:task|favou?r|urgent|quick)", r"process (?:the |this |a )?(?:payment|transfer|wire)", r"urgent (?:payment|transfer|wire)", r"(?:overdue|attached|outstanding|unpaid) invoice.{0,60}(?:new|link|immediately|settle|final|below)", r"manylion banc newydd", r"newid (?:ein )?manylion banc")),
    Wording("written to nobody in particular", 0.6, "dear/greetings/annwyl", _any(r"dear (?:sir/madam|friend|customer|user|beneficiary|valued|webmaster|site owner|business owner|account holder|colleague|winner)\b", r"hello dear\b", r"greetings (?:to you|of the day|from|dear)\b", r"annwyl gwsmer")),
)  # fmt: skip
AGAINST = (
    Wording("complains to or asks a public body", -1.3, "", _any(r"(?:my|our|the) (?:bins?|council tax|repairs?|tenancy|landlord|housing|flat|street|road|pothole|complaint|application|boiler|heating|damp|mould|rent|planning|neighbours?|school|case|appointment|gp|benefits?|housing benefit|universal credit)\b", r"(?:you|council|ombudsman|housing|adra) (?:never|still|have(?:n't| not)|did ?n[o']t|won't|keep)\b", r"when (?:will|are|is) (?:you|the|my)\b", r"(?:fy|ein|y) (?:bin|biniau|cwyn|tŷ|fflat|rhent|treth|ffordd|boeler|gwres)\b")),
    Wording("warns of or asks about a fraud", -2.5, "", re.compile(r"\b(?:is (?:this|it|that)[^.!?]{0,25}(?:real|genuine|legit|scam|true|you)\b[^.!?]{0,20}\?|(?:got|had|received|sent) (?:a|this|an) (?:text|email|message|call|letter)[^.!?]{0,60}(?:scam|fake|claiming|pretending|genuine|suspicious)|(?:reporting|warning|beware of|watch out for|fell for|victim of|lost [^.!?]{0,20} to) (?:a |an |this |these |the )?(?:scam|fraud|phishing|fake)|(?:this|that|it) (?:is|was|looks like|seems) (?:a |an )?(?:scam|fake|phishing)|yd[iy] hwn yn (?:wir|go iawn)|sgam\b)", re.IGNORECASE)),
)  # fmt: skip
"""What speaks against an advertisement."""
_FRAUD = AGAINST[-1]
_BRANDS = {
    "paypal": "paypal",
    "hmrc": "gov.uk",
    "dvla": "gov.uk",
    "royal mail": "royalmail",
    "evri": "evri",
    "dpd": "dpd",
    "dhl": "dhl",
    "amazon": "amazon",
    "netflix": "netflix",
    "microsoft": "microsoft",
    "office 365": "microsoft",
    "apple": "apple",
    "icloud": "apple",
    "facebook": "facebook",
    "instagram": "instagram",
    "barclays": "barclays",
    "lloyds": "lloydsbank",
    "natwest": "natwest",
    "hsbc": "hsbc",
    "santander": "santander",
    "docusign": "docusign",
    "dropbox": "dropbox",
    "linkedin": "linkedin",
    "ebay": "ebay",
    "tv licensing": "tvlicensing",
    "spotify": "spotify",
    "wells fargo": "wellsfargo",
    "chase": "chase",
    "usps": "usps",
    "fedex": "fedex",
}
_BRAND = re.compile(r"\b(?:" + "|".join(map(re.escape, _BRANDS)) + r")\b", re.IGNORECASE)


def false_brand(words: str, hosts: Iterable[str]) -> bool:
    """True when words name a brand that criminals like to borrow and none of the hosts is its own."""
    hosts = [host for host in hosts if host]
    brands = {found.lower() for found in _BRAND.findall(words)}
    return bool(hosts) and bool(brands) and not any(_BRANDS[brand] in host for brand in brands for host in hosts)


_LINK, _ADDRESSED, _EMOJI = (
    re.compile(r"https?://|www\."),
    re.compile(r"\s*@\w"),
    re.compile(r"[💰💸🚀🔥👇👉🎁🤑💵💯🎉]"),
)
_REFERENCE = re.compile(
    r"https?://(?:[\w-]+\.)*(?:gov\.uk|gov\.wales|llyw\.cymru|nhs\.uk|nhs\.wales|bbc\.co\.uk|bbc\.com|theguardian\.com|walesonline\.co\.uk|dailypost\.co\.uk|nation\.cymru|golwg\.360\.cymru|wikipedia\.org|parliament\.uk|senedd\.wales|senedd\.cymru|ombudsman\.(?:wales|org\.uk))\b",
    re.IGNORECASE,
)

_SHAPES: tuple[tuple[str, float, Callable[[Message], bool]], ...] = (
    ("a link in a post", 0.9, lambda m: m.channel is not Channel.EMAIL and _LINK.search(m.own_text) is not None and not _REFERENCE.search(m.own_text)),
    ("a shortened or look-alike link", 0.7, lambda m: any(is_doubtful(link) for link in m.links)),
    ("a known brand and a link that is not its own", 1.2, lambda m: bool(m.links) and _LINK.search(m.own_text) is not None and not _REFERENCE.search(m.own_text) and false_brand(m.own_text[:400] + (m.subject or ""), [host_of(k.target) for k in m.links])),
    ("a link and hardly a word", 0.8, lambda m: bool(m.links) and len(m.own_text) < 90 + sum(len(k.shown) for k in m.links)),
    ("four tags or more", 0.5, lambda m: m.channel is not Channel.EMAIL and m.own_text.count("#") >= 4),
    ("signs of excitement", 0.6, lambda m: len(_EMOJI.findall(m.own_text)) >= 2),
    ("speaks to one account", -0.8, lambda m: m.channel is not Channel.EMAIL and _ADDRESSED.match(m.own_text) is not None and not _LINK.search(m.own_text)),
    ("a link to a newspaper or public body", -0.8, lambda m: _REFERENCE.search(m.own_text) is not None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promotion:
    """What was found: log-odds towards spam, the names of what spoke for it, and where its words stand."""

    weight: float
    names: tuple[str, ...]
    spans: tuple[Span, ...]
    asked_about: bool = False
    """The writer warns of a fraud, or asks whether it is one."""


@cache
def _gate() -> ahocorasick.Automaton:
    wanted: dict[str, set[int]] = {}
    for number, wording in enumerate(WORDINGS):
        for literal in wording.literals.split("/"):
            wanted.setdefault(literal, set()).add(number)
    automaton = ahocorasick.Automaton()
    for literal, numbers in wanted.items():
        automaton.add_word(literal, tuple(numbers))
    automaton.make_automaton()
    return automaton


def possible(folded: str) -> list[int]:
    """Return the numbers of the wordings that a folded text may hold."""
    found: set[int] = set()
    for _, numbers in _gate().iter(folded):
        found.update(numbers)
    return sorted(found)


def promotion(message: Message, suspected: bool = True) -> Promotion:
    """Return what the words and links of a message say of advertising or luring.

    What speaks against it is only looked for where something speaks for it or spam is `suspected`.
    """
    weight = 0.0
    names: list[str] = []
    spans: list[Span] = []
    for number in possible(fold(f"{message.own_text}\n{message.subject or ''}")):
        wording = WORDINGS[number]
        span, there = _where(wording, message)
        if there:
            weight += wording.weight
            names.append(wording.name)
            spans.extend(span)
    for name, worth, holds in _SHAPES if message.links or message.channel is not Channel.EMAIL else ():
        if holds(message):
            weight += worth
            names.extend([name] if worth > 0 else [])
    asked = False
    if weight > 0 or suspected:
        against = [wording for wording in AGAINST if _where(wording, message)[1]]
        weight += sum(wording.weight for wording in against)
        asked = _FRAUD in against
    return Promotion(max(-CAP, min(CAP, weight)), tuple(names), tuple(spans), asked)


def _where(wording: Wording, message: Message) -> tuple[tuple[Span, ...], bool]:
    match = wording.found.search(message.own_text)
    if match is not None:
        return (Span(*match.span()),), True
    return (), bool(message.subject) and wording.found.search(message.subject or "") is not None
