"""What the connector `youtube` holds back, publishes again, and leaves to people."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import AuthFailed, MessageGone, Refused, Unavailable
from connectors.youtube import YoutubeConnector, YoutubeOptions
from models.domain import Action, EnforcementState
from tests.connectors.conftest import _place
from tests.connectors.steps import items, wanted
from tests.emulators.youtube import ANGRY, OWN

pytestmark = pytest.mark.usefixtures("never_sleeps")

HIDE = wanted(Action.HIDE, "Ug1", "message")


def test_hiding_holds_a_comment_for_review_so_that_it_can_be_undone(youtube, open_channel):
    youtube.comment("Ug1", 1, "abuse")
    connector = open_channel()
    assert connector.act(HIDE).state is EnforcementState.DONE
    assert youtube.comments["Ug1"]["state"] == "heldForReview"
    connector.act(replace(HIDE, wanted=False))
    assert youtube.comments["Ug1"]["state"] == "published"
    assert all(request.one("banAuthor") is None for request in youtube.log)


@pytest.mark.parametrize("state", ["heldForReview", "likelySpam", "rejected"])
def test_what_youtube_keeps_from_others_already_is_not_held_again(youtube, open_channel, state):
    youtube.comment("Ug1", 1, "abuse", state=state)
    connector = open_channel()
    assert connector.act(HIDE).state is EnforcementState.ALREADY_DONE
    assert connector.read_back(HIDE) is True
    assert youtube.comments["Ug1"]["state"] == state


def test_a_rejected_comment_is_a_persons_matter(youtube, open_channel):
    youtube.comment("Ug1", 1, "abuse")
    connector = open_channel()
    items(connector)
    youtube.comments["Ug1"]["state"] = "rejected"
    with pytest.raises(Refused, match=r"watch\?v=vid1&lc=Ug1"):
        connector.act(replace(HIDE, wanted=False))


def test_a_state_is_found_on_later_pages_and_taken_at_once_where_it_is_told(youtube, open_channel):
    youtube.page_size = 2
    for number in range(7):
        youtube.comment(f"Ug{number}", number, "c", state="heldForReview" if number else "published")
    for number in range(5):
        youtube.comment(f"Ug0.r{number}", 20 + number, "r", state="published" if number else "heldForReview")
    connector = open_channel()
    assert connector.read_back(wanted(Action.HIDE, "Ug1", "message")) is True
    assert connector.read_back(wanted(Action.HIDE, "Ug0", "message")) is False
    assert connector.read_back(wanted(Action.HIDE, "Ug0.r0", "message")) is True
    youtube.tells_state_by_id = True
    youtube.log.clear()
    assert connector.read_back(wanted(Action.HIDE, "Ug1", "message")) is True
    assert len(youtube.log) == 1


def test_a_deleted_comment_is_gone_but_showing_it_again_is_asked_of_youtube(youtube, open_channel):
    connector = open_channel()
    for name in ("Ug1", "Ug1.r1"):
        hide = wanted(Action.HIDE, name, "message")
        with pytest.raises(MessageGone):
            connector.act(hide)
        with pytest.raises(MessageGone):
            connector.read_back(hide)
        show = replace(hide, wanted=False)
        assert connector.read_back(show) is None
        with pytest.raises(MessageGone):
            connector.act(show)
    assert len(youtube.asked("setModerationStatus")) == 2


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(youtube, open_channel):
    youtube.comment("Ug1", 1, "abuse")
    youtube.fail("setModerationStatus", after=True, times=4)
    connector = open_channel()
    with pytest.raises(Unavailable):
        connector.act(HIDE)
    assert connector.read_back(HIDE) is True
    assert connector.act(HIDE).state is EnforcementState.ALREADY_DONE


def test_a_ban_is_only_ever_a_persons_task_with_a_link(youtube, open_channel):
    connector = open_channel()
    assert connector.can() == {Action.HIDE}
    for effect in (Action.MUTE, Action.BLOCK, Action.REPORT):
        with pytest.raises(Refused, match=f"youtube.com/channel/{ANGRY}"):
            connector.act(wanted(effect, ANGRY))
        assert connector.read_back(wanted(effect, ANGRY)) is None
    assert not youtube.log
    assert connector.deep_link(HIDE) == "https://studio.youtube.com/channel//comments"
    youtube.comment("Ug1", 1, "abuse")
    items(connector)
    named = connector.deep_link(wanted(Action.BLOCK, "unnamed-Ug1"))
    assert named == "https://www.youtube.com/watch?v=vid1&lc=Ug1"
    assert connector.deep_link(replace(HIDE, target=wanted(Action.HIDE, "Ug9", "message").target)).endswith(
        f"/{OWN}/comments"
    )


def test_the_probe_names_the_channel(youtube, open_channel):
    assert open_channel().probe() == "this is the YouTube channel Example Council"


class Person:
    """Answers as the person would who sets the connection up."""

    def __init__(self, code="granted", state=None):
        self.code, self.state, self.kept = code, state, {}

    def say(self, text):
        page = parse_qs(urlsplit(text.split()[-1]).query)
        assert page["code_challenge_method"] == ["S256"]
        assert page["access_type"] == ["offline"]
        self.state = self.state or page["state"][0]

    def ask(self, question, default=None):
        if "address" in question:
            return f"http://127.0.0.1:8765/?state={self.state}&code={self.code}"
        return "env:S" if "secret" in question else "app"

    def keep(self, name, secret):
        self.kept[name] = secret
        return f"file:/kept/{name}"


def test_signing_in_keeps_a_refresh_token(youtube, tmp_path):
    place = _place(tmp_path / "new", youtube.clock)
    person, known = Person(), {"token_url": f"{youtube.url}/token"}
    options = YoutubeConnector.set_up(person, place, known)
    assert person.kept == {"refresh_token": "refresh"}
    assert options["refresh_token"] == "file:/kept/refresh_token"
    assert YoutubeOptions.model_validate(options)
    assert YoutubeConnector.set_up(person, place, options) == options
    for other in (Person(code="refused"), Person(state="another")):
        with pytest.raises(AuthFailed, match="begin"):
            YoutubeConnector.set_up(other, place, known)
    youtube.fail("/token", None, times=4)
    with pytest.raises(Unavailable):
        YoutubeConnector.set_up(Person(), place, known)
