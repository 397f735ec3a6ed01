"""The sections that Easy Read letters share: short sentences, one idea each, a picture a section."""

from itertools import count

from models.letters import writer as c
from models.letters.blocks import Address, Block, Bullets, Element, Paragraph, Part
from models.letters.easy_words import conduct
from models.letters.measures_said import said
from models.letters.tongue import EASY, Say, by, capital, months, working_days
from models.letters.writer import Writer
from models.measures import deadlines
from models.measures.steps import Basis
from models.measures.terms import Terms

E = Element


def plain(w: Writer, name: str, *says: Say, carries: tuple[Element, ...] = (), **values: str) -> tuple[Paragraph, ...]:
    """Return one paragraph a sentence; each carries the elements, so that each must stay for its own facts."""
    numbers = count(1)
    return tuple(
        w.paragraph(f"{name}.{next(numbers)}", words, *carries, **values) for words in says
    )  # fmt: skip


def happened(w: Writer) -> Part:
    """Tell what the step rests on: days, and conduct in plain words."""
    days = [f"{w.day(deadlines.london_day(i.at))}, {by(i.channel, w.language)}" for i in w.facts.incidents()]
    bad = tuple(dict.fromkeys(conduct(w.facts.pack, name, w.language) for name in w.facts.clauses()))
    return Part((
        w.heading("What happened", "Beth ddigwyddodd"),
        *plain(w, "what", Say("You contacted us on:", "Gwnaethoch gysylltu â ni ar:")),
        Bullets("what.days", tuple(dict.fromkeys(days)), frozenset({E.WHAT}), tuple(w.day(deadlines.london_day(i.at)) for i in w.facts.incidents())),
        *plain(w, "clauses.lead", Say("This is what was wrong:", "Dyma beth oedd o'i le:")),
        Bullets("clauses", bad, frozenset({E.CLAUSES}), bad),
        *plain(w, "policy", Say("This is in our policy: {policy}.", "Mae hyn yn ein polisi: {policy}."), policy=w.policy),
    ), "what")  # fmt: skip


def why(w: Writer, en: str = "Why we decided this", cy: str = "Pam y gwnaethom benderfynu hyn") -> Part:
    """Give the reason in the officer's own words."""
    return Part((w.heading(en, cy), w.own("why", w.facts.why(), E.WHY)), "why")


def rules(w: Writer, terms: tuple[Terms, ...]) -> Part:
    """Tell the rules."""
    lines: list[str] = []
    for one in terms:
        lines += said(w.facts.pack, one, w.language, EASY, w.facts.open_lines())
    unique = tuple(dict.fromkeys(lines))
    lead = plain(w, "rules", Say("You need to keep to these rules:", "Mae angen i chi gadw at y rheolau hyn:"))
    return Part((w.heading("The rules", "Y rheolau"), *lead, Bullets("measures", unique, frozenset({E.CONTACT, E.OUTCOME}), unique)), "rules")  # fmt: skip


def lasts(w: Writer) -> Part:
    """Tell how long the rules last and when they are looked at again, in real days."""
    current, pack = w.facts.restriction, w.facts.pack
    assert current is not None
    start, end = w.day(deadlines.london_day(current.starts_at)), w.day(w.facts.ends())
    blocks: list[Block] = [w.heading("How long the rules last", "Am faint y bydd y rheolau'n para")]
    blocks += plain(w, "start", Say("The rules started on {start}.", "Dechreuodd y rheolau ar {start}."), start=start)
    rolls = deadlines.rolls(current, pack.clocks)
    if rolls:
        span = months(pack.clocks.restriction_lasts_months or 0, w.language)
        blocks += plain(
            w,
            "span",
            Say(
                "Rules last {span} from when it last happened.",
                "Mae rheolau'n para {span} o'r tro diwethaf y digwyddodd.",
            ),
            span=span,
        )
    carries = (E.HOW_LONG, E.REVIEW) if rolls else (E.HOW_LONG,)
    blocks.append(
        w.paragraph(
            "lasts",
            Say("The last day of the rules is {end}.", "Diwrnod olaf y rheolau yw {end}."),
            *carries,
            facts=(end,),
            end=end,
        )
    )
    if rolls:
        blocks += plain(
            w,
            "moves",
            Say(
                "If it happens again, the last day will change.",
                "Os bydd yn digwydd eto, bydd y diwrnod olaf yn newid.",
            ),
            Say("We will tell you.", "Byddwn yn dweud wrthych."),
        )
    else:
        blocks += _looked_at(w)
    return Part(tuple(blocks), "calendar")  # fmt: skip


def _looked_at(w: Writer) -> tuple[Paragraph, ...]:
    """Tell when the rules are looked at again, and that their end is told."""
    current = w.facts.restriction
    if current is None or current.review_on is None or current.basis is not Basis.FORMAL:
        return ()
    on = w.day(current.review_on)
    words = Say("We will look at the rules again by {on}.", "Byddwn yn edrych eto ar y rheolau erbyn {on}.")
    end = Say("We will tell you if we end the rules.", "Byddwn yn dweud wrthych os byddwn yn dod â'r rheolau i ben.")
    return (w.paragraph("review", words, E.REVIEW, facts=(on,), on=on), *plain(w, "told", end))


def open_line(w: Writer, extra: tuple[Paragraph, ...] = ()) -> Part:
    """Say how the person can contact us, and nothing of how they cannot."""
    left = w.facts.open_lines()
    title = w.heading("How you can contact us", "Sut y gallwch gysylltu â ni")
    if left:
        lines = tuple(capital(by(line, w.language)) for line in left)
        lead = plain(w, "open", Say("You can contact us:", "Gallwch gysylltu â ni:"))
        found: tuple[Block, ...] = (
            *lead,
            Bullets("open.lines", lines, frozenset({E.OPEN_LINE}), lines),
            c.reach(w, left),
        )
    else:
        found = plain(
            w,
            "open",
            Say("You cannot contact us right now.", "Ni allwch gysylltu â ni ar hyn o bryd."),
            carries=(E.OPEN_LINE,),
        )
    return Part((title, *found, *extra, *always(w)), c.contact_picture(w))  # fmt: skip


def always(w: Writer) -> tuple[Paragraph, ...]:
    """Return what no rule touches."""
    return (
        *plain(w, "emergency", Say("If a life is in danger, call 999.", "Os oes bywyd mewn perygl, ffoniwch 999."), Say("If someone may get hurt, contact us in any way.", "Os gallai rhywun gael niwed, cysylltwch â ni mewn unrhyw ffordd."), carries=(E.EMERGENCY,)),
        *plain(w, "rights", Say("You can still ask us what we know about you.", "Gallwch ofyn o hyd beth rydym yn ei wybod amdanoch.")),
        *plain(w, "apart", Say("This does not change how we deal with your complaint.", "Nid yw hyn yn newid sut rydym yn delio â'ch cwyn."), carries=(E.APART,)),
    )  # fmt: skip


def appeal(w: Writer) -> Part:
    """Tell what an appeal is and how to make one, or that there is none."""
    pack = w.facts.pack
    title = w.heading("If you are not happy with this", "Os nad ydych yn hapus â hyn")
    meaning = plain(
        w,
        "appeal.meaning",
        Say(
            "An appeal is when you ask for a decision to be changed.",
            "Apêl yw pan fyddwch yn gofyn am newid penderfyniad.",
        ),
        carries=(E.APPEAL_MEANING,),
    )
    if not pack.appeal.exists:
        return Part(
            (
                title,
                *meaning,
                *plain(
                    w,
                    "appeal.none",
                    Say("You cannot appeal this decision.", "Ni allwch apelio yn erbyn y penderfyniad hwn."),
                    carries=(E.NO_APPEAL,),
                ),
                *complain(w),
            ),
            "appeal",
        )
    can = plain(w, "appeal", Say("You can appeal.", "Gallwch apelio."), carries=(E.APPEAL,))
    lead = Say("To appeal, write to:", "I apelio, ysgrifennwch at:")
    heard = Say(
        "Someone who did not make the decision will look at it.", "Bydd rhywun na wnaeth y penderfyniad yn edrych arni."
    )
    tail = plain(w, "appeal.heard", heard, Say("They will write back to you.", "Byddant yn ysgrifennu yn ôl atoch."))
    return Part((title, *can, *meaning, *_appeal_time(w), *plain(w, "appeal.to", lead), c.appeal_address(w), *tail, *afterwards(w)), "appeal")  # fmt: skip


def _appeal_time(w: Writer) -> tuple[Paragraph, ...]:
    limit, last = w.facts.pack.appeal.within_working_days, w.facts.appeal_until()
    if limit is None or last is None:
        return plain(
            w,
            "appeal.time",
            Say("You can appeal at any time.", "Gallwch apelio unrhyw bryd."),
            carries=(E.APPEAL_TIME,),
        )
    span, on = working_days(limit, w.language), w.day(last)
    return (
        w.paragraph("appeal.time", Say("You have {span} to appeal. The last day is {on}.", "Mae gennych {span} i apelio. Y diwrnod olaf yw {on}."), E.APPEAL_TIME, facts=(span, on), span=span, on=on),
        *plain(w, "appeal.days", Say("Weekends and bank holidays do not count.", "Nid yw penwythnosau a gwyliau banc yn cyfrif.")),
    )  # fmt: skip


def afterwards(w: Writer) -> tuple[Paragraph | Address, ...]:
    """Tell where to go after an appeal, where the policy says so."""
    if w.facts.pack.appeal.afterwards is None:
        return ()
    words = Say(
        "If you are not happy with our answer, you can go to:", "Os nad ydych yn hapus â'n hateb, gallwch fynd at:"
    )
    lines = (w.say(c.OMBUDSMAN), *c.OMBUDSMAN_LINES)
    return (*plain(w, "afterwards", words), Address(lines, frozenset({E.AFTERWARDS})))  # fmt: skip


def complain(w: Writer) -> tuple[Paragraph, ...]:
    """Say that a complaint about us can be made."""
    return plain(w, "complain", Say("If you are not happy with us, tell us. You can make a complaint.", "Os nad ydych yn hapus â ni, dywedwch wrthym. Gallwch wneud cwyn."), carries=(E.COMPLAIN,))  # fmt: skip


def machine(w: Writer) -> Part:
    """Say that a person decided, and what follows where a computer held something."""
    title = w.heading("Who decided this", "Pwy benderfynodd hyn")
    human = plain(
        w,
        "human",
        Say("A person made this decision. A computer did not.", "Person wnaeth y penderfyniad hwn. Nid cyfrifiadur."),
        carries=(E.HUMAN,),
    )
    if not w.facts.machine_held:
        return Part((title, *human), "person")
    held = plain(
        w,
        "machine",
        Say(
            "Before that, a computer stopped something you sent us.",
            "Cyn hynny, stopiodd cyfrifiadur rywbeth a anfonoch atom.",
        ),
        Say("It did this because of the words in it.", "Gwnaeth hyn oherwydd y geiriau ynddo."),
        Say("Then a person looked at it.", "Yna edrychodd person arno."),
        Say("You can:", "Gallwch:"),
        carries=(E.MACHINE,),
    )
    rights = (
        Say("Tell us what you think about that", "Ddweud wrthym beth yw eich barn am hynny"),
        Say("Ask a person to look at it again", "Ofyn i berson edrych arno eto"),
        Say("Say that it was wrong", "Ddweud ei fod yn anghywir"),
    )
    return Part((title, *human, *held, Bullets("machine.rights", tuple(w.say(r) for r in rights), frozenset({E.MACHINE}))), "person")  # fmt: skip


def support(w: Writer) -> Part:
    """Offer adjustments and an advocate, and say what an advocate is."""
    return Part((
        w.heading("Help for you", "Help i chi"),
        *plain(w, "adjustments", Say("Do you need us to do things in a different way?", "A oes angen i ni wneud pethau mewn ffordd wahanol?"), Say("Please tell us.", "Dywedwch wrthym."), carries=(E.ADJUSTMENTS,)),
        *plain(w, "advocate", Say("An advocate can help you.", "Gall eiriolwr eich helpu."), Say("An advocate helps you to speak up, or speaks for you.", "Mae eiriolwr yn eich helpu i siarad, neu'n siarad ar eich rhan."), Say("They do not work for us. We can help you find one.", "Nid ydynt yn gweithio i ni. Gallwn eich helpu i ddod o hyd i un."), carries=(E.ADVOCATE,)),
    ), "help")  # fmt: skip


def formats(w: Writer) -> Part:
    """Say in which languages and formats the letter is to be had."""
    formats = plain(
        w,
        "formats",
        Say(
            "You can have this letter in Welsh. You can have it as a full letter too.",
            "Gallwch gael y llythyr hwn yn Saesneg. Gallwch ei gael fel llythyr llawn hefyd.",
        ),
        carries=(E.FORMATS, E.LANGUAGE),
    )
    if w.facts.pack.welsh_standard == "none":
        return Part(formats, "language")
    return Part((*formats, *plain(w, "welsh", Say("You can write to us in Welsh. It will not take longer.", "Gallwch ysgrifennu atom yn Gymraeg. Ni fydd yn cymryd mwy o amser."), carries=(E.LANGUAGE,))), "language")  # fmt: skip


def told(
    w: Writer, *says: Say, carries: tuple[Element, ...] = (E.OUTCOME,), facts: tuple[str, ...] = (), **values: str
) -> Part:
    """Say first what the letter is about, one sentence a paragraph."""
    return Part(tuple(w.paragraph(f"outcome.{n}", words, *carries, facts=facts if n == 0 else (), **values) for n, words in enumerate(says)), "letter")  # fmt: skip


def unchanged(w: Writer) -> Part:
    """Say that contact is as it was."""
    same = plain(
        w,
        "contact",
        Say("You can contact us as you did before.", "Gallwch gysylltu â ni fel o'r blaen."),
        carries=(E.CONTACT,),
    )
    return Part((w.heading("How to contact us", "Sut i gysylltu â ni"), *same, c.reach(w, w.facts.open_lines()), *always(w)[3:]), c.contact_picture(w))  # fmt: skip


def enclosed(w: Writer) -> tuple[Part, ...]:
    """Say that the policy is enclosed, where it is."""
    warning, current = w.facts.warning, w.facts.restriction
    wanted = (warning is not None and warning.policy_enclosed) or (
        current is not None and current.basis is Basis.FORMAL
    )
    said_it = Say("Our policy comes with this letter.", "Mae ein polisi'n dod gyda'r llythyr hwn.")
    return (Part(plain(w, "enclosed", said_it, carries=(E.ENCLOSED,)), "policy"),) if wanted else ()  # fmt: skip
