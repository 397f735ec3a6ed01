"""The formal side by the API, to read: a person's file and its line of time, measures, letters, the register."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from fastapi import APIRouter, Response

from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from models.policy.schema import Pack
from models.records import timeline
from models.store import reviewers
from models.store.formal import files, offices
from models.store.formal import letters as kept
from models.store.formal.desk import Desk
from models.store.formal.register import Entry
from models.store.formal.writing import Sheet
from review_queue import marks
from review_queue.api.caller import Caller, ReadsFormal
from review_queue.api.problems import Stopped
from review_queue.api.shapes.base import Words
from review_queue.api.shapes.cases import Account
from review_queue.api.shapes.formal import Contact, Incident, Letter, Measure, Moment, RegisterEntry, Restricting
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.formal import pages, register
from review_queue.pages.formal.at_desk import desk_of
from review_queue.pages.formal.following import line_of
from review_queue.pages.formal.letters import TYPES, body_of, found_in

router = APIRouter(tags=["Measures"])
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in TYPES.values()}}
}


@router.get("/organisations/{org}/contacts/{contact_id}")
def contact(caller: ReadsFormal, org: str, contact_id: Number) -> Contact:
    """Open a person's file: where they stand on the ladder, what is in force, what stays open."""
    with _at_desk(caller, org) as desk:
        found = pages.file_of(desk, contact_id)
        rows = [r for r in files.measures_of(desk.database, org, standing=False) if r["contact_id"] == contact_id]
    file, who = found["file"], found["who"]
    return Contact(
        id=contact_id,
        name=who["name"],
        professional=who["professional"],
        recorded_need=who["adjustment"],
        language=found["profile"].language,
        accounts=[Account.model_validate(row) for row in found["accounts"]],
        next_steps=list(found["standing"].next_steps),
        why=Words.model_validate(found["standing"].why),
        open_lines=list(found["open_lines"]),
        in_force=_terms(desk.pack, (terms for row in file.in_force(desk.pack, desk.now) for terms in row.measures)),
        incidents=[
            Incident(id=i.incident_id, at=i.at, channel=i.channel, clauses=list(i.clauses), state=i.state)
            for i in file.incidents
        ],
        measures=[Measure.model_validate(row) for row in rows],
    )


@router.get("/organisations/{org}/contacts/{contact_id}/timeline")
def line(caller: ReadsFormal, org: str, contact_id: Number, shown: bool = False) -> list[Moment]:
    """Give everything about a person as one line of time, newest first; needs only where the account's role may read them.

    Insults and threats are blotted out unless `shown`, as the account's own wish says on the page.
    """
    with _at_desk(caller, org) as desk:
        _, found = line_of(desk, contact_id, caller.language)
        mask = reviewers.of(desk.database, caller.name, utc_now()).mask and not shown
    return [_moment(one, mask) for one in found]


def _moment(found: timeline.Moment, mask: bool) -> Moment:
    said = "" if found.said is None else marks.blotted(found.said.text, found.said.signals, mask)
    fields = {"said": said[: timeline.SHOWN_CHARACTERS], "message": _number_in(found.link)}
    return Moment.model_validate(
        {name: getattr(found, name) for name in Moment.model_fields if name not in fields} | fields
    )


def _number_in(link: str) -> int | None:
    """Return the message that a link leads to."""
    number = link.removeprefix("/message/").removesuffix("/raw")
    return int(number) if number.isdecimal() else None


@router.get("/organisations/{org}/letters")
def letters(caller: ReadsFormal, org: str, contact_id: Number | None = None) -> list[Letter]:
    """List the letters of an organisation that wait to be written or sent, or those that one person was sent."""
    with _at_desk(caller, org) as desk:
        rows = kept.waiting(desk.database, org) if contact_id is None else kept.sent_to(desk.database, org, contact_id)
        return [_letter(found_in(desk, row["id"])) for row in rows]


@router.get("/organisations/{org}/letters/{number}/letter.{form}", response_class=Response, responses=_PAGES)
def letter(caller: ReadsFormal, org: str, number: Number, form: Literal["pdf", "docx"]) -> Response:
    """Give a letter as pages: as it stands, or, of one that was sent, as it went."""
    with _at_desk(caller, org) as desk:
        body = body_of(desk.database, found_in(desk, number), form)
    return Response(body, media_type=TYPES[form])


def _letter(sheet: Sheet) -> Letter:
    return Letter(
        id=sheet.number,
        contact_id=sheet.wanted["contact_id"],
        kind=sheet.wanted["kind"],
        reference=sheet.facts.reference,
        state=sheet.state,
        languages=[one.language for one in sheet.letters],
        ready=sheet.ready,
        wanted_at=sheet.wanted["wanted_at"],
    )


@contextmanager
def _at_desk(caller: Caller, org: str) -> Iterator[Desk]:
    """Give the account's desk in an organisation.

    Raises:
        Stopped: It holds no role there.
    """
    try:
        with caller.reading() as database:
            yield desk_of(database, caller.page, caller.name, org)
    except offices.NoOffice as error:
        raise Stopped("no-role", 403) from error


@router.get("/organisations/{org}/measures")
def measures(caller: ReadsFormal, org: str, standing: bool = True) -> list[Measure]:
    """List the measures of an organisation, newest first; those in force, or all."""
    with _at_desk(caller, org) as desk:
        return [Measure.model_validate(row) for row in files.measures_of(desk.database, org, standing=standing)]


@router.get("/register")
def live(caller: ReadsFormal) -> list[RegisterEntry]:
    """Give the live register of the organisations in which the account holds a role; each call stands in the trail."""
    mine, rows = register.entries_of(caller.page, caller.name)
    if not mine:
        raise Stopped("no-role", 403)
    with caller.changing("register.read", "register", rows=len(rows), orgs=mine):
        return [_entry(row) for row in rows]


def _entry(row: Entry) -> RegisterEntry:
    return RegisterEntry(
        org=row.org,
        restriction=row.number,
        name=row.name,
        addresses=list(row.addresses),
        measures=_terms(builtin_pack(row.org), row.measures),
        open_lines=list(row.open_lines),
        review_on=row.review_on,
    )


def _terms(pack: Pack, found: Iterable[Terms]) -> list[Restricting]:
    texts = {measure.id: measure.text for measure in pack.measures}
    return [
        Restricting(
            measure=terms.measure,
            text=Words.model_validate(texts[terms.measure]),
            channels=list(terms.channels),
            officer=terms.officer,
            third_party=terms.third_party,
        )
        for terms in found
    ]
