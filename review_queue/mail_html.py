"""The laid-out part of a mail, made harmless: text and its structure, no picture, no link, no style, nothing fetched."""

from email import policy
from email.errors import MessageError
from email.parser import BytesParser

import nh3

TAGS = {
    "p", "br", "div", "span", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "blockquote", "pre", "code", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "td", "th", "caption", "sub", "sup",
}  # fmt: skip
DROPPED_WITH_THEIR_WORDS = {"script", "style", "title", "head", "iframe", "object", "template", "noscript"}
HTML_BYTES_AT_MOST = 1_000_000


def laid_out(raw: bytes) -> str | None:
    """Return the first HTML part of a mail, sanitised; None where it has none that can be read."""
    try:
        part = BytesParser(policy=policy.default).parsebytes(raw).get_body(("html",))
        html = None if part is None else part.get_content()
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, KeyError):
        return None
    if not isinstance(html, str) or not html.strip():
        return None
    return nh3.clean(
        html[:HTML_BYTES_AT_MOST],
        tags=TAGS,
        clean_content_tags=DROPPED_WITH_THEIR_WORDS,
        attributes={"*": {"lang", "dir"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes=set(),
        link_rel=None,
    )
