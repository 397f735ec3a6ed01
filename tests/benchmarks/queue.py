"""`python -m tests.benchmarks.queue [MESSAGES] [OPEN]`: list, card and search over a full store, on one core, by the page itself."""

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from models.session import open_store, writing
from models.store import people, ranking
from review_queue import auth
from review_queue.app import Keys, create_app

NAME, PASSWORD = "nia", "a long enough password"
ASKED = 60
TARGETS_MS = {"queue": 150, "card": 100, "search": 300}
LABELS = ("abuse.insult", "abuse.profanity", "spam", "doxing.staff_named", "persistence.volume", "rights.request")
CHANNELS, ORGS, LANGS = (
    ("email", "x", "facebook", "mastodon"),
    ("psow", "adra", "wrexham", "phso"),
    ("en", "en", "en", "cy"),
)
VOCABULARY, PEOPLE_SHARE, SLICE = 20_000, 5, 20_000
DETAIL = json.dumps(
    {
        "signature": "", "disclaimer": "", "to": [], "cc": [], "reply_to_id": None, "html_notes": [], "defects": [],
        "headers": [], "lang_hint": None, "links": [], "attachments": [],
    }
)  # fmt: skip
AT = datetime.now(UTC).replace(microsecond=0, tzinfo=None)


def fill(path: Path, messages: int, opened: int) -> None:
    """Write `messages` decided messages of a fifth as many people, `opened` open cases and twice as many closed ones."""
    draw = random.Random(8)
    vocabulary = [f"{draw.choice('bcdfghlmnprst')}{draw.choice('aeiouwy')}{n:x}" for n in range(VOCABULARY)]
    weights = [1 / (n + 1) for n in range(VOCABULARY)]
    store = sqlite3.connect(path, isolation_level=None)
    store.executescript("PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000;")
    store.execute("BEGIN")
    store.execute("INSERT INTO connection VALUES ('c1','x','psow','assist','[]','[\"hide\"]','{}',NULL,NULL,NULL)")
    store.execute("INSERT INTO evidence VALUES ('e', 3, x'00', ?)", [str(AT)])
    many = messages // PEOPLE_SHARE
    contacts = ((n + 1, f"person {n}", 0, 0, str(AT)) for n in range(many))
    store.executemany("INSERT INTO contact VALUES (?,?,?,?,?)", contacts)
    accounts = ((n + 1, "x", f"person{n}", f"person {n}", n + 1) for n in range(many))
    store.executemany("INSERT INTO account VALUES (?,?,?,?,?)", accounts)
    for start in range(0, messages, SLICE):
        numbers = range(start, min(start + SLICE, messages))
        store.executemany(
            "INSERT INTO message (id, connection_id, native_id, contact_id, channel, org, author, author_name, verified, "
            "own_text, quoted_text, received_at, nature, lang, raw_sha256, detail, revision, classified, decided, taken_in_at, "
            "thread) VALUES (?, 'c1', ?, ?, ?, ?, ?, ?, 1, ?, '', ?, 'ordinary', ?, 'e', ?, 1, 1, 1, ?, ?)",
            _messages(numbers, many, draw, vocabulary, weights),
        )
        store.executemany(
            "INSERT INTO decision VALUES (?, ?, 1, ?, ?, '[]', '[\"hide\"]', '[\"psow/2.2.a\"]', ?, '[]', '[]', "
            "'Found: an insult.', 'Canfuwyd: sarhad.', 'psow', '1', 'assist', NULL, ?, NULL)",
            ((n + 1, n + 1, 1, "review", json.dumps([LABELS[n % 6]]), str(AT)) for n in numbers),
        )
        store.executemany(
            "INSERT INTO signal VALUES (?, ?, ?, 0.8, 'bench', '1', NULL, '[[0, 5]]', '')",
            ((n + 1, n + 1, LABELS[n % 6]) for n in numbers),
        )
    _cases(store, messages, opened, many, draw)
    store.execute("COMMIT")
    store.execute("ANALYZE")
    store.close()


def _messages(
    numbers: range, many: int, draw: random.Random, vocabulary: list[str], weights: list[float]
) -> Iterator[tuple[object, ...]]:
    words = draw.choices(vocabulary, weights, k=24 * len(numbers))
    for place, n in enumerate(numbers):
        who = n % many
        text = " ".join(words[24 * place : 24 * place + 24])
        at = str(AT - timedelta(seconds=n * 20))
        yield (
            n + 1, f"n{n}", who + 1, CHANNELS[n % 4], ORGS[n % 4], f"person{who}", f"person {who}", text, at,
            LANGS[n % 4], DETAIL, at, f"t{n // 4}",
        )  # fmt: skip


def _cases(store: sqlite3.Connection, messages: int, opened: int, many: int, draw: random.Random) -> None:
    rows, items, facets = [], [], []
    for n in range(min(3 * opened, messages)):
        state = "open" if n < opened else "closed"
        at = AT - timedelta(minutes=draw.randrange(6000))
        target = at + timedelta(hours=24)
        weight = draw.uniform(0.5, 4)
        rank = ranking.rank(weight, target.replace(tzinfo=UTC))
        attention = 2 if n % 500 == 0 else 1
        rows.append(
            (n + 1, n % many + 1, ORGS[n % 4], state, attention, weight, str(at), str(at), 1, rank, str(target))
        )
        items.append((n + 1, n + 1))
        for kind, value in (
            ("channel", CHANNELS[n % 4]),
            ("lang", LANGS[n % 4]),
            ("label", LABELS[n % 6]),
            ("handling", "review"),
        ):
            facets.append((n + 1, kind, value))
    store.executemany(
        "INSERT INTO review_case (id, contact_id, org, state, attention, weight, opened_at, updated_at, version, rank, "
        "target_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )
    store.executemany("INSERT INTO case_item VALUES (?, ?)", items)
    store.executemany("INSERT INTO case_facet VALUES (?, ?, ?)", facets)


def spread_ms(ask: Callable[[int], object]) -> tuple[float, float]:
    """Return the median and the 95th percentile of asking, in milliseconds of processor time: other work does not count."""
    ask(0)
    taken = []
    for n in range(ASKED):
        start = time.process_time()
        ask(n)
        taken.append(1000 * (time.process_time() - start))
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


def main() -> None:
    """Print the figures."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    opened = int(sys.argv[2]) if len(sys.argv) > 2 else messages // 20
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "queue.sqlite3"
        engine = open_store(f"sqlite:///{path}")
        start = time.process_time()
        fill(path, messages, opened)
        size = path.stat().st_size / 2**20
        spent = time.process_time() - start
        print(f"{messages} messages, {opened} open cases: {size:.0f} MiB, made in {spent:.0f} s of one core")  # noqa: T201
        with writing(engine) as database:
            people.add(
                database, NAME, auth._hasher.hash(PASSWORD), "reviewer", "en", must_change=False, now=datetime.now(UTC)
            )
        with TestClient(create_app(engine, Keys(b"s" * 32, b"a" * 32)), follow_redirects=False) as client:
            client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
            _report(client, opened)
        engine.dispose()


def _report(client: TestClient, opened: int) -> None:
    def get(address: str) -> None:
        assert client.get(address).status_code == 200

    asked: tuple[tuple[str, str, Callable[[int], object]], ...] = (
        ("queue", "first page", lambda _: get("/")),
        ("queue", "page 30", lambda _: get("/?at=30")),
        ("queue", "one signal, Welsh", lambda n: get(f"/?label={LABELS[n % 6]}&lang=cy")),
        ("queue", "one channel, one body", lambda n: get(f"/?channel={CHANNELS[n % 4]}&org={ORGS[n % 4]}")),
        ("card", "any open case", lambda n: get(f"/case/{1 + n * 97 % opened}")),
        ("search", "a rare word", lambda n: get(f"/?words={_word(9000 + n)}")),
        ("search", "a common word", lambda n: get(f"/?words={_word(n % 5)}")),
        ("search", "two words", lambda n: get(f"/?words={_word(n % 20)}+{_word(40 + n)}")),
        ("search", "a name", lambda n: get(f"/?words=person{n * 31}")),
    )
    print(f"{'':8} {'':24} {'median':>9} {'p95':>9} {'promised':>9}")  # noqa: T201
    for kind, what, ask in asked:
        middle, high = spread_ms(ask)
        print(f"{kind:8} {what:24} {middle:6.1f} ms {high:6.1f} ms {TARGETS_MS[kind]:6d} ms")  # noqa: T201


def _word(n: int) -> str:
    draw = random.Random(8)
    return [f"{draw.choice('bcdfghlmnprst')}{draw.choice('aeiouwy')}{k:x}" for k in range(n + 1)][n]


if __name__ == "__main__":
    main()
