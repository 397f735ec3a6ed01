"""A small store in which everything that people can write is hostile, served with an unsafe page beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

from bot.intake import take_in
from connectors.base import Batch, Fetched
from models.domain import Action, Attachment, Author, Channel, Link, Message, Span, Target
from models.engine_tables import alarm, manual_task
from models.formal_tables import incident, measure
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import lists, notes, outbox, people
from models.store.formal import offices
from models.store.formal.codec import dumped
from models.store.lists import Kind, Matches
from models.store.outbox import Wish
from models.tables import case, connection, message
from review_queue import auth
from review_queue.app import Keys, create_app
from tests.fakes import formal
from tests.fakes.world import KEY, World
from tests.review_queue.conftest import NAME, PASSWORD
from tests.review_queue.hostile_payloads import EVERY, RUNNING

KEYS = Keys(b"s" * 32, b"a" * 32, b"e" * 32)
ABUSE = "you useless fucking cunts"


@dataclass(frozen=True)
class Filled:
    """The application and what to look at in it."""

    app: FastAPI
    cases: tuple[int, ...]
    mails: tuple[int, ...]
    messages: tuple[int, ...]


@contextmanager
def hostile_site(folder: Path) -> Iterator[Filled]:
    """Yield the application over a hostile store; `/sign-in/unsafe/{n}` shows the n-th payload as no page should."""
    world = World(f"sqlite:///{folder / 'hostile.sqlite3'}")
    for number, payload in enumerate(EVERY):
        item, raw = _message(world, number, payload)
        take_in(world.engine, "c1", Batch((Fetched(item, raw),), str(number)), world.clock())
    world.pipeline.run()
    _written(world)
    _formal(world)
    app = create_app(world.engine, KEYS)

    @app.get("/sign-in/unsafe/{number}")
    def unsafe(number: int) -> HTMLResponse:
        shown = f'<!doctype html><meta charset=utf-8><p title="{EVERY[number]}">a</p><p style="margin:0">{EVERY[number]}</p>'
        return HTMLResponse(f'{shown}<a href="{EVERY[number]}">here</a>')

    with reading(world.engine) as database:
        cases = tuple(database.execute(select(case.c.id).where(case.c.state == "open").order_by(case.c.id)).scalars())
        mails = tuple(database.execute(select(message.c.id).where(message.c.channel == "email")).scalars())
        messages = tuple(database.execute(select(message.c.id)).scalars())
    yield Filled(app, cases, mails, messages)
    world.engine.dispose()


def _message(world: World, number: int, payload: str) -> tuple[Message, bytes]:
    mail = number % 2 == 0
    text = f"{payload} {ABUSE} {payload[:200]}"
    made = replace(
        world.message(f"h{number}", text, channel=Channel.EMAIL if mail else Channel.X),
        author=Author(f"{payload[:300]}@{number}"[:320], payload[:300]),
        subject=payload,
        quoted_text=payload[:2_000],
        to=(payload[:200],),
        thread="one thread",
        reply_to_id="h0",
        headers=((payload[:80], payload[:400]),),
        links=(Link(payload[:400], payload[:400], Span(0, 1)),),
        attachments=(Attachment(payload[:200], payload[:60], 5),),
        defects=(payload[:200],),
    )
    letter = EmailMessage()
    letter["Subject"] = "Laid out"
    letter.set_content("plain")
    clean = payload.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    letter.add_alternative(f'<html><body><h1>{clean}</h1><p title="{clean}">{clean}</p></body></html>', subtype="html")
    return made, letter.as_bytes() if mail else text.encode("utf-8", "replace")


def _written(world: World) -> None:
    """Write what staff and platforms may write: notes, views, lists, links of tasks, alarms, trouble; hold every message."""
    now = world.clock()
    with writing(world.engine) as database:
        people.add(database, NAME, auth._hasher.hash(PASSWORD), "administrator", "en", must_change=False, now=now)
        for org, role in formal.MANAGES.items():
            offices.appoint(database, KEY, NAME, builtin_pack(org), role, "test", now)
        rows = database.execute(select(message.c.id, message.c.native_id).order_by(message.c.id)).all()
        for payload, row in zip(EVERY, rows, strict=True):
            outbox.enter(
                database, Wish("c1", Target("message", row.native_id), Action.HIDE, wanted=True, message_id=row.id), now
            )
            link = payload if payload in RUNNING else f"https://platform.example/{row.id}"
            places = {"message_id": row.id, "connection_id": "c1", "why": "manual", "state": "open", "created_at": now}
            database.execute(insert(manual_task).values(**places, link=link[:500]))
            words = {"key": f"k{row.id}", "kind": "enforcement", "connection_id": "c1", "raised_at": now}
            database.execute(insert(alarm).values(**words, answer=payload[:300]))
        for number, payload in zip(database.execute(select(case.c.id)).scalars().all(), EVERY, strict=False):
            notes.add(database, number, payload[:100], payload[:2_000], now)
        for payload in EVERY[:: len(EVERY) // 18]:
            notes.save_view(database, NAME, payload[:60], f"words={payload[:40]}")
        for payload in EVERY:
            lists.propose(
                database, KEY, Kind.DENY, Matches.PHRASE, payload[:300], "psow", payload[:100], now, why=payload[:2_000]
            )
        database.execute(update(connection).values(trouble="refused", trouble_answer=EVERY[0]))


def _formal(world: World) -> None:
    """Give people incidents, warnings and restrictions whose every word is hostile."""
    now = world.clock()
    with writing(world.engine) as database:
        contacts = (
            database.execute(select(message.c.contact_id).distinct().order_by(message.c.contact_id)).scalars().all()
        )
        for contact, payload in zip(contacts, EVERY, strict=False):
            text = payload[:2_000]
            found = formal.incident(0, now, "psow", "proposed", what=text, reported_by=text[:100])
            database.execute(
                insert(incident).values(contact_id=contact, org="psow", at=now, state="proposed", detail=dumped(found))
            )
            for kind, step in (
                ("warning", replace(formal.warned(now), why=text)),
                ("restriction", replace(formal.restricted("psow", now), why=text, circumstances=text)),
            ):
                database.execute(
                    insert(measure).values(
                        contact_id=contact,
                        org="psow",
                        kind=kind,
                        at=now,
                        state="standing",
                        pack_version="1",
                        detail=dumped(step),
                    )
                )


def signed_in(app: FastAPI) -> TestClient:
    """Return a client of the application who is signed in."""
    client = TestClient(app, follow_redirects=False)
    client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
    return client


def as_json(value: object) -> str:
    """Return a value as JavaScript."""
    return json.dumps(value)
