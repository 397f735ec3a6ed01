"""Easy Read letters, kind by kind, in the plain words of the Easy Read policy.

They speak of rules, never of restrictions; they give real days and the details of who hears an appeal; they never
offer a closed channel.
"""

from collections.abc import Callable

from models.letters import easy_decisions as decisions
from models.letters import easy_sections as s
from models.letters import writer as c
from models.letters.blocks import Bullets, Element, Part
from models.letters.facts import Facts
from models.letters.tongue import Say, months
from models.letters.writer import Writer
from models.measures import deadlines

E = Element


TITLES: dict[str, Say] = {
    "ask": Say("Please help us to help you", "Helpwch ni i'ch helpu chi"),
    "warning": Say("A warning", "Rhybudd"),
    "restriction": Say("Rules for how you contact us", "Rheolau ar gyfer sut rydych yn cysylltu â ni"),
    "review": Say("We looked at your rules again", "Rydym wedi edrych eto ar eich rheolau"),
    "appeal_received": Say("We have your appeal", "Mae eich apêl gyda ni"),
    "appeal_outcome": Say("Our answer to your appeal", "Ein hateb i'ch apêl"),
    "end": Say("Your rules have ended", "Mae eich rheolau wedi dod i ben"),
    "resting": Say("Your rules have stopped for now", "Mae eich rheolau wedi stopio am y tro"),
    "resumed": Say("Your rules have started again", "Mae eich rheolau wedi dechrau eto"),
    "extended": Say("Your rules will last longer", "Bydd eich rheolau'n para'n hirach"),
    "returned": Say("We are sending your message back", "Rydym yn anfon eich neges yn ôl"),
    "not_replying": Say("We will not reply about this again", "Ni fyddwn yn ateb am hyn eto"),
    "signposting": Say("Help for you", "Help i chi"),
}


def parts(facts: Facts, w: Writer) -> tuple[Part, ...]:
    """Return the sections of an Easy Read letter."""
    return (*_KINDS[facts.kind](w), s.formats(w))


def _ask(w: Writer) -> tuple[Part, ...]:
    stop = Part(
        (
            w.heading("What we ask you to do", "Yr hyn rydym yn gofyn i chi ei wneud"),
            *s.plain(
                w,
                "stop",
                Say("Please do not do this again.", "Peidiwch â gwneud hyn eto."),
                Say("We want to help you.", "Rydym am eich helpu."),
                carries=(E.STOP,),
            ),
            *s.plain(
                w,
                "distress",
                Say("Is something upsetting you? Please tell us.", "A oes rhywbeth yn eich poeni? Dywedwch wrthym."),
                carries=(E.DISTRESS,),
            ),
            *s.plain(
                w,
                "consequences",
                Say("If it goes on, we may give you a warning.", "Os bydd yn parhau, gallwn roi rhybudd i chi."),
                carries=(E.CONSEQUENCES,),
            ),
        ),
        "ask",
    )
    return (s.happened(w), s.why(w, "Why this was wrong", "Pam roedd hyn yn anghywir"), stop, s.support(w), s.unchanged(w))  # fmt: skip


def _warning(w: Writer) -> tuple[Part, ...]:
    told = s.told(
        w,
        Say("This is a warning.", "Rhybudd yw hwn."),
        Say("A warning tells you that something must stop.", "Mae rhybudd yn dweud bod rhaid i rywbeth stopio."),
    )
    span = w.facts.pack.clocks.warning_lasts_months
    lasts = Say("We will keep a note of this warning.", "Byddwn yn cadw nodyn o'r rhybudd hwn.")
    said_span = "" if span is None else months(span, w.language)
    if span is not None:
        lasts = Say(
            "This warning lasts {span} from when you get it.", "Mae'r rhybudd hwn yn para {span} o'r adeg y cewch ef."
        )
    after = Part(
        (
            w.heading("What may happen next", "Beth allai ddigwydd nesaf"),
            *s.plain(
                w,
                "consequences",
                Say("If it goes on, we may make rules.", "Os bydd yn parhau, gallwn wneud rheolau."),
                Say(
                    "The rules may say how and when you contact us.",
                    "Gall y rheolau ddweud sut a phryd y cewch gysylltu â ni.",
                ),
                carries=(E.CONSEQUENCES,),
            ),
            w.paragraph("lasts", lasts, E.HOW_LONG, facts=(said_span,) if span else (), span=said_span),
        ),
        "clock",
    )
    return (told, s.happened(w), s.why(w, "Why we are warning you", "Pam rydym yn eich rhybuddio"), after, s.support(w), s.unchanged(w), *s.enclosed(w))  # fmt: skip


def _returned(w: Writer) -> tuple[Part, ...]:
    message = w.facts.message
    assert message is not None
    on = w.day(deadlines.london_day(message.at))
    told = s.told(
        w,
        Say("We are sending back your message of {on}.", "Rydym yn anfon yn ôl y neges a ddaeth ar {on}."),
        carries=(E.OUTCOME, E.WHAT),
        facts=(on,),
        on=on,
    )
    why = s.plain(
        w,
        "why",
        Say("We have marked the words that are not okay.", "Rydym wedi marcio'r geiriau nad ydynt yn iawn."),
        Say("Our staff have a right to work without this.", "Mae gan ein staff hawl i weithio heb hyn."),
        carries=(E.WHY,),
    )
    quoted = Part((w.heading("Your message", "Eich neges"), c.quotation(w.facts)), "ask")
    again = Part(
        (
            w.heading("What you can do", "Beth allwch chi ei wneud"),
            *s.plain(
                w,
                "resend",
                Say("Take out the marked words.", "Tynnwch y geiriau sydd wedi'u marcio."),
                Say("Send the message again. Then we will reply.", "Anfonwch y neges eto. Yna byddwn yn ateb."),
                carries=(E.RESEND,),
            ),
        ),
        "letter",
    )
    return (Part((*told.blocks, *why), "letter"), quoted, again, s.open_line(w), s.machine(w), s.support(w))  # fmt: skip


def _not_replying(w: Writer) -> tuple[Part, ...]:
    told = s.told(
        w,
        Say("We have told you what we decided.", "Rydym wedi dweud wrthych beth yw ein penderfyniad."),
        Say("We will not reply about this again.", "Ni fyddwn yn ateb am hyn eto."),
    )
    new = Part(
        (
            w.heading("If there is something new", "Os oes rhywbeth newydd"),
            *s.plain(
                w,
                "new",
                Say("We will still read what you send.", "Byddwn yn dal i ddarllen yr hyn a anfonwch."),
                Say(
                    "If there is something new, we will deal with it.", "Os oes rhywbeth newydd, byddwn yn delio ag ef."
                ),
                carries=(E.NEW_INFORMATION,),
            ),
        ),
        "ask",
    )
    return (told, s.why(w), new, s.open_line(w, s.complain(w)), s.support(w))  # fmt: skip


def _signposting(w: Writer) -> tuple[Part, ...]:
    lines = tuple(w.say(line) for line in c.HELPLINES)
    told = Part(
        (
            *s.plain(
                w,
                "heard",
                Say("Thank you for telling us how you feel.", "Diolch am ddweud wrthym sut rydych yn teimlo."),
                Say("We want you to be safe.", "Rydym am i chi fod yn ddiogel."),
                carries=(E.OUTCOME,),
            ),
            *s.plain(w, "help.lead", Say("These people can help you now:", "Gall y bobl hyn eich helpu nawr:")),
            Bullets("help", lines, frozenset({E.HELP}), ("116 123", "999")),
        ),
        "help",
    )
    kept = Part(
        (
            w.heading("Your complaint", "Eich cwyn"),
            *s.plain(
                w,
                "not_held",
                Say(
                    "You have done nothing wrong by telling us.", "Nid ydych wedi gwneud dim o'i le drwy ddweud wrthym."
                ),
                Say("We will deal with your complaint as before.", "Byddwn yn delio â'ch cwyn fel o'r blaen."),
                carries=(E.NOT_HELD_AGAINST,),
            ),
            *s.plain(w, "talk", Say("You can talk to us too:", "Gallwch siarad â ni hefyd:")),
            c.reach(w, w.facts.open_lines()),
        ),
        c.contact_picture(w),
    )
    return (told, kept, s.support(w))  # fmt: skip


_KINDS: dict[str, Callable[[Writer], tuple[Part, ...]]] = {
    "ask": _ask,
    "warning": _warning,
    "restriction": decisions.restriction,
    "review": decisions.review,
    "appeal_received": decisions.appeal_received,
    "appeal_outcome": decisions.appeal_outcome,
    "end": decisions.end,
    "resting": decisions.resting,
    "resumed": decisions.resumed,
    "extended": decisions.extended,
    "returned": _returned,
    "not_replying": _not_replying,
    "signposting": _signposting,
}
