"""What carries the formal clauses out, by name, so that a pack cannot claim what is not there."""

from models.letters.kinds import KINDS, THROUGHOUT

CARRIED: dict[str, str] = {
    "workflow:incidents": "Incidents are written by hand or proposed by decisions, and count once a person upholds them.",
    "workflow:police": "An incident of zero tolerance is upheld with the report to the police, or why there is none.",
    "workflow:asking": "Asking for a change, in conversation or in writing.",
    "workflow:warning": "A warning, in force from when the person was told.",
    "workflow:ladder": "What must come before a step, what skips it, and the sentence that says why.",
    "workflow:short_restriction": "A short restriction after a terminated call, or informally for a time.",
    "workflow:restriction": "A formal decision with measures, grounds, reasons, dates, the line left open and its letter.",
    "workflow:last_line": "The last line of contact that the person can use stays open, unless the pack names who may close it.",
    "workflow:checklist": "What the pack wants considered or offered is answered in writing before formal action.",
    "workflow:circumstances": "Needs and circumstances are recorded and weighed; an adjustment is declined only after advice.",
    "workflow:referral": "A question to the advice group on its form, its advice, and the alert when it was not asked.",
    "workflow:authority": "Each decision is for its grade; from below it becomes a proposal; stand-ins give a reason.",
    "workflow:appeal": "An appeal is taken in, heard by somebody who took no part, and answered.",
    "workflow:review": "A restriction is reviewed in time by the grade of the pack: it goes on, is changed, or ends.",
    "workflow:staff_support": "Support of staff is recorded with the incident; the manager is told.",
    "workflow:contacts": "One person across addresses; joined and split with a reason; organisations marked.",
    "record:decisions": "Decisions to apply, not to apply, to except, not to register, not to reply, each with its reason.",
    "record:sealed": "Every step is sealed into the hash-chained audit trail, which `porthor audit verify` proves.",
    "record:language": "The language a person is written to in is recorded; unknown means both.",
    "clock:warning": "A warning lapses by the pack's months and stays on record.",
    "clock:restriction": "A restriction ends by the pack's clock, rolling or fixed, by itself.",
    "clock:review": "Reminders before a review, a notice when it was not made, and the end with it.",
    "clock:appeal": "The working days of an appeal run from the receipt of the letter.",
    "clock:policy": "A reminder when the policy itself, or the year, is due for review.",
    "page:register": "The live register: what to do with a person's contact, never grounds or health.",
    "page:letters": "The letters that wait: read, changed, approved by the grade, sent once, kept on the file.",
    "page:file": "A person's file: the ladder in a sentence, incidents, steps and what waits.",
} | {f"letter:{name}": words for name, words in (KINDS | THROUGHOUT).items()}
"""By name as in a pack's `carried_by`."""
