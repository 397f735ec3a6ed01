"""The decision: a pure function of a message, its signals, the history and the policy in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.domain import ACTION_ORDER, Action, Attention, ChannelGroup, Decision, Message, Mode, Nature, Signal
from models.labels import LABELS, RIGHTS, URGENT_WELFARE, Stance
from models.mail_notes import BLOCKED, INTAKE_NOTE, NOT_ABUSE, REPORTED, STAFF_NOTE
from models.policy import restrictions
from models.policy.clocks import end_of_next_working_day
from models.policy.findings import Facts, Finding, gather
from models.policy.history import EventKind, HistoryView
from models.policy.in_force import PolicyInForce
from models.policy.ladder import next_rung
from models.policy.reasons import reason
from models.policy.rules import RULES

__all__ = ["RULES", "PolicyInForce", "decide"]

_HOLDS = frozenset({Action.HIDE, Action.MUTE, Action.QUARANTINE, Action.BLOCK, Action.REPORT})
_FIRST_REPLY = frozenset({"demand.information", "demand.named_officer", "demand.refuses_procedure"})
_STALKING = "abuse.harassment"
_STALKED_FROM = 0.9
_NOVEL = 0.5
_HOLD_REMEMBERED_DAYS = 7


def decide(
    message: Message,
    signals: Sequence[Signal],
    history: HistoryView,
    policy: PolicyInForce,
    now: datetime,
    missing: frozenset[str] = frozenset(),
) -> Decision:
    """Decide what happens with `message`.

    `signals` are those of the text and of the patterns; `missing` names classifiers that did not
    answer. The same arguments give the same decision; nothing is read from outside.
    """
    facts = gather(message, signals, history, policy, now, missing)
    rules: list[str] = []
    attention = _attention(facts, rules)
    wanted = _wanted(facts)
    held = () if _forbidden(facts, wanted, rules) else wanted
    standing = _standing(facts, rules)
    if standing is not None:
        attention = max(standing.attention, _apart_from_patterns(facts) if standing.settles else attention)
    ordered = () if standing is None or held else standing.actions
    return _under_mode(facts, attention, held, ordered, rules)


def _ordered(actions: set[Action]) -> tuple[Action, ...]:
    return tuple(sorted(actions, key=ACTION_ORDER.index))


def _attention(facts: Facts, rules: list[str]) -> Attention:
    """Return who must look, by the text and the patterns alone."""
    nature = facts.message.nature
    if _own(facts):
        rules.append("own_context")
        return Attention.DELIVER
    highest = max((_attention_of(facts, finding, rules) for finding in facts.findings), default=Attention.DELIVER)
    reported = _said_by_staff(facts) == REPORTED
    if reported:
        rules.append("staff_report")
        highest = max(highest, Attention.REVIEW)
    if nature is Nature.HISTORY:
        rules.append("history_untouched")
        return Attention.REVIEW if reported or facts.has(*URGENT_WELFARE) else Attention.DELIVER
    if nature is Nature.OPAQUE:
        rules.append("opaque_to_person")
        highest = max(highest, Attention.REVIEW)
    if facts.missing:
        rules.append("missing_to_person")
        highest = max(highest, Attention.REVIEW)
    if _news_after_a_hold(facts):
        rules.append("novelty_to_person")
        highest = max(highest, Attention.REVIEW)
    return highest


def _news_after_a_hold(facts: Facts) -> bool:
    """True when somebody whose words were just held says something new: it must not go by unread."""
    recent = facts.history.within(facts.now, _HOLD_REMEMBERED_DAYS)
    return facts.best.get("novelty", 0.0) >= _NOVEL and any(_HOLDS & set(past.actions) for past in recent)


def _said_by_staff(facts: Facts) -> str | None:
    """Return what staff said of a mail by the folder they put it into: `report`, `not-abuse`, or nothing."""
    return facts.message.header(STAFF_NOTE)


def _held_by_mailbox(facts: Facts) -> bool:
    """True when a standing block of the sender has held it already."""
    return facts.message.header(INTAKE_NOTE) == BLOCKED


def _own(facts: Facts) -> bool:
    """True for a message of the organisation itself; an unproven claim to be it is anybody's message."""
    return facts.message.nature is Nature.OWN and facts.message.author.verified


def _attention_of(facts: Facts, finding: Finding, rules: list[str]) -> Attention:
    label, stance = finding.signal.label, LABELS[finding.signal.label]
    if label in URGENT_WELFARE:
        rules.append("welfare_first")
        return _urgent_or_review(facts, finding)
    if label in RIGHTS:
        rules.append("rights_pass")
        return Attention.DELIVER
    if stance is Stance.MITIGATING or not facts.counts(finding):
        return Attention.DELIVER
    if stance is Stance.PATTERN and facts.message.nature is Nature.AUTOMATIC:
        rules.append("automatic_mail")
        return Attention.DELIVER
    if not finding.clauses:
        rules.append("no_clause")
    return _attention_of_conduct(facts, finding, rules)


def _attention_of_conduct(facts: Facts, finding: Finding, rules: list[str]) -> Attention:
    """Return the look that conduct asks for: at once at threats and stalking, none at a first answer to a decision."""
    label = finding.signal.label
    if label in _FIRST_REPLY and _first_disagreement(facts):
        rules.append("first_disagreement")
        return Attention.DELIVER
    if label == _STALKING and finding.signal.probability >= _STALKED_FROM:
        rules.append("stalking_first")
        return Attention.URGENT
    if label == "abuse.threat" and any(clause.urgent for clause in finding.clauses):
        rules.append("threat_first")
        return _urgent_or_review(facts, finding)
    return Attention.REVIEW


def _first_disagreement(facts: Facts) -> bool:
    """True when somebody answers a decision for the first time: to disagree, to ask why and to refuse is their right."""
    since = facts.best.get("persistence.after_decision")
    if since is None or since >= facts.policy.review_at("persistence.after_decision", facts.group):
        return False
    letter = facts.history.last(EventKind.DECISION_LETTER, facts.message.received_at)
    return letter is not None and not any(letter.at <= past.at for past in facts.history.messages)


def _urgent_or_review(facts: Facts, finding: Finding) -> Attention:
    urgent_at = facts.policy.urgent_at(finding.signal.label, facts.group)
    return Attention.URGENT if finding.signal.probability >= urgent_at else Attention.REVIEW


def _apart_from_patterns(facts: Facts) -> Attention:
    """Return the attention that the text alone asks for: a filed repeat needs no look for repeating."""
    texts = (f for f in facts.findings if LABELS[f.signal.label] is not Stance.PATTERN)
    return max((_attention_of(facts, finding, []) for finding in texts), default=Attention.DELIVER)


def _wanted(facts: Facts) -> tuple[Action, ...]:
    """Return the actions that the acting findings ask for, mildest first."""
    named = facts.policy.pack.automation.block_at_once_for
    ordinary = facts.message.nature is Nature.ORDINARY and facts.message.author.verified
    may_block = ordinary and facts.group is ChannelGroup.SOCIAL
    wanted: set[Action] = set()
    for finding in facts.findings:
        for clause in finding.clauses if finding.acts else ():
            asked = clause.automatic.get(facts.group, ())
            wanted.update(action for action in asked if action is not Action.BLOCK)
            if asked and may_block and finding.signal.label in named:
                wanted.add(Action.BLOCK)
    return _ordered(wanted)


def _forbidden(facts: Facts, wanted: tuple[Action, ...], rules: list[str]) -> bool:
    """True when a rule forbids every automatic action here; the rule is noted."""
    if not wanted:
        return False
    nature = facts.message.nature
    reasons = {
        "welfare_first": facts.has(*URGENT_WELFARE),
        "rights_pass": facts.has(*RIGHTS),
        "adjustment_no_automation": _adjustment(facts),
        "professional_no_automation": facts.history.standing.organisation_or_professional,
        "missing_to_person": bool(facts.missing),
        "opaque_to_person": nature is Nature.OPAQUE,
        "history_untouched": nature is Nature.HISTORY,
        "own_context": _own(facts),
        "staff_report": _said_by_staff(facts) == REPORTED,
        "staff_not_abuse": _said_by_staff(facts) == NOT_ABUSE,
    }
    broken = [rule for rule, applies in reasons.items() if applies]
    rules.extend(broken)
    return bool(broken)


def _adjustment(facts: Facts) -> bool:
    """True when a need is recorded, was believed of an earlier message, or is disclosed in this one."""
    label = "welfare.adjustment"
    threshold = facts.policy.review_at(label, facts.group)
    believed = any(past.signals.get(label, 0.0) >= threshold for past in facts.history.messages)
    return facts.history.standing.adjustment or believed or facts.has(label)


def _protected(facts: Facts) -> str:
    """Return the rule by which a person looks even where a restriction would settle it, empty for none."""
    if facts.history.standing.organisation_or_professional:
        return "professional_no_automation"
    return "adjustment_no_automation" if _adjustment(facts) else ""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a restriction in force asks for; `settles` when its repeats need no look any more."""

    actions: tuple[Action, ...]
    attention: Attention
    settles: bool


def _standing(facts: Facts, rules: list[str]) -> _Standing | None:
    """Return what a restriction that a person decided asks for with this message, if anything."""
    if not facts.history.events:
        return None
    ordinary = facts.message.nature is Nature.ORDINARY and facts.message.author.verified
    if not ordinary or facts.has(*URGENT_WELFARE, *RIGHTS):
        return None
    harmful = facts.has(*restrictions.CONDUCT)
    found = restrictions.applied(facts.message, facts.best, facts.history, facts.policy, facts.now)
    if found is None:
        return None
    protected = _protected(facts)
    if facts.missing or protected:
        rules.append("missing_to_person" if facts.missing else protected)
        return _Standing((), Attention.REVIEW, settles=False)
    if facts.best.get("novelty", 0.0) >= _NOVEL:
        rules.append("novelty_to_person")
        return None
    rules.append(found.rule)
    attention = Attention.REVIEW if found.look or harmful else Attention.DELIVER
    actions = () if found.action is None else (found.action,)
    return _Standing(actions, attention, settles=bool(actions))


def _under_mode(
    facts: Facts, attention: Attention, held: tuple[Action, ...], ordered: tuple[Action, ...], rules: list[str]
) -> Decision:
    """Let the mode and the certificate decide whether `held` and `ordered` happen or are proposed.

    `held` are the machine's own and provisional; `ordered` carry out a person's restriction.
    """
    intended, mode = _ordered({*held, *ordered}), facts.policy.mode
    if intended and mode is not Mode.ENFORCE:
        rules.append("mode_shadow" if mode is Mode.SHADOW else "mode_assist")
        rules += [facts.policy.withheld] if facts.policy.withheld else []
        held = ordered = ()
        attention = attention if mode is Mode.SHADOW else max(attention, Attention.REVIEW)
    elif held and not _certified(facts):
        rules.append("certificate_absent")
        held = ()
    if held:
        rules.append("provisional")
    if _held_by_mailbox(facts):
        stays = Action.QUARANTINE in (*held, *ordered)
        rules.append("blocked_sender" if stays else "blocked_sender_passes")
        attention = attention if stays else max(attention, Attention.REVIEW)
    if held or (intended and not ordered and mode is Mode.ENFORCE):
        attention = max(attention, Attention.REVIEW)
    until = end_of_next_working_day(facts.now) if held and _HOLDS & set(held) else None
    return _decision(facts, attention, _ordered({*held, *ordered}), intended, until, tuple(dict.fromkeys(rules)))


def _certified(facts: Facts) -> bool:
    certificate = facts.policy.certificate
    limit = facts.policy.pack.automation.max_false_action_rate.get(facts.group)
    return certificate is not None and limit is not None and certificate.permits(facts.group, limit, facts.now)


def _decision(
    facts: Facts,
    attention: Attention,
    actions: tuple[Action, ...],
    intended: tuple[Action, ...],
    until: datetime | None,
    rules: tuple[str, ...],
) -> Decision:
    policy = facts.policy
    counted = sorted(
        (finding for finding in facts.findings if facts.counts(finding)),
        key=lambda finding: (-facts.gravity(finding), -finding.signal.probability, finding.signal.label),
    )
    severity = policy.index.severity
    cited = [clause.id for f in counted for clause in sorted(f.clauses, key=lambda clause: -severity[clause.id])]
    labels = tuple(dict.fromkeys(finding.signal.label for finding in counted))
    proposed = intended or (_proposals(facts) if attention > Attention.DELIVER else ())
    proposed = _climbing(facts, proposed)
    return Decision(
        key=facts.message.key,
        attention=attention,
        actions=actions,
        proposed=proposed,
        clauses=tuple(dict.fromkeys(cited)),
        signals=tuple(finding.signal for finding in counted),
        why=reason(labels, attention, actions, rules),
        pack_id=policy.pack.id,
        pack_version=policy.pack.version,
        mode=policy.mode,
        certificate_id=None if policy.certificate is None else policy.certificate.certificate_id,
        decided_at=facts.now,
        provisional_until=until,
        rules=rules,
    )


def _proposals(facts: Facts) -> tuple[Action, ...]:
    """Return what a person is offered where nothing was certain enough for the machine."""
    if facts.has(*URGENT_WELFARE):
        return ()
    clauses = (clause for finding in facts.findings for clause in finding.clauses)
    return _ordered({action for clause in clauses for action in clause.automatic.get(facts.group, ())})


def _climbing(facts: Facts, proposed: tuple[Action, ...]) -> tuple[Action, ...]:
    """Add the next step of the pack's ladder where an earlier one did not end it: for a person to take, never the machine."""
    taken = facts.history.standing.rung
    if facts.group is not ChannelGroup.SOCIAL or taken is None or not proposed:
        return proposed
    step = next_rung(facts.policy.pack.ladder.social_escalation, taken)
    return proposed if step is None else _ordered({*proposed, step})
