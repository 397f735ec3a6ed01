"""What kind of mail it is: a person's, automatic, our own, or one that a machine cannot read."""

import re
from email.message import Message as MimePart
from email.utils import parseaddr

from models.domain import Nature

_AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_ROBOT = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|dim-?ateb)\b", re.IGNORECASE)
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_PGP = "-----BEGIN PGP MESSAGE-----"
EXCHANGE_ONLINE = "exchange-online"
_RESULT = re.compile(r"\bdmarc\s*=\s*(\w+)", re.IGNORECASE)


def is_automatic(mail: MimePart) -> bool:
    """True for auto-replies, bounces, lists and robots. Source: RFC 3834, RFC 2919, RFC 3462."""
    submitted = str(mail.get("auto-submitted") or "no").split(";")[0].strip().lower()
    precedence = str(mail.get("precedence") or "").strip().lower()
    if submitted != "no" or precedence in _AUTOMATIC_PRECEDENCE:
        return True
    if any(name in mail for name in ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "feedback-id")):
        return True
    if mail.get_content_type() == "multipart/report" or str(mail.get("return-path") or "").strip() == "<>":
        return True
    return bool(_ROBOT.match(parseaddr(str(mail.get("from") or ""))[1]))


def is_encrypted(mail: MimePart, text: str) -> bool:
    """True when the words are closed to us: S/MIME or PGP."""
    return mail.get_content_type() in _ENCRYPTED or text.lstrip().startswith(_PGP)


def is_verified(mail: MimePart, authserv_id: str | None) -> bool:
    """True when our own boundary says that DMARC passed; another's word for it counts for nothing.

    Exchange Online writes no name before its results and renames those that came from outside, so under the
    name `exchange-online` only the topmost nameless one counts.
    """
    if authserv_id is None:
        return False
    for value in mail.get_all("authentication-results") or []:
        text = str(value)
        name = text.split(";", maxsplit=1)[0].strip().split(" ")[0].lower()
        found = _RESULT.search(text)
        passed = found is not None and found.group(1).lower() == "pass"
        if authserv_id == EXCHANGE_ONLINE:
            return "=" in name and passed
        if name == authserv_id.lower():
            return passed
    return False


def nature_of(mail: MimePart, text: str, author: str, own_addresses: tuple[str, ...], has_parts: bool) -> Nature:
    """Return the nature of a parsed mail; `text` is all its words, subject apart; `has_parts` tells of images or files."""
    if is_encrypted(mail, text) or (has_parts and not text.strip()):
        return Nature.OPAQUE
    if author and author in own_addresses:
        return Nature.OWN
    return Nature.AUTOMATIC if is_automatic(mail) else Nature.ORDINARY
