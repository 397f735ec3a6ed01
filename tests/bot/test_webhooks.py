"""Events told to another system over real HTTP: signed, at least once, never inside our own walls, and no word of a message."""

import base64
import hashlib
import hmac
import json
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from bot import webhooks as bot
from bot.settings import load
from models.api_tables import webhook, webhook_delivery
from models.domain import Action, VerdictKind
from models.engine_tables import alarm
from models.sealing import Seal
from models.session import writing
from models.store import audit, webhooks
from models.store.access import NotAllowed
from models.store.webhooks import Event
from models.tables import audit_event, case
from tests.emulators.receiver import receiver
from tests.fakes.desks import Office
from tests.fakes.world import ABUSE, KEY, START, World

SEAL = Seal(b"s" * 32, webhooks.PURPOSE)
LOOPBACK = (ip_network("127.0.0.0/8"),)
EVERY = [event.value for event in Event]
FIRE = "The house is on fire and the children are inside, help us now"


@pytest.fixture
def other():
    with receiver() as found:
        yield found


@pytest.fixture
def world(other):
    made = World()
    with writing(made.engine) as database:
        _, made.secret = webhooks.add(database, KEY, SEAL, "case system", other.address, "", EVERY, "nia", START)
    made.post = bot.Post(SEAL, LOOPBACK, "https://porthor.example.org/")
    yield made
    made.engine.dispose()


def send(world, post=None):
    return bot.run_due(world.engine, post or world.post, world.clock)


def told(other):
    return [json.loads(body) for _, _, body in other.calls]


def states(world):
    return [(row.state, row.attempts) for row in world.every(select(webhook_delivery).order_by(webhook_delivery.c.id))]


def verified(secret, headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in headers["webhook-signature"].split(" ")


def test_the_signature_is_the_schemes_own():
    """Source: Standard Webhooks, the example that its libraries are tested with."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = bot.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_case_is_told_as_it_is_opened_decided_and_undone_without_a_name_or_a_word(world, other):
    world.put(world.message("1", ABUSE, author="gwen-secret"))
    world.judge(VerdictKind.DELIVER)
    world.judge(VerdictKind.UNDO)
    world.judge(VerdictKind.ESCALATE)
    assert send(world) == 4
    assert [entry["type"] for entry in told(other)] == ["case.opened", "case.decided", "case.undone", "case.escalated"]
    first = told(other)[0]
    assert first["data"] == {
        "organisation": "psow",
        "case": 1,
        "urgent": False,
        "link": "https://porthor.example.org/case/1",
    }
    assert first["timestamp"] == START.isoformat()
    everything = b"".join(body for _, _, body in other.calls)
    for secret in (b"gwen", b"scum", b"nia"):
        assert secret not in everything
    path, headers, body = other.calls[0]
    assert (path, headers["content-type"]) == ("/events", "application/json")
    assert verified(world.secret, headers, body)
    assert not verified(webhooks.new_secret(), headers, body)
    assert send(world) == 0, "each once"


def test_an_urgent_case_is_told_also_when_it_turns_so(world, other):
    world.put(world.message("1", ABUSE, author="gwen"))
    world.put(world.message("2", FIRE, author="gwen"), cursor="2")
    send(world)
    assert [entry["type"] for entry in told(other)] == ["case.opened", "case.urgent"]


def test_what_cannot_be_done_on_a_platform_is_told(world, other):
    world.put(world.message("1", ABUSE))
    world.judge(VerdictKind.ENFORCE, (Action.REPORT,))
    world.act()
    send(world)
    failed = [entry["data"] for entry in told(other) if entry["type"] == "enforcement.failed"]
    assert [(entry["effect"], entry["connection"]) for entry in failed] == [("report", "c1")]


def test_the_formal_side_tells_what_begins_and_ends_and_what_is_due(other):
    office = Office("psow")
    webhooks.add(office.database, KEY, SEAL, "x", other.address, "psow", EVERY, "nia", START)
    number = office.up_to_restriction()
    office.forward(days=400)
    office.tick()
    rows = office.database.execute(select(webhook_delivery.c.event, webhook_delivery.c.data)).all()
    assert [(row.event, row.data["restriction"]) for row in rows if "restriction" in row.data] == [
        ("restriction.begun", number), ("restriction.ended", number),
    ]  # fmt: skip
    assert "Jones" not in str(rows)
    from models.store.formal import notices

    for _ in range(2):
        notices.tell(office.database, "psow", "review_soon", "measure:1", "tm", START.date(), START)
    due = office.database.execute(select(webhook_delivery).where(webhook_delivery.c.event == "review.due")).all()
    assert [row.data["kind"] for row in due] == ["review_overdue", "review_soon"]
    office.close()


def test_a_failure_is_tried_again_later_and_later_under_the_same_number_then_given_up_with_an_alarm(world, other):
    world.put(world.message("1", ABUSE))
    other.answers = [500] * (len(bot.WAITS) + 1)
    for wait in bot.WAITS:
        assert send(world) == 0
        assert send(world) == 0, "not before its time"
        world.clock.now += wait
    assert send(world) == 1
    assert len(other.calls) == len(bot.WAITS) + 1
    assert len({headers["webhook-id"] for _, headers, _ in other.calls}) == 1
    assert states(world) == [("dead", len(bot.WAITS) + 1)]
    assert [row.cleared_at for row in world.every(select(alarm).where(alarm.c.kind == "webhook"))] == [None]
    with writing(world.engine) as database:
        webhooks.again(database, 1, 1, world.clock())
    assert send(world) == 1
    assert states(world)[0][0] == "done"
    assert world.every(select(alarm.c.cleared_at))[0].cleared_at is not None


def test_a_crash_in_the_middle_is_made_good(world, other):
    world.put(world.message("1", ABUSE))
    with writing(world.engine) as database:
        assert webhooks.lease(database, 1, world.clock()) is not None
        assert webhooks.lease(database, 1, world.clock()) is None, "one worker at a time"
    assert send(world) == 0
    world.clock.forward(seconds=61)
    assert send(world) == 1
    assert states(world) == [("done", 2)]


def test_who_wants_no_more_is_not_asked_again(world, other):
    world.put(world.message("1", ABUSE))
    other.answers = [410]
    assert send(world) == 1
    assert states(world) == [("dead", 1)]


def test_a_redirect_is_not_followed(world, other):
    world.put(world.message("1", ABUSE))
    other.answers = [302]
    send(world)
    assert [path for path, _, _ in other.calls] == ["/events"]
    assert states(world) == [("pending", 1)]


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x", "https://10.0.0.7/x",
        "https://192.168.1.1/x", "https://169.254.169.254/latest/meta-data", "https://0.0.0.0/", "https://[fd00::1]/", "https://[2002:7f00:1::]/", "https://[64:ff9b::a00:1]/",
        "https://224.0.0.1/", "https://2130706433/", "https://0x7f.1/", "http://93.184.216.34/",
    ],
)  # fmt: skip
def test_no_address_of_our_own_is_ever_told(world, other, address):
    with writing(world.engine) as database:
        database.execute(update(webhook).values(address=address))
    world.put(world.message("1", ABUSE))
    assert send(world, bot.Post(SEAL)) == 1
    assert states(world) == [("dead", 1)]
    assert other.calls == []


def test_a_name_that_changes_its_mind_is_met_where_it_was_looked_up(world, other, monkeypatch):
    asked = []

    def fickle(host, port, **_):
        asked.append(host)
        where = "93.184.216.34" if len(asked) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port))]

    monkeypatch.setattr(socket, "getaddrinfo", fickle)
    with pytest.raises(bot.NotAllowed):
        bot.reachable("rebind.example", 443, ())
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, 443)) for where in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(bot.NotAllowed):
        bot.reachable("two.example", 443, ())


def test_a_new_secret_signs_beside_the_one_before_for_a_day(world, other):
    with writing(world.engine) as database:
        fresh = webhooks.rotate(database, KEY, SEAL, 1, "nia", world.clock())
        webhooks.try_out(database, 1, world.clock())
    send(world)
    _, headers, body = other.calls[-1]
    assert verified(fresh, headers, body)
    assert verified(world.secret, headers, body)
    world.clock.forward(hours=25)
    with writing(world.engine) as database:
        webhooks.try_out(database, 1, world.clock())
    send(world)
    _, headers, body = other.calls[-1]
    assert (verified(fresh, headers, body), verified(world.secret, headers, body)) == (True, False)
    kept = str(world.every(select(webhook)))
    assert fresh not in kept
    assert world.secret not in kept


def test_switched_off_nothing_goes_out_and_what_waited_is_cancelled(world, other):
    world.put(world.message("1", ABUSE))
    with writing(world.engine) as database:
        webhooks.switch(database, KEY, 1, "off", "nia", world.clock())
    world.judge(VerdictKind.DELIVER)
    assert send(world) == 0
    assert [state for state, _ in states(world)] == ["cancelled"]
    with writing(world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
    assert {row.what for row in world.every(select(audit_event))} >= {"webhook.add", "webhook.off"}


def test_another_organisation_and_other_events_are_not_told(world, other):
    with writing(world.engine) as database:
        database.execute(update(webhook).values(org="adra"))
        webhooks.add(database, KEY, SEAL, "y", other.address, "psow", ["case.urgent"], "nia", START)
    world.put(world.message("1", ABUSE))
    assert world.every(select(case.c.id))
    assert states(world) == []


def test_what_ended_long_ago_is_forgotten(world, other):
    world.put(world.message("1", ABUSE))
    send(world)
    world.clock.now += webhooks.KEPT + timedelta(days=1)
    world.put(world.message("2", ABUSE, author="b"), cursor="2")
    send(world)
    assert len(states(world)) == 1


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://a.example", "webhook_address"), ("https://", "webhook_address"), ("https://a:b@c.example/", "webhook_address"),
        ("javascript:alert(1)", "webhook_address"), ("https://a.example:0/", "webhook_address"), ("https://[::1", "webhook_address"),
        ("https://a.example/#x", "webhook_address"), ("https://ŵ.example/", "webhook_address"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused(address, code):
    with pytest.raises(NotAllowed, match=code):
        webhooks.checked("x", address, EVERY)


def test_the_settings_name_networks(tmp_path):
    (tmp_path / "porthor.toml").write_text('[webhooks]\nnetworks = ["10.1.0.0/16", "fd00::/8"]\n')
    found = bot.post_of(load({}, tmp_path))
    assert found.networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


def test_an_address_that_fails_holds_up_no_other(world, other):
    with receiver() as second:
        with writing(world.engine) as database:
            webhooks.add(database, KEY, SEAL, "second", second.address, "", EVERY, "nia", START)
        for number in range(3):
            world.put(world.message(str(number), ABUSE, author=f"a{number}"), cursor=str(number))
        other.answers = [500] * 9
        assert send(world) == 3
        assert (len(other.calls), len(second.calls)) == (1, 3)


@pytest.mark.parametrize(("name", "taken"), [("hooks.example", True), ("elsewhere.example", False)])
def test_the_certificate_is_checked_for_the_name_though_the_address_is_connected_to(
    world, tmp_path, monkeypatch, name, taken
):
    certificate = self_signed("hooks.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    with receiver(certificate) as safe:
        with writing(world.engine) as database:
            database.execute(update(webhook).values(address=f"https://{name}:{safe.port}/events"))
            webhooks.try_out(database, 1, world.clock())
        send(world)
        assert len(safe.calls) == taken
        if taken:
            assert safe.calls[0][1]["host"] == f"hooks.example:{safe.port}"
    assert [state for state, _ in states(world)] == ["done" if taken else "dead"]


def self_signed(name, folder):
    """Write a certificate of `name` with its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        who, who, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = made.sign(key, hashes.SHA256())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "hooks.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return path
