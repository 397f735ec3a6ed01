"""The pages of webhooks: an address added with its secret shown once, tried out, switched, and hostile text inert."""

import re

from sqlalchemy import select

from bot import webhooks as bot
from models.api_tables import webhook_delivery
from models.sealing import Seal
from models.store import webhooks
from review_queue import i18n
from tests.bot.test_webhooks import LOOPBACK, verified
from tests.emulators.receiver import receiver
from tests.review_queue.conftest import HOSTILE


def post(desk, path, **form):
    return desk.client.post(path, data={"csrf": desk.csrf(), **form})


def test_an_address_is_added_tried_out_and_switched(desk):
    with receiver() as other:
        shown = post(desk, "/api/webhooks/new", title=HOSTILE, address=other.address, events=["case.decided", "evil"])
        assert "<script>alert" not in shown.text
        secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", shown.text).group()
        page = desk.client.get("/api/webhooks/1").text
        assert secret not in page
        assert "<script>alert" not in page + desk.client.get("/api/webhooks").text
        assert post(desk, "/api/webhooks/1/test").headers["location"].endswith("said=test")
        send = bot.Post(Seal(b"s" * 32, webhooks.PURPOSE), LOOPBACK)
        assert bot.run_due(desk.world.engine, send, i18n.utc_now) == 1
        (_, headers, body) = other.calls[0]
        assert verified(secret, headers, body)
        assert "answered 200" in desk.client.get("/api/webhooks/1").text
    assert post(desk, "/api/webhooks/1/off").status_code == 303
    assert "Switched off" in desk.client.get("/api/webhooks/1?said=off").text
    assert secret not in post(desk, "/api/webhooks/1/rotate").text
    assert [row.event for row in desk.world.every(select(webhook_delivery))] == ["test"]


def test_what_does_not_fit_is_said_at_its_field(desk):
    good = {"title": "x", "address": "https://a.example/", "events": ["case.opened"]}
    for wrong, field in (
        ({"title": " "}, "title"),
        ({"address": "gopher://x"}, "address"),
        ({"events": []}, "event-1"),
    ):
        answer = post(desk, "/api/webhooks/new", **(good | wrong))
        assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), wrong
    assert desk.client.get("/api/webhooks/9").status_code == 404
    assert post(desk, "/api/webhooks/9/test").status_code == 404
    assert desk.client.post("/api/webhooks/1/test", data={"csrf": "x"}).status_code == 403
