"""An office over a store in memory: a contact, people in roles, a clock, and the four policies."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert

from models.domain import Channel
from models.formal_tables import letter_wanted
from models.measures.steps import FormalWarning, Incident, Police, Restriction
from models.policy.loader import builtin_pack
from models.session import open_store
from models.store.formal import files, incidents, letters, offices
from models.store.formal.clockwork import Clock
from models.store.formal.desk import Desk, StepRefused
from models.tables import account, contact
from tests.fakes.formal import GRAVE, MANAGES, NOW, RUDE, restricted, taken

KEY = b"k" * 32


@dataclass
class Office:
    """Everything a test of the formal side needs. Each role of the pack is held by somebody called after it."""

    pack_id: str
    now: datetime = NOW
    database: Connection = field(init=False)
    engine: object = field(init=False)

    def __post_init__(self) -> None:
        self.engine = open_store("sqlite://")
        self.database = self.engine.connect()
        self.pack = builtin_pack(self.pack_id)
        self.contact = self.somebody("Ms Jones", "jones@example.org")
        for role in self.pack.roles:
            offices.appoint(self.database, KEY, role.id, self.pack, role.id, "root", self.now - timedelta(days=900))

    def close(self) -> None:
        self.database.close()
        self.engine.dispose()

    def somebody(self, name: str, address: str) -> int:
        made = self.database.execute(insert(contact).values(name=name, created_at=self.now))
        number = int(made.inserted_primary_key[0])
        self.database.execute(insert(account).values(platform="email", address=address, name=name, contact_id=number))
        return number

    def desk(self, name: str = "", standing_in: str = "") -> Desk:
        officer = offices.officer(self.database, name or MANAGES[self.pack_id], self.pack_id, self.now, standing_in)
        return Desk(self.database, KEY, self.pack, officer, self.now)

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def incident(self, by: str = "", contact_id: int = 0, grave: bool = False, **more: object) -> int:
        """Report and uphold an incident that happened just now."""
        desk = self.desk(by or self.pack.roles[0].id)
        clauses = (GRAVE if grave else RUDE)[self.pack_id]
        draft = Incident(0, self.now, Channel.TELEPHONE, (clauses,), "shouting", "", **more)
        number = incidents.report(desk, contact_id or self.contact, draft)
        incidents.uphold(desk, number, "heard it", police=Police(False, "no danger") if grave else None)
        return number

    def warn(self, *numbers: int, contact_id: int = 0) -> int:
        """Warn in writing, and let the letter arrive."""
        draft = FormalWarning(0, numbers, taken("x"), "please stop", told_at=None)
        done = self.desk().warn(contact_id or self.contact, draft)
        assert not done.proposed
        self.send(done.number)
        return done.number

    def send(self, measure_id: int) -> None:
        for row in letters.of_measure(self.database, measure_id):
            if row["sent_at"] is None:
                letters.fulfil(self.database, KEY, row["id"], self.pack, self.now, by_post=False, by="post room")

    def draft(self, *numbers: int, **more: object) -> Restriction:
        """A restriction in order under the pack."""
        review = {"review_on": (self.now + timedelta(days=90)).date()} if self.pack_id == "wrexham" else {}
        return restricted(self.pack_id, self.now, *numbers, number=0, **(review | more))

    def file(self, contact_id: int = 0) -> object:
        return files.dossier_of(self.database, contact_id or self.contact, self.pack_id)

    def tick(self) -> object:
        return Clock(self.database, KEY, builtin_pack, self.now).tick()

    def letters(self) -> list[str]:
        return list(self.database.execute(letter_wanted.select().with_only_columns(letter_wanted.c.kind)).scalars())

    def up_to_restriction(self, **more: object) -> int:
        """Walk the whole ladder to a restriction; return its number."""
        first = self.incident()
        if self.pack_id == "phso":
            from models.measures.steps import Ask

            self.desk().ask(self.contact, Ask(0, (first,), taken("x"), "please do not"))
            self.forward(days=1)
            first = self.incident()
        self.warn(first)
        self.forward(days=1)
        second = self.incident()
        self.forward(hours=1)
        return self.desk().restrict(self.contact, self.draft(second, **more)).number


def refused(step, *args) -> list[str]:
    """Return the codes with which a step is refused; that it is not is a failure."""
    with pytest.raises(StepRefused) as told:
        step(*args)
    return [found.code for found in told.value.refusals]
