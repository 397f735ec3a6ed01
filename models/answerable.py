"""Whether an answer to a mail reaches a person and starts no loop. Pure. Source: RFC 3834, section 2."""

import re
from collections.abc import Mapping
from email.utils import parseaddr

_ROBOT = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|dim-?ateb|bounces?|owner-.*|.*-(?:owner|request|bounces?)"
    r"|listserv|majordomo|majordomo|root|nobody|daemon)(?:[+=].*)?$",
    re.IGNORECASE,
)


def is_answerable(author: str, headers: Mapping[str, str]) -> bool:
    """True when a mail by `author` with these headers (lower-case names) may be answered by a machine."""
    local, _, domain = author.partition("@")
    if not domain or _ROBOT.match(local):
        return False
    if headers.get("auto-submitted", "no").split(";")[0].strip().lower() != "no":
        return False
    if any(name in headers for name in ("list-id", "list-unsubscribe", "precedence", "x-loop")):
        return False
    if "return-path" not in headers:
        return True
    envelope = parseaddr(headers["return-path"])[1].lower()
    return envelope.partition("@")[2] == domain
