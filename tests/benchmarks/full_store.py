"""A full store for the benchmark of the queue: made once in one transaction, kept under `build/bench` for the day."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from models.session import open_store, writing
from models.store import daily
from tests.benchmarks.full_cases import Cases, cases_of
from tests.benchmarks.full_formal import fill_formal
from tests.benchmarks.full_shapes import CHANNELS, HANDLINGS, LANGS, ORGS, Shape, shape_of
from tests.benchmarks.full_texts import Writer

KEPT = Path(__file__).resolve().parents[2] / "build" / "bench"
SEED, SLICE = 8, 20_000
MODE = "assist"
NAMES = ("Alun", "Bethan", "Carys", "Dafydd", "Elin", "Ffion", "Gareth", "Huw", "Ifan", "Jên", "Llinos", "Siân")
CITED = {
    "abuse.insult": "2.2.h", "abuse.profanity": "2.2.h", "abuse.threat": "2.3", "doxing.staff_named": "2.2.k",
    "persistence.volume": "2.4.a", "spam": "2.2.a", "duplicate.campaign": "2.4.b", "abuse.rudeness": "2.2.h",
}  # fmt: skip
LABELS = tuple(CITED)
_HEADERS = [[f"X-Header-{n}", "by mx.example.org with ESMTPS id 8f3a; for <post@example.org>"] for n in range(8)]
Insert = Callable[[str, str, Iterable[Sequence[object]]], None]


def full_store(messages: int, opened: int) -> tuple[Path, float]:
    """Return the store of that size, and the seconds of one core it took, 0 where it was made today already."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"queue-{messages}-{opened}-{datetime.now(UTC):%Y%m%d}.sqlite3"
    if path.exists():
        return path, 0.0
    for old in KEPT.glob(f"queue-{messages}-{opened}-*"):
        old.unlink()
    start, half = time.process_time(), path.with_suffix(".half")
    half.unlink(missing_ok=True)
    open_store(f"sqlite:///{half}").dispose()
    _fill(half, messages, opened)
    half.rename(path)
    return path, time.process_time() - start


def _fill(path: Path, messages: int, opened: int) -> None:
    store = sqlite3.connect(path, isolation_level=None)
    store.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA locking_mode=EXCLUSIVE;"
        "PRAGMA cache_size=-1000000; PRAGMA temp_store=MEMORY;"
    )
    store.execute("BEGIN")
    later = [row[0] for row in store.execute("SELECT sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL")]
    triggers = [row[0] for row in store.execute("SELECT sql FROM sqlite_master WHERE type='trigger'")]
    for kind, name in list(
        store.execute("SELECT type, name FROM sqlite_master WHERE type='trigger' OR (type='index' AND sql IS NOT NULL)")
    ):
        store.execute(f"DROP {kind} {name}")

    def insert(table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        marks = ",".join("?" * (columns.count(",") + 1))
        store.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    shape = shape_of(messages, SEED)
    _people(insert, shape)
    for start in range(0, messages, SLICE):
        _slice(insert, shape, start, min(start + SLICE, messages), Writer(SEED + start))
    found = cases_of(shape, opened)
    _cases(insert, shape, found)
    fill_formal(insert, shape)
    for statement in (*later, *triggers, "INSERT INTO message_search(message_search) VALUES ('rebuild')"):
        store.execute(statement)
    store.execute("COMMIT")
    store.execute("PRAGMA locking_mode=NORMAL")
    store.execute("PRAGMA journal_mode=WAL")
    store.close()
    engine = open_store(f"sqlite:///{path}")
    with writing(engine) as database:
        daily.recount(database)
    engine.dispose()


def told(seconds: float) -> str:
    """Return a moment as the store keeps it."""
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S.000000")


def _people(insert: Insert, shape: Shape) -> None:
    now = told(time.time())
    places = [(f"{org}-{kind}", org, kind) for org in ORGS for kind in ("mail", "posts")]
    can = json.dumps(["hide", "quarantine", "mute", "block"])
    columns = "id, kind, org, mode, own_addresses, can, settings, fetched_at"
    insert("connection", columns, ((name, kind, org, MODE, "[]", can, "{}", now) for name, org, kind in places))
    everybody = range(1, shape.contacts + 1)
    insert(
        "contact",
        "id, name, adjustment, professional, created_at",
        ((n, name_of(n), n % 97 == 0, 0, now) for n in everybody),
    )
    channel = {int(who): int(place) for who, place in zip(shape.contact, shape.channel, strict=True)}
    rows = ((n, CHANNELS[channel.get(n, 1)], address_of(n), name_of(n), n) for n in everybody)
    insert("account", "id, platform, address, name, contact_id", rows)


def name_of(contact: int) -> str:
    """Return a person's name."""
    return f"{NAMES[contact % len(NAMES)]} {contact}"


def address_of(contact: int) -> str:
    """Return a person's handle."""
    return f"person{contact}"


def _slice(insert: Insert, shape: Shape, start: int, stop: int, writer: Writer) -> None:
    numbers = range(start, stop)
    body = os.urandom(300)
    insert(
        "evidence",
        "sha256, size_bytes, body, kept_at",
        ((f"{n:064x}", 900, body, told(shape.at[n])) for n in numbers),
    )
    insert(
        "message",
        "id, connection_id, native_id, contact_id, channel, org, author, author_name, verified, subject, own_text, "
        "quoted_text, received_at, thread, message_id, nature, lang, raw_sha256, detail, revision, classified, decided, taken_in_at",
        (_message(shape, n, writer) for n in numbers),
    )
    insert(
        "decision",
        "id, message_id, revision, attention, handling, actions, proposed, clauses, labels, missing, rules, why_en, why_cy, "
        "pack_id, pack_version, mode, decided_at",
        (_decision(shape, n) for n in numbers),
    )
    signals = (row for n in numbers for row in _signals(shape, n))
    insert("signal", "message_id, label, probability, classifier, version, spans, note", signals)


def _message(shape: Shape, n: int, writer: Writer) -> tuple[object, ...]:
    channel, lang, contact = CHANNELS[shape.channel[n]], LANGS[shape.lang[n]], int(shape.contact[n])
    org, campaign, mail = ORGS[shape.org[n]], int(shape.campaign[n]), channel == "email"
    text = writer.mail(lang) if mail else writer.post(lang)
    if campaign:
        text = f"Please keep the library of campaign{campaign} open. It is the only warm place in winter. {text[:40]}"
    detail = {
        "signature": "", "disclaimer": "", "to": [f"post@{org}.example"] if mail else [], "cc": [], "reply_to_id": None,
        "html_notes": [], "defects": [], "headers": _HEADERS if mail else [], "lang_hint": None, "links": [], "attachments": [],
    }  # fmt: skip
    at = told(shape.at[n])
    return (
        n + 1, f"{org}-{'mail' if mail else 'posts'}", f"n{n}", contact, channel, org, address_of(contact), name_of(contact), 1,
        text[:40] if mail else None, text, "", at, f"t{n // 3}", f"<{n}@example.org>" if mail else None, "ordinary", lang,
        f"{n:064x}", json.dumps(detail), 1, 1, 1, at,
    )  # fmt: skip


def labels_of(shape: Shape, n: int) -> list[str]:
    """Return the signals that a message's decision rests on."""
    if shape.campaign[n]:
        return ["duplicate.campaign"]
    if HANDLINGS[shape.handling[n]] == "urgent":
        return ["welfare.self_harm"]
    return [] if not shape.handling[n] else [LABELS[n * 7 % 6], *(["abuse.rudeness"] if n % 3 == 0 else [])]


def clauses_of(shape: Shape, n: int) -> list[str]:
    """Return the clauses that a decision cites."""
    return [f"psow/{CITED[label]}" for label in labels_of(shape, n) if label in CITED]


def _decision(shape: Shape, n: int) -> tuple[object, ...]:
    handling = HANDLINGS[shape.handling[n]]
    act = ["quarantine" if shape.channel[n] == 0 else "hide"]
    labels = labels_of(shape, n)
    return (
        n + 1, n + 1, 1, {"deliver": 0, "urgent": 2}.get(handling, 1), handling, json.dumps(act if handling == "enforce" else []),
        json.dumps(act if handling == "review" else []), json.dumps(clauses_of(shape, n)), json.dumps(labels), "[]", "[]",
        f"Found: {', '.join(labels)}.", f"Canfuwyd: {', '.join(labels)}.", "psow", "1", MODE, told(shape.at[n] + 20),
    )  # fmt: skip


def _signals(shape: Shape, n: int) -> list[tuple[object, ...]]:
    certain = 0.5 + (n * 31 % 50) / 100
    found = [(n + 1, label, certain, "bench", "1", "[[0, 25]]", "") for label in labels_of(shape, n)]
    return found + [(n + 1, "novelty", 0.1, "bench", "1", "[]", "")] * (n % 2)


def _cases(insert: Insert, shape: Shape, found: Cases) -> None:
    insert(
        "review_case",
        "id, contact_id, org, state, attention, weight, opened_at, updated_at, version, rank, target_at, harsh, campaign, assigned_to",
        found.rows,
    )
    insert("case_item", "case_id, message_id", found.items)
    facets = {
        (case_id, kind, value)
        for case_id, message_id in found.items
        for kind, value in (
            ("channel", CHANNELS[shape.channel[message_id - 1]]),
            ("lang", LANGS[shape.lang[message_id - 1]]),
            ("handling", HANDLINGS[shape.handling[message_id - 1]]),
            *(("label", label) for label in labels_of(shape, message_id - 1)),
            *(("clause", clause) for clause in clauses_of(shape, message_id - 1)),
        )
    }
    insert("case_facet", "case_id, kind, value", sorted(facets))
    insert("verdict", "id, case_id, case_version, kind, actions, by, at, note, carried_out_at", found.verdicts)
    insert(
        "enforcement",
        "connection_id, target_kind, target_id, effect, generation, wanted, message_id, verdict_id, state, attempts, fence, "
        "detail, next_at, provisional_until, read_back, created_at, ended_at",
        found.enforcements,
    )
    insert("blind_draw", found.DRAWN, found.drawn)
    insert("blind_verdict", "message_id, judgement, by, at", found.judged)
