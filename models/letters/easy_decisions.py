"""Easy Read letters about rules: the decision, its review, its appeal, its end."""

from models.letters import easy_sections as s
from models.letters import writer as c
from models.letters.blocks import Element, Part
from models.letters.tongue import Say, months
from models.letters.writer import Writer
from models.measures import deadlines
from models.measures.steps import MACHINE, AppealOutcome, ReviewOutcome

E = Element


def restriction(w: Writer) -> tuple[Part, ...]:
    """Tell the decision to make rules."""
    current = w.facts.restriction
    assert current is not None
    told = s.told(
        w,
        Say(
            "We have made rules for how you contact us.",
            "Rydym wedi gwneud rheolau ar gyfer sut rydych yn cysylltu â ni.",
        ),
    )
    why = s.why(w)
    if any(r.referral_id == current.referral_id and r.advised_at is not None for r in w.facts.file.referrals):
        group = s.plain(
            w,
            "group",
            Say(
                "We talked to our Equality and Human Rights Advice Group.",
                "Rydym wedi siarad â'n Grŵp Cynghori ar Gydraddoldeb a Hawliau Dynol.",
            ),
            Say("They know how to treat people in a fair way.", "Maent yn gwybod sut i drin pobl mewn ffordd deg."),
        )
        why = Part((*why.blocks, *group), "why")
    return (told, s.happened(w), why, s.rules(w, current.measures), s.lasts(w), s.open_line(w), s.appeal(w), s.machine(w), s.support(w), *s.enclosed(w))  # fmt: skip


def review(w: Writer) -> tuple[Part, ...]:
    """Tell the outcome of a review."""
    current, review = w.facts.restriction, w.facts.review
    assert current is not None
    then = Say("The rules will go on.", "Bydd y rheolau'n parhau.")
    if review is not None and review.outcome is ReviewOutcome.VARY:
        then = Say("We have changed the rules.", "Rydym wedi newid y rheolau.")
    told = s.told(w, then, Say("We looked at your rules again.", "Rydym wedi edrych eto ar eich rheolau."))
    return (told, s.why(w), s.rules(w, current.measures), s.lasts(w), s.open_line(w), s.appeal(w), s.machine(w), s.support(w))  # fmt: skip


def appeal_received(w: Writer) -> tuple[Part, ...]:
    """Tell that an appeal came."""
    appeal, current = w.facts.appeal, w.facts.restriction
    assert appeal is not None
    on = w.day(deadlines.london_day(appeal.lodged_at))
    told = s.told(
        w,
        Say("We got your appeal on {on}.", "Daeth eich apêl atom ar {on}."),
        carries=(E.RECEIVED,),
        facts=(on,),
        on=on,
    )
    if appeal.late:
        late = s.plain(
            w,
            "late",
            Say(
                "It came late. We will tell you if we can still look at it.",
                "Daeth yn hwyr. Byddwn yn dweud wrthych a allwn edrych arni.",
            ),
        )
        told = Part((*told.blocks, *late), "letter")
    following = _heard_by(w, outside=appeal.outside)
    rest = current is not None and current.suspended_at is not None
    stays = (
        Say("The rules have stopped for now.", "Mae'r rheolau wedi stopio am y tro.")
        if rest
        else Say("Please keep to the rules until then.", "Cadwch at y rheolau tan hynny.")
    )
    return (told, following, s.open_line(w, s.plain(w, "meanwhile", stays, carries=(E.CONTACT,))), s.support(w))  # fmt: skip


def _heard_by(w: Writer, *, outside: bool) -> Part:
    """Tell who hears an appeal."""
    title = w.heading("What happens next", "Beth sy'n digwydd nesaf")
    if outside:
        lead = s.plain(
            w,
            "next",
            Say("We cannot look at your appeal. Please send it to:", "Ni allwn edrych ar eich apêl. Anfonwch hi at:"),
            carries=(E.NEXT,),
        )
        return Part((title, *lead, c.appeal_address(w)), "appeal")
    return Part(
        (
            title,
            *s.plain(
                w,
                "next",
                Say(
                    "Someone who did not make the decision will look at it.",
                    "Bydd rhywun na wnaeth y penderfyniad yn edrych arni.",
                ),
                Say("They will write to you.", "Byddant yn ysgrifennu atoch."),
                carries=(E.NEXT,),
            ),
        ),
        "appeal",
    )


_APPEALED = {
    AppealOutcome.UPHELD: Say("We agree with your appeal. The rules have ended.", "Rydym yn cytuno â'ch apêl. Mae'r rheolau wedi dod i ben."),
    AppealOutcome.VARIED: Say("We agree with part of your appeal. We have changed the rules.", "Rydym yn cytuno â rhan o'ch apêl. Rydym wedi newid y rheolau."),
    AppealOutcome.DISMISSED: Say("We do not agree with your appeal. The rules will go on.", "Nid ydym yn cytuno â'ch apêl. Bydd y rheolau'n parhau."),
}  # fmt: skip


def appeal_outcome(w: Writer) -> tuple[Part, ...]:
    """Tell the answer to an appeal."""
    appeal, current = w.facts.appeal, w.facts.restriction
    assert appeal is not None
    assert current is not None
    told = s.told(w, _APPEALED[appeal.outcome or AppealOutcome.DISMISSED])
    human = s.plain(
        w,
        "human",
        Say("Someone who did not make the decision looked at it.", "Edrychodd rhywun na wnaeth y penderfyniad arni."),
        carries=(E.HUMAN,),
    )
    why = Part((*s.why(w).blocks, *human), "why")
    then = s.afterwards(w)
    after = (Part(then, "appeal"),) if then else ()
    if appeal.outcome is AppealOutcome.UPHELD:
        return (told, why, s.open_line(w), *after, s.support(w))
    return (told, why, s.rules(w, current.measures), s.lasts(w), s.open_line(w), *after, s.support(w))  # fmt: skip


def end(w: Writer) -> tuple[Part, ...]:
    """Tell that the rules have ended."""
    current = w.facts.restriction
    assert current is not None
    on = w.day(w.facts.ends())
    told = s.told(
        w,
        Say(
            "Your rules have ended. The last day was {on}.",
            "Mae eich rheolau wedi dod i ben. Y diwrnod olaf oedd {on}.",
        ),
        facts=(on,),
        on=on,
    )
    why = s.why(w, "Why they have ended", "Pam maent wedi dod i ben")
    if current.ended is not None and current.ended.by == MACHINE:
        why = Part(
            (
                why.blocks[0],
                *s.plain(w, "why", Say("Their time was over.", "Roedd eu hamser ar ben."), carries=(E.WHY,)),
            ),
            "why",
        )
    others = [r for r in w.facts.file.in_force(w.facts.pack, w.facts.now) if r != current]
    free = (
        Say(
            "You still have other rules. We wrote to you about them.",
            "Mae gennych reolau eraill o hyd. Rydym wedi ysgrifennu atoch amdanynt.",
        )
        if others
        else Say("You can contact us as you did before.", "Gallwch gysylltu â ni fel o'r blaen.")
    )
    return (told, why, s.open_line(w, s.plain(w, "free", free, carries=(E.CONTACT,))), *_again(w))  # fmt: skip


def _again(w: Writer) -> tuple[Part, ...]:
    """Tell what follows if it happens again, where the policy says so."""
    span = w.facts.pack.clocks.renew_without_warning_months
    if span is None:
        return ()
    words = Say(
        "If it happens again within {span}, we may make rules again.",
        "Os bydd yn digwydd eto o fewn {span}, gallwn wneud rheolau eto.",
    )
    text = months(span, w.language)
    unwarned = Say("We may not warn you first.", "Efallai na fyddwn yn eich rhybuddio yn gyntaf.")
    again = w.paragraph("again", words, E.AGAIN, facts=(text,), span=text)
    return (Part((again, *s.plain(w, "again.no", unwarned)), "clock"),)


def resting(w: Writer) -> tuple[Part, ...]:
    """Tell that the rules rest."""
    current = w.facts.restriction
    assert current is not None
    on = w.day(deadlines.london_day(current.suspended_at or w.facts.now))
    told = s.told(
        w,
        Say("Your rules stopped on {on}.", "Stopiodd eich rheolau ar {on}."),
        Say("You do not need to keep to them for now.", "Nid oes angen i chi gadw atynt am y tro."),
        carries=(E.OUTCOME, E.CONTACT),
        facts=(on,),
        on=on,
    )
    why = Say("We did this so that you can contact us.", "Gwnaethom hyn er mwyn i chi allu cysylltu â ni.")
    if w.facts.file.open_appeal(current.restriction_id) is not None:
        why = Say("We did this until we have looked at your appeal.", "Gwnaethom hyn nes i ni edrych ar eich apêl.")
    next_ = s.plain(
        w,
        "next",
        Say(
            "We will look at the rules again and write to you.",
            "Byddwn yn edrych eto ar y rheolau ac yn ysgrifennu atoch.",
        ),
        carries=(E.NEXT,),
    )
    return (Part((*told.blocks, *s.plain(w, "why", why, carries=(E.WHY,)), *next_), "letter"), s.open_line(w), s.support(w))  # fmt: skip


def resumed(w: Writer) -> tuple[Part, ...]:
    """Tell that the rules hold again."""
    current = w.facts.restriction
    assert current is not None
    on = w.day(w.facts.today)
    told = s.told(
        w, Say("Your rules started again on {on}.", "Dechreuodd eich rheolau eto ar {on}."), facts=(on,), on=on
    )
    return (told, s.why(w), s.rules(w, current.measures), s.lasts(w), s.open_line(w), s.appeal(w), s.support(w))  # fmt: skip


def extended(w: Writer) -> tuple[Part, ...]:
    """Tell that the rules last longer."""
    current = w.facts.restriction
    assert current is not None
    end = w.day(w.facts.ends())
    told = s.told(
        w, Say("Your rules will go on until {end}.", "Bydd eich rheolau'n parhau hyd {end}."), facts=(end,), end=end
    )
    why = Part(
        (
            w.heading("Why we decided this", "Pam y gwnaethom benderfynu hyn"),
            *s.plain(
                w,
                "why",
                Say("It happened again while you had rules.", "Digwyddodd eto tra oedd gennych reolau."),
                carries=(E.WHY,),
            ),
        ),
        "why",
    )
    return (told, s.happened(w), why, s.rules(w, current.measures), s.lasts(w), s.open_line(w), s.appeal(w), s.machine(w), s.support(w))  # fmt: skip
