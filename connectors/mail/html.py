"""HTML mail to plain text: what a reader would see, the links it hides, and the tricks it plays."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

CHARACTERS_AT_MOST = 2_000_000
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?:\.0*)?(?:[;\s]|$)|"
    r"max-height\s*:\s*0|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;]+)", re.IGNORECASE)
_BLOCKS = frozenset(
    "p div br tr li ul ol table h1 h2 h3 h4 h5 h6 blockquote pre hr section article header footer dd dt".split()
)
_UNSEEN = frozenset("script style head title template noscript".split())
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The visible text, links as (target, shown), and notes on what was hidden or loaded from outside."""

    text: str
    links: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def html_to_text(html: str) -> HtmlText:
    """Return what `html` shows. Quoted blocks come out with `> ` before each line."""
    tree = LexborHTMLParser(html[:CHARACTERS_AT_MOST])
    root = tree.body or tree.root
    if root is None:
        return HtmlText("", (), ())
    notes: set[str] = set()
    links = tuple(
        (node.attributes.get("href") or "", _SPACES.sub(" ", node.text(deep=True)).strip())
        for node in tree.css("a[href]")
    )
    if any((node.attributes.get("src") or "").startswith(("http", "//")) for node in tree.css("img")):
        notes.add("remote_image")
    if tree.css_first("form") is not None:
        notes.add("form")
    text = _visible(root, notes)
    return HtmlText(_BLANK_LINES.sub("\n\n", text).strip(), links, tuple(sorted(notes)))


def _visible(root: LexborNode, notes: set[str]) -> str:
    """Walk the tree without recursion: hostile mail nests ten thousand deep."""
    out: list[str] = []
    stack: list[tuple[LexborNode, bool, int]] = [(root, False, 0)]
    while stack:
        node, leaving, depth = stack.pop()
        tag = node.tag or ""
        if tag == "-text":
            out.append(_quoted(_SPACES.sub(" ", node.text_content or ""), out, depth))
            continue
        if leaving or tag == "br":
            _newline(out)
            continue
        if tag in _UNSEEN or tag.startswith(("-", "!")):
            continue
        if _is_hidden(node):
            if node.text(deep=True).strip():
                notes.add("hidden_text")
            continue
        inner = depth + (tag == "blockquote")
        if tag in _BLOCKS:
            _newline(out)
            stack.append((node, True, depth))
        children = list(node.iter(include_text=True))
        stack.extend((child, False, inner) for child in reversed(children))
    return "".join(out)


def _newline(out: list[str]) -> None:
    if out and not out[-1].endswith("\n"):
        out.append("\n")


def _quoted(text: str, out: list[str], depth: int) -> str:
    at_line_start = not out or out[-1].endswith("\n")
    return "> " * min(depth, 3) + text.lstrip() if depth and at_line_start and text.strip() else text


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or (node.tag == "font" and (attributes.get("size") or "") == "0"):
        return True
    style = attributes.get("style")
    if not style:
        return False
    if _HIDDEN.search(style):
        return True
    colour, background = _COLOUR.search(style), _BACKGROUND.search(style)
    return bool(colour and background and colour.group(1).strip().lower() == background.group(1).strip().lower())
