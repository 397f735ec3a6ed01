"""What the envelope of a mail gives away: named tests over headers, HTML, links and attachments, each with a weight.

A weight is a log-odds towards spam (above nought) or towards ordinary mail (below). They were set by
hand from what the headers mean (RFC 5322, 2369, 3834, 8601) and looked at on raw mail that is not
trained on; word features of old public mail alone flag most modern newsletters.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from classifiers.gated import Caseless, each, gated
from classifiers.hosts import host_of
from classifiers.promotion import false_brand
from models.domain import Link, Message

CAP = 6.0
"""All tests together never say more than this either way."""


@dataclass(frozen=True)
class Envelope:
    """A mail as its tests see it; headers by lower-case name."""

    message: Message

    @cached_property
    def headers(self) -> dict[str, list[str]]:
        """Every header's values in order."""
        found: dict[str, list[str]] = {}
        for name, value in self.message.headers:
            found.setdefault(name, []).append(value)
        return found

    def first(self, name: str) -> str:
        """Return the first value of a header, empty where it is absent."""
        return self.headers.get(name, [""])[0]

    def has(self, *names: str) -> bool:
        """True when one of the headers is there."""
        return any(name in self.headers for name in names)

    @cached_property
    def subject(self) -> str:
        """The subject line."""
        return self.message.subject or ""

    @cached_property
    def sender_domain(self) -> str:
        """The domain of the author."""
        return self.message.author.address.rpartition("@")[2]

    @cached_property
    def words(self) -> str:
        """The own text."""
        return self.message.own_text

    @cached_property
    def foreign(self) -> tuple[Link, ...]:
        """The links on the web."""
        return tuple(link for link in self.message.links if link.target.lower().startswith(("http", "www.")))

    @cached_property
    def listed(self) -> bool:
        """True for mail of a discussion list or newsletter that says how to leave it."""
        return self.has("list-id", "list-post", "list-unsubscribe", "list-subscribe")

    @cached_property
    def answering(self) -> bool:
        """True for an answer to an earlier mail."""
        return self.has("in-reply-to", "references")

    @cached_property
    def route(self) -> str:
        """The stations the mail passed, the last first."""
        return "\n".join(self.headers.get("received", ()))


@dataclass(frozen=True, slots=True)
class Test:
    """One test: its name in words, its weight, and when it holds."""

    name: str
    weight: float
    holds: Callable[[Envelope], bool]


_ID = re.compile(r"^<?[^\s<>@]+@[^\s<>@]+>?$")
_ADDRESS_LINK = re.compile(
    r"^https?://(?:[^/@]*@)?(?:\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]+|\d{8,})(?:[:/]|$)", re.IGNORECASE
)
_USER_LINK = re.compile(r"^https?://[^/]*@", re.IGNORECASE)
_PORT_LINK = re.compile(r"^https?://[^/]+:(?!80/|443/)\d+", re.IGNORECASE)
_CODED_LINK = re.compile(r"^https?://[^/?#]*%[0-9a-f]{2}", re.IGNORECASE)
_CHEAP = re.compile(
    r"^https?://(?:[^/]*\.)?[^/.]+\.(?:biz|info|ru|cn|tk|top|xyz|click|icu|cyou|gq|ml|cf|ga|buzz|live|site|online|shop|loan|win|bid|work|rest|monster|sbs|cc|ws|pw|su)(?:[:/]|$)",
    re.IGNORECASE,
)
_NAMELESS = ("unknown (helo", "(unknown [", "may be forged")
_NUMBERED = re.compile(
    r"\d(?<!\w\d)\d{0,2}[.-](?:\d{1,3}[.-]){2}\d{1,3}[.-][\w.-]*(?:dsl|dial|dyn|cable|pool|ppp|cust|client|broad|res)",
    re.IGNORECASE,
)
_POOLED = Caseless(each("dsl|dial|dynamic|cable|pool|ppp", r"[\w.-]*\d[.-]\d"))
_TRAILING_CODE = re.compile(r"\S\s{4,}\S{2,}\s*$|\s[a-z]{5,}\d*$(?<=[bcdfghjklmnpqrstvwxz]{5})")
_FAR_LETTER = re.compile(r"[\u0400-\u04ff\u0590-\u06ff\u3040-\ud7ff]")
_FOREIGN_CHARSET = re.compile(
    r"charset\s*=\s*\"?(?:gb2312|gbk|gb18030|big5|euc-kr|ks_c_5601|iso-2022-(?:jp|kr)|koi8-r|windows-1251|windows-1255|windows-1256|shift_jis|tis-620|iso-8859-(?:5|6|7|8|9))",
    re.IGNORECASE,
)
_LURE = Caseless(
    r"\b(?:free|win|winner|won|cash|guarantee[d]?|offer|save|discount|cheap|% off|limited time|act now|urgent|viagra|pills?|meds|rolex|replica|casino|loans?|mortgage|debt|credit|investment|lottery|million|degree|diploma|weight|enlarge|sexy?|hot|singles|dating|earn|income|make money|work from home|bitcoin|crypto)\b|[$£€]\s?\d{2,}"
)
_NOT_SPAM = gated(
    "spam/unsolicited/this time/one time/this-time/one-time/removed/remove me/remove in/opt out/opt-out/optout/opt in/opt-in/optin/unsubscribe/because/permission/strictly comply",
    each("this|one", "[- ]time (?:mailing|email|message)")
    + r"|not (?:a )?(?:spam|unsolicited)|be removed|remove (?:me|in the subject)|opt[- ]?(?:out|in)\b|unsubscribe|you (?:are receiving|received) this (?:e-?mail|message|newsletter) because|permission[- ]based|strictly comply",
)
_TAIL = gated(
    "unsubscribe/remove/opt-out/optout",
    each("unsubscribe|remove|opt-?out", r"[^\n]{0,80}(?:https?://|mailto:|@)"),
)
_PERSONAL_PROGRAM = Caseless(
    r"mutt|pine|thunderbird|mozilla|evolution|kmail|eudora|gnus|emacs|apple mail|iphone|exmh|sylpheed|claws|k-9|outlook for|microsoft macoutlook|squirrelmail|roundcube|forte agent|mew |opera m"
)
_BULK_PROGRAM = Caseless(
    r"bulk|mass|blast|phpmailer|the bat!|advanced? (?:direct|mass)|dmailer|swiftmailer|foxmail|mailer|sendy|emarketer"
)
_TRUSTED = re.compile(
    r"(?:^|\.)(?:gov\.uk|gov\.wales|llyw\.cymru|nhs\.uk|nhs\.wales|police\.uk|parliament\.uk|senedd\.(?:wales|cymru)|ac\.uk|sch\.uk)$"
)
_FREE_MAIL = re.compile(
    r"(?:^|\.)(?:gmail|googlemail|yahoo|hotmail|outlook|live|aol|msn|gmx|mail|yandex|qq|163|126|protonmail|proton|icloud|excite|lycos|netscape|eudoramail|indiatimes)\.(?:com|co\.uk|net|ru|de|me)$"
)
_ACTIVE = re.compile(
    r"\.(?:exe|scr|pif|bat|cmd|com|vbs|js|jse|wsf|hta|jar|lnk|iso|img|cpl|msi|ps1|html?|shtml|xlsm|docm|one)$",
    re.IGNORECASE,
)
_UPSTREAM_YES = re.compile(r"^\s*(?:yes|true|spam)\b", re.IGNORECASE)
_SCL = re.compile(r"\bscl[:=]\s*([5-9])\b", re.IGNORECASE)
_FAILED = Caseless(r"\b(?:dmarc|dkim|spf)\s*=\s*(?:fail|softfail|permerror)")
_PASSED = Caseless(r"\bdmarc\s*=\s*pass")
_UPSTREAM_FLAGS = ("x-spam-flag", "x-spam-status", "x-spam", "x-bogosity")
_SCLS = ("x-forefront-antispam-report", "x-ms-exchange-organization-scl", "x-microsoft-antispam")
_TAGGED = re.compile(r"\W{0,3}(?:spam|junk|suspected spam|bulk)\W", re.IGNORECASE)
_UNSAYABLE = re.compile(r"(?:^|[.-])(?=[a-z]*[bcdfghjklmnpqrstvwxz]{5})[a-z]{6,}\.|(?:^|\.)[a-z]*\d[a-z]+\d[a-z\d]*\.")
_SHOUTED = re.compile(r"^[^a-z]{8,}$")
_MARKS = re.compile(r"!{2,}|\${2,}|\*{3,}|!\s*$")


def _borrowed_name(e: Envelope) -> bool:
    return (
        false_brand(f"{e.message.author.display_name} {e.subject}", [e.sender_domain])
        and not e.listed
        and not e.answering
    )


def _reply_elsewhere(e: Envelope) -> bool:
    other = e.first("reply-to").rpartition("@")[2].strip("> ").lower()
    return bool(other and e.sender_domain) and registered_end(other) != registered_end(e.sender_domain) and not e.listed


def registered_end(domain: str) -> str:
    """Return the last two labels of a domain, three where the last but one is short (co.uk)."""
    labels = domain.lower().strip(".").split(".")
    keep = 3 if len(labels) >= 3 and len(labels[-2]) <= 3 and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def _lies(e: Envelope) -> bool:
    return any(mismatch(link.shown, link.target) for link in e.foreign)


def mismatch(shown: str, target: str) -> bool:
    """True when a link shows one web address and goes to another organisation's."""
    said = re.match(r"(?:https?://)?([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})(?:[/:?#]|$)", shown.strip().lower())
    goes = re.match(r"https?://(?:[^/@]*@)?([\w.-]+)", target.lower())
    return bool(said and goes and "@" not in shown) and registered_end(said.group(1)) != registered_end(goes.group(1))  # type: ignore[union-attr]


def _far_in_time(e: Envelope) -> bool:
    sent, got = e.message.sent_at, _last_station(e)
    return sent is not None and got is not None and abs(sent - got) > timedelta(hours=30)


def _last_station(e: Envelope):  # type: ignore[no-untyped-def] # noqa: ANN202
    from email.utils import parsedate_to_datetime

    value = e.first("received").rpartition(";")[2].strip()
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return at if at.tzinfo else None


def _strange_letters(e: Envelope) -> bool:
    text = f"{e.subject} {e.words[:2_000]}"
    far = 0 if text.isascii() else len(_FAR_LETTER.findall(text))
    return (
        far > 0.1 * max(1, len(text))
        or _FOREIGN_CHARSET.search(e.first("content-type") + e.first("subject")) is not None
    )


def _from_a_pool(e: Envelope) -> bool:
    lowered = e.route.lower()
    if any(words in lowered for words in _NAMELESS):
        return True
    return _NUMBERED.search(e.route) is not None or _POOLED.search(e.route) is not None


def _odd_id(e: Envelope) -> bool:
    return not _ID.match(e.first("message-id").strip())


def _forged_outlook(e: Envelope) -> bool:
    program = e.first("x-mailer")
    express = "Outlook Express" in program or "Microsoft Outlook" in program
    return (
        express
        and e.message.message_id is not None
        and not re.search(
            r"\$[\da-f]{6,}\$|^[\w-]{20,}@|@[\w.-]*(?:outlook|exchange|local)",
            e.message.message_id or "",
            re.IGNORECASE,
        )
    )


def _upstream(e: Envelope) -> bool:
    return any(_UPSTREAM_YES.search(e.first(name)) for name in _UPSTREAM_FLAGS) or any(
        _SCL.search(e.first(name) if name != _SCLS[1] else f"scl={e.first(name)}") for name in _SCLS
    )


TESTS = (
    Test("a filter upstream called it spam", 3.0, _upstream),
    Test("marked as spam in its subject", 2.5, lambda e: _TAGGED.match(e.subject) is not None),
    Test("a known brand whose sender is another", 1.8, _borrowed_name),
    Test("a sender's name that is another address", 1.5, lambda e: "@" in e.message.author.display_name and registered_end(e.message.author.display_name.rpartition("@")[2].strip("> \"'")) != registered_end(e.sender_domain)),
    Test("a link to a name nobody can say", 0.9, lambda e: any(_UNSAYABLE.search(host_of(k.target)) for k in e.foreign)),
    Test("hidden words in its HTML", 1.2, lambda e: "hidden_text" in e.message.html_notes),
    Test("a form in its HTML", 0.8, lambda e: "form" in e.message.html_notes),
    Test("HTML and no plain text", 1.0, lambda e: "html_only" in e.message.html_notes and not e.listed),
    Test("plain words sent as base64", 1.2, lambda e: "base64_words" in e.message.html_notes),
    Test("pictures from outside and few words", 1.2, lambda e: "remote_image" in e.message.html_notes and len(e.words) < 400),
    Test("a link shows another address than it opens", 1.8, _lies),
    Test("a link to a bare number instead of a name", 2.0, lambda e: any(_ADDRESS_LINK.search(k.target) for k in e.foreign)),
    Test("a link disguised by an @, a port or codes", 1.6, lambda e: any(_USER_LINK.search(k.target) or _PORT_LINK.search(k.target) or _CODED_LINK.search(k.target) for k in e.foreign)),
    Test("a link to a cheap throw-away domain", 1.0, lambda e: any(_CHEAP.search(k.target) for k in e.foreign)),
    Test("an attachment that can run", 1.5, lambda e: any(_ACTIVE.search(a.name or "") for a in e.message.attachments)),
    Test("a message id out of form", 1.0, _odd_id),
    Test("the mark of a mail program that writes otherwise", 1.0, _forged_outlook),
    Test("first sent from a dial-up or nameless machine", 0.4, _from_a_pool),
    Test("sent at a time that cannot be", 1.0, _far_in_time),
    Test("no date that can be read", 0.8, lambda e: e.message.sent_at is None),
    Test("answers go to another domain", 0.7, _reply_elsewhere),
    Test("no recipient named", 0.8, lambda e: not e.message.to and not e.message.cc),
    Test("called an answer without being one", 1.0, lambda e: bool(re.match(r"(?:re|fwd?)\s*:", e.subject, re.IGNORECASE)) and not e.answering and not e.message.quoted_text),
    Test("a shouted subject", 0.8, lambda e: _SHOUTED.match(e.subject) is not None),
    Test("a subject with a lure", 0.9, lambda e: _LURE.search(e.subject) is not None and not e.answering),
    Test("marks of excitement in the subject", 0.6, lambda e: _MARKS.search(e.subject) is not None and not e.answering),
    Test("a code at the end of the subject", 1.2, lambda e: _TRAILING_CODE.search(e.subject) is not None and not e.answering),
    Test("letters no reader here writes with", 2.0, _strange_letters),
    Test("says of itself that it is no spam, or how to be removed", 0.8, lambda e: _NOT_SPAM.search(e.words) is not None and not e.listed),
    Test("a way out that no list header names", 0.4, lambda e: _TAIL.search(e.words) is not None and not e.listed),
    Test("pressed as urgent to strangers", 0.5, lambda e: e.first("x-priority")[:1] in {"1", "2"} or "high" in e.first("importance").lower()),
    Test("sent by a program for bulk mail", 0.8, lambda e: _BULK_PROGRAM.search(e.first("x-mailer")) is not None),
    Test("an address with many figures", 0.6, lambda e: sum(c.isdigit() for c in e.message.author.address.partition("@")[0]) >= 4),
    Test("identity of the sender failed its check", 0.8, lambda e: _FAILED.search(e.first("authentication-results")) is not None),
    Test("identity of the sender passed its check", -0.4, lambda e: _PASSED.search(e.first("authentication-results")) is not None),
    Test("an answer to an earlier mail", -1.4, lambda e: e.answering and bool(re.match(r"(?:re|aw|sv|ateb|fwd?)\s*:", e.subject, re.IGNORECASE))),
    Test("quotes what it answers", -1.2, lambda e: bool(e.message.quoted_text.strip())),
    Test("a discussion list that names itself", -1.8, lambda e: e.has("list-id") and e.has("list-post", "x-mailing-list", "x-beenthere")),
    Test("a newsletter that says how to leave it", -0.8, lambda e: e.has("list-unsubscribe") and not e.has("list-post")),
    Test("written in a person's mail program", -0.5, lambda e: _PERSONAL_PROGRAM.search(e.first("user-agent") + e.first("x-mailer")) is not None),
    Test("a signature", -0.5, lambda e: bool(e.message.signature.strip())),
    Test("from a public body", -1.5, lambda e: e.message.author.verified and _TRUSTED.search(e.sender_domain) is not None),
    Test("an automatic notice", -0.6, lambda e: e.first("auto-submitted").lower().startswith("auto")),
    Test("plain words only", -0.6, lambda e: not e.foreign and not e.message.html_notes),
)  # fmt: skip


def evidence(message: Message) -> tuple[float, tuple[str, ...]]:
    """Return the log-odds towards spam of a mail's envelope and the names of the tests that spoke for it."""
    envelope = Envelope(message)
    held = [test for test in TESTS if test.holds(envelope)]
    total = sum(test.weight for test in held)
    return max(-CAP, min(CAP, total)), tuple(test.name for test in held if test.weight > 0)
