"""Where a link goes: its host, whether that is a shortener, made to look like somebody else's, or another than is shown."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from classifiers.normalise import plain_letters
from models.domain import Link

_SHORTENERS = frozenset(
    "bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd v.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy tiny.cc s.id lnkd.in t.ly bl.ink "
    "short.io soo.gd clck.ru qr.ae adf.ly bit.do mcaf.ee su.pr dlvr.it trib.al shorte.st linktr.ee lnk.bio tny.im u.to x.co surl.li urlz.fr".split()
)
KNOWN = (
    "gov.uk", "gov.wales", "llyw.cymru", "nhs.uk", "nhs.wales", "ombudsman.wales", "ombwdsmon.cymru", "ombudsman.org.uk", "police.uk",
    "senedd.wales", "senedd.cymru", "parliament.uk", "adra.co.uk", "royalmail.com", "tvlicensing.co.uk", "citizensadvice.org.uk",
    "postoffice.co.uk", "slc.co.uk", "housing-ombudsman.org.uk", "ico.org.uk", "bbc.co.uk",
)  # fmt: skip
"""Domains that people trust and others imitate."""
_INSIDE_KNOWN = tuple(f".{domain}" for domain in KNOWN)
_BORROWED = frozenset("govuk hmrc dvla dwp royalmail tvlicensing nhsuk govwales llywcymru".split())
_DRAWN_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("3", "e"), ("5", "s"))
_HOST = re.compile(r"(?:https?://)?(?:[^/@\s]*@)?([^/:?#\s]+)")
_SHOWS_A_HOST = re.compile(r"^\s*(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?\s*$")
NAME_LETTERS = 6
"""A name this long that differs by one letter from a known one was meant to."""


def is_doubtful(link: Link, own: Iterable[str] = ()) -> bool:
    """True for a shortener or a host drawn to look like a public body's, or like one of the domains in `own`."""
    host = host_of(link.target)
    return host in _SHORTENERS or looks_alike(host, own)


def lies(link: Link) -> bool:
    """True where the words of a link name another domain than it goes to."""
    if not link.shown or link.shown == link.target or not _SHOWS_A_HOST.match(link.shown):
        return False
    shown, target = host_of(link.shown), host_of(link.target)
    return bool(shown and target) and registered(shown) != registered(target)


def is_public_body(host: str) -> bool:
    """True for a host inside a domain that people know and trust."""
    return host in KNOWN or host.endswith(_INSIDE_KNOWN)


@lru_cache(maxsize=8_192)
def host_of(target: str) -> str:
    """Return the host a link goes to, without `www.`; empty where there is none."""
    found = _HOST.match(target.lower())
    return found.group(1).removeprefix("www.") if found else ""


def looks_alike(host: str, own: Iterable[str] = ()) -> bool:
    """True when `host` carries or imitates a known domain, or one of `own`, but lies outside all of them."""
    own = tuple(own)
    if not host or is_public_body(host) or any(_inside(host, domain) for domain in own):
        return False
    return _is_like_known(host) or any(_is_like(host, domain) for domain in own)


@lru_cache(maxsize=8_192)
def _is_like_known(host: str) -> bool:
    return any(_is_like(host, domain) for domain in KNOWN) or bool(_BORROWED & set(_name(registered(host)).split("-")))


def _is_like(host: str, domain: str) -> bool:
    return _carries(host, domain) or _imitates(host, domain)


def _inside(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _carries(host: str, domain: str) -> bool:
    """True for `gov-uk.example.com` and `www.gov.uk.example.com`."""
    return (
        domain.replace(".", "-") in host
        or domain in host.removesuffix("." + registered(host))
        or domain in host.replace("-", ".")
    )


def _imitates(host: str, domain: str) -> bool:
    """True for letters drawn alike, and for a long name one letter off."""
    drawn = skeleton(host)
    if drawn != host and (_inside(drawn, domain) or _inside(drawn, skeleton(domain))):
        return True
    name, known = _name(registered(host)), _name(domain)
    if name == known or min(len(name), len(known)) < NAME_LETTERS or abs(len(name) - len(known)) > 1:
        return False
    return OSA.distance(name, known, score_cutoff=1) <= 1


def _name(domain: str) -> str:
    """Return the name somebody registered, without what stands for all: `royalmail` of `royalmail.com`."""
    return domain.partition(".")[0]


@lru_cache(maxsize=8_192)
def skeleton(host: str) -> str:
    """Return a host as it looks to the eye: international letters as the Latin ones they are drawn like."""
    if "xn--" in host:
        host = ".".join(_decoded(part) for part in host.split("."))
    plain = plain_letters(host)
    for drawn, meant in _DRAWN_ALIKE:
        plain = plain.replace(drawn, meant)
    return plain


def _decoded(part: str) -> str:
    try:
        return part.removeprefix("xn--").encode("ascii").decode("punycode") if part.startswith("xn--") else part
    except UnicodeError:
        return part


@lru_cache(maxsize=8_192)
def registered(host: str) -> str:
    """Return the registered domain of `host`, from the bundled list of suffixes."""
    return str(_extractor()(host).top_domain_under_public_suffix or host)


@cache
def _extractor() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
