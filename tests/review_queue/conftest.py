"""A page over a real store with a few decided messages, and a reviewer who is signed in."""

from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from bot.intake import take_in
from models.domain import Attachment, Author, Channel
from models.session import writing
from models.store import people
from review_queue import auth
from review_queue.app import Keys, create_app
from tests.fakes.world import ABUSE, INNOCENT, World

NAME, PASSWORD = "nia", "a long enough password"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


@dataclass
class Desk:
    world: World
    client: TestClient

    def csrf(self) -> str:
        cookie = self.client.cookies["porthor_session"]
        return self.client.app.state.page.sessions.read(cookie).csrf


def fill(world: World) -> None:
    from dataclasses import replace

    hostile = replace(
        world.message("3", f"{HOSTILE} you fucking useless cunts", channel=Channel.EMAIL),
        author=Author("evil@example.org", HOSTILE),
        subject=HOSTILE,
        attachments=(Attachment(HOSTILE, "text/html", 5),),
    )
    welsh = world.message("4", "Mae'r tŷ ar dân ac mae'r plant y tu mewn, helpwch ni nawr", author="gwen")
    take_in(
        world.engine,
        "c1",
        world.batch(world.message("1", ABUSE), world.message("2", INNOCENT, author="b"), hostile, welsh),
        world.clock(),
    )
    world.pipeline.run()


@pytest.fixture
def desk(tmp_path):
    world = World(f"sqlite:///{tmp_path / 'page.sqlite3'}")
    fill(world)
    with writing(world.engine) as database:
        people.add(
            database, NAME, auth._hasher.hash(PASSWORD), "administrator", "en", must_change=False, now=world.clock()
        )
    app = create_app(world.engine, Keys(b"s" * 32, b"a" * 32))
    with TestClient(app, follow_redirects=False) as client:
        client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
        yield Desk(world, client)
    world.engine.dispose()
