"""Full letters, kind by kind: which sections follow one another, and the sentences that are a kind's own."""

from collections.abc import Callable

from models.letters import full_decisions as decisions
from models.letters import full_sections as s
from models.letters import writer as c
from models.letters.blocks import Bullets, Element, Paragraph, Part
from models.letters.facts import Facts
from models.letters.tongue import Say, by, months
from models.letters.writer import Writer
from models.measures import deadlines

E = Element


TITLES: dict[str, Say] = {
    "ask": Say("A request about your contact with us", "Cais ynghylch eich cyswllt â ni"),
    "warning": Say("A warning about your contact with us", "Rhybudd ynghylch eich cyswllt â ni"),
    "restriction": Say("Our decision to manage your contact with us", "Ein penderfyniad i reoli eich cyswllt â ni"),
    "review": Say("The outcome of our review of your restriction", "Canlyniad ein hadolygiad o'ch cyfyngiad"),
    "appeal_received": Say("We have received your appeal", "Rydym wedi derbyn eich apêl"),
    "appeal_outcome": Say("The outcome of your appeal", "Canlyniad eich apêl"),
    "end": Say("Your restriction has ended", "Mae eich cyfyngiad wedi dod i ben"),
    "resting": Say("Your restriction is paused", "Mae eich cyfyngiad wedi'i oedi"),
    "resumed": Say("Your restriction applies again", "Mae eich cyfyngiad yn berthnasol eto"),
    "extended": Say("Your restriction has been extended", "Mae eich cyfyngiad wedi'i estyn"),
    "returned": Say("We are returning your message", "Rydym yn dychwelyd eich neges"),
    "not_replying": Say("We will not reply further on this matter", "Ni fyddwn yn ateb ymhellach ar y mater hwn"),
    "signposting": Say("Help for you", "Cymorth i chi"),
}
MEASURES_NAMED = 6


def parts(facts: Facts, w: Writer) -> tuple[Part, ...]:
    """Return the sections of a full letter."""
    return (*_KINDS[facts.kind](w), s.formats(w))


def _ask(w: Writer) -> tuple[Part, ...]:
    stop = Part(
        (
            w.heading("What we ask of you", "Yr hyn yr ydym yn ei ofyn gennych"),
            w.paragraph("stop", Say("Please do not repeat this or carry on with it. We want to help you, and we can do that better when our staff are treated with respect.", "Peidiwch ag ailadrodd hyn na pharhau ag ef. Rydym am eich helpu, a gallwn wneud hynny'n well pan gaiff ein staff eu trin â pharch."), E.STOP),
            w.paragraph("distress", Say("Is there something in particular that is causing you distress? If so, please tell us. We would like to understand it.", "A oes rhywbeth penodol yn peri gofid i chi? Os oes, rhowch wybod i ni. Hoffem ddeall."), E.DISTRESS),
            w.paragraph("consequences", Say("If this behaviour continues, the next step may be a warning.", "Os bydd yr ymddygiad hwn yn parhau, mae'n bosibl mai rhybudd fydd y cam nesaf."), E.CONSEQUENCES),
        ),
        "ask",
    )  # fmt: skip
    why = w.heading("Why this was not acceptable", "Pam nad oedd hyn yn dderbyniol")
    return (s.happened(w), s.reasons(w, why), stop, s.support(w), _unchanged(w))


def _unchanged(w: Writer) -> Part:
    """Say that the person contacts us as before, on the lines that are open to them."""
    return Part(
        (
            w.heading("How to contact us", "Sut i gysylltu â ni"),
            w.paragraph("contact", Say("This letter does not change how you contact us.", "Nid yw'r llythyr hwn yn newid sut yr ydych yn cysylltu â ni."), E.CONTACT),
            c.reach(w, w.facts.open_lines()),
            *s.always(w)[2:],
        ),
        "contact",
    )  # fmt: skip


def _warning(w: Writer) -> tuple[Part, ...]:
    texts = [getattr(m.text, w.language) for m in w.facts.pack.measures][:MEASURES_NAMED]
    told = Part(
        (
            w.paragraph("outcome", Say("This letter is a formal warning.", "Rhybudd ffurfiol yw'r llythyr hwn."), E.OUTCOME),
        ),
        "letter",
    )  # fmt: skip
    after = Part(
        (
            w.heading("What may happen if it goes on", "Yr hyn a allai ddigwydd os bydd yn parhau"),
            w.paragraph("consequences", Say("If this behaviour continues, we may need to restrict your contact with us. Our policy names these measures, among others:", "Os bydd yr ymddygiad hwn yn parhau, mae'n bosibl y bydd angen inni gyfyngu ar eich cyswllt â ni. Mae ein polisi'n enwi'r mesurau hyn, ymhlith eraill:"), E.CONSEQUENCES),
            Bullets("consequences.list", tuple(texts), frozenset({E.CONSEQUENCES})),
            _warning_lasts(w),
        ),
        "clock",
    )  # fmt: skip
    enclosed = s.enclosed_where_wanted(w)
    return (
        told,
        s.happened(w),
        s.reasons(w, w.heading("Why we are warning you", "Pam yr ydym yn eich rhybuddio")),
        after,
        s.support(w),
        _unchanged(w),
        *enclosed,
    )


def _warning_lasts(w: Writer) -> Paragraph:
    lasts = w.facts.pack.clocks.warning_lasts_months
    if lasts is None:
        return w.paragraph("lasts", Say("We keep this warning on record. If the behaviour stops, nothing more follows from it.", "Rydym yn cadw'r rhybudd hwn ar gofnod. Os daw'r ymddygiad i ben, ni fydd dim arall yn dilyn."), E.HOW_LONG)  # fmt: skip
    span = months(lasts, w.language)
    return w.paragraph(
        "lasts",
        Say(
            "This warning will stay in place for {span} from when you receive it. It then ends by itself if the behaviour has stopped. We keep it on record.",
            "Bydd y rhybudd hwn yn parhau mewn grym am {span} o'r adeg y byddwch yn ei dderbyn. Yna daw i ben ohono'i hun os yw'r ymddygiad wedi dod i ben. Rydym yn ei gadw ar gofnod.",
        ),
        E.HOW_LONG,
        facts=(span,),
        span=span,
    )


def _returned(w: Writer) -> tuple[Part, ...]:
    message = w.facts.message
    assert message is not None
    on = w.day(deadlines.london_day(message.at))
    told = Part(
        (
            w.paragraph(
                "outcome",
                Say(
                    "We are returning your message of {on}, which you sent {how}.",
                    "Rydym yn dychwelyd eich neges ddyddiedig {on}, a anfonwyd {how}.",
                ),
                E.OUTCOME,
                E.WHAT,
                facts=(on,),
                on=on,
                how=by(message.channel, w.language),
            ),
            w.paragraph(
                "why",
                Say(
                    "We have marked the part that we cannot accept. Our staff have the right to work without language of this kind. Our policy, “{policy}”, says more.",
                    "Rydym wedi marcio'r rhan na allwn ei derbyn. Mae gan ein staff hawl i weithio heb iaith o'r math hwn. Mae ein polisi, “{policy}”, yn dweud mwy.",
                ),
                E.WHY,
                policy=w.policy,
            ),
        ),
        "letter",
    )
    quoted = Part((w.heading("Your message", "Eich neges"), c.quotation(w.facts)), "ask")
    again = Part(
        (
            w.heading("What you can do", "Yr hyn y gallwch ei wneud"),
            w.paragraph(
                "resend",
                Say(
                    "Please send the message again without the marked part. We will then answer it. Nothing else in it is lost: we have kept it.",
                    "Anfonwch y neges eto heb y rhan sydd wedi'i marcio. Yna byddwn yn ei hateb. Nid oes dim arall ynddi wedi'i golli: rydym wedi'i chadw.",
                ),
                E.RESEND,
            ),
        ),
        "contact",
    )
    return (told, quoted, again, s.open_line(w), s.machine(w), s.support(w))  # fmt: skip


def _not_replying(w: Writer) -> tuple[Part, ...]:
    told = Part(
        (
            w.paragraph(
                "outcome",
                Say(
                    "We have explained our decision on this matter to you. We will not reply further about it.",
                    "Rydym wedi egluro ein penderfyniad ar y mater hwn i chi. Ni fyddwn yn ateb ymhellach amdano.",
                ),
                E.OUTCOME,
            ),
        ),
        "letter",
    )
    new = Part(
        (
            w.heading("If you have something new", "Os oes gennych rywbeth newydd"),
            w.paragraph(
                "new",
                Say(
                    "We will still read what you send us. If it holds new or relevant information, or is about something else, we will deal with it. If it does not, we will file it without replying.",
                    "Byddwn yn dal i ddarllen yr hyn a anfonwch atom. Os oes ynddo wybodaeth newydd neu berthnasol, neu os yw'n ymwneud â rhywbeth arall, byddwn yn ymdrin ag ef. Os nad oes, byddwn yn ei ffeilio heb ateb.",
                ),
                E.NEW_INFORMATION,
            ),
        ),
        "ask",
    )
    complain = w.paragraph(
        "complain",
        Say(
            "If you think that this is wrong, you can complain to us about how we have used our policy.",
            "Os ydych o'r farn bod hyn yn anghywir, gallwch gwyno wrthym am y ffordd yr ydym wedi defnyddio ein polisi.",
        ),
        E.COMPLAIN,
    )
    title = w.heading("If you disagree with this decision", "Os ydych yn anghytuno â'r penderfyniad hwn")
    return (told, s.reasons(w), new, s.open_line(w), Part((title, complain), "appeal"), s.support(w))  # fmt: skip


def _signposting(w: Writer) -> tuple[Part, ...]:
    lines = tuple(w.say(line) for line in c.HELPLINES)
    told = Part(
        (
            w.paragraph(
                "heard",
                Say(
                    "Thank you for telling us how you feel. We are worried about you, and we want you to be safe.",
                    "Diolch am ddweud wrthym sut yr ydych yn teimlo. Rydym yn poeni amdanoch, ac rydym am i chi fod yn ddiogel.",
                ),
                E.OUTCOME,
            ),
            w.paragraph(
                "help.lead",
                Say(
                    "We are not trained to give the help that you may need now. These people are. You can talk to them about anything:",
                    "Nid ydym wedi ein hyfforddi i roi'r cymorth y gallai fod ei angen arnoch nawr. Mae'r bobl hyn wedi'u hyfforddi. Gallwch siarad â nhw am unrhyw beth:",
                ),
            ),
            Bullets("help", lines, frozenset({E.HELP}), ("116 123", "999")),
        ),
        "help",
    )
    kept = Part(
        (
            w.heading("Your complaint or request", "Eich cwyn neu'ch cais"),
            w.paragraph(
                "not_held",
                Say(
                    "What you told us will not be held against you. It does not change how we deal with your complaint or request.",
                    "Ni fydd yr hyn a ddywedoch wrthym yn cael ei ddal yn eich erbyn. Nid yw'n newid y ffordd yr ydym yn ymdrin â'ch cwyn neu'ch cais.",
                ),
                E.NOT_HELD_AGAINST,
            ),
            w.paragraph(
                "talk",
                Say(
                    "If you would like to talk to us about what we can do, contact us:",
                    "Os hoffech siarad â ni am yr hyn y gallwn ei wneud, cysylltwch â ni:",
                ),
            ),
            c.reach(w, w.facts.open_lines()),
        ),
        "contact",
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
