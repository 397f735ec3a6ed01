"""The public moderation statement of an organisation, in Welsh and English, from its policy and how it is used here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.domain import ChannelGroup, Reason
from models.labels import LABELS, Stance
from models.measures import authority
from models.policy.schema import Pack
from models.policy.wording import LABEL_WORDS

PER = 1_000


@dataclass(frozen=True, slots=True)
class Use:
    """How the policy is used here: which channels are read, and on which the machine may act alone."""

    channels: tuple[str, ...]
    acts: frozenset[ChannelGroup]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences; `listed` ones stand as a list after those before."""

    heading: Reason
    says: tuple[Reason, ...]
    listed: tuple[Reason, ...] = ()
    after: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """The whole statement."""

    title: Reason
    organisation: Reason
    sections: tuple[Section, ...]
    made: Reason


def statement(pack: Pack, use: Use, days: tuple[str, str]) -> Statement:
    """Return the statement of a pack; `days` is the day of its making in English and Welsh words."""
    name = Reason(pack.organisation.name.en, pack.organisation.name.cy)
    sections = (
        _read(pack, use), _hidden(pack), _automatic(pack, use), _never(pack), _long(pack), _object(pack), _languages(pack),
    )  # fmt: skip
    made = Reason(
        f"Made on {days[0]} from version {pack.version} of our policy.",
        f"Lluniwyd ar {days[1]} o fersiwn {pack.version} ein polisi.",
    )
    title = Reason("How we moderate messages and comments", "Sut rydym yn cymedroli negeseuon a sylwadau")
    return Statement(title, name, sections, made)


_CHANNELS = {
    "email": Reason("mail", "e-bost"), "x": Reason("X", "X"), "bluesky": Reason("Bluesky", "Bluesky"),
    "mastodon": Reason("Mastodon", "Mastodon"), "facebook": Reason("Facebook", "Facebook"),
    "instagram": Reason("Instagram", "Instagram"), "youtube": Reason("YouTube", "YouTube"),
}  # fmt: skip


def _read(pack: Pack, use: Use) -> Section:
    policies = tuple(Reason(d.title.en, d.title.cy) for d in pack.documents if d.style == "standard")
    where = tuple(_CHANNELS[name] for name in use.channels if name in _CHANNELS)
    says = [
        Reason(
            "Criticism of us is welcome. We moderate only so that our staff and the people who use our pages need not take abuse.",
            "Mae croeso i chi ein beirniadu. Rydym yn cymedroli er mwyn sicrhau nad oes rhaid i'n staff na'r bobl sy'n defnyddio "
            "ein tudalennau ddioddef camdriniaeth, ac am ddim rheswm arall.",
        )
    ]
    if where:
        says.append(
            Reason(f"This is about: {_many(where).en}.", f"Mae hyn yn ymwneud â'r canlynol: {_many(where).cy}.")
        )
    says.append(Reason(f"Our policy: {_many(policies).en}.", f"Ein polisi: {_many(policies).cy}."))
    return Section(Reason("What this is about", "Beth yw hyn"), tuple(says))


def _hidden(pack: Pack) -> Section:
    return Section(
        Reason("What we hide or hold back", "Beth rydym yn ei guddio neu'n ei ddal yn ôl"),
        (
            Reason(
                "On social media we hide comments, and in our mailboxes we hold mail back, where they hold:",
                "Ar y cyfryngau cymdeithasol rydym yn cuddio sylwadau, ac yn ein blychau post rydym yn dal negeseuon yn ôl, lle maent "
                "yn cynnwys:",
            ),
        ),
        tuple(LABEL_WORDS[label] for label in harms(pack)),
        (
            Reason(
                "What is hidden or held back is not deleted. It can be shown and delivered again.",
                "Nid yw'r hyn a guddir neu a ddelir yn ôl yn cael ei ddileu. Gellir ei ddangos a'i ddanfon eto.",
            ),
        ),
    )


def harms(pack: Pack) -> list[str]:
    """Return what a pack may hide or hold for, by the order of the labels."""
    named = {match.label for clause in pack.clauses if clause.automatic for match in clause.signals}
    return [label for label, stance in LABELS.items() if label in named and stance is Stance.HARM]


def _automatic(pack: Pack, use: Use) -> Section:
    heading = Reason(
        "What a computer does, and what a person does",
        "Beth mae cyfrifiadur yn ei wneud, a beth mae person yn ei wneud",
    )
    read = Reason(
        "A computer program reads each message first and says what may be wrong with it.",
        "Mae rhaglen gyfrifiadurol yn darllen pob neges yn gyntaf ac yn dweud beth a allai fod o'i le arni.",
    )
    if not use.acts:
        alone = Reason(
            "It does nothing by itself: a person decides each time.",
            "Nid yw'n gwneud dim ar ei phen ei hun: person sy'n penderfynu bob tro.",
        )
        return Section(heading, (read, alone))
    says = [read, *_acts(use), *_rates(pack, use), _CONFIRMED, *_blocked(pack, use)]
    return Section(heading, tuple(says))


def _acts(use: Use) -> Iterator[Reason]:
    if ChannelGroup.SOCIAL in use.acts:
        yield Reason(
            "Where it is sure, it may hide a comment on social media at once.",
            "Lle mae'n sicr, caiff guddio sylw ar y cyfryngau cymdeithasol ar unwaith.",
        )
    if ChannelGroup.MAIL in use.acts:
        yield Reason(
            "Where it is sure, it may hold mail back at once, until a person has looked at it.",
            "Lle mae'n sicr, caiff ddal e-bost yn ôl ar unwaith, nes bod person wedi edrych arno.",
        )


def _rates(pack: Pack, use: Use) -> Iterator[Reason]:
    rates = [rate for group, rate in pack.automation.max_false_action_rate.items() if group in use.acts]
    if rates:
        most = f"{max(rates) * PER:g}"
        yield Reason(
            f"It may do so only where we have shown that it is wrong about at most {most} in every {PER:,} proper messages.",
            f"Caiff wneud hynny dim ond lle rydym wedi dangos ei bod yn anghywir am {most} o bob {PER:,} o negeseuon priodol ar y mwyaf.",
        )


_CONFIRMED = Reason(
    "A person then decides, by the end of the next working day. Otherwise it is shown or delivered again by itself.",
    "Yna person sy'n penderfynu, erbyn diwedd y diwrnod gwaith nesaf. Fel arall caiff ei ddangos neu ei ddanfon eto'n awtomatig.",
)


def _blocked(pack: Pack, use: Use) -> Iterator[Reason]:
    if ChannelGroup.SOCIAL in use.acts and pack.automation.block_at_once_for:
        what = _many(tuple(LABEL_WORDS[label] for label in pack.automation.block_at_once_for))
        yield Reason(
            f"It may block an account on social media until a person has looked, only for: {what.en}.",
            f"Caiff rwystro cyfrif ar y cyfryngau cymdeithasol nes bod person wedi edrych, am y canlynol yn unig: {what.cy}.",
        )


def _never(pack: Pack) -> Section:
    return Section(
        Reason("What we never do", "Beth nad ydym byth yn ei wneud"),
        (),
        (
            Reason("We never hide or hold a message back for criticising us.", "Nid ydym byth yn cuddio nac yn dal neges yn ôl am ein beirniadu."),
            Reason(
                "We never act against a cry for help: a person sees it first of all.",
                "Nid ydym byth yn gweithredu yn erbyn cri am gymorth: bydd person yn ei weld yn gyntaf oll.",
            ),
            Reason(
                "A request for information, an appeal or a complaint about our policy always reaches a person.",
                "Mae cais am wybodaeth, apêl neu gŵyn am ein polisi bob amser yn cyrraedd person.",
            ),
            Reason(
                "No computer warns or restricts anybody for how often or how much they write: only people decide that.",
                "Nid oes unrhyw gyfrifiadur yn rhybuddio nac yn cyfyngu ar neb oherwydd pa mor aml neu faint y mae'n ysgrifennu: pobl yn "
                "unig sy'n penderfynu hynny.",
            ),
            Reason(
                "Nothing is done automatically to somebody whose needs or circumstances we know of, or to an elected member, an advocate "
                "or a journalist known to us.",
                "Ni wneir dim yn awtomatig i rywun y gwyddom am ei anghenion neu ei amgylchiadau, nac i aelod etholedig, eiriolwr neu "
                "newyddiadurwr sy'n hysbys i ni.",
            ),
            Reason(
                "New information is never filed away unread, however often somebody has written before.",
                "Nid yw gwybodaeth newydd byth yn cael ei ffeilio heb ei darllen, waeth pa mor aml y mae rhywun wedi ysgrifennu o'r blaen.",
            ),
            _last_line(pack),
        ),
    )  # fmt: skip


def _last_line(pack: Pack) -> Reason:
    if pack.last_line.rule == "absolute" or pack.last_line.override_at_least is None:
        return Reason(
            "We never close somebody's last way of contacting us.",
            "Nid ydym byth yn cau'r ffordd olaf sydd gan rywun o gysylltu â ni.",
        )
    role = authority.role_of(pack, pack.last_line.override_at_least)
    title = Reason("", "") if role is None else Reason(role.title.en, role.title.cy)
    return Reason(
        f"No computer closes somebody's last way of contacting us. Who alone may, and must write down why: {title.en}.",
        f"Nid oes unrhyw gyfrifiadur yn cau'r ffordd olaf sydd gan rywun o gysylltu â ni. Yr unig un a gaiff, gan gofnodi pam: {title.cy}.",
    )


_THEN = {
    "escalate": Reason(
        "Working days after which what nobody has looked at goes to somebody senior:",
        "Nifer y diwrnodau gwaith cyn i'r hyn nad oes neb wedi edrych arno fynd at rywun uwch:",
    ),
    "release": Reason(
        "Working days after which what nobody has looked at is released:",
        "Nifer y diwrnodau gwaith cyn i'r hyn nad oes neb wedi edrych arno gael ei ryddhau:",
    ),
}


def _long(pack: Pack) -> Section:
    clocks, days, then = pack.clocks, pack.automation.unread_held_days, pack.automation.unread_held_then
    says = [
        Reason(
            "Nothing stays hidden or held back because nobody has looked.",
            "Nid oes dim yn aros yn gudd nac yn cael ei ddal yn ôl am nad oes neb wedi edrych.",
        ),
        Reason(f"{_THEN[then].en} {days}.", f"{_THEN[then].cy} {days}."),
    ]
    if clocks.restriction_lasts_months:
        says.append(
            Reason(
                f"Months after which a restriction on somebody's contact ends: {clocks.restriction_lasts_months}.",
                f"Nifer y misoedd cyn i gyfyngiad ar gyswllt rhywun ddod i ben: {clocks.restriction_lasts_months}.",
            )
        )
    if clocks.review_within_months:
        says.append(
            Reason(
                f"Months within which a restriction on somebody's contact is reviewed: {clocks.review_within_months}.",
                f"Adolygir cyfyngiad ar gyswllt rhywun o fewn y nifer hwn o fisoedd: {clocks.review_within_months}.",
            )
        )
    return Section(Reason("How long it lasts", "Am ba hyd y mae'n para"), tuple(says))


def _object(pack: Pack) -> Section:
    appeal, complaints = pack.appeal, pack.complaints
    says = [
        Reason(
            "If we have hidden a comment or held a message back and you do not agree, tell us. A person looks at it again.",
            "Os ydym wedi cuddio sylw neu ddal neges yn ôl ac nad ydych yn cytuno, rhowch wybod i ni. Bydd person yn edrych arno eto.",
        ),
        _contact(pack),
    ]
    if appeal.exists and appeal.to is not None:
        says.append(
            Reason(
                f"Who hears an appeal against a restriction: {appeal.to.en}.",
                f"Pwy sy'n ystyried apêl yn erbyn cyfyngiad: {appeal.to.cy}.",
            )
        )
    if appeal.exists and appeal.within_working_days:
        says.append(
            Reason(
                f"Working days in which you can appeal: {appeal.within_working_days}.",
                f"Nifer y diwrnodau gwaith sydd gennych i apelio: {appeal.within_working_days}.",
            )
        )
    if appeal.email:
        says.append(Reason(f"Where appeals go: {appeal.email}", f"I ble mae apeliadau'n mynd: {appeal.email}"))
    if appeal.afterwards is not None:
        says.append(
            Reason(
                f"Where you can go afterwards: {appeal.afterwards.en}.",
                f"I ble y gallwch fynd wedyn: {appeal.afterwards.cy}.",
            )
        )
    if complaints is not None:
        says.append(
            Reason(
                f"How to complain about how we did this: {complaints.procedure.en}.",
                f"Sut i gwyno am y ffordd y gwnaethom hyn: {complaints.procedure.cy}.",
            )
        )
    return Section(Reason("If you do not agree", "Os nad ydych yn cytuno"), tuple(says))


def _contact(pack: Pack) -> Reason:
    places = [value for value in (pack.organisation.email, pack.organisation.phone, pack.organisation.website) if value]
    post = pack.organisation.post
    english = "; ".join([*places, *([", ".join(post.en)] if post else [])])
    welsh = "; ".join([*places, *([", ".join(post.cy)] if post else [])])
    return Reason(f"How to reach us: {english}.", f"Sut i gysylltu â ni: {welsh}.")


def _languages(pack: Pack) -> Section:
    says = [
        Reason(
            "Messages in Welsh and in English are read in the same way, by the computer and by people.",
            "Darllenir negeseuon Cymraeg a Saesneg yn yr un modd, gan y cyfrifiadur a chan bobl.",
        )
    ]
    if pack.welsh_standard != "none":
        says += [
            Reason(
                "You can write to us in Welsh or in English. If you write in Welsh we answer in Welsh, and it takes no longer.",
                "Gallwch ysgrifennu atom yn Gymraeg neu yn Saesneg. Os ysgrifennwch yn Gymraeg byddwn yn ateb yn Gymraeg, ac ni fydd yn "
                "cymryd mwy o amser.",
            ),
            Reason(
                "Speaking or writing Welsh is never a reason to hide anything.",
                "Nid yw siarad neu ysgrifennu Cymraeg byth yn rheswm dros guddio unrhyw beth.",
            ),
        ]
    return Section(Reason("Languages", "Ieithoedd"), tuple(says))


def _many(found: Sequence[Reason]) -> Reason:
    return Reason(", ".join(one.en for one in found), ", ".join(one.cy for one in found))
