"""What stands in the bot's way is said in both languages, with its facts; an alarm from before there were facts too."""

from datetime import UTC, datetime

import pytest

from models.domain import Action
from models.session import writing
from models.store import alarms, connections, quotas
from models.trouble import Trouble
from review_queue.troubles import alarm_words, trouble_words
from tests.review_queue.api_client import Api, key

FACTS = {
    "paused": ({"trouble": "auth", "by": "porthor"}, "wedi'i oedi: nid yw'r cyfrinair", "is paused: the password"),
    "breaker": ({"effect": "hide", "why": "surge"}, "(cuddiwyd: llawer mwy nag arfer", "(hidden: far more than usual"),
    "enforcement": (
        {"effect": "block", "wanted": False, "state": "dead"},
        "(i'w ddadwneud): rhoddwyd y gorau iddi",
        "(to be undone): given up",
    ),
    "dispatch": ({"what": "letter", "state": "unknown"}, "llythyr: nid yw'n hysbys", "a letter: not known"),
    "spend": ({"cap": 25.0, "until": "2026-12-01"}, "(25.00); ni chaiff", "(25.00); it is not read again before 1 December"),
    "unreachable": ({"times": 6}, "ceisiadau yn olynol: 6", "attempts in a row: 6"),
    "clock": ({"seconds": -3600}, "eiliadau: -3600", "seconds: -3600"),
    "webhook": ({"title": "Case system"}, "ddigwyddiad: Case system", "event: Case system"),
    "rota": ({"name": "nia"}, "nia sydd ar alw", "nia is on call"),
    "notify": ({}, "i'r adolygwyr", "reviewers could not be told"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FACTS)
def test_every_alarm_is_said_in_both_languages(kind):
    facts, welsh, english = FACTS[kind]
    assert welsh in alarm_words(kind, facts, "cy")
    assert english in alarm_words(kind, facts, "en")
    old = {language: alarm_words(kind, {}, language) for language in ("cy", "en")}
    assert old["cy"] != old["en"]


def test_a_kind_that_nobody_knows_is_still_told():
    assert alarm_words("of-tomorrow", {"x": 1}, "cy") == "mae'r bot yn gofyn am olwg"


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_words_in_both_languages(trouble):
    said = {trouble_words(trouble, "nia", language) for language in ("cy", "en")}
    assert len(said) == 2
    assert "" not in said


def test_the_pages_of_the_bot_say_nothing_in_english_to_a_welsh_reader_but_what_the_other_side_said(desk):
    now = datetime.now(UTC)
    with writing(desk.world.engine) as database:
        connections.pause(database, "c1", "porthor", Trouble.AUTH, "401 from the platform", now)
        quotas.trip(database, "c1", Action.HIDE, "quota", now)
        alarms.raise_one(database, "old", "unreachable", now, "c1", answer="no route to host")
    desk.client.get("/language/cy")
    for path in ("/today", "/connections", "/enforcement"):
        page = desk.client.get(path).text
        assert "nid yw'r cyfrinair, yr allwedd na'r tocyn yn dal mwyach" in page.replace("&#39;", "'"), path
        assert '<span lang="en">401 from the platform</span>' in page, path
        assert '<span lang="en">no route to host</span>' in page, path
        assert "no longer holds" not in page


def test_the_api_says_alarms_in_the_language_asked_for(desk):
    with writing(desk.world.engine) as database:
        connections.pause(database, "c1", "nia", Trouble.PERSON, "", datetime.now(UTC))
    for language, words in (("cy", "wedi'i oedi gan: nia"), ("en", "paused by nia")):
        (told,) = Api(desk, key(desk), **{"Accept-Language": language}).get("/status").json()["alarms"]
        assert words in told["detail"]
