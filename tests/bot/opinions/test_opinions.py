"""Second opinions over real HTTP: they raise attention, never act, and what goes wrong changes nothing."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.opinions import CARRIES_TO, attentive, with_opinions
from bot.opinions.chat import OFFERED, ChatOpinion
from bot.opinions.masking import masked
from bot.opinions.rspamd import RspamdOpinion
from bot.policies import ReferencePolicies
from classifiers.registry import Classified
from models.domain import Author, Channel, Signal
from models.labels import LABELS
from models.policy.decide import decide
from models.policy.history import HistoryView
from tests.classifiers.texts import NOW, message

UNSURE = Classified((Signal("abuse.insult", 0.4, "abuse", "1"),), frozenset(), "en")


@contextmanager
def server(answer: bytes, status: int = 200, delay_s: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    asked: list[bytes] = []
    gone = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            if delay_s:
                gone.wait(delay_s)
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", asked
    finally:
        gone.set()
        running.shutdown()
        running.server_close()
        thread.join()


def chat(content: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


def found(label="abuse.threat", probability=0.99, span="see you after work"):
    return json.dumps(
        {"findings": [{"label": label, "probability": probability, "span": span, "reason": "waits for staff"}]}
    )


def asked_about(text, url, timeout_s=60.0, **more):
    item = message(text, **more)
    (one,) = with_opinions([item], [UNSURE], [ChatOpinion(url, "local", "k", 0.2, 0.8, timeout_s)])
    return {signal.label: signal for signal in one.signals}


def test_an_opinion_raises_attention_and_points_at_the_words():
    with server(chat(found())) as (url, asked):
        signals = asked_about("Nice office. I will see you after work, Mr Penry Howell.", url)
    threat = signals["abuse.threat"]
    assert threat.probability == CARRIES_TO
    assert [(span.start, span.end) for span in threat.spans] == [(20, 38)]
    assert threat.note == "waits for staff"
    assert json.loads(asked[0])["response_format"]["type"] == "json_schema"


def test_personal_data_is_masked_before_it_leaves():
    text = "Ring me on 029 2018 0123 or mair.owen@example.org, LL13 8BG. Mrs Delyth Rowe has case 20230144.\nMair Owen"
    item = message(text, Channel.EMAIL, author=Author("mair.owen@example.org", "Mair Owen"))
    sent = masked(item)
    for secret in ("029", "example.org", "LL13", "Delyth", "Mair", "Owen", "20230144"):
        assert secret not in sent
    assert "Ring me on" in sent
    welsh = masked(message("Fy enw i yw Gwenan Prydderch ac fe ddywedodd Cyng. Ifor Bowen na fyddai'n galw."))
    assert not [name for name in ("Gwenan", "Prydderch", "Ifor", "Bowen") if name in welsh]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (chat("not JSON"), 200),
        (chat('{"findings": "none"}'), 200),
        (chat(found(probability=7)), 200),
        (b"<html>", 200),
        (b"{}", 200),
        (b"", 500),
        (chat(found(label="abuse.of_power")), 200),
        (chat(found(label="welfare.adjustment")), 200),
    ],
)
def test_nonsense_changes_nothing(answer, status):
    with server(answer, status) as (url, _):
        assert list(asked_about("I will see you", url)) == ["abuse.insult"]


def test_a_slow_or_absent_answer_changes_nothing():
    with server(b"", delay_s=30) as (url, _):
        assert list(asked_about("I will see you", url, timeout_s=0.2)) == ["abuse.insult"]
    assert list(asked_about("I will see you", url, timeout_s=0.2)) == ["abuse.insult"]


def test_only_the_uncertain_band_is_asked_about():
    opinion = ChatOpinion("http://127.0.0.1:9", "local", None, 0.2, 0.8, 1.0)
    item = message("words")
    for probability, wanted in ((0.1, False), (0.2, True), (0.79, True), (0.8, False)):
        assert opinion.wants(item, [Signal("abuse.insult", probability, "abuse", "1")]) is wanted
    grave = [Signal("abuse.insult", 0.4, "abuse", "1"), Signal("welfare.self_harm", 0.6, "welfare", "1")]
    assert not opinion.wants(item, grave)


@given(
    before=st.dictionaries(st.sampled_from(sorted(LABELS)), st.floats(0, 1), max_size=5),
    said=st.dictionaries(st.sampled_from(sorted(LABELS)), st.floats(0, 1), max_size=5),
)
def test_no_opinion_ever_makes_the_machine_act_or_look_away(before, said):
    signals = [Signal(label, p, "x", "1") for label, p in before.items()]
    raised = attentive(signals, [Signal(label, p, "y", "1") for label, p in said.items()])
    policy = ReferencePolicies().of("psow")
    item = message("words", Channel.EMAIL)
    old, new = (decide(item, found, HistoryView.empty(), policy, NOW) for found in (signals, raised))
    assert new.actions == old.actions
    assert new.attention >= old.attention


def test_every_label_that_is_offered_may_be_answered():
    assert "abuse.threat" in OFFERED
    assert not [label for label in OFFERED if label.startswith(("welfare.", "rights.", "novelty"))]


def test_rspamd_speaks_of_mail_whose_bytes_are_kept():
    answer = json.dumps({"score": 9.0, "required_score": 15.0, "action": "add header", "symbols": {"R_X": {}}}).encode()
    item = message("Buy now", Channel.EMAIL)
    with server(answer) as (url, asked):
        opinion = RspamdOpinion(url, 2.0, lambda _: b"Subject: x\r\n\r\nBuy now")
        (one,) = with_opinions([item], [UNSURE], [opinion])
        assert RspamdOpinion(url, 2.0, lambda _: None).ask(item) == []
    assert {signal.label: signal.probability for signal in one.signals}["spam"] == pytest.approx(0.6)
    assert asked == [b"Subject: x\r\n\r\nBuy now"]
    assert not opinion.wants(message("a post"), [])


def test_rspamd_out_of_form_changes_nothing():
    with server(b'{"score": "high"}') as (url, _):
        (one,) = with_opinions(
            [message("Buy", Channel.EMAIL)], [UNSURE], [RspamdOpinion(url, 2.0, lambda _: b"Subject: x\r\n\r\nBuy")]
        )
    assert one == UNSURE
