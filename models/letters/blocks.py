"""What a letter is made of: typed blocks, each knowing which required element it carries and which facts may not vanish."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from models.letters.tongue import Language


class Element(StrEnum):
    """What a clause demands of a letter."""

    WHAT = "what"
    WHY = "why"
    CLAUSES = "clauses"
    HOW_LONG = "how_long"
    REVIEW = "review"
    CONTACT = "contact"
    OPEN_LINE = "open_line"
    EMERGENCY = "emergency"
    APART = "apart"
    APPEAL = "appeal"
    APPEAL_MEANING = "appeal_meaning"
    APPEAL_TIME = "appeal_time"
    APPEAL_TO = "appeal_to"
    NO_APPEAL = "no_appeal"
    AFTERWARDS = "afterwards"
    ENCLOSED = "enclosed"
    CONSEQUENCES = "consequences"
    STOP = "stop"
    DISTRESS = "distress"
    ADJUSTMENTS = "adjustments"
    ADVOCATE = "advocate"
    MACHINE = "machine"
    HUMAN = "human"
    OUTCOME = "outcome"
    RECEIVED = "received"
    NEXT = "next"
    MARKED = "marked"
    RESEND = "resend"
    HELP = "help"
    NOT_HELD_AGAINST = "not_held_against"
    NEW_INFORMATION = "new_information"
    AGAIN = "again"
    COMPLAIN = "complain"
    LANGUAGE = "language"
    FORMATS = "formats"


NOTHING: frozenset[Element] = frozenset()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the letter's second level."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `key` names it for editing; `facts` are words that must stay in it for what it carries to be there.

    `own_words` says that an officer wrote it: somebody reads it in this language and style before it goes.
    """

    key: str
    text: str
    carries: frozenset[Element] = NOTHING
    facts: tuple[str, ...] = ()
    own_words: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of items, each a short line."""

    key: str
    items: tuple[str, ...]
    carries: frozenset[Element] = NOTHING
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Whom to write to or call: lines that are never broken apart."""

    lines: tuple[str, ...]
    carries: frozenset[Element] = NOTHING


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quoted text; `marked` where it is what we cannot accept."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Quotation:
    """A text quoted as it came, with its marked parts."""

    pieces: tuple[Piece, ...]
    carries: frozenset[Element] = NOTHING


Block = Heading | Paragraph | Bullets | Address | Quotation


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that belong together under one picture; only Easy Read shows the picture."""

    blocks: tuple[Block, ...]
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language and style. `required` is what it must hold to be sent."""

    kind: str
    org: str
    language: Language
    style: str
    sender: str
    sender_lines: tuple[str, ...]
    recipient: tuple[str, ...]
    written_on: date
    date_line: str
    reference_line: str
    title: str
    greeting: str
    parts: tuple[Part, ...]
    closing: str
    signature: tuple[str, ...]
    required: frozenset[Element]

    def blocks(self) -> Iterator[Block]:
        """Yield all blocks in their order."""
        return (block for part in self.parts for block in part.blocks)


def carriers(letter: Letter, element: Element) -> Iterator[Block]:
    """Yield the blocks that carry an element whole: nothing of their facts is missing."""
    for block in letter.blocks():
        if not isinstance(block, Heading) and element in block.carries and _whole(block):
            yield block


def _whole(block: Block) -> bool:
    if isinstance(block, Paragraph | Bullets):
        text = plain(block)
        return bool(text.strip()) and all(fact in text for fact in block.facts)
    return bool(plain(block).strip())


def missing(letter: Letter) -> tuple[Element, ...]:
    """Return the required elements that no block carries whole, in their order."""
    return tuple(e for e in Element if e in letter.required and next(carriers(letter, e), None) is None)


def unread(letter: Letter, read: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of officers' own words that nobody has read in this language and style yet."""
    known = set(read)
    return tuple(
        block.key
        for block in letter.blocks()
        if isinstance(block, Paragraph) and block.own_words and block.key not in known
    )


def plain(block: Block) -> str:
    """Return the words of a block, lines apart."""
    match block:
        case Heading(text) | Paragraph(text=text):
            return text
        case Bullets(items=items):
            return "\n".join(items)
        case Address(lines):
            return "\n".join(lines)
        case Quotation(pieces):
            return "".join(piece.text for piece in pieces)


def edited(letter: Letter, words: dict[str, str]) -> Letter:
    """Return the letter with other words for some of its paragraphs and lists, one line an item; empty words remove it."""

    def changed(block: Block) -> Block | None:
        if not isinstance(block, Paragraph | Bullets) or block.key not in words:
            return block
        text = words[block.key].replace("\r\n", "\n").strip()
        if not text:
            return None
        if isinstance(block, Paragraph):
            return replace(block, text=text)
        return replace(block, items=tuple(line.strip() for line in text.split("\n") if line.strip()))

    parts = (
        replace(part, blocks=tuple(found for block in part.blocks if (found := changed(block)) is not None))
        for part in letter.parts
    )
    return replace(letter, parts=tuple(part for part in parts if part.blocks))
