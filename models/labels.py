"""The signal labels of the clause register and what each may lead to."""

from enum import StrEnum


class Stance(StrEnum):
    """What a label means for the person who wrote the message."""

    HARM = "harm"  # the item itself harms; may lead to an automatic hold
    PATTERN = "pattern"  # the history shows it; a person decides, never the machine
    PROTECTIVE = "protective"  # welfare and rights: raises attention, forbids automation
    MITIGATING = "mitigating"  # a fact in the writer's favour; never makes it harsher
    NOTICE = "notice"  # worth a look; never automatic


LABELS: dict[str, Stance] = {
    "abuse.insult": Stance.HARM,
    "abuse.profanity": Stance.HARM,
    "abuse.sexual": Stance.HARM,
    "abuse.threat": Stance.HARM,
    "abuse.harassment": Stance.HARM,
    "abuse.identity_hate": Stance.HARM,
    "abuse.incitement": Stance.HARM,
    "abuse.rudeness": Stance.NOTICE,
    "abuse.manipulation": Stance.NOTICE,
    "abuse.microaggression": Stance.NOTICE,
    "abuse.accusation": Stance.NOTICE,
    "abuse.recording": Stance.NOTICE,
    "spam": Stance.HARM,
    "spam.phishing": Stance.HARM,
    "spam.invoice_fraud": Stance.HARM,
    "spam.subscription_bomb": Stance.HARM,
    "links.excessive": Stance.NOTICE,
    "doxing.staff_details": Stance.HARM,
    "doxing.third_party": Stance.HARM,
    "doxing.staff_named": Stance.NOTICE,
    "doxing.own_details": Stance.NOTICE,
    "demand.deadline": Stance.PATTERN,
    "demand.information": Stance.PATTERN,
    "demand.named_officer": Stance.PATTERN,
    "demand.refuses_procedure": Stance.PATTERN,
    "persistence.volume": Stance.PATTERN,
    "persistence.length": Stance.PATTERN,
    "persistence.scattergun": Stance.PATTERN,
    "persistence.copied_in": Stance.PATTERN,
    "persistence.after_decision": Stance.PATTERN,
    "persistence.refuses_decision": Stance.PATTERN,
    "persistence.topic_drift": Stance.PATTERN,
    "persistence.rising_severity": Stance.PATTERN,
    "duplicate.same_contact": Stance.PATTERN,
    "duplicate.campaign": Stance.PATTERN,
    "novelty": Stance.MITIGATING,
    "welfare.self_harm": Stance.PROTECTIVE,
    "welfare.emergency": Stance.PROTECTIVE,
    "welfare.safeguarding": Stance.PROTECTIVE,
    "welfare.adjustment": Stance.MITIGATING,
    "rights.request": Stance.PROTECTIVE,
    "rights.appeal": Stance.PROTECTIVE,
}
"""Every label a classifier or detector may emit. Source: the clause register."""

URGENT_WELFARE = ("welfare.self_harm", "welfare.emergency", "welfare.safeguarding")
NEVER_BY_ITSELF = frozenset({"doxing.staff_details", "doxing.third_party", "abuse.harassment"})
"""Harm that hangs on context, or whose rules are not calibrated yet: a person looks, the machine does not act."""
RIGHTS = ("rights.request", "rights.appeal")


def family(label: str) -> str:
    """Return the part before the first dot (`abuse`, `spam`, `novelty`)."""
    return label.split(".", 1)[0]


def require_known(label: str) -> str:
    """Return `label`.

    Raises:
        ValueError: The register has no such label.
    """
    if label not in LABELS:
        raise ValueError(f"unknown label {label!r}; the labels are listed in models/labels.py")
    return label
