"""Scenarios: small invented histories, bad lines, and the forty histories beside the project."""

import json
from pathlib import Path

import pytest

from bot.cli.errors import CommandError
from bot.restriction_text import restriction_from
from bot.scenarios import one_person, own_addresses, persons, run_scenarios
from models.domain import Channel
from models.policy.history import RestrictionType
from tests.fakes.world import START

LETTER = "The damp in my back bedroom was reported on 5 February and nobody has been to look."


def event(hour, text, kind="inbound", author="n@example.org", channel="email", to="tai@adra.example.org"):
    return {
        "t": f"2026-03-09T{hour:02}:00:00Z",
        "channel": channel,
        "author": author,
        "to": [to],
        "cc": [],
        "text": text,
        "kind": kind,
        "note": "",
    }


def write(tmp_path, *rows):
    path = tmp_path / "histories.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_history_is_replayed_and_checked(tmp_path):
    row = {
        "id": "t-1", "org": "adra", "title": "three copies", "events": [event(h, LETTER) for h in (8, 9, 10)],
        "expect": [{"after_event": 3, "signals": ["duplicate.same_contact"], "handling": "review", "why": ""}],
    }  # fmt: skip
    wrong = row | {
        "id": "t-2",
        "expect": [{"after_event": 1, "signals": ["abuse.threat"], "handling": "urgent", "why": ""}],
    }
    report = run_scenarios(write(tmp_path, row, wrong))
    assert [result.passed for result in report.results] == [True, False]
    assert report.to_text().endswith("1 passed, 1 failed")
    assert "missing abuse.threat" in report.to_text()
    assert json.loads(report.to_json())["failed"] == 1


def test_bad_lines_are_told_and_the_others_run(tmp_path):
    good = {
        "id": "t-1",
        "org": "adra",
        "events": [event(8, "Diolch")],
        "expect": [{"after_event": 1, "signals": [], "handling": "deliver"}],
    }
    report = run_scenarios(write(tmp_path, "{broken", good, {"id": "x"}, good | {"org": "nobody"}))
    assert [result.passed for result in report.results] == [False, True, False, False]
    assert report.unread == 3
    assert "histories.jsonl:1" in report.results[0].error
    with pytest.raises(CommandError, match="cannot be read"):
        run_scenarios(tmp_path / "none.jsonl")


def test_who_is_who():
    events = [
        event(8, "a", author="carly.b@example.net"),
        event(9, "b", author="@carly_b_xo", channel="x"),
        event(10, "c", author="m.pugh@example.org"),
        event(11, "d", author="j.pugh@example.org"),
    ]
    found = persons(events)
    assert found["carly_b_xo"] == found["carly.b@example.net"]
    assert found["m.pugh@example.org"] != found["j.pugh@example.org"]
    assert own_addresses("adra", events) == ("tai@adra.example.org",)


@pytest.mark.parametrize(
    ("address", "handle", "same"),
    [
        ("dilwyn.marsh@example.net", "dilwynmarsh77", True),
        ("d.ll.marsh@example.net", "dilwyn marsh", True),
        ("siop.gresford@example.com", "emyr gresford", False),
        ("m.penhallow@example.org", "steffan penhallow", False),
        ("m.penhallow@example.org", "penhallow", False),
    ],
)
def test_a_shared_surname_or_village_does_not_join_two_people(address, handle, same):
    assert one_person(address, handle) is same


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Your emails will be read and filed.", RestrictionType.READ_AND_FILE),
        ("Contact managed: one email a week, on Mondays.", RestrictionType.VOLUME_LIMIT),
        ("Un e-bost yr wythnos yn unig.", RestrictionType.VOLUME_LIMIT),
        ("Contact by post only, for six months.", RestrictionType.ONE_CHANNEL),
        ("Your emails are blocked.", RestrictionType.BLOCK_CONTACT),
        ("We will no longer accept emails from you.", RestrictionType.BLOCK_CONTACT),
        ("We shall not acknowledge your letters unless they hold something new.", RestrictionType.READ_AND_FILE),
        ("Ni fyddwn yn ateb negeseuon am y bont.", RestrictionType.READ_AND_FILE),
        ("A single point of contact: Mrs Rees.", RestrictionType.OTHER),
    ],
)
def test_a_letter_says_what_it_restricts(text, kind):
    assert restriction_from(text, START).restriction is kind


def test_a_letter_says_until_when_and_what_stays_open():
    made = restriction_from("Letters only, until 2 August.", START)
    assert (made.until.month, made.until.day, made.open_channels) == (8, 2, (Channel.LETTER,))
    weekly = restriction_from("two emails a week", START)
    assert (weekly.max_items, weekly.per_days) == (2, 7)


@pytest.mark.parametrize(("name", "count", "failed_at_most"), [("tuned", 20, 2), ("held_out", 12, 2)])
def test_histories_of_our_own_keep_passing(name, count, failed_at_most):
    report = run_scenarios(Path(__file__).parent / "histories" / f"{name}.jsonl")
    assert (len(report.results), report.unread) == (count, 0)
    assert report.failed <= failed_at_most, report.to_text()


@pytest.mark.shared
def test_each_of_the_forty_histories_passes(shared_dir):
    domain = shared_dir / "data" / "domain"
    report = run_scenarios(domain / "scenarios.jsonl", domain / "staff.csv")
    assert len(report.results) == 40
    assert report.unread == 0
    assert report.failed == 0, report.to_text()


def test_somebody_restricted_who_writes_from_his_sisters_address_is_shown_to_a_person(tmp_path):
    closed = event(8, "Contact managed: letters only, until 2 August.", "restriction_started",
                   author="tai@adra.example.org", to="gwilym.t.rees@example.com")  # fmt: skip
    before = event(7, "When will the fence be mended?", author="gwilym.t.rees@example.com")
    borrowed = event(10, "This is Gwilym on our Bethan's email. The fence.", author="b.rees.hughes@example.net")
    sister = event(11, "This is Bethan herself. Could I pay my rent by card?", author="b.rees.hughes@example.net")
    row = {
        "id": "t-1", "org": "adra", "title": "a sister's address", "events": [before, closed, borrowed, sister],
        "expect": [
            {"after_event": 3, "signals": ["persistence.after_decision"], "handling": "review", "why": ""},
            {"after_event": 4, "signals": [], "handling": "deliver", "why": ""},
        ],
    }  # fmt: skip
    report = run_scenarios(write(tmp_path, row))
    assert report.failed == 0, report.to_text()
