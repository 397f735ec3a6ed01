"""Composes a letter from its facts, in one language and style; whoever is written to in both gets both together."""

from models.letters import easy, full
from models.letters.blocks import Letter
from models.letters.facts import Facts
from models.letters.required import required
from models.letters.tongue import EASY, Language, Say, day
from models.letters.writer import Writer

_GREETING, _NO_NAME = Say("Dear {name},", "Annwyl {name},"), Say("Hello,", "Helo,")
_CLOSING = Say("Yours sincerely", "Yn gywir")
_REFERENCE = Say("Our reference: {reference}", "Ein cyfeirnod: {reference}")


def languages_of(preference: str) -> tuple[Language, ...]:
    """Return the languages of a letter: a preference that is not known means both, Welsh first."""
    if preference == "en":
        return ("en",)
    return ("cy",) if preference == "cy" else ("cy", "en")


def compose(facts: Facts, language: Language, style: str) -> Letter:
    """Return the letter."""
    w, module = Writer(facts, language), easy if style == EASY else full
    details, name = facts.pack.organisation, facts.recipient.name.strip()
    post = () if details.post is None else getattr(details.post, language)
    signature = [facts.signed.name] if facts.signs_by_name() else []
    return Letter(
        kind=facts.kind,
        org=facts.pack.id,
        language=language,
        style=style,
        sender=w.organisation,
        sender_lines=tuple(post) + ((details.website,) if details.website else ()),
        recipient=tuple(line for line in (name, *facts.recipient.address) if line.strip()),
        written_on=facts.today,
        date_line=day(facts.today, language),
        reference_line=w.say(_REFERENCE, reference=facts.reference),
        title=w.say(module.TITLES[facts.kind]),
        greeting=w.say(_GREETING, name=name) if name else w.say(_NO_NAME),
        parts=module.parts(facts, w),
        closing=w.say(_CLOSING),
        signature=(*signature, facts.role_title(language), w.organisation),
        required=required(facts, style),
    )
