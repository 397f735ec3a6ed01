"""Mail parsing: hard shapes by hand, hostile corpora whole, and arbitrary bytes."""

import base64
import gzip
import json
from datetime import UTC, datetime
from email import message_from_string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.decode import header_text, visible_name
from connectors.mail.html import html_to_text
from connectors.mail.nature import EXCHANGE_ONLINE, is_verified
from connectors.mail.parse import parse_mail
from connectors.mail.quotes import split_own
from models.domain import MessageKey, Nature, Span

AT = datetime(2026, 3, 10, tzinfo=UTC)


def parsed(raw: bytes, **more: object):
    options = {
        "key": MessageKey("c", "1"),
        "org": "adra",
        "own_addresses": ("tai@adra.example.org",),
        "received_at": AT,
    }
    return parse_mail(raw, **(options | more))


def mail(body: str, *headers: str, charset: str = "utf-8") -> bytes:
    head = "\n".join(("From: Nia <nia@example.org>", "To: tai@adra.example.org", *headers))
    return f"{head}\n\n{body}".encode(charset)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (
            "Diolch yn fawr.\n\nAr Llun, 2 Maw 2026 am 09:12, ysgrifennodd Adra <tai@adra.example.org>:\n> Bore da",
            "Diolch yn fawr.",
        ),
        ("No thanks.\n\nOn Mon, 2 Mar 2026 at 09:12, Adra wrote:\n> Good morning\n> again", "No thanks."),
        (
            "Please ring.\n\n-----Original Message-----\nFrom: Adra\nSent: Monday\nSubject: x\n\nold words",
            "Please ring.",
        ),
        (
            "Helo\n\nOddi wrth: Adra <tai@adra.example.org>\nAnfonwyd: dydd Llun\nAt: Nia\nPwnc: Atgyweirio\n\nhen eiriau",
            "Helo",
        ),
        ("Boiler is out.\n-- \nNia Price\n07700 900100", "Boiler is out."),
        ("Boiler is out.\n\nSent from my iPhone", "Boiler is out."),
        ("Mae'n oer.\n\nAnfonwyd o fy iPhone", "Mae'n oer."),
    ],
)
def test_quotes_leaves_the_writers_own_words(text, own):
    assert split_own(text).own.strip() == own


def test_quotes_keeps_answers_written_between_the_quoted_lines():
    text = "On Mon, Adra wrote:\n> When can we call?\nTuesday.\n> Is the boiler on?\nNo."
    own = split_own(text).own
    assert "Tuesday." in own
    assert "No." in own
    assert "boiler" not in own


def test_quotes_keeps_a_message_that_is_only_forwarded():
    text = "---------- Forwarded message ----------\nFrom: x@example.com\nSubject: you\n\nI will find you"
    found = split_own(text)
    assert found.only_quoted
    assert "I will find you" in found.own


@given(st.text(alphabet=st.sampled_from("ab >\n-:Onwrote"), max_size=200))
def test_quotes_segments_are_in_order_and_map_back_to_the_same_characters(text):
    found = split_own(text)
    assert "".join(text[a:b] for a, b in found.segments) == found.own
    assert list(found.segments) == sorted(found.segments)
    for at in range(len(found.own)):
        span = found.to_source(Span(at, at + 1))
        assert text[span.start : span.end] == found.own[at]


def test_parse_reads_a_wrongly_labelled_charset():
    message = parsed("From: nia@example.org\nContent-Type: text/plain; charset=us-ascii\n\nMae'r tŷ yn oer".encode())
    assert message.own_text == "Mae'r tŷ yn oer"


def test_parse_reads_latin_and_unknown_charsets():
    assert (
        "café" in parsed(mail("caf\u00e9", "Content-Type: text/plain; charset=iso-8859-1", charset="latin-1")).own_text
    )
    odd = parsed(mail("tŷ", "Content-Type: text/plain; charset=x-nonsense"))
    assert "tŷ" in odd.own_text
    assert odd.defects


def test_parse_decodes_encoded_words_and_raw_headers():
    assert header_text("=?utf-8?B?VMWZ?= =?utf-8?Q?_oer?=") == "Tř oer"
    assert header_text("=?nonsense?Z?xx?=")
    assert parsed(mail("x", "Subject: =?utf-8?Q?Mae'r_t=C5=B7_yn_oer?=")).subject == "Mae'r tŷ yn oer"


def test_parse_html_shows_what_a_reader_sees_and_notes_the_rest():
    html = (
        "<p>Hello</p><div style='display:none'>agenda minutes</div><a href='http://bad.example.com/x'>www.gov.uk</a>"
        "<img src='http://track.example.com/p.gif'><script>alert(1)</script>"
    )
    message = parsed(mail(html, "Content-Type: text/html; charset=utf-8"))
    assert "Hello" in message.own_text
    assert "agenda" not in message.own_text
    assert "alert" not in message.own_text
    assert {"hidden_text", "remote_image"} <= set(message.html_notes)
    assert [(link.target, link.shown) for link in message.links if "bad" in link.target] == [
        ("http://bad.example.com/x", "www.gov.uk")
    ]


def test_parse_html_nested_ten_thousand_deep_ends():
    assert "deep" in html_to_text("<div>" * 10_000 + "deep" + "</div>" * 10_000).text


@pytest.mark.parametrize(
    ("raw", "nature"),
    [
        (mail("I am away", "Auto-Submitted: auto-replied"), Nature.AUTOMATIC),
        (mail("News", "List-Id: <news.example.org>"), Nature.AUTOMATIC),
        (mail("-----BEGIN PGP MESSAGE-----\nabc"), Nature.OPAQUE),
        (b"From: a@example.org\nContent-Type: image/png\n\nxx", Nature.OPAQUE),
        (b"From: TAI@adra.example.org\n\nFrom us", Nature.OWN),
        (mail("An ordinary complaint"), Nature.ORDINARY),
        (b"\x00\x01\x02\xff" * 500, Nature.OPAQUE),
    ],
)
def test_parse_tells_the_nature_of_a_mail(raw, nature):
    assert parsed(raw).nature is nature


def test_parse_believes_only_our_own_boundary():
    ours = mail("x", "Authentication-Results: mx.ours.example; dmarc=pass header.from=example.org")
    theirs = mail("x", "Authentication-Results: mx.other.example; dmarc=pass header.from=example.org")
    assert parsed(ours, authserv_id="mx.ours.example").author.verified
    assert not parsed(theirs, authserv_id="mx.ours.example").author.verified
    assert not parsed(ours).author.verified


def test_parse_keeps_names_of_attachments_and_never_their_tricks():
    assert visible_name("../../etc/invoice\u202efdp.exe") == "invoice\N{REPLACEMENT CHARACTER}fdp.exe"
    raw = mail(
        '--b\nContent-Type: text/plain\n\nhi\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="a.pdf"\n\nxx\n--b--',
        'Content-Type: multipart/mixed; boundary="b"',
    )
    message = parsed(raw)
    assert [(a.name, a.content_type) for a in message.attachments] == [("a.pdf", "application/pdf")]
    assert message.own_text.strip() == "hi"


def test_parse_broken_boundary_keeps_the_words():
    raw = mail(
        "--elsewhere\nContent-Type: text/plain\n\nPlease help, the roof leaks",
        'Content-Type: multipart/mixed; boundary="nowhere"',
    )
    message = parsed(raw)
    assert "roof leaks" in message.own_text or message.nature is Nature.OPAQUE
    assert message.defects


@given(st.binary(max_size=400))
def test_parse_never_raises_on_any_bytes(raw):
    assert parsed(raw).raw_sha256


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [b"Content-Type: multipart/mixed; boundary=x", b"Content-Transfer-Encoding: base64", b"Content-Type: text/html"]
    ),
)
def test_parse_never_raises_behind_a_header(body, header):
    assert parsed(b"From: a@example.org\n" + header + b"\n\n" + body).raw_sha256


def _corpus(shared, name):
    with gzip.open(shared / "data" / name / "data.jsonl.gz") as file:
        return [(row["id"], base64.b64decode(row["raw_b64"])) for row in map(json.loads, file)]


@pytest.mark.shared
def test_parse_loses_none_of_the_hostile_mails(shared_dir):
    corpus = _corpus(shared_dir, "mime_dev")
    assert len(corpus) == 384
    for name, raw in corpus:
        message = parsed(raw)
        assert message.own_text.strip() or message.nature is Nature.OPAQUE or not raw.strip() or message.raw_sha256, (
            name
        )


@pytest.mark.shared
@pytest.mark.slow
def test_parse_reads_words_in_nearly_every_raw_mail(shared_dir):
    corpus = _corpus(shared_dir, "csdmc2010_raw")
    assert len(corpus) == 1988
    wordless = [name for name, raw in corpus if not parsed(raw).own_text.strip()]
    assert len(wordless) <= 20


@pytest.mark.parametrize(
    ("results", "proven"),
    [
        (["spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=pass; dmarc=pass action=none"], True),
        (["spf=fail smtp.mailfrom=a.example; dmarc=fail action=none", "spf=pass; dmarc=pass"], False),
        (["mx.attacker.example; dmarc=pass", "spf=pass; dmarc=pass"], False),
        ([], False),
    ],
)
def test_exchange_online_writes_its_results_without_a_name(results, proven):
    mail = message_from_string("".join(f"Authentication-Results: {each}\n" for each in results) + "\nx\n")
    assert is_verified(mail, EXCHANGE_ONLINE) is proven
