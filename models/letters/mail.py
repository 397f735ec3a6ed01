"""Letters as the text of a mail: each language whole, in its order, with lines that any program shows."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from models.letters.blocks import Address, Block, Bullets, Heading, Letter, Paragraph, Quotation
from models.letters.glyphs import spoken
from models.letters.pdf import mark

WIDTH = 76
_RULE = "-" * 60


def subject(letters: Sequence[Letter]) -> str:
    """Return the subject: the titles, without anything of the case."""
    return " / ".join(spoken(letter.title) for letter in letters)


def text(letters: Sequence[Letter]) -> str:
    """Return letters as plain text, one after the other."""
    return f"\n{_RULE}\n\n".join("\n".join(_lines(letter)) + "\n" for letter in letters)


def _lines(letter: Letter) -> Iterator[str]:
    yield spoken(letter.sender)
    yield letter.date_line
    yield spoken(letter.reference_line)
    yield ""
    yield letter.title
    yield "=" * min(len(letter.title), WIDTH)
    yield ""
    yield spoken(letter.greeting)
    for block in letter.blocks():
        yield ""
        yield from _block(block, letter)
    yield ""
    yield letter.closing
    yield ""
    yield from (spoken(line) for line in letter.signature)


def _block(block: Block, letter: Letter) -> Iterator[str]:
    match block:
        case Heading(words):
            yield words
            yield "-" * min(len(words), WIDTH)
        case Paragraph(text=words):
            yield from (fill(spoken(line), WIDTH, break_long_words=False) for line in words.split("\n"))
        case Bullets(items=items):
            for item in items:
                yield fill(f"* {spoken(item)}", WIDTH, subsequent_indent="  ", break_long_words=False)
        case Address(lines):
            yield from (f"    {spoken(line)}" for line in lines)
        case Quotation(pieces):
            signs = mark(letter.language)
            whole = "".join(f"{signs['begin']} {p.text} {signs['end']}" if p.marked else p.text for p in pieces)
            yield from (f"> {line}" for line in spoken(whole).split("\n"))
