"""The pages of letters: tagged and accessible, and hostile names and messages stand on them as they were written."""

import io
import unicodedata
from dataclasses import replace

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.letters.samples import facts_of
from models.letters import glyphs, mail
from models.letters.compose import compose
from models.letters.facts import Recipient, Returned
from models.letters.pdf import pdf, pictures
from models.letters.word import docx
from models.policy.loader import builtin_pack
from tests.models.letters.test_letters_hold import bare, read_docx, read_pdf

PSOW = builtin_pack("psow")
NASTY = [
    "<script>alert(1)</script>", '#import "x.typ"', "$sum_x^2$", "@ref <label> *b* _i_ `c` \\ // /* */", "= heading\n- list",
    "\u202egnp.exe", "مريم الخطيب", "O’Brien–ŵŷ", "😀 Gwen 🫠", "王小明", "a" * 3000, "\x00\x07\x1b[31m", "{name} {{x}} %s", "#panic()",
]  # fmt: skip


def nasty_letter(name, text="x"):
    facts = facts_of(PSOW, "returned", "standard")
    message = Returned(text, facts.message.at, facts.message.channel, ((0, len(text)),)) if text else facts.message
    return compose(
        replace(facts, recipient=Recipient(name, (name, name)), message=message, reference=name), "en", "standard"
    )


def readable(text):
    return bare(glyphs.shown(text))


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_a_nasty_name_is_shown_as_it_is(name):
    letter = nasty_letter(name, name)
    pages = read_pdf(pdf([letter]))
    assert readable(name) in pages or unicodedata.bidirectional(name[0]) in {"AL", "RLO"}
    if all(c.isascii() and c.isprintable() for c in name):
        assert bare(name) in pages, "what any font shows stands there letter by letter"
        assert bare(name) in read_docx(docx([letter]))
        assert bare(name) in bare(mail.text([letter]))


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(min_size=1, max_size=120))
def test_any_name_and_message_make_a_page_a_document_and_a_mail(name, text):
    letter = nasty_letter(name, text)
    assert pdf([letter]).startswith(b"%PDF")
    assert docx([letter]).startswith(b"PK")
    said = mail.text([letter])
    assert not [c for c in said if unicodedata.category(c) == "Cc" and c != "\n"]


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("#$@*_`\\<>[]{}()=-+/~\"'.,:;!?&%^| abc12", min_size=1, max_size=60))
def test_markup_is_only_text(name):
    assert bare(name) in read_pdf(pdf([nasty_letter(name, name)]))


def test_what_no_font_has_is_named_and_what_turns_lines_round_is_gone():
    assert glyphs.shown("😀") == "[grinning face]"
    assert glyphs.shown("a\u202eb\x07c") == "abc"
    assert glyphs.shown("ŵŷ – “x”") == "ŵŷ – “x”"
    assert glyphs.shown("\ufffe") == ""


@pytest.mark.parametrize("style", ["standard", "easy-read"])
def test_the_pages_are_tagged_and_say_their_language_and_title(style):
    letters = [compose(facts_of(PSOW, "restriction", style), language, style) for language in ("cy", "en")]
    reader = pypdf.PdfReader(io.BytesIO(pdf(letters)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/StructTreeRoot"]["/K"]
    assert str(root["/Lang"]).startswith("cy")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    told = root["/Metadata"].get_data().decode()
    assert "pdfuaid:part>1<" in told
    assert letters[0].title in told
    roles = tree(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/P", "/L", "/LI"} <= roles
    assert "/Figure" not in roles, "pictures only decorate: they are passed over"
    fonts = {
        font["/BaseFont"]
        for page in reader.pages
        for font in (f.get_object() for f in page["/Resources"]["/Font"].values())
    }
    assert fonts
    assert all("NotoSans" in name for name in fonts), "no font of the machine"


def tree(node):
    found = set()
    if isinstance(node, pypdf.generic.IndirectObject):
        node = node.get_object()
    if isinstance(node, list):
        return set().union(*(tree(child) for child in node)) if node else found
    if isinstance(node, dict):
        if "/S" in node:
            found.add(str(node["/S"]))
        if "/K" in node:
            found |= tree(node["/K"])
    return found


def test_pages_are_drawn_one_picture_each():
    found = pictures([compose(facts_of(PSOW, "signposting", "easy-read"), "cy", "easy-read")])
    assert len(found) >= 1
    assert all(page.startswith(b"\x89PNG") for page in found)


def test_no_letter_makes_no_page():
    for make in (pdf, docx):
        with pytest.raises(ValueError, match="at least one letter"):
            make([])
