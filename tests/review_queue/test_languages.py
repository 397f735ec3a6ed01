"""Both languages whole: no text without its Welsh, no text outside the catalogue, dates and plurals right."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from review_queue import i18n
from review_queue.marks import defanged, pieces

HERE = Path(i18n.__file__).parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("frontend/**", "ignore"), ("**.py", "python")]


def wanted() -> set[str]:
    found = {
        message[0] if isinstance(message, tuple) else message
        for _, _, message, _, _ in extract_from_dir(
            HERE, METHODS, {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
        )
    }
    return found | {"%(n)d minute", "%(n)d hour", "%(n)d day"}


def test_every_text_has_its_welsh_and_none_is_left_over():
    with (HERE / "locale" / "cy.po").open("rb") as file:
        catalogue = read_po(file, locale="cy")
    known = {m.id[0] if isinstance(m.id, tuple) else m.id: m.string for m in catalogue if m.id}
    assert wanted() - set(known) == set()
    assert set(known) - wanted() == set()
    empty = [key for key, value in known.items() if not (all(value) if isinstance(value, tuple) else value)]
    assert empty == []


def test_templates_hold_no_text_outside_the_catalogue():
    allowed = {
        "Porthor",
        "j",
        "k",
        "Enter",
        "d",
        "e",
        "s",
        "u",
        "l",
        "h",
        "c",
        *"aefgmnoquvwxyzt",
        "X",
        "English",
        "Cymraeg",
        "B",
        "sha256",
        "·",
        "…",
        "–",
    }
    for path in (HERE / "templates").glob("*.html"):
        text = re.sub(r"\{%-? *trans.*?endtrans *-?%\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"\{[%{#].*?[%}#]\}", "", text, flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", text)
        loose = set(re.findall(r"[^\W\d_][^\s(){}\[\]:;,]*", text)) - allowed
        assert not loose, f"{path.name}: {sorted(loose)}"


def test_dates_and_waiting_are_in_the_language_of_the_page():
    at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert i18n.local_time(at, "en") == "1 Jul 2026, 10:00"
    assert "Gorff" in i18n.local_time(at, "cy")
    assert i18n.waiting(at, at + timedelta(hours=2), "cy") == "2 awr"
    assert i18n.waiting(at, at + timedelta(days=2), "cy") == "2 ddiwrnod"
    assert i18n.waiting(at, at + timedelta(minutes=1), "en") == "1 minute"


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).filter(lambda p: p[0] < p[1]), max_size=4
)


@given(st.text(max_size=50), spans, spans)
def test_marks_never_change_the_text(text, one, two):
    hits = [
        {"label": "abuse.insult", "probability": 0.9, "spans": one},
        {"label": "abuse.threat", "probability": 0.9, "spans": two},
    ]
    cut = pieces(text, hits)
    assert "".join(piece.text for piece in cut) == text
    at = 0
    for piece in cut:
        inside = any(start <= at < end for start, end in one)
        assert ("abuse.insult" in piece.labels) == inside
        at += len(piece.text)


def test_links_can_be_read_but_not_followed():
    assert defanged("https://bad.example.com/x") == "hxxps://bad[.]example[.]com/x"
