"""Marks in a text: where signals stand, cut so that overlapping ones each keep their label."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from models.labels import LABELS, Stance, family

SHOWN_FROM = 0.2
HARSH = frozenset(
    {
        "abuse.insult",
        "abuse.profanity",
        "abuse.sexual",
        "abuse.threat",
        "abuse.harassment",
        "abuse.identity_hate",
        "abuse.incitement",
    }
)
HARSH_FROM = 0.5
BLOT = "▇"
_LOOKS = {"spam": "spam", "links": "spam", "doxing": "doxing", "welfare": "welfare"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the labels that stand on it; `begins` those whose first piece it is.

    `hidden` when it is not to be shown until somebody asks for it.
    """

    text: str
    labels: tuple[str, ...]
    begins: tuple[str, ...]
    hidden: bool = False

    @property
    def look(self) -> str:
        """The name of the pattern and colour it is drawn with."""
        if "abuse.threat" in self.labels:
            return "threat"
        families = [_LOOKS.get(family(label), "abuse") for label in self.labels]
        return families[0] if families else ""


def pieces(text: str, signals: Iterable[Mapping[str, Any]], mask: bool = False, most: int = 0) -> list[Piece]:
    """Return `text` cut at the edges of its signals' spans; joined again it is `text`, or its first `most` characters.

    With `mask` the stretches that insult or threaten are hidden; the whole text is, where such a signal shows nowhere.
    """
    shown = text[:most] if most else text
    hits = list(signals)
    marked = [
        (max(0, start), min(len(shown), end), hit["label"])
        for hit in hits
        if _shows(hit)
        for start, end in hit["spans"]
        if start < len(shown) and end > 0
    ]
    everywhere = mask and any(
        hit["label"] in HARSH and hit["probability"] >= HARSH_FROM and not hit["spans"] for hit in hits
    )
    edges = sorted({0, len(shown), *(edge for start, end, _ in marked for edge in (start, end))})
    seen: set[tuple[int, int, str]] = set()
    cut = [_piece(shown, a, b, marked, seen) for a, b in pairwise(edges) if a < b]
    if not mask:
        return cut
    return [replace(piece, hidden=True) if everywhere or HARSH & set(piece.labels) else piece for piece in cut]


def _shows(hit: Mapping[str, Any]) -> bool:
    """True for a signal that is marked in the text: patterns show in the history, a faint hint of news nowhere."""
    least = HARSH_FROM if hit["label"] == "novelty" else SHOWN_FROM
    return bool(hit["probability"] >= least) and LABELS.get(hit["label"]) not in {None, Stance.PATTERN}


def _piece(
    text: str, start: int, end: int, marked: Sequence[tuple[int, int, str]], seen: set[tuple[int, int, str]]
) -> Piece:
    here = [entry for entry in marked if entry[0] <= start and end <= entry[1]]
    begins = tuple(dict.fromkeys(entry[2] for entry in here if entry not in seen))
    seen.update(here)
    return Piece(text[start:end], tuple(dict.fromkeys(entry[2] for entry in here)), begins)


def is_harsh(signals: Iterable[Mapping[str, Any]]) -> bool:
    """True when a message holds words that are hard to read."""
    return any(hit["label"] in HARSH and hit["probability"] >= HARSH_FROM for hit in signals)


def marked_words(text: str, signals: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the marked words with the signal that marks them, each once, longest 80 characters."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for hit in signals:
        if _shows(hit):
            for start, end in hit["spans"]:
                found.setdefault((text[start:end].strip()[:80], hit["label"]), hit)
    return [(words, hit) for (words, _), hit in found.items() if words]


def defanged(target: str) -> str:
    """Return a link that can be read but not followed."""
    return target.replace("https://", "hxxps://").replace("http://", "hxxp://").replace(".", "[.]")


def blotted(text: str, signals: Iterable[Mapping[str, Any]], mask: bool) -> str:
    """Return `text` as long as it is, with what is not to be shown blotted out where `mask`."""
    return "".join(BLOT * len(one.text) if one.hidden else one.text for one in pieces(text, signals, mask))


def leads_out(link: str | None) -> bool:
    """True for an address that may be followed: an encrypted one of a platform, never one that a browser would run."""
    return bool(link) and urlsplit(str(link)).scheme == "https" and bool(urlsplit(str(link)).netloc)
