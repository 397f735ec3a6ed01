"""The sections that full letters share: what happened, what it means, what stays open, how to appeal, formats."""

from models.letters import writer as c
from models.letters.blocks import Address, Bullets, Element, Heading, Paragraph, Part
from models.letters.measures_said import said
from models.letters.tongue import STANDARD, Say, by, capital, months, working_days
from models.letters.writer import Writer
from models.measures import deadlines
from models.measures.steps import Basis
from models.measures.terms import Terms


def happened(w: Writer) -> Part:
    """Tell what the step rests on: days and channels, and the clauses quoted."""
    incidents = w.facts.incidents()
    days = [f"{w.day(deadlines.london_day(i.at))}, {by(i.channel, w.language)}" for i in incidents]
    quoted = [c.clause_words(w, name) for name in w.facts.clauses()]
    return Part(
        (
            w.heading("What happened", "Beth ddigwyddodd"),
            w.paragraph("what.lead", Say("This letter is about your contact with us on:", "Mae'r llythyr hwn yn ymwneud â'ch cyswllt â ni ar:")),
            Bullets("what.days", tuple(dict.fromkeys(days)), frozenset({Element.WHAT}), tuple(w.day(deadlines.london_day(i.at)) for i in incidents)),
            w.paragraph(
                "clauses.lead",
                Say("Our policy is called “{policy}”. These parts of it apply:", "Enw ein polisi yw “{policy}”. Mae'r rhannau hyn ohono'n berthnasol:"),
                policy=w.policy,
            ),
            Bullets("clauses", tuple(quoted), frozenset({Element.CLAUSES}), tuple(quoted)),
        ),
        "what",
    )  # fmt: skip


def reasons(w: Writer, title: Heading | None = None) -> Part:
    """Give the reason in the officer's own words."""
    lead = title or w.heading("Why we have decided this", "Pam yr ydym wedi penderfynu hyn")
    return Part((lead, w.own("why", w.facts.why(), Element.WHY)), "why")


def measures(w: Writer, terms: tuple[Terms, ...], title: Heading | None = None) -> Part:
    """Tell what each measure means for contact, with the clause that allows it."""
    lines: list[str] = []
    for one in terms:
        lines += said(w.facts.pack, one, w.language, STANDARD, w.facts.open_lines())
    lead = title or w.heading(
        "What this means for your contact with us", "Yr hyn y mae hyn yn ei olygu i'ch cyswllt â ni"
    )
    carries = frozenset({Element.CONTACT, Element.OUTCOME})
    return Part((lead, Bullets("measures", tuple(lines), carries, tuple(lines))), "rules")


def open_line(w: Writer) -> Part:
    """Say which lines stay open, that emergencies and rights pass, and that the complaint is kept apart."""
    left = w.facts.open_lines()
    blocks: list[Heading | Paragraph | Bullets | Address] = [
        w.heading("How you can still contact us", "Sut y gallwch gysylltu â ni o hyd")
    ]
    if left:
        lines = tuple(capital(by(line, w.language)) for line in left)
        blocks += [
            w.paragraph(
                "open.lead",
                Say(
                    "These ways of contacting us stay open to you:",
                    "Mae'r ffyrdd hyn o gysylltu â ni yn parhau ar agor i chi:",
                ),
            ),
            Bullets("open", lines, frozenset({Element.OPEN_LINE}), lines),
            c.reach(w, left),
        ]
    else:
        blocks.append(
            w.paragraph(
                "open.none",
                Say(
                    "No ordinary way of contacting us is open to you. This was decided at a senior level, with a recorded reason.",
                    "Nid oes ffordd arferol o gysylltu â ni ar agor i chi. Penderfynwyd hyn ar lefel uwch, gyda rheswm wedi'i gofnodi.",
                ),
                Element.OPEN_LINE,
            )
        )
    return Part((*blocks, *always(w)), c.contact_picture(w))  # fmt: skip


def always(w: Writer) -> tuple[Paragraph, ...]:
    """Return what no measure touches."""
    return (
        w.paragraph(
            "emergency",
            Say(
                "Emergencies are not affected by this. If there is a risk to anybody's health or safety, contact us in any way you can. If a life is in danger, call 999.",
                "Nid yw hyn yn effeithio ar argyfyngau. Os oes risg i iechyd neu ddiogelwch unrhyw un, cysylltwch â ni mewn unrhyw ffordd y gallwch. Os oes bywyd mewn perygl, ffoniwch 999.",
            ),
            Element.EMERGENCY,
        ),
        w.paragraph(
            "rights",
            Say(
                "You can still ask us for information, for the personal information that we hold about you, and for reasonable adjustments.",
                "Gallwch barhau i ofyn i ni am wybodaeth, am y wybodaeth bersonol sydd gennym amdanoch, ac am addasiadau rhesymol.",
            ),
        ),
        w.paragraph(
            "apart",
            Say(
                "How we manage your contact does not affect how we deal with your complaint.",
                "Nid yw'r ffordd y byddwn yn rheoli eich cyswllt yn effeithio ar y ffordd y byddwn yn ymdrin â'ch cwyn.",
            ),
            Element.APART,
        ),
    )


def appeal(w: Writer) -> Part:
    """Tell the way to appeal, its time and where it leads after, or that there is none."""
    title = w.heading("If you disagree with this decision", "Os ydych yn anghytuno â'r penderfyniad hwn")
    pack = w.facts.pack
    if not pack.appeal.exists:
        return Part((title, *_no_appeal(w)), "appeal")
    blocks = [
        w.paragraph(
            "appeal",
            Say(
                "You have the right to appeal against this decision.",
                "Mae gennych hawl i apelio yn erbyn y penderfyniad hwn.",
            ),
            Element.APPEAL,
        )
    ]
    blocks.append(_appeal_time(w))
    lead = Say("To appeal, write to:", "I apelio, ysgrifennwch at:")
    if c.outside(w.facts):
        lead = Say(
            "Those who hear appeals took part in this decision. So your appeal goes to another body:",
            "Cymerodd y rhai sy'n clywed apeliadau ran yn y penderfyniad hwn. Felly mae eich apêl yn mynd at gorff arall:",
        )
    heard = Say(
        "Your appeal will be considered by someone who was not involved in the original decision. They will answer you in writing.",
        "Caiff eich apêl ei hystyried gan rywun nad oedd yn ymwneud â'r penderfyniad gwreiddiol. Byddant yn eich ateb yn ysgrifenedig.",
    )
    return Part(
        (title, *blocks, w.paragraph("appeal.to", lead), c.appeal_address(w), w.paragraph("appeal.heard", heard), *afterwards(w)), "appeal",
    )  # fmt: skip


def _appeal_time(w: Writer) -> Paragraph:
    limit, last = w.facts.pack.appeal.within_working_days, w.facts.appeal_until()
    if limit is None or last is None:
        return w.paragraph(
            "appeal.time",
            Say("There is no time limit. It helps us if you appeal soon.", "Nid oes terfyn amser. Mae'n ein helpu os byddwch yn apelio'n fuan."),
            Element.APPEAL_TIME,
        )  # fmt: skip
    span, day_last = working_days(limit, w.language), w.day(last)
    return w.paragraph(
        "appeal.time",
        Say(
            "You may appeal within {span} of receiving this letter. If it comes by post in the usual time, the last day is {last}.",
            "Cewch apelio o fewn {span} ar ôl derbyn y llythyr hwn. Os daw drwy'r post yn yr amser arferol, y diwrnod olaf yw {last}.",
        ),
        Element.APPEAL_TIME,
        facts=(span, day_last),
        span=span,
        last=day_last,
    )


def _no_appeal(w: Writer) -> tuple[Paragraph, ...]:
    return (
        w.paragraph(
            "appeal.none",
            Say("This decision is final. There is no right of appeal against this decision.", "Mae'r penderfyniad hwn yn derfynol. Nid oes hawl i apelio yn erbyn y penderfyniad hwn."),
            Element.NO_APPEAL,
        ),
        w.paragraph(
            "complain",
            Say(
                "If you are unhappy with how we have behaved towards you, you can give us feedback or complain about our service.",
                "Os ydych yn anfodlon ar ein hymddygiad tuag atoch, gallwch roi adborth i ni neu gwyno am ein gwasanaeth.",
            ),
            Element.COMPLAIN,
        ),
    )  # fmt: skip


def afterwards(w: Writer) -> tuple[Paragraph | Address, ...]:
    """Tell where the matter can be taken after an appeal, where the policy says so."""
    then = w.facts.pack.appeal.afterwards
    if then is None:
        return ()
    lead = Say(
        "If you are not satisfied with the outcome of your appeal, you can take the matter further. Contact:",
        "Os nad ydych yn fodlon ar ganlyniad eich apêl, gallwch fynd â'r mater ymhellach. Cysylltwch â'r corff hwn:",
    )
    lines = (w.say(c.OMBUDSMAN), *c.OMBUDSMAN_LINES)
    return (w.paragraph("afterwards", lead), Address(lines, frozenset({Element.AFTERWARDS})))


def machine(w: Writer) -> Part:
    """Say that a person decided, and where a machine held something, what the law then gives. Source: UK GDPR, 22A to 22D."""
    human = w.paragraph(
        "human",
        Say(
            "A person made the decision in this letter. It was not made by a computer.",
            "Person a wnaeth y penderfyniad yn y llythyr hwn. Nid cyfrifiadur a'i gwnaeth.",
        ),
        Element.HUMAN,
    )
    title = w.heading("How this decision was made", "Sut y gwnaed y penderfyniad hwn")
    if not w.facts.machine_held:
        return Part((title, human), "person")
    held = w.paragraph(
        "machine",
        Say(
            "Before that, a computer program held back or hid something that you sent us, or blocked an account. It did so by itself, because of the words used. A member of our staff has looked at it since.",
            "Cyn hynny, daliodd rhaglen gyfrifiadurol rywbeth a anfonoch atom yn ôl neu ei guddio, neu rwystro cyfrif. Gwnaeth hynny ohoni ei hun, oherwydd y geiriau a ddefnyddiwyd. Mae aelod o'n staff wedi edrych arno ers hynny.",
        ),
        Element.MACHINE,
    )
    lead = w.paragraph(
        "machine.rights", Say("About what the program did, you can:", "O ran yr hyn a wnaeth y rhaglen, gallwch:")
    )
    rights = (
        Say("give us your view", "roi eich barn i ni"),
        Say("ask for a person to look at it again", "ofyn i berson edrych arno eto"),
        Say("challenge it", "ei herio"),
    )
    return Part((title, human, held, lead, Bullets("machine.rights.list", tuple(w.say(r) for r in rights), frozenset({Element.MACHINE}))), "person")  # fmt: skip


def support(w: Writer) -> Part:
    """Offer adjustments and an advocate."""
    return Part(
        (
            w.heading("If you need help or adjustments", "Os oes angen cymorth neu addasiadau arnoch"),
            w.paragraph(
                "adjustments",
                Say(
                    "Please tell us if you need us to make any reasonable adjustments, for example because of a disability, your health, or something that has happened in your life.",
                    "Rhowch wybod i ni os oes angen i ni wneud unrhyw addasiadau rhesymol, er enghraifft oherwydd anabledd, eich iechyd, neu rywbeth sydd wedi digwydd yn eich bywyd.",
                ),
                Element.ADJUSTMENTS,
            ),
            w.paragraph(
                "advocate",
                Say(
                    "An advocate can also help you. An advocate is an independent person who helps you to speak up, or speaks for you. We can help you to find one.",
                    "Gall eiriolwr eich helpu hefyd. Person annibynnol yw eiriolwr sy'n eich helpu i leisio eich barn, neu sy'n siarad ar eich rhan. Gallwn eich helpu i ddod o hyd i un.",
                ),
                Element.ADVOCATE,
            ),
        ),
        "help",
    )


def formats(w: Writer) -> Part:
    """Say in which languages and formats the letter and our service are to be had."""
    welcome = w.facts.pack.welsh_standard != "none"
    blocks = [
        w.paragraph(
            "formats",
            Say(
                "This letter is also available in Welsh and in Easy Read.",
                "Mae'r llythyr hwn hefyd ar gael yn Saesneg ac ar ffurf Hawdd ei Ddeall.",
            ),
            *((Element.FORMATS,) if welcome else (Element.FORMATS, Element.LANGUAGE)),
        )
    ]
    if welcome:
        blocks.append(
            w.paragraph(
                "welsh",
                Say(
                    "We welcome correspondence in Welsh. Corresponding in Welsh will not lead to delay.",
                    "Rydym yn croesawu gohebiaeth yn Gymraeg. Ni fydd gohebu yn Gymraeg yn arwain at oedi.",
                ),
                Element.LANGUAGE,
            )
        )
    return Part(tuple(blocks), "language")  # fmt: skip


def enclosed(w: Writer) -> Paragraph:
    """Say that the policy is enclosed."""
    return w.paragraph(
        "enclosed", Say("A copy of our policy is enclosed.", "Amgaeir copi o'n polisi."), Element.ENCLOSED
    )


def how_long(w: Writer) -> Part:
    """Tell how long a restriction lasts and when it is reviewed, in real days."""
    current, pack = w.facts.restriction, w.facts.pack
    assert current is not None
    title = w.heading("How long will the restriction last?", "Am faint o amser y bydd y cyfyngiad yn para?")
    start, end = w.day(deadlines.london_day(current.starts_at)), w.day(w.facts.ends())
    if deadlines.rolls(current, pack.clocks):
        span = months(pack.clocks.restriction_lasts_months or 0, w.language)
        words = Say(
            "The restriction began on {start}. It stays in place for {span} after the last incident. As things stand, its last day is {end}. If the same or similar behaviour happens again, that day moves, and we will tell you.",
            "Dechreuodd y cyfyngiad ar {start}. Mae'n parhau mewn grym am {span} ar ôl y digwyddiad diwethaf. Fel y mae pethau, ei ddiwrnod olaf yw {end}. Os bydd yr un ymddygiad neu ymddygiad tebyg yn digwydd eto, bydd y diwrnod hwnnw'n symud, a byddwn yn rhoi gwybod i chi.",
        )
        carried = w.paragraph(
            "lasts", words, Element.HOW_LONG, Element.REVIEW, facts=(end, span), start=start, span=span, end=end
        )
        return Part((title, carried), "calendar")
    words = Say(
        "The restriction began on {start}. Its last day is {end}.",
        "Dechreuodd y cyfyngiad ar {start}. Ei ddiwrnod olaf yw {end}.",
    )
    lasts = w.paragraph("lasts", words, Element.HOW_LONG, facts=(end,), start=start, end=end)
    return Part((title, lasts, *reviewed(w)), "calendar")  # fmt: skip


def reviewed(w: Writer) -> tuple[Paragraph, ...]:
    """Tell when a restriction is reviewed, and that it ends where nobody reviews it."""
    current = w.facts.restriction
    if current is None or current.review_on is None or current.basis is not Basis.FORMAL:
        return ()
    on = w.day(current.review_on)
    words = Say(
        "We will review this decision on {on} or before. We will then decide whether it goes on, is changed or ends. If we do not review it by then, it ends by itself.",
        "Byddwn yn adolygu'r penderfyniad hwn ar {on} neu cyn hynny. Yna byddwn yn penderfynu a fydd yn parhau, yn newid neu'n dod i ben. Os na fyddwn yn ei adolygu erbyn hynny, daw i ben ohono'i hun.",
    )
    return (w.paragraph("review", words, Element.REVIEW, facts=(on,), on=on),)


def enclosed_where_wanted(w: Writer) -> tuple[Part, ...]:
    """Say that the policy is enclosed, where it is."""
    warning, restriction = w.facts.warning, w.facts.restriction
    wanted = (warning is not None and warning.policy_enclosed) or (
        restriction is not None and restriction.basis is Basis.FORMAL
    )
    return (Part((enclosed(w),), "policy"),) if wanted else ()
