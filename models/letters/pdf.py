"""Letters as pages: tagged, accessible PDF (PDF/UA-1), set by Typst with fonts that come with the program."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from models.letters.blocks import Address, Block, Bullets, Heading, Letter, Paragraph, Part, Quotation
from models.letters.glyphs import folders, shown
from models.letters.tongue import Language, Say

HERE = Path(__file__).resolve().parent
MARK_BEGIN, MARK_END = Say("[marked:", "[wedi'i farcio:"), Say("end of marked part]", "diwedd y rhan a farciwyd]")
_BLOCKS_TOGETHER = 7


def pdf(letters: Sequence[Letter]) -> bytes:
    """Return letters as one PDF, each beginning on a page of its own.

    Raises:
        ValueError: There is no letter.
    """
    return _compiled(letters, format="pdf", pdf_standards=["ua-1"])[0]


def pictures(letters: Sequence[Letter], pixels_per_inch: float = 110) -> list[bytes]:
    """Return the pages of letters as PNG."""
    return _compiled(letters, format="png", ppi=pixels_per_inch)


def _compiled(letters: Sequence[Letter], **options: Any) -> list[bytes]:
    import typst

    if not letters:
        raise ValueError("a page needs at least one letter")
    made = typst.compile(
        (HERE / "letter.typ").read_bytes(),
        sys_inputs={"letters": json.dumps(_data(letters))},
        font_paths=folders(),
        ignore_system_fonts=True,
        **options,
    )
    return made if isinstance(made, list) else [made]


def _data(letters: Sequence[Letter]) -> dict[str, Any]:
    return {
        "title": " / ".join(shown(letter.title) for letter in letters),
        "author": letters[0].sender,
        "pictures": _pictures(),
        "letters": [_letter(letter) for letter in letters],
    }


@cache
def _pictures() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted((HERE / "pictures").glob("*.svg"))}


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "language": letter.language,
        "style": letter.style,
        "sender": shown(letter.sender),
        "sender_lines": [shown(line) for line in letter.sender_lines],
        "recipient": [shown(line) for line in letter.recipient],
        "date": letter.date_line,
        "reference": shown(letter.reference_line),
        "title": shown(letter.title),
        "greeting": shown(letter.greeting),
        "parts": [_part(part) for part in letter.parts],
        "closing": letter.closing,
        "signature": [shown(line) for line in letter.signature],
        "mark": mark(letter.language),
    }


def mark(language: Language) -> dict[str, str]:
    """Return the words around a marked part, so that a mark is also heard and stays without colour."""
    return {"begin": MARK_BEGIN.put(language), "end": MARK_END.put(language)}


def _part(part: Part) -> dict[str, Any]:
    blocks = [_block(block) for block in part.blocks]
    return {"picture": part.picture, "blocks": blocks, "long": len(blocks) > _BLOCKS_TOGETHER}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"kind": "heading", "text": shown(text)}
        case Paragraph(text=text):
            return {"kind": "paragraph", "text": shown(text)}
        case Bullets(items=items):
            return {"kind": "bullets", "items": [shown(item) for item in items]}
        case Address(lines):
            return {"kind": "address", "lines": [shown(line) for line in lines]}
        case Quotation(pieces):
            return {"kind": "quotation", "pieces": [{"text": shown(p.text), "marked": p.marked} for p in pieces]}
