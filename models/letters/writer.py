"""Writes the blocks of one letter, and the facts that both styles give alike: clauses, details, marked messages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.domain import Channel
from models.letters.blocks import Address, Element, Heading, Paragraph, Piece, Quotation
from models.letters.facts import Facts
from models.letters.tongue import Language, Say, capital, day
from models.measures import authority
from models.policy.schema import Pack

OMBUDSMAN = Say("Public Services Ombudsman for Wales", "Ombwdsmon Gwasanaethau Cyhoeddus Cymru")
OMBUDSMAN_LINES = ("0300 790 0203", "www.ombudsman.wales")
_GROUND = re.compile(r"^(?:Ground|Sail): ")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
HELPLINES = (
    Say("Samaritans, free, day and night: 116 123", "Samariaid, am ddim, ddydd a nos: 116 123"),
    Say("Samaritans in Welsh, evenings: 0808 164 0123", "Samariaid, llinell Gymraeg, gyda'r nos: 0808 164 0123"),
    Say("NHS 111, choose option 2 for mental health", "GIG 111, dewiswch opsiwn 2 ar gyfer iechyd meddwl"),
    Say("Text SHOUT to 85258", "Tecstiwch SHOUT i 85258"),
    Say("If you are in danger now: 999", "Os ydych mewn perygl nawr: 999"),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes blocks of one letter in one language."""

    facts: Facts
    language: Language

    def say(self, say: Say, **values: object) -> str:
        """Return a sentence in the letter's language."""
        return say.put(self.language, **values)

    def heading(self, en: str, cy: str) -> Heading:
        """Return a heading."""
        return Heading(en if self.language == "en" else cy)

    def paragraph(
        self, key: str, say: Say, *carries: Element, facts: Iterable[str] = (), **values: object
    ) -> Paragraph:
        """Return a paragraph that carries elements as long as its `facts` stay in it."""
        return Paragraph(key, self.say(say, **values), frozenset(carries), tuple(facts))

    def own(self, key: str, text: str, *carries: Element) -> Paragraph:
        """Return a paragraph in an officer's words: those given for this language, else those of the record."""
        words = self.facts.words.get(self.language, "") or text
        return Paragraph(key, words.strip(), frozenset(carries), own_words=self.language not in self.facts.words)

    def day(self, on: object) -> str:
        """Return a day in words, empty for none."""
        return "" if on is None else day(on, self.language)  # type: ignore[arg-type]

    @property
    def policy(self) -> str:
        """The title of the policy."""
        return str(getattr(self.facts.pack.documents[0].title, self.language))

    @property
    def organisation(self) -> str:
        """The name of the organisation."""
        return str(getattr(self.facts.pack.organisation.name, self.language))


def section_of(pack: Pack, clause_id: str) -> str:
    """Return the number of the section that a reader of the document finds, empty where it has none."""
    found = _NUMBER.match(clause_id.partition("/")[2])
    if found is None:
        return ""
    return found[0].partition(".")[0] if pack.id == "adra" else found[0]


def clause_words(w: Writer, clause_id: str) -> str:
    """Return the words of a clause in quotation marks, with its section where it has one."""
    clause = next(c for c in w.facts.pack.clauses if c.id == clause_id)
    text, number = capital(_GROUND.sub("", getattr(clause.text, w.language))), section_of(w.facts.pack, clause_id)
    where = f" ({'section' if w.language == 'en' else 'adran'} {number})" if number else ""
    return f"“{text}”{where}"


def reach(w: Writer, lines: Iterable[Channel]) -> Address:
    """Return how to reach the organisation on these lines, and on no other."""
    details, found = w.facts.pack.organisation, [w.organisation]
    usable = set(lines)
    if usable & {Channel.LETTER, Channel.VISIT} and details.post is not None:
        found += getattr(details.post, w.language)
    if Channel.EMAIL in usable and details.email:
        found.append(details.email)
    if Channel.TELEPHONE in usable and details.phone:
        found.append(details.phone)
    return Address(tuple(found))


def appeal_address(w: Writer) -> Address:
    """Return whom to write to: the office that hears appeals, on the written lines that are open, by post if none is."""
    pack = w.facts.pack
    if outside(w.facts):
        return Address((w.say(OMBUDSMAN), *OMBUDSMAN_LINES), frozenset({Element.APPEAL_TO}))
    assert pack.appeal.to is not None
    who = capital(str(getattr(pack.appeal.to, w.language)))
    left = set(w.facts.open_lines()) & {Channel.EMAIL, Channel.LETTER} or {Channel.LETTER}
    details, found = pack.organisation, [who, w.organisation]
    if Channel.LETTER in left and details.post is not None:
        found += getattr(details.post, w.language)
    if Channel.EMAIL in left and (email := pack.appeal.email or details.email):
        found.append(email)
    known = len(found) > 2
    return Address(tuple(found), frozenset({Element.APPEAL_TO}) if known else frozenset())


def outside(facts: Facts) -> bool:
    """True when an appeal against the restriction is heard by another body."""
    return facts.restriction is not None and authority.goes_outside(facts.pack, facts.file, facts.restriction)


def contact_picture(w: Writer) -> str:
    """Return the picture of contact: never a telephone where that line is closed."""
    return "contact" if Channel.TELEPHONE in w.facts.open_lines() else "letter"


def quotation(facts: Facts) -> Quotation:
    """Return the message that is given back, cut at the edges of its marks."""
    assert facts.message is not None
    text, at, pieces = facts.message.text, 0, []
    for start, end in facts.message.marks:
        pieces += [Piece(text[at:start], marked=False), Piece(text[start:end], marked=True)]
        at = end
    pieces.append(Piece(text[at:], marked=False))
    carries = frozenset({Element.MARKED}) if facts.message.marks else frozenset()
    return Quotation(tuple(piece for piece in pieces if piece.text), carries)
