"""One sentence that says why, in English and in Welsh."""

from collections.abc import Sequence

from models.domain import Action, Attention, Reason
from models.policy.wording import ACTION_WORDS, LABEL_WORDS

NOTHING = Reason("Nothing found that needs a moderator: delivered.", "Dim byd sydd angen cymedrolwr: danfonwyd.")

LISTED = Reason(
    "On a list that staff keep: a person looks.", "Ar restr y mae staff yn ei chadw: bydd person yn edrych."
)

BY_RULE: dict[str, Reason] = {
    "staff_report": Reason(
        "A member of staff reported it: a person looks.",
        "Mae aelod o staff wedi rhoi gwybod amdani: bydd person yn edrych.",
    ),
    "staff_not_abuse": Reason(
        "A member of staff says that it is no abuse: the machine does nothing.",
        "Mae aelod o staff yn dweud nad yw'n gamdriniol: nid yw'r peiriant yn gwneud dim.",
    ),
    "blocked_sender_passes": Reason(
        "The mailbox's block of its sender held it, but it must be read: given back, and a person looks.",
        "Daliwyd hi gan rwystr y blwch post ar ei hanfonwr, ond rhaid ei darllen: fe'i rhoddwyd yn ôl, a bydd person yn edrych.",
    ),
    "own_context": Reason(
        "Our own message: kept as context only.", "Ein neges ni ein hunain: cadwyd fel cyd-destun yn unig."
    ),
    "history_untouched": Reason(
        "Older than this connection: kept as history, never acted on.",
        "Yn hŷn na'r cysylltiad hwn: cadwyd fel hanes, ni weithredir arni byth.",
    ),
    "opaque_to_person": Reason(
        "It cannot be read by the machine, so a person looks.",
        "Ni all y peiriant ei darllen, felly bydd person yn edrych.",
    ),
    "missing_to_person": Reason(
        "A classifier did not answer, so a person looks.",
        "Ni wnaeth dosbarthwr ateb, felly bydd person yn edrych.",
    ),
    "read_and_file": Reason(
        "Nothing new under a read-and-file restriction: filed without acknowledgement.",
        "Dim byd newydd o dan gyfyngiad darllen a ffeilio: ffeiliwyd heb gydnabyddiaeth.",
    ),
    "volume_limit": Reason(
        "Beyond the limit of contacts in force, with nothing new: filed.",
        "Y tu hwnt i'r terfyn cysylltu sydd mewn grym, heb ddim byd newydd: ffeiliwyd.",
    ),
    "list_allow": Reason(
        "On a list of what staff allow: delivered.",
        "Ar restr o'r hyn y mae staff yn ei ganiatáu: danfonwyd.",
    ),
    "closed_channel": Reason(
        "Sent on a channel that a restriction has closed.",
        "Anfonwyd ar sianel a gaewyd gan gyfyngiad.",
    ),
}

_ENDINGS = {
    Attention.URGENT: Reason("a person must see it now", "rhaid i berson ei gweld nawr"),
    Attention.REVIEW: Reason("a person looks", "bydd person yn edrych"),
    Attention.DELIVER: Reason("delivered", "danfonwyd"),
}


def _listed(parts: Sequence[str]) -> str:
    """Join with 'and'; Welsh reasons join with commas, since 'a' and 'ac' would change the word that follows."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _found(labels: Sequence[str]) -> Reason:
    shown = [LABEL_WORDS[label] for label in labels[:3]]
    return Reason(
        f"Found: {_listed([words.en for words in shown])}",
        f"Canfuwyd: {', '.join(words.cy for words in shown)}",
    )


def _done(actions: Sequence[Action]) -> Reason:
    words = [ACTION_WORDS[action] for action in actions]
    return Reason(
        f"{_listed([word.en for word in words])}, until a person confirms",
        f"{', '.join(word.cy for word in words)}, nes i berson gadarnhau",
    )


def reason(labels: Sequence[str], attention: Attention, actions: Sequence[Action], rules: Sequence[str]) -> Reason:
    """Compose the sentence from the labels that counted, what was done and the rule that settled it."""
    settled = next((BY_RULE[rule] for rule in rules if rule in BY_RULE), None)
    if settled is not None:
        return settled
    if not labels:
        watched = attention > Attention.DELIVER and {"list_deny", "list_watch"} & set(rules)
        return LISTED if watched else NOTHING
    found = _found(labels)
    if actions:
        done = _done(actions)
        first = Reason(" A person must see it now.", " Rhaid i berson ei gweld nawr.")
        tail = first if attention is Attention.URGENT else Reason("", "")
        return Reason(f"{found.en}: {done.en}.{tail.en}", f"{found.cy}: {done.cy}.{tail.cy}")
    ending = _ENDINGS[attention]
    return Reason(f"{found.en}: {ending.en}.", f"{found.cy}: {ending.cy}.")
