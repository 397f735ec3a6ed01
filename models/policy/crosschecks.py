"""What a pack must keep to beyond the form of its fields: citations, roles, and what may ever be automatic."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from models.domain import Action, ChannelGroup
from models.labels import LABELS, Stance
from models.letters.kinds import KINDS, THROUGHOUT
from models.policy.pack_yaml import Where
from models.policy.rules import RULES
from models.policy.schema import Clause, Pack
from models.policy.strict import Strict

CARRIERS = ("classifier", "detector", "rule", "workflow", "letter", "page", "record", "clock", "not_yet")
_CARRIER = re.compile(rf"document|(?:{'|'.join(CARRIERS)}):[a-z0-9_-]+")
HOLDS: dict[ChannelGroup, frozenset[Action]] = {
    ChannelGroup.MAIL: frozenset({Action.LABEL, Action.QUARANTINE}),
    ChannelGroup.SOCIAL: frozenset({Action.LABEL, Action.HIDE, Action.REPORT}),
    ChannelGroup.LOGGED: frozenset(),
}
"""What a clause may make automatic by channel group. Source: the register, 'what is automatic'."""

_CITING = frozenset(
    {"before", "offers", "grounds", "support", "circumstances", "incident_form", "safety_register", "form"}
)

Problem = tuple[Where, str]


def problems(pack: Pack) -> Iterator[Problem]:
    """Yield where and why `pack` breaks a rule that its form alone does not show."""
    yield from _stands_twice(pack)
    yield from _citations(pack)
    yield from _roles(pack)
    yield from _automation(pack)
    for index, clause in enumerate(pack.clauses):
        yield from _clause(pack, index, clause)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest of `known`, or nothing."""
    close = difflib.get_close_matches(word, tuple(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _stands_twice(pack: Pack) -> Iterator[Problem]:
    lists: dict[str, tuple[str, list[str]]] = {
        "clauses": ("id", [clause.id for clause in pack.clauses]),
        "roles": ("id", [role.id for role in pack.roles]),
        "measures": ("id", [measure.id for measure in pack.measures]),
        "documents": ("id", [document.id for document in pack.documents]),
        "authority": ("decision", [entry.decision for entry in pack.authority]),
    }
    for part, (key, names) in lists.items():
        seen: Counter[str] = Counter()
        for index, name in enumerate(names):
            seen[name] += 1
            if seen[name] > 1:
                yield (part, index, key), f"{name!r} stands twice in {part}; keep one of them"


def _citations(pack: Pack) -> Iterator[Problem]:
    ids = {clause.id for clause in pack.clauses}
    cited: list[tuple[Where, str]] = [
        *((("authority", i, "clause"), entry.clause) for i, entry in enumerate(pack.authority)),
        *((("measures", i, "clause"), entry.clause) for i, entry in enumerate(pack.measures)),
        *((("ladder", "steps", i, "clause"), step.clause) for i, step in enumerate(pack.ladder.steps)),
        (("appeal", "clause"), pack.appeal.clause),
        (("last_line", "clause"), pack.last_line.clause),
        *([] if pack.complaints is None else [(("complaints", "clause"), pack.complaints.clause)]),
        *_due_process(pack),
    ]
    for where, clause_id in cited:
        if clause_id not in ids:
            what = f"the clause {clause_id!r} is not among the pack's clauses; add it or cite another"
            yield where, what + suggestion(clause_id, ids)


def _due_process(pack: Pack) -> Iterator[tuple[Where, str]]:
    """Yield the clauses that the ladder, the checklist and the referral cite."""
    parts: dict[str, Strict | None] = {"ladder": pack.ladder, "checklist": pack.checklist, "referral": pack.referral}
    for part, model in parts.items():
        for name in () if model is None else type(model).model_fields:
            value = getattr(model, name)
            if name == "clause" or name.endswith("_clause") or name in _CITING:
                if isinstance(value, tuple):
                    yield from (((part, name, index), clause) for index, clause in enumerate(value))
                elif value is not None:
                    yield (part, name), value


def _roles(pack: Pack) -> Iterator[Problem]:
    roles = {role.id for role in pack.roles}
    named: list[tuple[Where, str | None]] = [
        *((("authority", i, "at_least"), entry.at_least) for i, entry in enumerate(pack.authority)),
        *((("roles", i, "stands_in_for"), role.stands_in_for) for i, role in enumerate(pack.roles)),
        (("appeal", "role"), pack.appeal.role),
        (("appeal", "conflict_role"), pack.appeal.conflict_role),
        (("last_line", "override_at_least"), pack.last_line.override_at_least),
    ]
    for where, role in named:
        if role is not None and role not in roles:
            what = f"the role {role!r} is not among the pack's roles; use {', '.join(sorted(roles))}"
            yield where, what + suggestion(role, roles)
    if pack.last_line.rule != "absolute" and pack.last_line.override_at_least is None:
        yield ("last_line", "override_at_least"), "who may close the last line is missing; name a role of the pack"


def _automation(pack: Pack) -> Iterator[Problem]:
    heard = {match.label for clause in pack.clauses for match in clause.signals}
    where: Where = ("automation", "block_at_once_for")
    for index, label in enumerate(pack.automation.block_at_once_for):
        if LABELS[label] is not Stance.HARM:
            yield (
                (*where, index),
                f"{label!r} is a {LABELS[label].value}, not harm: it never blocks an account; remove it",
            )
        elif label not in heard:
            yield (
                (*where, index),
                f"no clause of the pack listens to {label!r}; add the signal to a clause or remove it",
            )
    if pack.automation.block_at_once_for and Action.BLOCK not in pack.automation.daily_quota:
        yield ("automation", "daily_quota"), "blocking at once has no daily_quota; add `block: N`"


def _clause(pack: Pack, index: int, clause: Clause) -> Iterator[Problem]:
    here: Where = ("clauses", index)
    prefixes = [document.clause_prefix for document in pack.documents]
    if not clause.id.startswith(tuple(prefixes)):
        begins = " or ".join(repr(prefix) for prefix in prefixes)
        yield (*here, "id"), f"the clause {clause.id!r} must begin with {begins}, as its document says"
    for place, carrier in enumerate(clause.carried_by):
        yield from _carrier((*here, "carried_by", place), carrier)
    for group, actions in clause.automatic.items():
        yield from _automatic((*here, "automatic", group.value), pack, clause, group, actions)


def _carrier(where: Where, carrier: str) -> Iterator[Problem]:
    if not _CARRIER.fullmatch(carrier):
        kinds = ", ".join(CARRIERS)
        yield where, f"{carrier!r} is not of the form KIND:NAME with KIND one of {kinds}, nor `document`; correct it"
    elif carrier.startswith("rule:") and carrier.removeprefix("rule:") not in RULES:
        name = carrier.removeprefix("rule:")
        yield where, f"there is no rule {name!r}; the rules stand in models/policy/rules.py{suggestion(name, RULES)}"
    elif carrier.startswith("letter:"):
        yield from _letter(where, carrier.removeprefix("letter:"))


def _letter(where: Where, name: str) -> Iterator[Problem]:
    known = {**KINDS, **THROUGHOUT}
    if name not in known:
        yield (
            where,
            f"there is no letter {name!r}; the letters stand in models/letters/kinds.py{suggestion(name, known)}",
        )


def _automatic(
    where: Where, pack: Pack, clause: Clause, group: ChannelGroup, actions: Collection[Action]
) -> Iterator[Problem]:
    stances = {LABELS[match.label] for match in clause.signals if group in match.channels}
    if actions and Stance.HARM not in stances:
        why = f"no signal of the clause in {group.value} is harm (patterns, demands and notices wait for a person)"
        yield where, f"nothing may be automatic here: {why}; remove the line"
    if actions and Stance.PROTECTIVE in stances:
        yield where, "nothing may be automatic where a clause listens to welfare or rights; use a clause of its own"
    if actions and group not in pack.automation.max_false_action_rate:
        yield where, f"automation.max_false_action_rate has no limit for {group.value}; add one or remove the line"
    for action in actions:
        if action in {Action.BLOCK, Action.MUTE}:
            told = "automation.block_at_once_for names what blocks at once; muting is a step of the ladder"
            yield where, f"{action.value!r} acts on a person and stands in no clause: {told}"
        elif action not in HOLDS[group]:
            may = ", ".join(sorted(HOLDS[group])) or "nothing"
            yield where, f"{action.value!r} cannot be automatic in {group.value}; here it may be: {may}"
        elif action not in pack.automation.daily_quota:
            yield where, f"the action {action.value!r} has no daily_quota; add `{action.value}: N` to automation"
