"""What a letter must hold, in words: so that a refusal names what is missing."""

from models.domain import Reason
from models.letters.blocks import Element

WORDS: dict[Element, Reason] = {
    Element.WHAT: Reason("what happened, with its days", "beth ddigwyddodd, gyda'i ddyddiadau"),
    Element.WHY: Reason("the reason", "y rheswm"),
    Element.CLAUSES: Reason("the parts of the policy", "y rhannau o'r polisi"),
    Element.HOW_LONG: Reason("how long it lasts", "am faint y mae'n para"),
    Element.REVIEW: Reason("the day of the review", "dyddiad yr adolygiad"),
    Element.CONTACT: Reason("what it means for contact", "yr hyn y mae'n ei olygu i gyswllt"),
    Element.OPEN_LINE: Reason("the line that stays open", "y ffordd o gysylltu sy'n aros ar agor"),
    Element.EMERGENCY: Reason("that emergencies pass", "bod argyfyngau'n mynd drwodd"),
    Element.APART: Reason("that the complaint is kept apart", "bod y gŵyn yn cael ei chadw ar wahân"),
    Element.APPEAL: Reason("the right to appeal", "yr hawl i apelio"),
    Element.APPEAL_MEANING: Reason("what an appeal is", "beth yw apêl"),
    Element.APPEAL_TIME: Reason("the time for an appeal", "yr amser ar gyfer apêl"),
    Element.APPEAL_TO: Reason(
        "whom to appeal to, with the details of the pack", "at bwy i apelio, gyda manylion y pecyn"
    ),
    Element.NO_APPEAL: Reason("that there is no appeal", "nad oes apêl"),
    Element.AFTERWARDS: Reason("where to go after an appeal", "ble i fynd ar ôl apêl"),
    Element.ENCLOSED: Reason("that the policy is enclosed", "bod y polisi'n amgaeedig"),
    Element.CONSEQUENCES: Reason("what may follow", "yr hyn a allai ddilyn"),
    Element.STOP: Reason("the request to stop", "y cais i roi'r gorau iddi"),
    Element.DISTRESS: Reason("the question about distress", "y cwestiwn am ofid"),
    Element.ADJUSTMENTS: Reason("the offer of adjustments", "y cynnig o addasiadau"),
    Element.ADVOCATE: Reason("what an advocate is", "beth yw eiriolwr"),
    Element.MACHINE: Reason("what a machine did, and the rights about it", "beth wnaeth peiriant, a'r hawliau ynghylch hynny"),
    Element.HUMAN: Reason("that a person decided", "mai person a benderfynodd"),
    Element.OUTCOME: Reason("the outcome", "y canlyniad"),
    Element.RECEIVED: Reason("the day on which the appeal came", "y diwrnod y daeth yr apêl"),
    Element.NEXT: Reason("what happens next", "beth sy'n digwydd nesaf"),
    Element.MARKED: Reason("the marked part of the message", "y rhan o'r neges a farciwyd"),
    Element.RESEND: Reason("how to send the message again", "sut i anfon y neges eto"),
    Element.HELP: Reason("where there is help", "ble mae cymorth ar gael"),
    Element.NOT_HELD_AGAINST: Reason("that it is not held against the person", "na ddelir hyn yn erbyn y person"),
    Element.NEW_INFORMATION: Reason("that new information is dealt with", "yr ymdrinnir â gwybodaeth newydd"),
    Element.AGAIN: Reason("what follows if it happens again", "beth sy'n dilyn os bydd yn digwydd eto"),
    Element.COMPLAIN: Reason("how to complain", "sut i gwyno"),
    Element.LANGUAGE: Reason("the offer of the other language", "y cynnig o'r iaith arall"),
    Element.FORMATS: Reason("the other formats", "y fformatau eraill"),
}  # fmt: skip
