"""What the connector `facebook` does, undoes, and leaves to people."""

from dataclasses import replace

import pytest

from connectors.base import Refused, Unavailable
from models.domain import Action, EnforcementState
from tests.connectors.steps import wanted
from tests.emulators.meta import PAGE

pytestmark = pytest.mark.usefixtures("never_sleeps")


def test_a_visitors_post_is_hidden_like_a_comment(meta, open_page):
    name = meta.post(2, "abuse", author="43")
    connector, hide = open_page(), wanted(Action.HIDE, name, "message")
    assert connector.act(hide).state is EnforcementState.DONE
    assert meta.objects[name]["is_hidden"] is True
    connector.act(replace(hide, wanted=False))
    assert meta.objects[name]["is_hidden"] is False


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(meta, open_page):
    name = meta.comment(meta.post(1, "post"), 10, "abuse")
    for effect, kind, native_id, path in (
        (Action.HIDE, "message", name, f"POST /v25.0/{name}"),
        (Action.BLOCK, "account", "42", "POST /v25.0/500/blocked"),
    ):
        meta.fail(path, after=True)
        connector, job = open_page(), wanted(effect, native_id, kind)
        with pytest.raises(Unavailable):
            connector.act(job)
        assert connector.read_back(job) is True
        assert connector.act(job).state is EnforcementState.ALREADY_DONE


def test_a_ban_is_found_beyond_the_first_page_and_a_page_is_banned_by_its_own_id(meta, open_page):
    meta.page_size = 2
    meta.banned = ["1", "2", "3", "42"]
    connector = open_page()
    assert connector.read_back(wanted(Action.BLOCK, "42")) is True
    assert connector.read_back(wanted(Action.BLOCK, "43")) is False
    meta.knows_psids = False
    assert connector.act(wanted(Action.BLOCK, "43")).state is EnforcementState.DONE
    assert meta.banned[-1] == "43"


def test_what_a_page_cannot_do_is_a_persons_task_with_a_link(meta, open_page):
    connector = open_page()
    assert connector.can() == {Action.HIDE, Action.BLOCK}
    with pytest.raises(Refused, match=f"facebook.com/{PAGE}/settings"):
        connector.act(wanted(Action.REPORT, "42"))
    assert connector.read_back(wanted(Action.REPORT, "42")) is None
    with pytest.raises(Refused, match="does not name this comment's author"):
        connector.act(wanted(Action.BLOCK, "unnamed-1_10"))
    assert connector.read_back(wanted(Action.BLOCK, "unnamed-1_10")) is None
    assert connector.deep_link(wanted(Action.HIDE, "1_10", "message")) == "https://www.facebook.com/1_10"


def test_the_probe_names_the_page(meta, open_page):
    assert open_page().probe() == "this is the Facebook Page Example Council"


def test_an_answer_that_does_not_say_done_is_tried_again(meta, open_page, monkeypatch):
    name = meta.comment(meta.post(1, "post"), 10, "abuse")
    connector = open_page()
    monkeypatch.setattr(connector._access, "post", lambda *_, **__: {"success": False})
    with pytest.raises(Unavailable):
        connector.act(wanted(Action.HIDE, name, "message"))
    with pytest.raises(Refused, match="did not change the ban"):
        connector.act(wanted(Action.BLOCK, "42"))
