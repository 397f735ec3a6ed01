"""What the connector `mastodon` does, undoes, reports once, and leaves to people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import MessageGone, Refused, Unavailable
from models.domain import Action, EnforcementState, Target
from tests.connectors.steps import items, last_cursor, texts, wanted

pytestmark = pytest.mark.usefixtures("never_sleeps")

ANGRY = "angry@elsewhere.example"


def test_a_muted_persons_complaint_still_comes_in(instance, open_it):
    instance.mention("100", "20", "42", "abuse")
    connector = open_it()
    cursor = last_cursor(connector)
    connector.act(wanted(Action.MUTE, ANGRY))
    instance.mention("101", "21", "42", "a real complaint")
    assert texts(connector, cursor) == ["@council a real complaint"]
    connector = open_it(hide_muted_notifications=True)
    connector.act(replace(wanted(Action.MUTE, ANGRY), wanted=False))
    connector.act(wanted(Action.MUTE, ANGRY))
    assert not texts(connector, cursor)


def test_a_timed_mute_carries_its_time_and_is_renewed_before_it_ends(instance, open_it):
    connector = open_it(mute_days=7)
    mute = wanted(Action.MUTE, ANGRY)
    assert connector.act(mute).state is EnforcementState.DONE
    assert instance.muted["42"]["expires"] == "2026-11-28T09:00:00.000Z"
    assert connector.act(mute).state is EnforcementState.ALREADY_DONE
    instance.clock.now += timedelta(days=3)
    instance.now = instance.clock.now
    assert connector.act(replace(mute, generation=2)).state is EnforcementState.DONE
    assert instance.muted["42"]["expires"] == "2026-12-01T09:00:00.000Z"


def test_after_a_block_the_mentions_vanish_there_but_were_kept_before(instance, open_it):
    instance.mention("100", "20", "42", "abuse")
    connector = open_it()
    batches = list(connector.fetch(None))
    connector.act(wanted(Action.BLOCK, ANGRY))
    assert not instance.notes
    assert [item.message.own_text for batch in batches for item in batch.items] == ["@council abuse"]
    assert not items(connector, batches[-1].cursor)


def test_a_moderators_block_limits_the_account_and_both_are_read_back(instance, open_it):
    connector = open_it(limit_on_block=True)
    with pytest.raises(Refused, match="403"):
        connector.act(wanted(Action.BLOCK, ANGRY))
    instance.is_moderator = True
    block = wanted(Action.BLOCK, ANGRY)
    assert connector.act(block).state is EnforcementState.DONE
    assert connector.read_back(block) is True
    instance.silenced.clear()
    assert connector.read_back(block) is False
    assert connector.act(block).state is EnforcementState.DONE
    connector.act(replace(block, wanted=False))
    assert not instance.silenced | instance.blocked


def test_a_report_is_made_once_with_rules_and_forwarding(instance, open_it):
    instance.mention("100", "20", "42", "abuse")
    connector = open_it(report_rules=("3",), report_forward=True, report_comment="Abuse of staff.")
    items(connector)
    assert connector.act(wanted(Action.REPORT, ANGRY)).state is EnforcementState.DONE
    (report,) = instance.reports
    assert report == {
        "account_id": "42",
        "status_ids[]": ["20"],
        "comment": "Abuse of staff.",
        "forward": "1",
        "category": "violation",
        "rule_ids[]": ["3"],
    }
    assert connector.read_back(wanted(Action.REPORT, ANGRY)) is None
    instance.fail("reports", after=True)
    with pytest.raises(Unavailable):
        connector.act(wanted(Action.REPORT, ANGRY))
    assert len(instance.reports) == 2
    with pytest.raises(Refused, match="cannot be taken back"):
        connector.act(replace(wanted(Action.REPORT, ANGRY), wanted=False))


def test_what_an_account_cannot_do_is_a_persons_task_with_a_link(instance, open_it):
    connector = open_it(report=False)
    assert connector.can() == {Action.MUTE, Action.BLOCK}
    with pytest.raises(Refused, match="/web/statuses/20"):
        connector.act(wanted(Action.HIDE, "20", "message"))
    assert connector._link(Target("account", ANGRY)) == f"{instance.url}/@{ANGRY}"
    assert connector._link(Target("account", "tai@home.example")) == f"{instance.url}/@tai"


def test_a_vanished_account_is_gone(instance, open_it):
    with pytest.raises(MessageGone):
        open_it().act(wanted(Action.MUTE, "nobody@elsewhere.example"))
    instance.mention("100", "20", "42", "abuse")
    connector = open_it()
    items(connector)
    del instance.accounts["42"]
    with pytest.raises((MessageGone, Unavailable)):
        connector.act(wanted(Action.MUTE, ANGRY))


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(instance, open_it):
    instance.fail("POST /api/v1/accounts/42/block", after=True)
    connector = open_it()
    with pytest.raises(Unavailable):
        connector.act(wanted(Action.BLOCK, ANGRY))
    assert connector.read_back(wanted(Action.BLOCK, ANGRY)) is True
    assert connector.act(wanted(Action.BLOCK, ANGRY)).state is EnforcementState.ALREADY_DONE
