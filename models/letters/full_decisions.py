"""Full letters about restrictions: the decision, its review, its appeal, its end."""

from models.letters import full_sections as s
from models.letters import writer as c
from models.letters.blocks import Element, Paragraph, Part
from models.letters.tongue import Say, months
from models.letters.writer import Writer
from models.measures import deadlines
from models.measures.steps import MACHINE, AppealOutcome, Basis, ReviewOutcome

E = Element


def _weighed(w: Writer) -> tuple[Paragraph, ...]:
    return (w.paragraph("weighed", Say("Before we decided, we thought about what we know of your circumstances and needs.", "Cyn penderfynu, ystyriwyd yr hyn a wyddom am eich amgylchiadau a'ch anghenion.")),)  # fmt: skip


def restriction(w: Writer) -> tuple[Part, ...]:
    """Tell the decision to manage contact."""
    current = w.facts.restriction
    assert current is not None
    lead = Say(
        "We have decided to restrict your contact with us.", "Rydym wedi penderfynu cyfyngu ar eich cyswllt â ni."
    )
    if current.basis is not Basis.FORMAL:
        lead = Say(
            "We have decided to restrict your contact with us for a short time.",
            "Rydym wedi penderfynu cyfyngu ar eich cyswllt â ni am gyfnod byr.",
        )
    told = Part((w.paragraph("outcome", lead, E.OUTCOME),), "letter")
    weighed = _weighed(w) if current.circumstances.strip() else ()
    return (
        told, s.happened(w), Part((*s.reasons(w).blocks, *weighed), "why"), s.measures(w, current.measures), s.how_long(w),
        s.open_line(w), s.appeal(w), s.machine(w), s.support(w), *s.enclosed_where_wanted(w),
    )  # fmt: skip


def review(w: Writer) -> tuple[Part, ...]:
    """Tell the outcome of a review."""
    current, review = w.facts.restriction, w.facts.review
    assert current is not None
    words = Say("We have reviewed your restriction. It goes on.", "Rydym wedi adolygu eich cyfyngiad. Mae'n parhau.")
    if review is not None and review.outcome is ReviewOutcome.VARY:
        words = Say(
            "We have reviewed your restriction. It goes on, with changes.",
            "Rydym wedi adolygu eich cyfyngiad. Mae'n parhau, gyda newidiadau.",
        )
    told = Part((w.paragraph("outcome", words, E.OUTCOME),), "letter")
    return (told, s.reasons(w), s.measures(w, current.measures), s.how_long(w), s.open_line(w), s.appeal(w), s.machine(w), s.support(w))  # fmt: skip


def appeal_received(w: Writer) -> tuple[Part, ...]:
    """Tell that an appeal came."""
    appeal = w.facts.appeal
    assert appeal is not None
    on = w.day(deadlines.london_day(appeal.lodged_at))
    blocks = [
        w.paragraph(
            "received",
            Say("We received your appeal on {on}.", "Derbyniwyd eich apêl ar {on}."),
            E.RECEIVED,
            facts=(on,),
            on=on,
        )
    ]
    if appeal.late:
        blocks.append(
            w.paragraph(
                "late",
                Say(
                    "It came after the last day for appeals. Whoever hears it will decide whether to consider it all the same, and will tell you why.",
                    "Daeth ar ôl y diwrnod olaf ar gyfer apeliadau. Bydd y sawl sy'n ei chlywed yn penderfynu a gaiff ei hystyried er hynny, ac yn dweud wrthych pam.",
                ),
            )
        )
    told = Part(tuple(blocks), "letter")
    following = _heard_by(w, outside=appeal.outside)
    current = w.facts.restriction
    stays = Say("Until then, the decision stays in force.", "Tan hynny, mae'r penderfyniad yn parhau mewn grym.")
    if current is not None and current.suspended_at is not None:
        stays = Say("Until then, the restriction is paused.", "Tan hynny, mae'r cyfyngiad wedi'i oedi.")
    meanwhile = Part(
        (
            w.heading("Until your appeal is decided", "Nes y penderfynir ar eich apêl"),
            w.paragraph("meanwhile", stays, E.CONTACT),
        ),
        "clock",
    )
    return (told, following, meanwhile, s.open_line(w), s.support(w))  # fmt: skip


def _heard_by(w: Writer, *, outside: bool) -> Part:
    """Tell who hears an appeal."""
    title = w.heading("What happens next", "Beth sy'n digwydd nesaf")
    if outside:
        lead = w.paragraph(
            "next",
            Say(
                "Those who hear our appeals took part in the decision. So you need to take your appeal to another body:",
                "Cymerodd y rhai sy'n clywed ein hapeliadau ran yn y penderfyniad. Felly bydd angen i chi fynd â'ch apêl at gorff arall:",
            ),
            E.NEXT,
        )
        return Part((title, lead, c.appeal_address(w)), "appeal")
    return Part(
        (
            title,
            w.paragraph(
                "next",
                Say(
                    "Someone who was not involved in the decision will consider your appeal. They will answer you in writing, with reasons.",
                    "Bydd rhywun nad oedd yn ymwneud â'r penderfyniad yn ystyried eich apêl. Byddant yn eich ateb yn ysgrifenedig, gyda rhesymau.",
                ),
                E.NEXT,
            ),
        ),
        "appeal",
    )


_APPEALED = {
    AppealOutcome.UPHELD: Say("Your appeal has been upheld. The restriction has ended.", "Mae eich apêl wedi'i chaniatáu. Mae'r cyfyngiad wedi dod i ben."),
    AppealOutcome.VARIED: Say("Your appeal has been upheld in part. The restriction goes on, with changes.", "Mae eich apêl wedi'i chaniatáu'n rhannol. Mae'r cyfyngiad yn parhau, gyda newidiadau."),
    AppealOutcome.DISMISSED: Say("Your appeal has not been upheld. The restriction stays in place.", "Mae eich apêl wedi'i gwrthod. Mae'r cyfyngiad yn parhau mewn grym."),
}  # fmt: skip


def appeal_outcome(w: Writer) -> tuple[Part, ...]:
    """Tell the answer to an appeal."""
    appeal, current = w.facts.appeal, w.facts.restriction
    assert appeal is not None
    assert current is not None
    told = Part((w.paragraph("outcome", _APPEALED[appeal.outcome or AppealOutcome.DISMISSED], E.OUTCOME),), "letter")
    heard = w.paragraph(
        "heard",
        Say(
            "Somebody who was not involved in the original decision considered your appeal.",
            "Ystyriwyd eich apêl gan rywun nad oedd yn ymwneud â'r penderfyniad gwreiddiol.",
        ),
        E.HUMAN,
    )
    why = Part((*s.reasons(w).blocks, heard), "why")
    then = s.afterwards(w)
    after = (
        (Part((w.heading("If you are still not satisfied", "Os nad ydych yn fodlon o hyd"), *then), "appeal"),)
        if then
        else ()
    )
    if appeal.outcome is AppealOutcome.UPHELD:
        return (told, why, s.open_line(w), *after, s.support(w))
    return (told, why, s.measures(w, current.measures), s.how_long(w), s.open_line(w), *after, s.support(w))  # fmt: skip


def end(w: Writer) -> tuple[Part, ...]:
    """Tell that a restriction has ended."""
    current = w.facts.restriction
    assert current is not None
    on = w.day(w.facts.ends())
    told = Part(
        (
            w.paragraph(
                "outcome",
                Say(
                    "The restriction has ended. Its last day was {on}.",
                    "Mae'r cyfyngiad wedi dod i ben. Ei ddiwrnod olaf oedd {on}.",
                ),
                E.OUTCOME,
                facts=(on,),
                on=on,
            ),
        ),
        "letter",
    )
    if current.ended is not None and current.ended.by == MACHINE:
        ran_out = w.paragraph(
            "why",
            Say(
                "Its time had run out, and it was not renewed.",
                "Roedd ei amser wedi dod i ben, ac ni chafodd ei adnewyddu.",
            ),
            E.WHY,
        )
        why = Part((w.heading("Why it has ended", "Pam y mae wedi dod i ben"), ran_out), "why")
    else:
        why = s.reasons(w, w.heading("Why it has ended", "Pam y mae wedi dod i ben"))
    return (told, why, _free(w), s.open_line(w), *_again(w))  # fmt: skip


def _free(w: Writer) -> Part:
    others = [r for r in w.facts.file.in_force(w.facts.pack, w.facts.now) if r != w.facts.restriction]
    words = Say("You can contact us as you did before.", "Gallwch gysylltu â ni fel y gwnaethoch o'r blaen.")
    if others:
        words = Say(
            "Another restriction is still in place. We wrote to you about it.",
            "Mae cyfyngiad arall yn parhau mewn grym. Rydym wedi ysgrifennu atoch amdano.",
        )
    title = w.heading("What this means for your contact with us", "Yr hyn y mae hyn yn ei olygu i'ch cyswllt â ni")
    return Part((title, w.paragraph("free", words, E.CONTACT)), "rules")  # fmt: skip


def _again(w: Writer) -> tuple[Part, ...]:
    span = w.facts.pack.clocks.renew_without_warning_months
    if span is None:
        return ()
    said = months(span, w.language)
    words = Say(
        "We keep the restriction on record. If the same or similar behaviour happens again within {span}, we may put a restriction in place again without another warning.",
        "Rydym yn cadw'r cyfyngiad ar gofnod. Os bydd yr un ymddygiad neu ymddygiad tebyg yn digwydd eto o fewn {span}, mae'n bosibl y byddwn yn gosod cyfyngiad eto heb rybudd arall.",
    )
    return (Part((w.paragraph("again", words, E.AGAIN, facts=(said,), span=said),), "clock"),)


def resting(w: Writer) -> tuple[Part, ...]:
    """Tell that a restriction rests."""
    current = w.facts.restriction
    assert current is not None
    on = w.day(deadlines.london_day(current.suspended_at or w.facts.now))
    why = Say(
        "We have paused it so that you have a way of contacting us that you can use.",
        "Rydym wedi'i oedi fel bod gennych ffordd o gysylltu â ni y gallwch ei defnyddio.",
    )
    if w.facts.file.open_appeal(current.restriction_id) is not None:
        why = Say(
            "We have paused it until your appeal is decided.", "Rydym wedi'i oedi nes y penderfynir ar eich apêl."
        )
    told = Part(
        (
            w.paragraph(
                "outcome",
                Say(
                    "From {on} the restriction on your contact is paused. You do not need to keep to it.",
                    "O {on} mae'r cyfyngiad ar eich cyswllt wedi'i oedi. Nid oes angen i chi gadw ato.",
                ),
                E.OUTCOME,
                E.CONTACT,
                facts=(on,),
                on=on,
            ),
            w.paragraph("why", why, E.WHY),
            w.paragraph(
                "next",
                Say(
                    "We will look at the restriction again and write to you.",
                    "Byddwn yn edrych ar y cyfyngiad eto ac yn ysgrifennu atoch.",
                ),
                E.NEXT,
            ),
        ),
        "letter",
    )
    return (told, s.open_line(w), s.support(w))  # fmt: skip


def resumed(w: Writer) -> tuple[Part, ...]:
    """Tell that a restriction holds again."""
    current = w.facts.restriction
    assert current is not None
    on = w.day(w.facts.today)
    told = Part(
        (
            w.paragraph(
                "outcome",
                Say(
                    "From {on} the restriction on your contact applies again.",
                    "O {on} mae'r cyfyngiad ar eich cyswllt yn berthnasol eto.",
                ),
                E.OUTCOME,
                facts=(on,),
                on=on,
            ),
        ),
        "letter",
    )
    return (told, s.reasons(w), s.measures(w, current.measures), s.how_long(w), s.open_line(w), s.appeal(w), s.support(w))  # fmt: skip


def extended(w: Writer) -> tuple[Part, ...]:
    """Tell that a restriction lasts longer."""
    current = w.facts.restriction
    assert current is not None
    end = w.day(w.facts.ends())
    told = Part(
        (
            w.paragraph(
                "outcome",
                Say("The restriction has been extended until {end}.", "Mae'r cyfyngiad wedi'i estyn hyd {end}."),
                E.OUTCOME,
                facts=(end,),
                end=end,
            ),
        ),
        "letter",
    )
    why = w.paragraph(
        "why",
        Say(
            "The same or similar behaviour happened again while the restriction was in place. Our policy then moves its last day.",
            "Digwyddodd yr un ymddygiad neu ymddygiad tebyg eto tra oedd y cyfyngiad mewn grym. Mae ein polisi wedyn yn symud ei ddiwrnod olaf.",
        ),
        E.WHY,
    )
    return (told, s.happened(w), Part((w.heading("Why we have decided this", "Pam yr ydym wedi penderfynu hyn"), why), "why"), s.measures(w, current.measures), s.how_long(w), s.open_line(w), s.appeal(w), s.machine(w), s.support(w))  # fmt: skip
