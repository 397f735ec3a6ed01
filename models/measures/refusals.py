"""Why a step is refused, in a sentence of each language, with the clause that says so."""

from dataclasses import dataclass

from models.domain import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that stands in the way of a step: what it is and what to do."""

    code: str
    clause: str
    say: Reason


def refusal(code: str, clause: str | None = None, **values: object) -> Refusal:
    """Return the refusal called `code` with its sentence filled in."""
    words = SENTENCES[code]
    return Refusal(code, clause or "", Reason(words.en.format(**values), words.cy.format(**values)))


SENTENCES: dict[str, Reason] = {
    "no_incident": Reason(
        "Name at least one incident that a person has upheld.",
        "Enwch o leiaf un digwyddiad y mae person wedi'i gadarnhau.",
    ),
    "not_upheld": Reason(
        "An incident counts only once a person upholds it: uphold or leave out number {number}.",
        "Nid yw digwyddiad yn cyfrif nes i berson ei gadarnhau: cadarnhewch neu hepgorwch rif {number}.",
    ),
    "reason_missing": Reason("Write down the reason.", "Ysgrifennwch y rheswm."),
    "ask_first": Reason(
        "This policy asks before it warns: ask first, unless there was zero tolerance.",
        "Mae'r polisi hwn yn gofyn cyn rhybuddio: gofynnwch yn gyntaf, oni bai bod dim goddefgarwch yn berthnasol.",
    ),
    "nothing_since_ask": Reason(
        "Nothing upheld has happened since the person was asked: a warning follows only when it goes on.",
        "Ni chadarnhawyd dim ers gofyn i'r person: dim ond os yw'n parhau y daw rhybudd.",
    ),
    "warn_first": Reason(
        "A warning comes first, and the person must have been told of it.",
        "Daw rhybudd yn gyntaf, a rhaid bod y person wedi cael gwybod amdano.",
    ),
    "written_first": Reason(
        "A warning in writing comes first, and the person must have received it.",
        "Daw rhybudd ysgrifenedig yn gyntaf, a rhaid bod y person wedi'i dderbyn.",
    ),
    "nothing_since_warning": Reason(
        "Nothing upheld has happened since the warning: the person had the chance to change and took it.",
        "Ni chadarnhawyd dim ers y rhybudd: cafodd y person gyfle i newid a manteisiodd arno.",
    ),
    "no_such_basis": Reason(
        "This policy knows no restriction of this sort: ask, warn or manage contact formally.",
        "Nid yw'r polisi hwn yn cynnwys cyfyngiad o'r math hwn: gofynnwch, rhybuddiwch neu reolwch gyswllt yn ffurfiol.",
    ),
    "call_first": Reason(
        "There must be a terminated call, upheld, before telephone contact is restricted after a call.",
        "Rhaid cael galwad a derfynwyd, wedi'i chadarnhau, cyn cyfyngu cyswllt ffôn ar ôl galwad.",
    ),
    "call_not_warned": Reason(
        "The caller was not warned once before the call was ended, so telephone contact stays as it is.",
        "Ni rybuddiwyd y galwr unwaith cyn dod â'r alwad i ben, felly mae cyswllt ffôn yn aros fel y mae.",
    ),
    "nothing_after": Reason(
        "Nothing upheld has happened since: a short restriction follows further contact of the same sort.",
        "Ni chadarnhawyd dim ers hynny: daw cyfyngiad byr ar ôl cysylltu pellach o'r un math.",
    ),
    "telephone_only": Reason(
        "After a terminated call only telephone contact may be restricted.",
        "Ar ôl terfynu galwad, dim ond cyswllt ffôn y gellir ei gyfyngu.",
    ),
    "informal_only": Reason(
        "An informal step may move contact to one channel, to set times or to one person, nothing harder.",
        "Gall cam anffurfiol symud cyswllt i un sianel, i amseroedd penodol neu at un person, dim byd llymach.",
    ),
    "unknown_measure": Reason(
        "This policy has no measure called {measure}.", "Nid oes mesur o'r enw {measure} yn y polisi hwn."
    ),
    "no_measure": Reason("Choose at least one measure.", "Dewiswch o leiaf un mesur."),
    "measure_incomplete": Reason(
        "The measure {measure} is not complete: {fields}.", "Nid yw'r mesur {measure} yn gyflawn: {fields}."
    ),
    "until_missing": Reason("Say until when it lasts.", "Nodwch tan pryd y bydd yn para."),
    "until_past": Reason("The end must lie after the start.", "Rhaid i'r diwedd fod ar ôl y dechrau."),
    "until_too_late": Reason("It may last until {day} at the longest.", "Gall bara tan {day} ar yr hwyraf."),
    "clock_sets_end": Reason(
        "The end is set by the policy: six months after the last incident. Leave it empty.",
        "Y polisi sy'n pennu'r diwedd: chwe mis ar ôl y digwyddiad olaf. Gadewch ef yn wag.",
    ),
    "review_missing": Reason("Say on which day it will be reviewed.", "Nodwch ar ba ddiwrnod y caiff ei adolygu."),
    "review_past": Reason(
        "The day of the review must lie after the day of the decision.",
        "Rhaid i ddiwrnod yr adolygiad fod ar ôl diwrnod y penderfyniad.",
    ),
    "review_too_late": Reason(
        "The review must be no later than {day}.", "Rhaid cynnal yr adolygiad erbyn {day} fan hwyraf."
    ),
    "last_line_absolute": Reason(
        "No line of contact that this person can use would stay open. At least one always does.",
        "Ni fyddai unrhyw ffordd o gysylltu y gall y person ei defnyddio yn aros ar agor. Mae o leiaf un bob amser.",
    ),
    "last_line_reason": Reason(
        "No line of contact that this person can use would stay open: leave one open, or record why not.",
        "Ni fyddai unrhyw ffordd o gysylltu y gall y person ei defnyddio yn aros ar agor: cadwch un, neu nodwch pam.",
    ),
    "circumstances": Reason(
        "A circumstance is recorded or believed of this person: write how it was weighed.",
        "Cofnodwyd neu credir bod amgylchiad gan y person hwn: ysgrifennwch sut y cafodd ei bwyso.",
    ),
    "consider": Reason(
        "Still to be considered, with a written answer: {what}.",
        "Eto i'w ystyried, gydag ateb ysgrifenedig: {what}.",
    ),
    "offer": Reason(
        "Say whether this was offered, and why or why not: {what}.",
        "Nodwch a gynigiwyd hyn, a pham neu pam ddim: {what}.",
    ),
    "ground_missing": Reason("Name at least one ground of the policy.", "Enwch o leiaf un o seiliau'r polisi."),
    "ground_unknown": Reason("{what} is no ground of this policy.", "Nid yw {what} yn un o seiliau'r polisi hwn."),
    "one_occasion": Reason(
        "This is generally shown on more than one occasion: record why one is enough here.",
        "Gwelir hyn fel arfer ar fwy nag un achlysur: nodwch pam mae un yn ddigon yma.",
    ),
    "referral_open": Reason(
        "The advice group was asked and has not answered: record its advice, or withdraw the referral with a reason.",
        "Gofynnwyd i'r grŵp cynghori ac nid yw wedi ateb: cofnodwch ei gyngor, neu tynnwch y cyfeiriad yn ôl gyda rheswm.",
    ),
    "too_low": Reason(
        "This decision is for: {role}. It goes there as a proposal.",
        "Mae'r penderfyniad hwn i: {role}. Mae'n mynd yno fel cynnig.",
    ),
    "stand_in_reason": Reason(
        "A stand-in decides only when nobody else is available or there is a conflict of interest: say which.",
        "Dim ond pan nad oes neb arall ar gael neu pan fo gwrthdaro buddiannau y mae dirprwy'n penderfynu: nodwch pa un.",
    ),
    "no_such_restriction": Reason(
        "There is no such restriction in this file.", "Nid oes cyfyngiad o'r fath yn y ffeil hon."
    ),
    "already_ended": Reason("The restriction has ended already.", "Mae'r cyfyngiad eisoes wedi dod i ben."),
    "no_appeal": Reason(
        "Under this policy the decision is final: there is no right of appeal.",
        "O dan y polisi hwn mae'r penderfyniad yn derfynol: nid oes hawl i apelio.",
    ),
    "appeal_open": Reason(
        "An appeal against this decision is open already.", "Mae apêl yn erbyn y penderfyniad hwn eisoes ar agor."
    ),
    "appeal_decided": Reason(
        "This decision was appealed against and decided, and no review has come since.",
        "Apeliwyd yn erbyn y penderfyniad hwn a phenderfynwyd, ac ni fu adolygiad ers hynny.",
    ),
    "no_open_appeal": Reason("There is no open appeal here.", "Nid oes apêl agored yma."),
    "recused": Reason(
        "{name} took part in this decision: somebody who did not must hear the appeal.",
        "Cymerodd {name} ran yn y penderfyniad hwn: rhaid i rywun na wnaeth wrando'r apêl.",
    ),
    "heard_outside": Reason(
        "Because of a conflict of interest this appeal is heard outside: {body}.",
        "Oherwydd gwrthdaro buddiannau gwrandewir yr apêl hon y tu allan: {body}.",
    ),
    "late_reason": Reason(
        "The appeal came after its last day: record why it is heard all the same, or dismiss it as late.",
        "Daeth yr apêl ar ôl ei diwrnod olaf: nodwch pam y gwrandewir arni serch hynny, neu gwrthodwch hi fel un hwyr.",
    ),
    "police": Reason(
        "Say whether the police were told, with the reference, or why they were not.",
        "Nodwch a roddwyd gwybod i'r heddlu, gyda'r cyfeirnod, neu pam na wnaed hynny.",
    ),
    "clause_missing": Reason("Name at least one clause of the policy.", "Enwch o leiaf un cymal o'r polisi."),
    "clause_unknown": Reason("{what} is no clause of this policy.", "Nid yw {what} yn gymal o'r polisi hwn."),
    "manager_missing": Reason("Say which manager was told.", "Nodwch pa reolwr a gafodd wybod."),
    "state": Reason("This was decided already.", "Penderfynwyd ar hyn eisoes."),
    "advice_first": Reason(
        "The person asked for this adjustment: it is declined only after specialist advice is recorded.",
        "Gofynnodd y person am yr addasiad hwn: dim ond ar ôl cofnodi cyngor arbenigol y gellir ei wrthod.",
    ),
    "look_first": Reason(
        "Say that the correspondence was read for new information first.",
        "Nodwch fod yr ohebiaeth wedi'i darllen am wybodaeth newydd yn gyntaf.",
    ),
    "told_missing": Reason("Say who was told of the risk, and when.", "Nodwch pwy a gafodd wybod am y risg, a phryd."),
    "told_ahead": Reason(
        "Nobody can have been told in the future: correct the day or the time.",
        "Ni all neb fod wedi cael gwybod yn y dyfodol: cywirwch y dyddiad neu'r amser.",
    ),
    "no_referral": Reason("This policy has no advice group.", "Nid oes grŵp cynghori yn y polisi hwn."),
    "form_incomplete": Reason("Still empty on the form: {fields}.", "Yn wag o hyd ar y ffurflen: {fields}."),
    "join_closes": Reason(
        "Joined, the restrictions of the two would leave no line of contact open: end or change one first.",
        "O'u cyfuno, ni fyddai cyfyngiadau'r ddau yn gadael unrhyw ffordd o gysylltu: dewch ag un i ben neu ei newid yn gyntaf.",
    ),
    "letter_lacks": Reason("The letter must also hold: {what}.", "Rhaid i'r llythyr gynnwys hefyd: {what}."),
    "letter_unread": Reason(
        "Words of an officer must be read over and saved in each language of the letter: {what}.",
        "Rhaid darllen geiriau swyddog a'u cadw ym mhob un o ieithoedd y llythyr: {what}.",
    ),
    "letter_approved": Reason(
        "The letter is approved: withdraw the approval before you change it.",
        "Mae'r llythyr wedi'i gymeradwyo: tynnwch y gymeradwyaeth yn ôl cyn ei newid.",
    ),
    "letter_not_approved": Reason(
        "The letter is not approved yet: somebody with the authority approves it first.",
        "Nid yw'r llythyr wedi'i gymeradwyo eto: rhaid i rywun sydd â'r awdurdod ei gymeradwyo yn gyntaf.",
    ),
    "letter_gone": Reason(
        "The letter was sent or is on its way: nothing was changed.",
        "Mae'r llythyr wedi'i anfon neu ar ei ffordd: ni newidiwyd dim.",
    ),
    "letter_unsure": Reason(
        "It is not known whether the letter went out: look first, then note it as sent or as not sent.",
        "Ni wyddys a aeth y llythyr allan: edrychwch yn gyntaf, yna nodwch a gafodd ei anfon ai peidio.",
    ),
    "letter_no_address": Reason(
        "There is no address for this way of sending: write one down or choose another way.",
        "Nid oes cyfeiriad ar gyfer y ffordd hon o anfon: nodwch un neu dewiswch ffordd arall.",
    ),
    "letter_encloses": Reason(
        "This letter encloses the policy, which GOV.UK Notify cannot: print it here or send it by email.",
        "Mae'r llythyr hwn yn amgáu'r polisi, ac ni all GOV.UK Notify wneud hynny: argraffwch ef yma neu ei anfon drwy e-bost.",
    ),
    "letter_not_there": Reason(
        "These words are not in the message as it came: copy them from it.",
        "Nid yw'r geiriau hyn yn y neges fel y daeth: copïwch nhw ohoni.",
    ),
    "not_resting": Reason("The restriction does not rest.", "Nid yw'r cyfyngiad wedi'i atal dros dro."),
}
"""By code. Numbers and titles stand after a colon or a verb, so that no Welsh word has to change for them."""
