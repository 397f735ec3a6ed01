"""The live register: what those who take a person's contact must do, never the grounds, never anything of health."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from models.domain import Channel
from models.measures.terms import Terms
from models.policy.schema import Pack
from models.store.formal import files
from models.tables import account, contact


@dataclass(frozen=True, slots=True)
class Entry:
    """One restriction in force: whom it is about and how to know them, what to do, what stays open, until when."""

    org: str
    number: int
    name: str
    addresses: tuple[str, ...]
    measures: tuple[Terms, ...]
    open_lines: tuple[Channel, ...]
    review_on: date | None


def entries(database: Connection, pack: Pack, now: datetime) -> Iterator[Entry]:
    """Yield the restrictions of an organisation that are in force, by person."""
    for number in sorted({found[0] for found in files.standing_restrictions(database, pack.id)}):
        file = files.dossier_of(database, number, pack.id)
        who = database.execute(select(contact.c.name).where(contact.c.id == number)).scalar_one()
        known = select(account.c.address).where(account.c.contact_id == number).order_by(account.c.id)
        addresses = tuple(database.execute(known).scalars())
        lines = file.open_lines(pack, now)
        for restriction in file.in_force(pack, now):
            yield Entry(
                pack.id, restriction.restriction_id, who, addresses, restriction.measures, lines, restriction.review_on
            )
