"""The formal side by the API, to read: a person's file, the measures of an organisation, the register."""

from collections.abc import Iterable

from fastapi import APIRouter

from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from models.policy.schema import Pack
from models.store.formal import files, offices
from models.store.formal.register import Entry
from review_queue.api.caller import Number, ReadsFormal
from review_queue.api.problems import Stopped
from review_queue.api.shapes.base import Words
from review_queue.api.shapes.cases import Account
from review_queue.api.shapes.formal import Contact, Incident, Measure, RegisterEntry, Restricting
from review_queue.pages.formal import pages, register
from review_queue.pages.formal.at_desk import desk_of

router = APIRouter(tags=["Measures"])


@router.get("/organisations/{org}/contacts/{contact_id}")
def contact(caller: ReadsFormal, org: str, contact_id: Number) -> Contact:
    """Open a person's file: where they stand on the ladder, what is in force, what stays open."""
    try:
        with caller.reading() as database:
            desk = desk_of(database, caller.page, caller.name, org)
            found = pages.file_of(desk, contact_id)
            rows = [row for row in files.measures_of(database, org, standing=False) if row["contact_id"] == contact_id]
    except offices.NoOffice as error:
        raise Stopped("no-role", 403) from error
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


@router.get("/organisations/{org}/measures")
def measures(caller: ReadsFormal, org: str, standing: bool = True) -> list[Measure]:
    """List the measures of an organisation, newest first; those in force, or all."""
    try:
        with caller.reading() as database:
            desk_of(database, caller.page, caller.name, org)
            return [Measure.model_validate(row) for row in files.measures_of(database, org, standing=standing)]
    except offices.NoOffice as error:
        raise Stopped("no-role", 403) from error


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
