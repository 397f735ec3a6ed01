"""Tells Welsh from English, for a message and for each of its sentences, by common words and spelling."""

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_WELSH = frozenset(
    "a'r a'i ac ag am ar at bod byddwch byddai bydd bod chi chi'n chwi cyn da dach dan dim diolch dros dw dwi dwi'n dwn ddim e'n ei eich "
    "ein eisiau eto eu fel felly fi fo fy fydd gan gael gall gallwch ganddo gen gyda gyda'r heb hefyd hi hon hwn hyn i'r iawn "
    "ichi mae mae'n mae'r maen mewn mi mo mor mynd na nad neb neu ni nid nhw nos o'r oedd oedden oes ond os pam pan pawb pawb "
    "peidiwch pob pwy rhaid rhai rhywun roedd roeddwn rwy rwyf rydw rydych rydym rwy'n sut sy sydd sy'n ti tra tŷ ty un unrhyw wedi "
    "wedi'i wnewch wrth wy'n y'n y'r ydi ydw ydy ydych yn yna yno yr ysgol ystod ein'r beth ble bore heddiw cael cymraeg gymraeg "
    "annwyl cofion gywir helo plis llywodraeth cyngor swyddog swyddfa cwyn gwyn tai blwyddyn wythnos diwrnod gwneud neud "
    "isio isie moyn achos dal rwan nawr yma fan lle faint sawl bach mawr newydd hen pobl plant mam dad teulu ffycin blydi "
    "chdi dy dydi dydy dydw dyn dynes merch bachgen ffonio ateb anfon ysgrifennu siarad deud dweud".split()
)
_ENGLISH = frozenset(
    "the and to of is in it you that was for on are with as his they be at have this from had by but not what all were when we "
    "there can an your which their said if will each about how up out them then she many some so these would her into has more "
    "him two could my than been who its now find get come made may our i'm you're don't can't it's i've they're just me us he i "
    "do did why please still no yes any after back only over your very because where like know people council".split()
)
_WELSH_SHAPE = re.compile(r"[âêîôûŵŷ]|dd|ll(?!y\b)|wy|\bff|\brh|\bngh|\bmh|\bnh|wch\b|odd\b|aeth\b|iad\b")
MIXED_SHARE = 0.2


def sentences(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, language) of each sentence of `text`."""
    found = []
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            welsh, english = _weigh(match.group())
            found.append((match.start(), match.end(), "cy" if welsh > english else "en"))
    return found


def language_of(text: str) -> str:
    """Return `en`, `cy`, or `mixed` where both carry a good share of the words."""
    welsh, english = _weigh(text[:4_000])
    total = welsh + english
    if total == 0:
        return "en"
    share = welsh / total
    if share >= 1 - MIXED_SHARE:
        return "cy"
    return "en" if share <= MIXED_SHARE else "mixed"


def _weigh(text: str) -> tuple[float, float]:
    welsh = english = 0.0
    for word in _WORD.findall(text.lower().replace("’", "'")):
        if word in _WELSH:
            welsh += 1.0
        elif word in _ENGLISH:
            english += 1.0
        elif _WELSH_SHAPE.search(word):
            welsh += 0.4
    return welsh, english
