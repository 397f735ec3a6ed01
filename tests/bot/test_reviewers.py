"""Words to reviewers: urgent cases, alarms and the digest, by a real webhook, and never a word of a message."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from bot import dispatching, reviewers
from bot.dispatching import Outlets
from bot.policies import policy_of
from bot.reviewers import AppriseTeller
from models.domain import Action
from models.engine_tables import alarm, dispatch
from models.session import writing
from models.store import quotas
from tests.emulators.smtp import mail_server
from tests.fakes.world import ABUSE, World

FIRE = "Mae'r tŷ ar dân ac mae'r plant y tu mewn, helpwch ni nawr"


class Hook:
    def __init__(self):
        self.bodies, self.status = [], 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self):
        return f"json://127.0.0.1:{self.server.server_address[1]}/hook"


@pytest.fixture
def hook():
    made = Hook()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def tell(world, address, hour=8):
    with writing(world.engine) as database:
        reviewers.enter_urgent(database, ["env:HOOK"], world.clock())
        reviewers.enter_alarms(database, ["env:HOOK"], world.clock())
        reviewers.enter_digest(database, ["env:HOOK"], hour, world.clock())
    outlets = Outlets(policy_of, AppriseTeller({"env:HOOK": address}.__getitem__), page="https://queue.example/")
    return dispatching.run_due(world.engine, outlets, world.clock)


def test_an_urgent_case_is_told_once_with_its_number_and_no_word_of_it(world, hook):
    world.put(world.message("1", FIRE, author="gwen"))
    assert tell(world, hook.address, hour=23) == 1
    assert tell(world, hook.address, hour=23) == 0
    (body,) = hook.bodies
    said = json.dumps(body)
    assert "https://queue.example/case/1" in said
    assert "achos brys" in said
    assert "urgent case" in said
    assert "gwen" not in said
    assert "plant" not in said


def test_a_tripped_breaker_is_told(world, hook):
    with writing(world.engine) as database:
        quotas.trip(database, "c1", Action.HIDE, "surge", world.clock())
    tell(world, hook.address, hour=23)
    said = json.dumps(hook.bodies, ensure_ascii=False)
    assert "an automatic action has stopped; resume it once you have looked" in said
    assert "mae gweithred awtomatig wedi stopio; ailddechreuwch hi ar ôl i chi edrych" in said


def test_the_digest_comes_once_on_working_days_and_counts(world, hook):
    world.put(world.message("1", ABUSE), world.message("2", ABUSE, author="other"))
    world.act()
    tell(world, hook.address, hour=8)
    tell(world, hook.address, hour=8)
    (body,) = hook.bodies
    assert "2 eitemau a ddaliwyd nad edrychwyd arnynt / items held that nobody has looked at" in body["message"]
    world.clock.forward(days=4)
    assert world.clock().weekday() == 5
    tell(world, hook.address)
    assert len(hook.bodies) == 1, "Saturday"


def test_a_service_that_fails_is_an_alarm_on_the_page_and_no_endless_telling(world, hook):
    hook.status = 500
    world.put(world.message("1", FIRE))
    for _ in range(3):
        tell(world, hook.address, hour=23)
    assert len(hook.bodies) == 1
    assert [a.kind for a in world.every(select(alarm))] == ["notify"]
    assert [d.state for d in world.every(select(dispatch))] == ["unknown"]
    hook.status = 200
    world.put(world.message("2", FIRE, author="other"), cursor="2")
    tell(world, hook.address, hour=23)
    assert not world.every(select(alarm).where(alarm.c.cleared_at.is_(None)))


def test_reviewers_are_told_by_mail_too(world):
    world.put(world.message("1", FIRE))
    with mail_server() as box:
        address = f"mailto://127.0.0.1:{box.port}?from=porthor@example.org&to=team@example.org&mode=insecure"
        tell(world, address, hour=23)
        ((_, recipient, mail),) = box.mails
    assert recipient == "team@example.org"
    assert "achos brys" in str(mail["subject"])


@pytest.mark.parametrize("address", ["nonsense", ""])
def test_an_address_that_is_none_is_told_without_its_value(world, address):
    world.put(world.message("1", FIRE))
    tell(world, address, hour=23)
    (row,) = world.every(select(dispatch))
    assert row.state == "refused"
    assert "env:HOOK" in row.outcome
