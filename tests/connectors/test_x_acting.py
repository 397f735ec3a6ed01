"""What the connector `x` does, undoes, refuses, and leaves to people."""

from dataclasses import replace

import pytest

from connectors.base import MessageGone, Refused, Unavailable
from models.domain import Action, EnforcementState
from tests.connectors.steps import items, wanted
from tests.emulators.x import OWN, ident

pytestmark = pytest.mark.usefixtures("never_sleeps")

AT = "2026-11-21T10:00:00.000Z"


def test_a_reply_in_an_own_conversation_is_hidden_shown_and_hidden_again(x, open_x):
    root, reply = ident(300), ident(100)
    x.post(root, OWN, "Bins are late", AT)
    x.post(reply, "42", "@council filth", AT, conversation_id=root)
    hide = wanted(Action.HIDE, reply, "message")
    for connector in (open_x(), open_x()):  # the second knows neither post from reading
        assert connector.act(hide).state is EnforcementState.DONE
        assert x.hidden == {reply}
        assert connector.act(replace(hide, wanted=False)).state is EnforcementState.DONE
        assert not x.hidden
        assert connector.read_back(hide) is None


def test_a_reply_elsewhere_is_refused_with_the_reason_and_a_link(x, open_x):
    x.post(ident(300), "42", "my own thread", AT)
    x.post(ident(100), "42", "@council filth", AT, conversation_id=ident(300))
    x.direct(ident(50), "42", "filth", AT)
    connector = open_x()
    items(connector)
    with pytest.raises(Refused, match=rf"somebody else's.*x\.com/i/status/{ident(100)}"):
        connector.act(wanted(Action.HIDE, ident(100), "message"))
    with pytest.raises(Refused, match="direct message cannot be hidden"):
        connector.act(wanted(Action.HIDE, f"dm-{ident(50)}", "message"))
    assert not x.asked("PUT")


def test_an_account_cannot_be_hidden(x, open_x):
    with pytest.raises(Refused, match="cannot hide a account"):
        open_x(block=True).act(wanted(Action.HIDE, "angry_one"))
    assert not x.blocked


def test_what_the_access_lacks_is_left_to_people(x, open_x):
    assert open_x().can() == {Action.HIDE, Action.MUTE}
    with pytest.raises(Refused, match=r"x\.com/angry_one"):
        open_x().act(wanted(Action.BLOCK, "angry_one"))
    with pytest.raises(Refused, match="old_api"):
        open_x(report=True)


def test_direct_messages_are_closed_and_the_rest_is_a_persons_task(x, open_x):
    connector = open_x(dm_block=True)
    outcome = connector.act(wanted(Action.BLOCK, "angry_one"))
    assert outcome.state is EnforcementState.MANUAL
    assert "https://x.com/angry_one" in outcome.detail
    assert x.dm_blocked == {"42"}
    assert connector.read_back(wanted(Action.BLOCK, "angry_one")) is None
    connector.act(replace(wanted(Action.BLOCK, "angry_one"), wanted=False))
    assert not x.dm_blocked


def test_enterprise_access_blocks_and_reads_back(x, open_x):
    x.enterprise = True
    connector = open_x(block=True)
    block = wanted(Action.BLOCK, "angry_one")
    assert connector.act(block).state is EnforcementState.DONE
    assert connector.read_back(block) is True
    assert connector.act(block).state is EnforcementState.ALREADY_DONE
    assert connector.act(replace(block, wanted=False)).state is EnforcementState.DONE
    assert not x.blocked


@pytest.mark.parametrize("has_access", [True, False])
def test_reports_go_by_the_older_api_once(x, open_x, has_access):
    x.old_access = has_access
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "env:K")
    connector = open_x(report=True, old_api=keys)
    report = wanted(Action.REPORT, "angry_one")
    if has_access:
        assert connector.act(report).state is EnforcementState.DONE
        assert x.reported == ["42"]
    else:
        with pytest.raises(Refused, match="403"):
            connector.act(report)
    assert len(x.asked("report_spam")) == 1
    assert connector.read_back(report) is None


def test_a_list_of_muted_accounts_is_read_to_its_end(x, open_x):
    x.page_size = 2
    for number in range(100, 107):
        x.add_user(str(number), f"u{number}")
        x.muted.add(str(number))
    assert open_x().read_back(wanted(Action.MUTE, "u100")) is True
    assert open_x().read_back(wanted(Action.MUTE, "angry_one")) is False


def test_a_handle_that_changed_hands_is_left_to_a_person(x, open_x):
    x.post(ident(100), "42", "@council first holder", AT)
    connector = open_x()
    items(connector)
    x.add_user("42", "renamed")
    x.add_user("43", "Angry_One")
    x.post(ident(50), "43", "@council second holder", AT)
    items(connector)
    with pytest.raises(Refused, match="held by 2 accounts"):
        connector.act(wanted(Action.MUTE, "angry_one"))
    assert not x.muted


def test_a_vanished_account_or_post_is_gone(x, open_x):
    root = ident(300)
    x.post(root, OWN, "root", AT)
    x.post(ident(100), "42", "@council hi", AT, conversation_id=root)
    connector = open_x()
    items(connector)
    del x.tweets[ident(100)]
    for gone in (
        wanted(Action.HIDE, ident(100), "message"),
        wanted(Action.HIDE, "12345", "message"),
        wanted(Action.MUTE, "nobody"),
    ):
        with pytest.raises(MessageGone):
            connector.act(gone)


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(x, open_x):
    x.fail("POST /2/users/7/muting", after=True)
    connector = open_x()
    mute = wanted(Action.MUTE, "angry_one")
    with pytest.raises(Unavailable):
        connector.act(mute)
    assert connector.read_back(mute) is True
    assert connector.act(mute).state is EnforcementState.ALREADY_DONE
