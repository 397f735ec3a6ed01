"""A made-up person's file under each pack, with a letter of every kind about it: for looking at and for tests."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.domain import Channel
from models.letters.compose import compose
from models.letters.facts import Facts, Recipient, Returned
from models.letters.kinds import KINDS
from models.letters.pdf import pdf, pictures
from models.letters.tongue import EASY, STANDARD, Language
from models.letters.word import docx
from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.steps import (
    MACHINE,
    Answer,
    Appeal,
    AppealOutcome,
    Ask,
    Basis,
    End,
    FormalWarning,
    Incident,
    IncidentState,
    Officer,
    Record,
    RecordKind,
    Restriction,
    Review,
    ReviewOutcome,
    Taken,
)
from models.measures.terms import Terms
from models.policy.schema import Pack

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
_DECIDES = {"psow": "hopsc", "adra": "manager", "wrexham": "manager", "phso": "colleague"}
_HEARS = {"psow": "edcl", "adra": "slt", "wrexham": "complaints_team", "phso": "executive"}
_CONDUCT = {
    "psow": ("psow/2.2.h", "psow/3.2.a"), "adra": ("adra/4.1.a", "adra/4.2.a"),
    "wrexham": ("wrexham/2.2.e", "wrexham/3.2.a"), "phso": ("phso/aggressive.a", "phso/contact.a"),
}  # fmt: skip
_WORDS: dict[str, dict[Language, str]] = {
    "standard": {
        "en": "Our staff could not do their work while the calls went on, and two of them were distressed by what was said.",
        "cy": "Ni allai ein staff wneud eu gwaith tra bod y galwadau'n parhau, ac roedd yr hyn a ddywedwyd wedi peri gofid i ddau ohonynt.",
    },
    EASY: {
        "en": "Our staff could not do their job. They were upset.",
        "cy": "Ni allai ein staff wneud eu gwaith. Roeddent yn ofidus.",
    },
}
_MESSAGE = "I wrote to you in January about the leak. You useless idiots never read a word. The ceiling is wet again."
_RUDE = "You useless idiots never read a word."


def facts_of(pack: Pack, kind: str, style: str) -> Facts:
    """Return the facts of a sample letter, with the officer's words in both languages."""
    file, number = _file(pack, kind)
    by = Officer("Sian Parry", (_HEARS if kind.startswith("appeal") else _DECIDES)[pack.id])
    start = _MESSAGE.index(_RUDE)
    message = Returned(_MESSAGE, NOW - timedelta(days=1), Channel.EMAIL, ((start, start + len(_RUDE)),))
    address = ("12 Ffordd y Môr", "Aberystwyth", "SY23 1AA")
    return Facts(
        pack, kind, file, number, NOW, Recipient("Gwen Rowlands", address), f"{pack.id.upper()}-{number:04}", by,
        message=message, machine_held=kind in {"restriction", "returned"}, words=_WORDS[style],
    )  # fmt: skip


def every(pack: Pack) -> Iterator[str]:
    """Yield the kinds of letter that the pack can need: without an appeal there is none to answer."""
    appealed = {"appeal_received", "appeal_outcome"}
    rolls = pack.clocks.restriction_rolls_from_last_incident
    for kind in KINDS:
        if not (kind in appealed and not pack.appeal.exists) and not (kind == "extended" and not rolls):
            yield kind


def _file(pack: Pack, kind: str) -> tuple[Dossier, int]:
    incidents = tuple(
        Incident(n, NOW - timedelta(days=20 - n), Channel.TELEPHONE, (clause,), "", "Elin", IncidentState.UPHELD)
        for n, clause in enumerate(_CONDUCT[pack.id], start=1)
    )
    file = Dossier(1, pack.id, incidents=incidents)
    taken = Taken(Officer("Sian Parry", _DECIDES[pack.id]), NOW)
    why = _WORDS["standard"]["en"]
    if kind == "ask":
        return replace(file, asks=(Ask(11, (1, 2), taken, why, written=True),)), 11
    if kind == "warning":
        return replace(file, warnings=(FormalWarning(12, (1, 2), taken, why, policy_enclosed=True),)), 12
    if kind == "not_replying":
        return replace(file, records=(Record(13, RecordKind.NOT_REPLY, taken, why, checked_for_new=True),)), 13
    if kind in {"returned", "signposting"}:
        return file, 0
    return _managed(file, pack, kind, taken)


def _managed(file: Dossier, pack: Pack, kind: str, taken: Taken) -> tuple[Dossier, int]:
    current = deadlines.with_dates(_restriction(pack, taken), file.incidents, pack, deadlines.ENGLAND_AND_WALES)
    if kind == "end":
        current = replace(current, ended=End(NOW, MACHINE, "its time ran out"))
    elif kind == "resting":
        current = replace(current, suspended_at=NOW, suspended_why="meanwhile")
    file = replace(file, restrictions=(current,))
    if kind == "review":
        review = Review(31, 21, ReviewOutcome.CONTINUE, taken, current.why, next_review_on=current.review_on)
        return replace(file, reviews=(review,)), 21
    if kind.startswith("appeal"):
        appeal = Appeal(41, 21, NOW - timedelta(days=2), "unfair")
        if kind == "appeal_outcome":
            heard = Taken(Officer("Huw Bevan", _HEARS[pack.id]), NOW)
            appeal = replace(appeal, outcome=AppealOutcome.DISMISSED, heard=heard, why=current.why)
        return replace(file, appeals=(appeal,)), 41
    return file, 21


def _restriction(pack: Pack, taken: Taken) -> Restriction:
    terms = [Terms("one_channel", channels=(Channel.EMAIL,))]
    types = {measure.type for measure in pack.measures}
    if "single_contact" in types:
        terms.append(Terms("single_contact", officer="Sian Parry"))
    if "read_and_file" in types:
        terms.append(Terms("read_and_file"))
    if "volume_limit" in types:
        terms.append(Terms("volume_limit", max_items=3, per_days=7))
    checklist = pack.checklist
    review = NOW.date() + timedelta(days=90) if pack.clocks.review_within_months is None else None
    return Restriction(
        21, Basis.FORMAL, tuple(terms), (1, 2), taken, _WORDS["standard"]["en"], NOW, review_on=review,
        grounds=checklist.grounds[3:4], circumstances="weighed",
        answers=tuple(Answer(name, True, "considered") for name in checklist.before),
    )  # fmt: skip


def write(pack: Pack, folder: Path) -> int:
    """Write every letter of a pack into `folder` as PDF, Word and a picture of each page; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for kind in every(pack):
        for style in (STANDARD, EASY):
            for language in ("cy", "en"):
                letter = compose(facts_of(pack, kind, style), language, style)
                name = f"{pack.id}-{kind}-{style}-{language}"
                (folder / f"{name}.pdf").write_bytes(pdf([letter]))
                (folder / f"{name}.docx").write_bytes(docx([letter]))
                for number, page in enumerate(pictures([letter]), start=1):
                    (folder / f"{name}-{number}.png").write_bytes(page)
                count += 1
    return count
