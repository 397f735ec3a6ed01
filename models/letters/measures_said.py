"""Each kind of measure as it is told to the person it is about, in both languages, in full and in Easy Read."""

from models.domain import Channel
from models.letters.tongue import (
    EASY,
    WEEKDAYS,
    Language,
    Say,
    alternatives,
    by,
    capital,
    day,
    days,
    minutes,
    working_days,
)
from models.measures.terms import Terms, closes, type_of
from models.policy.schema import Pack

_FULL: dict[str, Say] = {
    "behaviour_contract": Say(
        "We ask you to agree to a behaviour contract. It says:", "Gofynnwn i chi gytuno i gontract ymddygiad. Dyma'r hyn y mae'n ei ddweud:",
    ),
    "block_social": Say("We have blocked your social media accounts on our pages.", "Rydym wedi rhwystro eich cyfrifon cyfryngau cymdeithasol ar ein tudalennau."),
    "read_and_file": Say(
        "We will read what you send us to see whether it raises anything new. If it does, we will deal with it. If it does not, we will file it without replying.",
        "Byddwn yn darllen yr hyn yr ydych yn ei anfon atom i weld a yw'n codi unrhyw beth newydd. Os ydyw, byddwn yn ymdrin ag ef. Os nad ydyw, byddwn yn ei ffeilio heb ateb.",
    ),
    "witness": Say("When you meet our staff, a second member of staff will be present.", "Pan fyddwch yn cwrdd â'n staff, bydd ail aelod o staff yn bresennol."),
    "refer_ombudsman": Say(
        "We have told you that you can take your concerns to the Public Services Ombudsman for Wales.",
        "Rydym wedi dweud wrthych y gallwch fynd â'ch pryderon at Ombwdsmon Gwasanaethau Cyhoeddus Cymru.",
    ),
    "return_marked": Say(
        "If a message holds words that we cannot accept, we will send it back to you with those words marked. We will answer it once you have sent it again without them.",
        "Os bydd neges yn cynnwys geiriau na allwn eu derbyn, byddwn yn ei hanfon yn ôl atoch gyda'r geiriau hynny wedi'u marcio. Byddwn yn ei hateb ar ôl i chi ei hanfon eto hebddynt.",
    ),
    "no_names": Say("We will not give you the names or the direct details of our staff.", "Ni fyddwn yn rhoi enwau na manylion uniongyrchol ein staff i chi."),
    "return_post": Say("We will return letters that you send us by post.", "Byddwn yn dychwelyd llythyrau a anfonwch atom drwy'r post."),
    "stop_all": Say(
        "We have stopped all contact with you and our work on your case. We will still answer an emergency.",
        "Rydym wedi atal pob cyswllt â chi a'n gwaith ar eich achos. Byddwn yn dal i ateb argyfwng.",
    ),
}  # fmt: skip
_EASY: dict[str, Say] = {
    "behaviour_contract": Say("We want you to agree to this.", "Rydym am i chi gytuno i hyn."),
    "block_social": Say("We have blocked your social media accounts.", "Rydym wedi rhwystro eich cyfrifon cyfryngau cymdeithasol."),
    "read_and_file": Say(
        "We will read what you send us. If there is something new, we will deal with it. If there is nothing new, we will not reply.",
        "Byddwn yn darllen yr hyn a anfonwch. Os oes rhywbeth newydd, byddwn yn delio ag ef. Os nad oes dim byd newydd, ni fyddwn yn ateb.",
    ),
    "witness": Say("Two of our staff will be there when you meet us.", "Bydd dau aelod o staff yno pan fyddwch yn cwrdd â ni."),
    "refer_ombudsman": Say(
        "You can talk to the Public Services Ombudsman for Wales.", "Gallwch siarad ag Ombwdsmon Gwasanaethau Cyhoeddus Cymru.",
    ),
    "return_marked": Say(
        "If a message is rude, we will send it back. We will mark the rude words. Take them out. Then send it again. Then we will reply.",
        "Os bydd neges yn anghwrtais, byddwn yn ei hanfon yn ôl. Byddwn yn marcio'r geiriau anghwrtais. Tynnwch nhw allan. Yna anfonwch hi eto. Yna byddwn yn ateb.",
    ),
    "no_names": Say("We will not tell you the names of our staff.", "Ni fyddwn yn dweud enwau ein staff wrthych."),
    "return_post": Say("We will send your letters back.", "Byddwn yn anfon eich llythyrau yn ôl."),
    "stop_all": Say(
        "We have stopped work on your case. We will not talk to you about it.", "Rydym wedi stopio gweithio ar eich achos. Ni fyddwn yn siarad â chi amdano.",
    ),
}  # fmt: skip


_ONLY = Say("You can contact us only {how}.", "Dim ond {how} y gallwch gysylltu â ni.")
_NARROWS = frozenset({"one_channel", "block_contact", "return_post"})


def said(pack: Pack, terms: Terms, language: Language, style: str, left: tuple[Channel, ...]) -> tuple[str, ...]:
    """Return the sentences that tell a measure to the person, with what it was given.

    Easy Read speaks of the lines `left` open, never of a closed one.
    """
    kind = type_of(pack, terms) or ""
    easy = style == EASY
    if easy and kind in _NARROWS and left:
        return (_ONLY.put(language, how=alternatives((by(c, language) for c in left), language)),)
    fixed = (_EASY if easy else _FULL).get(kind)
    if fixed is not None:
        own = terms.text.strip() if kind == "behaviour_contract" else ""
        return (fixed.put(language), own) if own else (fixed.put(language),)
    return _filled(pack, kind, terms, language, easy)


def _filled(  # noqa: PLR0911 - one sentence a kind of measure
    pack: Pack, kind: str, terms: Terms, language: Language, easy: bool
) -> tuple[str, ...]:
    match kind:
        case "one_channel":
            left = alternatives((by(c, language) for c in terms.channels), language)
            return (_ONLY.put(language, how=left),)
        case "block_contact":
            gone = alternatives((by(c, language) for c in pack_order(pack, terms)), language)
            return (Say("You cannot contact us {how}.", "Ni allwch gysylltu â ni {how}.").put(language, how=gone),)
        case "days_and_times":
            return _times(terms, language, easy)
        case "volume_limit":
            return _limits(terms, language, easy)
        case "single_contact":
            return (
                Say("You have one point of contact: {who}.", "Mae gennych un pwynt cyswllt: {who}.").put(
                    language, who=terms.officer
                ),
            )
        case "third_party":
            words = Say(
                "We will speak with somebody on your behalf: {who}.", "Byddwn yn siarad â rhywun ar eich rhan: {who}."
            )
            if easy:
                words = Say(
                    "We will talk to this person for you: {who}.",
                    "Byddwn yn siarad â'r person hwn ar eich rhan: {who}.",
                )
            return (words.put(language, who=terms.third_party),)
        case "longer_reply":
            span = working_days(terms.working_days or 0, language)
            return (
                Say(
                    "We may take longer to reply: up to {span}.", "Gall gymryd mwy o amser i ni ateb: hyd at {span}."
                ).put(language, span=span),
            )
        case "time_out":
            return _pause(terms, language)
        case _:
            return _about(kind, terms, language)  # fmt: skip


def pack_order(pack: Pack, terms: Terms) -> tuple[Channel, ...]:
    """Return the channels that a measure closes, in the order of the pack's lines."""
    gone = closes(pack, terms)
    first = [line for line in pack.lines if line in gone]
    return (*first, *sorted(gone - set(first)))


def _times(terms: Terms, language: Language, easy: bool) -> tuple[str, ...]:
    weekdays = ", ".join(WEEKDAYS[number].put(language) for number in sorted(terms.weekdays))
    lead = Say("You can call us only at these times.", "Dim ond ar yr amseroedd hyn y gallwch ein ffonio.")
    if not easy:
        lead = Say("You can telephone us only at these times.", "Dim ond ar yr amseroedd hyn y gallwch ein ffonio.")
    found = [lead.put(language)]
    if weekdays:
        found.append(Say("Days: {what}.", "Dyddiau: {what}.").put(language, what=weekdays))
    if terms.from_time:
        found.append(Say("Time: {a} to {b}.", "Amser: {a} i {b}.").put(language, a=terms.from_time, b=terms.to_time))
    return tuple(found)


def _limits(terms: Terms, language: Language, easy: bool) -> tuple[str, ...]:
    found = []
    if terms.max_items is not None:
        words = Say("The most contacts with us: {n} in {span}.", "Uchafswm eich cysylltiadau â ni: {n} bob {span}.")
        if easy:
            words = Say(
                "The most times you can contact us: {n} in {span}.",
                "Y nifer fwyaf o weithiau y gallwch gysylltu: {n} bob {span}.",
            )
        found.append(words.put(language, n=terms.max_items, span=_span(terms.per_days or 1, language)))
    if terms.max_minutes is not None:
        words = Say("The longest a call or visit may last: {n}.", "Hyd hwyaf galwad neu ymweliad: {n}.")
        found.append(words.put(language, n=minutes(terms.max_minutes, language)))
    return tuple(found)  # fmt: skip


def _span(count: int, language: Language) -> str:
    """Return a span after `in` and after `bob`."""
    return "diwrnod" if language == "cy" and count == 1 else days(count, language)


def _pause(terms: Terms, language: Language) -> tuple[str, ...]:
    words = Say("We have paused work on your case until {day}.", "Rydym wedi oedi'r gwaith ar eich achos hyd {day}.")
    return (words.put(language, day="" if terms.on is None else day(terms.on, language)),)


def _about(kind: str, terms: Terms, language: Language) -> tuple[str, ...]:
    """Return a measure whose own words follow a colon."""
    words = {
        "appointment": Say("You need an appointment before you come to see us: {what}.", "Bydd angen apwyntiad arnoch cyn dod i'n gweld: {what}."),
        "meeting": Say("We would like to meet you about this: {what}.", "Hoffem gwrdd â chi am hyn: {what}."),
        "refuse_repeats": Say("We will not take more complaints about this matter: {what}.", "Ni fyddwn yn derbyn rhagor o gwynion am y mater hwn: {what}."),
        "restricted_issues": Say("We will write to you only about this: {what}.", "Dim ond am hyn y byddwn yn ysgrifennu atoch: {what}."),
    }[kind]  # fmt: skip
    told = terms.matter if kind in {"refuse_repeats", "restricted_issues"} else terms.text
    return (words.put(language, what=capital(told.strip().rstrip("."))),)
