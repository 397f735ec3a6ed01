"""The kinds of letter by name, and what all of them do for the law: so that a pack claims no letter that is not there."""

KINDS: dict[str, str] = {
    "ask": "What was not acceptable, what is asked, the question about distress, the offer of adjustments.",
    "warning": "The warning in writing, with what may follow and how long it stays.",
    "restriction": "The decision: what, why with the clauses, how long, the review, what stays open, the appeal or none.",
    "review": "What a review came to, with the changes, the reason, the next review and the appeal.",
    "appeal_received": "That an appeal came, who hears it, and what holds until then.",
    "appeal_outcome": "The answer to an appeal, with the reason and where to go after.",
    "end": "That a restriction has ended, and what follows if it happens again.",
    "resting": "That a restriction rests, and why.",
    "resumed": "That a restriction holds again, with everything a decision says.",
    "extended": "That a restriction lasts longer because it happened again, until which day.",
    "returned": "A message given back with the part marked, to be sent again without it.",
    "not_replying": "That we reply no further on a matter, and that new information is dealt with all the same.",
    "signposting": "Where there is help for somebody who spoke of harming themselves; nothing is held against them.",
}
"""Those of the steps are wanted by the desk; the last three answer a message or a recorded decision."""
THROUGHOUT: dict[str, str] = {
    "easy_read": "Each letter in Easy Read: rules, short sentences, real days, an advocate explained, no closed channel offered.",
    "languages": "Each letter in the language asked for, in both where none is known, Welsh no later than English.",
    "machine": "Where a machine held something: notice, the right to be heard, a person, and to contest.",
}
