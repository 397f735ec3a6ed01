"""A letter on somebody's desk: read, edited, approved by the grade, sent one way, and noted as gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.domain import EnforcementState
from models.formal_tables import letter, letter_wanted
from models.letters import blocks, kept
from models.letters.blocks import Element, Letter
from models.letters.compose import compose, languages_of
from models.letters.element_words import WORDS
from models.letters.facts import Facts
from models.letters.pdf import pdf
from models.measures import authority
from models.measures.authority import TooLow
from models.measures.permits import Ruling
from models.measures.refusals import Refusal, refusal
from models.measures.steps import Basis
from models.store import dispatches, evidence
from models.store.formal import letter_facts, letters
from models.store.formal.desk import Desk, StepRefused, too_low
from models.store.formal.sealed import seal

POST, EMAIL, NOTIFY = "post", "email", "notify"
WAYS = (EMAIL, POST, NOTIFY)
DISPATCH = {EMAIL: "letter", NOTIFY: "letter_notify"}
LINES_AT_MOST, LINE_AT_MOST, WORDS_AT_MOST = 6, 120, 8000
_GOING = frozenset({EnforcementState.PENDING.value, EnforcementState.LEASED.value})
_NEVER_WENT = frozenset(
    {s.value for s in (EnforcementState.REFUSED, EnforcementState.DEAD, EnforcementState.CANCELLED)}
)
_DECISIONS = {
    "ask": "ask", "warning": "warn", "review": "review_decision", "end": "review_decision", "appeal_outcome": "appeal",
    "returned": "warn", "not_replying": "record",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter as it stands. `state` is writing, approved, going, unsure, failed or sent.

    `missing` and `unread` are by language: what it still lacks, and which of an officer's words nobody read over.
    """

    number: int
    wanted: Mapping[str, Any]
    row: Mapping[str, Any]
    facts: Facts
    letters: tuple[Letter, ...]
    state: str
    missing: Mapping[str, tuple[Element, ...]]
    unread: Mapping[str, tuple[str, ...]]
    outcome: str = ""

    @property
    def ready(self) -> bool:
        """True when nothing is missing and everything was read over."""
        return not any(self.missing.values()) and not any(self.unread.values())


def sheet(desk: Desk, number: int) -> Sheet:
    """Return a letter as it stands.

    Raises:
        StepRefused: There is no such letter in this organisation.
    """
    query = select(letter_wanted).where(letter_wanted.c.id == number, letter_wanted.c.org == desk.pack.id)
    found = desk.database.execute(query).mappings().first()
    if found is None:
        raise StepRefused([refusal("state")])
    wanted: dict[str, Any] = dict(found)
    row = _row(desk, number)
    facts = letter_facts.facts_of(desk, wanted, row)
    written = kept.loaded(row["approved"]) if row["approved"] else _composed(wanted, row, facts)
    state, outcome = _state(desk.database, wanted, row)
    return Sheet(
        number, dict(wanted), row, facts, written, state,
        {one.language: blocks.missing(one) for one in written},
        {one.language: blocks.unread(one, row["words"].get(one.language, {})) for one in written},
        outcome,
    )  # fmt: skip


def _composed(wanted: Mapping[str, Any], row: Mapping[str, Any], facts: Facts) -> tuple[Letter, ...]:
    """Return the letter in each of its languages as the record and its editors have it now."""
    return tuple(
        blocks.edited(compose(facts, language, wanted["style"]), row["words"].get(language, {}))
        for language in languages_of(wanted["language"])
    )


def _row(desk: Desk, number: int) -> dict[str, Any]:
    found = desk.database.execute(select(letter).where(letter.c.id == number)).mappings().first()
    if found is not None:
        return dict(found)
    return {"id": number, "message_id": None, "marks": [], "recipient": {}, "words": {}, "way": "", "tries": 0} | dict.fromkeys(
        ("approved", "approved_by", "approved_role", "approved_at", "pdf_sha256")
    )  # fmt: skip


def _state(database: Connection, wanted: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, str]:
    if wanted["sent_at"] is not None:
        return "sent", ""
    gone = dispatches.find(database, key_of(row["id"], row["tries"])) if row["way"] in DISPATCH else None
    if gone is not None and gone.state in _GOING:
        return "going", gone.outcome
    if gone is not None and gone.state in _NEVER_WENT:
        return "failed", gone.outcome
    if gone is not None:
        return "unsure", gone.outcome
    return ("approved" if row["approved_at"] is not None else "writing"), ""


def key_of(number: int, tries: int) -> str:
    """Return the key of a letter's dispatch: another try is another dispatch, made by a person."""
    return f"letter:{number}:{tries}"


def ask_for(desk: Desk, contact_id: int, kind: str, message_id: int, marks: Sequence[Sequence[int]] = ()) -> int:
    """Ask for a letter that answers a message; return its number."""
    number = letters.want(desk.database, desk.key, contact_id, desk.pack.id, None, kind, desk.officer.name, desk.now)
    _keep(desk, number, "letter.begun", message_id=message_id, marks=[list(mark) for mark in marks])
    return number


def edit(desk: Desk, number: int, language: str, words: Mapping[str, str]) -> None:
    """Keep other words for a letter in one language; what is given counts as read over.

    Raises:
        StepRefused: It is approved, or something that it must hold would vanish.
    """
    found = _open(desk, number)
    mine = next((one for one in found.letters if one.language == language), None)
    if mine is None:
        raise StepRefused([refusal("state")])
    fresh = compose(found.facts, mine.language, mine.style)
    known = {
        block.key: blocks.plain(block)
        for block in fresh.blocks()
        if isinstance(block, blocks.Paragraph | blocks.Bullets)
    }
    own = {block.key for block in fresh.blocks() if isinstance(block, blocks.Paragraph) and block.own_words}
    given = {key: _kept(text) for key, text in words.items() if key in known}
    changed = {key: text for key, text in given.items() if text != known[key] or key in own}
    gone = blocks.missing(blocks.edited(fresh, changed))
    if gone:
        raise StepRefused([lacks(gone)])
    _keep(desk, number, "letter.edited", words=found.row["words"] | {language: changed})  # fmt: skip


def _kept(text: str) -> str:
    return text.replace("\r\n", "\n").strip()[:WORDS_AT_MOST]


def address(desk: Desk, number: int, name: str, lines: Sequence[str]) -> None:
    """Keep whom the letter is for and their postal address.

    Raises:
        StepRefused: It is approved.
    """
    _open(desk, number)
    cut = [line.strip()[:LINE_AT_MOST] for line in lines if line.strip()][:LINES_AT_MOST]
    _keep(desk, number, "letter.addressed", recipient={"name": name.strip()[:LINE_AT_MOST], "address": cut})


def lacks(gone: Sequence[Element]) -> Refusal:
    """Return the refusal that names what a letter lacks."""
    en = refusal("letter_lacks", what="; ".join(WORDS[element].en for element in gone))
    cy = refusal("letter_lacks", what="; ".join(WORDS[element].cy for element in gone))
    return Refusal(en.code, en.clause, type(en.say)(en.say.en, cy.say.cy))


def approve(desk: Desk, number: int) -> None:
    """Approve a letter as it stands: nothing of it changes any more.

    Raises:
        StepRefused: It lacks something, an officer's words were not read over, or it is above this grade.
    """
    found = _open(desk, number)
    gone = tuple(dict.fromkeys(element for listed in found.missing.values() for element in listed))
    refusals = [lacks(gone)] if gone else []
    unread = [language for language, keys in found.unread.items() if keys]
    if unread:
        refusals.append(
            refusal("letter_unread", what=", ".join({"en": "English", "cy": "Cymraeg"}[name] for name in unread))
        )
    refusals += _grade(desk, found)
    if refusals:
        raise StepRefused(refusals)
    _keep(
        desk, number, "letter.approved", approved=kept.dumped(found.letters), approved_by=desk.officer.name, approved_role=desk.officer.role, approved_at=desk.now
    )  # fmt: skip


def _grade(desk: Desk, found: Sheet) -> list[Refusal]:
    facts = found.facts
    if found.wanted["kind"] == "appeal_outcome" and facts.appeal is not None and facts.restriction is not None:
        before = [r for r in facts.file.appeals if r.appeal_id != facts.appeal.appeal_id]
        file = replace(facts.file, appeals=tuple(before))
        ruled = authority.may_hear(desk.pack, desk.officer, file, facts.appeal, facts.restriction)
    else:
        ruled = authority.may(desk.pack, desk.officer, decision_of(found))
    if isinstance(ruled, TooLow):
        return [too_low(Ruling((), ruled))]
    return [] if ruled is None else [ruled]


def decision_of(found: Sheet) -> str:
    """Return which decision of the matrix it is to approve a letter."""
    kind, current = found.wanted["kind"], found.facts.restriction
    if kind in _DECISIONS:
        return _DECISIONS[kind]
    if kind in {"appeal_received", "signposting"}:
        return "terminate_call"
    informal = current is not None and current.basis is not Basis.FORMAL
    if informal and current is not None:
        return authority.decisions_of(found.facts.pack, found.facts.file, current, closes_all=False)[0]
    return "formally_manage"


def withdraw(desk: Desk, number: int) -> None:
    """Take an approval back, so that the letter can be changed.

    Raises:
        StepRefused: It is on its way, or was sent.
    """
    found = sheet(desk, number)
    if found.state not in {"approved", "failed"}:
        raise StepRefused([refusal("letter_gone")])
    _keep(
        desk, number, "letter.reopened", approved=None, approved_by=None, approved_role=None, approved_at=None, way=""
    )


def send(desk: Desk, number: int, way: str, recipient: str = "") -> None:
    """Send an approved letter: by mail or Notify through the bot, at most once a try; by post it is noted as posted now.

    Raises:
        StepRefused: It is not approved, is on its way, or has no address for this way.
    """
    found = sheet(desk, number)
    if found.state not in {"approved", "failed"}:
        raise StepRefused(
            [refusal({"writing": "letter_not_approved", "unsure": "letter_unsure"}.get(found.state, "letter_gone"))]
        )
    if way not in WAYS or not _reachable(desk, found, way, recipient):
        raise StepRefused([refusal("letter_no_address")])
    if way == NOTIFY and any(Element.ENCLOSED in one.required for one in found.letters):
        raise StepRefused([refusal("letter_encloses")])
    digest = evidence.store(desk.database, pdf(found.letters), desk.now)
    tries = found.row["tries"] + 1
    _keep(desk, number, "letter.given_out", way=way, tries=tries, pdf_sha256=digest)
    if way == POST:
        _sent(desk, number, by_post=True)
        return
    dispatches.enter(
        desk.database, key_of(number, tries), DISPATCH[way], desk.pack.id, desk.now,
        recipient=recipient, contact_id=found.wanted["contact_id"], detail={"letter": number, "pdf": digest},
    )  # fmt: skip


def _reachable(desk: Desk, found: Sheet, way: str, recipient: str) -> bool:
    if way == EMAIL:
        return recipient in letter_facts.addresses(desk.database, found.wanted["contact_id"])
    return bool(found.facts.recipient.address)


def resolve(desk: Desk, number: int, *, went: bool, received_on: date | None = None) -> None:
    """Note what a person found out about a letter of which nobody knew whether it went.

    Raises:
        StepRefused: That is known.
    """
    found = sheet(desk, number)
    if found.state != "unsure":
        raise StepRefused([refusal("letter_gone")])
    if went:
        _sent(desk, number, by_post=found.row["way"] == NOTIFY, received_on=received_on)
    else:
        _keep(desk, number, "letter.did_not_go", way="")


def _sent(desk: Desk, number: int, *, by_post: bool, received_on: date | None = None) -> None:
    letters.fulfil(
        desk.database, desk.key, number, desk.pack, desk.now, by_post, desk.officer.name,
        reference=_row(desk, number)["pdf_sha256"] or "", received_on=received_on, calendar=desk.calendar,
    )  # fmt: skip


def _open(desk: Desk, number: int) -> Sheet:
    """Return a letter that may still be changed."""
    found = sheet(desk, number)
    if found.state in {"approved", "failed"}:
        raise StepRefused([refusal("letter_approved")])
    if found.state != "writing":
        raise StepRefused([refusal("letter_gone")])
    return found


def _keep(desk: Desk, number: int, what: str, **values: Any) -> None:
    known = desk.database.execute(select(letter.c.id).where(letter.c.id == number)).first()
    if known is None:
        desk.database.execute(insert(letter).values(**_row(desk, number) | values))
    else:
        desk.database.execute(update(letter).where(letter.c.id == number).values(**values))
    seal(desk.database, desk.key, desk.now, desk.officer.name, what, letter, number)
