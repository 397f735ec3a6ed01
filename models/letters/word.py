"""Letters as Word documents: real headings and lists, the language of each letter set, marks in words and in colour."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_BREAK, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from models.letters.blocks import Address, Block, Bullets, Heading, Letter, Paragraph, Part, Quotation
from models.letters.pdf import HERE, mark
from models.letters.tongue import EASY

_ACCENT = RGBColor(0x1F, 0x4D, 0x46)
_TAGS = {"en": "en-GB", "cy": "cy-GB"}
_PICTURE_MM = 22


def docx(letters: Sequence[Letter]) -> bytes:
    """Return letters as one document, each beginning on a page of its own.

    Raises:
        ValueError: There is no letter.
    """
    if not letters:
        raise ValueError("a document needs at least one letter")
    document = Document()
    _page(document, letters)
    for number, letter in enumerate(letters):
        if number:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _Sheet(document, letter).write()
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: DocumentType, letters: Sequence[Letter]) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(24.6), Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    easy = letters[0].style == EASY
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(15 if easy else 11)
    normal.paragraph_format.space_after = Pt(10 if easy else 7)
    for level, size in ((1, 24 if easy else 15), (2, 18 if easy else 12)):
        style = document.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.color.rgb = "Arial", Pt(size), _ACCENT
        fonts = style.element.rPr.rFonts
        for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(name), None)
    document.core_properties.title = " / ".join(_clean(letter.title) for letter in letters)
    document.core_properties.author = letters[0].sender
    document.core_properties.language = _TAGS[letters[0].language]


class _Sheet:
    """Writes one letter."""

    def __init__(self, document: DocumentType, letter: Letter) -> None:
        self._document, self._letter = document, letter

    def write(self) -> None:
        """Write it from its head to its signature."""
        letter = self._letter
        self._line(letter.sender, bold=True)
        self._lines(letter.sender_lines, size=9)
        self._lines(letter.recipient)
        self._lines((letter.date_line, letter.reference_line))
        self._heading(letter.title, 1)
        self._line(letter.greeting)
        for part in letter.parts:
            self._part(part)
        self._line(letter.closing)
        self._line("")
        self._lines(letter.signature)

    def _part(self, part: Part) -> None:
        if self._letter.style == EASY and part.picture:
            run = self._document.add_paragraph().add_run()
            shape = run.add_picture(BytesIO(_picture(part.picture)), width=Mm(_PICTURE_MM))
            shape._inline.docPr.set("descr", "")  # noqa: SLF001 - the library has no name for it: a picture that only decorates
        for block in part.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Heading(text):
                self._heading(text, 2)
            case Paragraph(text=text):
                self._line(text)
            case Bullets(items=items):
                for item in items:
                    self._run(self._document.add_paragraph(style="List Bullet"), item)
            case Address(lines):
                self._lines(lines, indent_mm=8)
            case Quotation():
                self._quotation(block)

    def _quotation(self, block: Quotation) -> None:
        paragraph, words = self._document.add_paragraph(), mark(self._letter.language)
        paragraph.paragraph_format.left_indent = Mm(8)
        for piece in block.pieces:
            if not piece.marked:
                self._run(paragraph, piece.text)
                continue
            self._run(paragraph, f"{words['begin']} ")
            run = self._run(paragraph, piece.text)
            run.bold, run.underline, run.font.highlight_color = True, True, WD_COLOR_INDEX.YELLOW
            self._run(paragraph, f" {words['end']}")

    def _heading(self, text: str, level: int) -> None:
        self._run(self._document.add_heading(level=level), text)

    def _line(self, text: str, *, bold: bool = False) -> None:
        self._run(self._document.add_paragraph(), text).bold = bold

    def _lines(self, lines: Sequence[str], size: int = 0, indent_mm: int = 0) -> None:
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.left_indent = Mm(indent_mm)
        for number, line in enumerate(lines):
            run = self._run(paragraph, line)
            if size:
                run.font.size = Pt(size)
            if number < len(lines) - 1:
                run.add_break()

    def _run(self, paragraph: Any, text: str) -> Any:
        run = paragraph.add_run(_clean(text))
        tongue = OxmlElement("w:lang")
        tongue.set(qn("w:val"), _TAGS[self._letter.language])
        run._r.get_or_add_rPr().append(tongue)  # noqa: SLF001 - the library has no name for a run's language
        return run


def _clean(text: str) -> str:
    """Return `text` without characters that XML 1.0 forbids."""
    return "".join(
        c
        for c in text
        if c in "\n\t" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in {0xFFFE, 0xFFFF})
    )


@cache
def _picture(name: str) -> bytes:
    """Return a picture as PNG: Word shows no drawing of this kind everywhere."""
    import typst

    path: Path = HERE / "pictures" / f"{name}.svg"
    source = '#set page(width: 60pt, height: 60pt, margin: 0pt, fill: none)\n#image(bytes(sys.inputs.svg), format: "svg", width: 60pt)'
    made = typst.compile(source.encode(), sys_inputs={"svg": path.read_text("utf-8")}, format="png", ppi=288.0)
    found: bytes = made[0] if isinstance(made, list) else made
    return found
