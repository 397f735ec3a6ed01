"""Every kind of letter under every policy, in both languages and styles, read back from its PDF and its Word document."""

import io
import re
from dataclasses import replace

import pypdf
import pytest
from docx import Document

from bot.letters.samples import every, facts_of
from models.domain import Channel
from models.letters import blocks, kept, mail
from models.letters.blocks import Address, Bullets, Element, Heading, Paragraph, Quotation
from models.letters.compose import compose, languages_of
from models.letters.easy_words import conduct
from models.letters.element_words import WORDS
from models.letters.glyphs import BREAK
from models.letters.pdf import pdf
from models.letters.reading_ease import GRADE_AT_MOST, grade, sentences, syllables, too_long
from models.letters.tongue import by, day
from models.letters.word import docx
from models.measures.terms import Terms
from models.policy.loader import builtin_pack

PACKS = ("psow", "adra", "wrexham", "phso")
STYLES = ("standard", "easy-read")
LANGUAGES = ("en", "cy")
KINDS = {
    "psow": 12, "adra": 12, "wrexham": 12, "phso": 11,
}  # fmt: skip
each = pytest.mark.parametrize(
    ("pack", "style", "language"),
    [(builtin_pack(p), s, language) for p in PACKS for s in STYLES for language in LANGUAGES],
    ids=lambda value: getattr(value, "id", value),
)


def letters_of(pack, style, language):
    return {kind: compose(facts_of(pack, kind, style), language, style) for kind in every(pack)}


def bare(text):
    return re.sub(r"[\s" + BREAK + "•]+", "", text)


def read_pdf(body):
    return bare("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages))


def read_each(letters):
    """Set letters in one run, which is quick, and read each from the pages that are its own."""
    pages = [bare(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf(letters))).pages]
    texts, waiting = [], list(letters)
    for page in pages:
        if waiting and bare(waiting[0].title + waiting[0].greeting) in page:
            waiting.pop(0)
            texts.append("")
        texts[-1] += page
    assert not waiting
    return texts


def read_docx(body):
    return bare("".join(paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs))


def words_of(block):
    match block:
        case Bullets(items=items):
            return list(items)
        case Address(lines):
            return list(lines)
        case Quotation(pieces):
            return [piece.text for piece in pieces]
        case Heading(text) | Paragraph(text=text):
            return [text]


def expected(pack, kind, style, language):
    """What must be read in a letter, from the record and the pack alone."""
    facts = facts_of(pack, kind, style)
    found = [facts.recipient.name, facts.reference, day(facts.today, language)]
    if kind in {"ask", "warning", "restriction", "extended"}:
        quoted = [name for incident in facts.incidents() for name in incident.clauses]
        texts = {clause.id: getattr(clause.text, language) for clause in pack.clauses}
        found += [conduct(pack, n, language) if style == "easy-read" else texts[n] for n in quoted]
    if kind in {"ask", "warning", "restriction", "review", "resumed", "appeal_outcome", "not_replying"}:
        found.append(facts.words[language])
    if kind in {"restriction", "review", "resumed", "extended", "appeal_outcome"}:
        found += [by(Channel.EMAIL, language)[1:], pack.organisation.email, "999", day(facts.ends(), language)]
    if kind in {"restriction", "review", "resumed", "extended"}:
        found += appeal_of(pack, facts, style, language)
    return found + own_of(pack, kind, facts, language)


def appeal_of(pack, facts, style, language):
    if not pack.appeal.exists:
        full = {"en": "There is no right of appeal", "cy": "Nid oes hawl i apelio"}
        easy = {"en": "You cannot appeal", "cy": "Ni allwch apelio"}
        return [(easy if style == "easy-read" else full)[language]]
    found = [getattr(pack.appeal.to, language)[1:], pack.appeal.email or pack.organisation.email]
    if pack.id == "psow":
        found += [{"en": "20 working days", "cy": "20 diwrnod gwaith"}[language], day(facts.appeal_until(), language)]
    if pack.appeal.afterwards is not None:
        found += [getattr(pack.appeal.afterwards, language).removeprefix("the "), "0300 790 0203"]
    if facts.restriction.review_on and pack.id != "phso":
        found.append(day(facts.restriction.review_on, language))
    return found


def own_of(pack, kind, facts, language):
    if kind == "returned":
        return [
            facts.message.text[slice(*facts.message.marks[0])],
            {"en": "end of marked part", "cy": "diwedd y rhan a farciwyd"}[language],
        ]
    if kind == "signposting":
        return ["116 123", "999", "85258"]
    if kind == "appeal_received":
        return [day(facts.appeal.lodged_at.date(), language)]
    if kind == "warning" and pack.id == "phso":
        return [{"en": "6 months", "cy": "6 mis"}[language]]
    return []  # fmt: skip


@pytest.mark.slow
@each
def test_every_letter_is_read_back_whole_from_its_pages_and_its_document(pack, style, language):
    letters = letters_of(pack, style, language)
    assert len(letters) == KINDS[pack.id]
    assert kept.loaded(kept.dumped(tuple(letters.values()))) == tuple(letters.values())
    for (kind, letter), pages in zip(letters.items(), read_each(tuple(letters.values())), strict=True):
        assert blocks.missing(letter) == (), kind
        document = read_docx(docx([letter]))
        said = bare(mail.text([letter]).replace("\n> ", "\n"))
        for words in [word for block in letter.blocks() for word in words_of(block)]:
            assert bare(words) in pages, (kind, words)
            assert bare(words) in document, (kind, words)
            assert bare(words) in said, (kind, words)
        for words in expected(pack, kind, style, language):
            assert bare(words) in pages, (kind, words)
            assert bare(words) in document, (kind, words)


@each
def test_easy_read_is_easy_to_read(pack, style, language):
    if style == "standard":
        style = "easy-read"
    for kind, letter in letters_of(pack, style, language).items():
        found = sentences(letter)
        assert len(found) > 8
        assert too_long(found) == [], kind
        if language == "en":
            assert grade(found) <= GRADE_AT_MOST, kind
            assert "restrict" not in str(letter.parts).lower()
        else:
            assert "cyfyngiad" not in str(letter.parts).lower()


def test_the_measure_of_reading_ease_tells_hard_from_easy():
    hard = ["The organisation endeavours to communicate proportionately regarding unreasonable persistence."]
    assert grade(hard) > 12
    assert grade(["The cat sat on the mat."]) < 2
    assert [syllables(w) for w in ("made", "table", "policy", "wanted", "20")] == [1, 2, 3, 2, 1]
    assert too_long(["a " * 16]) == ["a " * 16]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pack_id", PACKS)
def test_a_closed_channel_is_never_offered(pack_id, language):
    pack = builtin_pack(pack_id)
    for style in STYLES:
        text = "\n".join(
            blocks.plain(b) for b in compose(facts_of(pack, "restriction", style), language, style).blocks()
        )
        assert pack.organisation.phone not in text
        assert pack.organisation.post.en[-1] not in text
        assert pack.organisation.email in text
        pictures = {part.picture for part in compose(facts_of(pack, "restriction", style), language, style).parts}
        assert "contact" not in pictures, "no telephone is pictured where that line is closed"
    asked = "\n".join(
        blocks.plain(b) for b in compose(facts_of(pack, "ask", "easy-read"), language, "easy-read").blocks()
    )
    assert pack.organisation.phone in asked


def test_easy_read_tells_blocking_by_what_stays_open():
    pack = builtin_pack("wrexham")
    facts = facts_of(pack, "restriction", "easy-read")
    current = replace(
        facts.restriction, measures=(Terms("block_contact", channels=(Channel.TELEPHONE, Channel.VISIT)),)
    )
    letter = compose(replace(facts, file=replace(facts.file, restrictions=(current,))), "en", "easy-read")
    text = "\n".join(blocks.plain(b) for b in letter.blocks())
    assert "You can contact us only by email or by letter." in text
    assert "telephone" not in text.replace("19 February 2026, by telephone", "").replace(
        "20 February 2026, by telephone", ""
    )


def test_a_measure_without_names_signs_by_office_alone():
    pack = builtin_pack("phso")
    facts = facts_of(pack, "restriction", "standard")
    assert compose(facts, "en", "standard").signature[0] == "Sian Parry"
    current = replace(facts.restriction, measures=(Terms("no_names"),))
    facts = replace(facts, file=replace(facts.file, restrictions=(current,)))
    assert "Sian Parry" not in str(compose(facts, "en", "standard"))


def test_where_the_lead_took_part_the_appeal_goes_outside():
    pack = builtin_pack("wrexham")
    facts = facts_of(pack, "restriction", "standard")
    by_lead = replace(facts.restriction.taken, by=replace(facts.restriction.taken.by, role="complaints_lead"))
    current = replace(facts.restriction, taken=by_lead)
    letter = compose(replace(facts, file=replace(facts.file, restrictions=(current,))), "cy", "standard")
    (address,) = [b for b in letter.blocks() if isinstance(b, Address) and Element.APPEAL_TO in b.carries]
    assert address.lines[0] == "Ombwdsmon Gwasanaethau Cyhoeddus Cymru"


def test_what_a_machine_held_is_told_only_where_one_did():
    for held in (True, False):
        facts = replace(facts_of(builtin_pack("adra"), "restriction", "standard"), machine_held=held)
        letter = compose(facts, "en", "standard")
        text = "\n".join(blocks.plain(b) for b in letter.blocks())
        assert ("computer program" in text) == held
        assert ("ask for a person to look at it again" in text) == held
        assert (Element.MACHINE in letter.required) == held
        assert "A person made the decision" in text


@pytest.mark.parametrize(
    ("preference", "order"), [("en", ("en",)), ("cy", ("cy",)), ("both", ("cy", "en")), ("", ("cy", "en"))]
)
def test_whose_language_is_not_known_gets_both_and_welsh_is_not_second(preference, order):
    assert languages_of(preference) == order


def test_what_is_edited_away_is_missed_and_named():
    letter = compose(facts_of(builtin_pack("psow"), "restriction", "standard"), "en", "standard")
    assert blocks.missing(blocks.edited(letter, {"review": ""})) == (Element.REVIEW,)
    assert blocks.missing(blocks.edited(letter, {"review": "We will look again some day."})) == (Element.REVIEW,)
    whole = "We shall look again no later than 10 September 2026."
    assert blocks.missing(blocks.edited(letter, {"review": whole})) == ()
    assert Element.CLAUSES in blocks.missing(blocks.edited(letter, {"clauses": "“Rudeness or shouting” (section 2.2)"}))
    assert Element.APPEAL_TIME in blocks.missing(
        blocks.edited(letter, {"appeal.time": "You may appeal within 2 days."})
    )


def test_an_officers_words_are_read_over_in_each_language_before_they_go():
    facts = replace(facts_of(builtin_pack("psow"), "warning", "standard"), words={})
    for language in LANGUAGES:
        letter = compose(facts, language, "standard")
        assert blocks.unread(letter, ()) == ("why",)
        assert blocks.unread(letter, ("why",)) == ()


def test_every_element_has_its_words_in_both_languages():
    assert set(WORDS) == set(Element)
    assert len({words.en for words in WORDS.values()}) == len({words.cy for words in WORDS.values()}) == len(Element)
