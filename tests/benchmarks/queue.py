# ruff: noqa: T201 - the figures are the output
"""`python -m tests.benchmarks.queue [MESSAGES [OPEN [RUNS]]]`: every list, card and search over a full store, on one core."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from models.policy.loader import builtin_pack
from models.session import open_store, reading, writing
from models.store import people
from models.store.formal import offices
from review_queue import auth
from review_queue.app import Keys, create_app
from tests.benchmarks.full_cases import REVIEWERS
from tests.benchmarks.full_store import full_store
from tests.benchmarks.live import held_up, listened
from tests.benchmarks.measuring import line, measured
from tests.benchmarks.questions import Question, Store, questions
from tests.fakes.formal import MANAGES

NAME, PASSWORD = "nia", "a long enough password"
RUNS = 3
KEYS = Keys(b"s" * 32, b"a" * 32)


def people_of(engine: Engine) -> None:
    """Add who asks, with a role in each organisation, and the reviewers who gave verdicts."""
    now = datetime.now(UTC)
    with writing(engine) as database:
        if people.find(database, NAME) is not None:
            return
        hashed = auth._hasher.hash(PASSWORD)
        people.add(database, NAME, hashed, "administrator", "en", must_change=False, now=now)
        for name in REVIEWERS:
            people.add(database, name, hashed, "reviewer", "en", must_change=False, now=now)
        for org, role in MANAGES.items():
            offices.appoint(database, KEYS.audit, NAME, builtin_pack(org), role, "bench", now)


def store_of(engine: Engine) -> Store:
    """Return what the questions ask about: numbers of cases and people, and words that stand in messages."""

    def numbers(query: str) -> tuple[int, ...]:
        with reading(engine) as database:
            return tuple(database.execute(text(query)).scalars())

    return Store(
        cases=numbers("SELECT id FROM review_case WHERE state = 'open' AND NOT campaign ORDER BY id % 97, id LIMIT 60"),
        campaigns=numbers("SELECT id FROM review_case WHERE campaign ORDER BY id DESC LIMIT 20"),
        long_mails=numbers(
            "SELECT i.case_id FROM case_item i JOIN message m ON m.id = i.message_id JOIN review_case c ON c.id = i.case_id "
            "WHERE c.state = 'open' ORDER BY length(m.own_text) DESC LIMIT 10"
        ),
        busy_cases=numbers("SELECT id FROM review_case WHERE contact_id <= 20 AND state = 'open' ORDER BY id LIMIT 20"),
        references=numbers("SELECT 1 + id * 7919 % 1000000 FROM message ORDER BY id LIMIT 60"),
        org_of=dict(zip(range(1, 21), _orgs(engine), strict=False)),
    )


def _orgs(engine: Engine) -> list[str]:
    with reading(engine) as database:
        query = "SELECT (SELECT org FROM message WHERE contact_id = c.id LIMIT 1) FROM contact c WHERE c.id <= 20 ORDER BY c.id"
        return [str(org) for org in database.execute(text(query)).scalars()]


@contextmanager
def page(engine: Engine) -> Iterator[TestClient]:
    """Yield a client of the page who is signed in."""
    with TestClient(create_app(engine, KEYS), follow_redirects=False) as client:
        client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
        yield client


def asking(client: TestClient, question: Question) -> Callable[[int], None]:
    """Return what asks a question for the n-th time."""

    def ask(n: int) -> None:
        client.app.state.page.forget()  # type: ignore[attr-defined] - what is kept some seconds is asked anew
        answer = client.get(question.address(n))
        if answer.status_code != 200:
            raise RuntimeError(f"{question.address(n)} answers {answer.status_code}")

    return ask


def main() -> None:
    """Print the figures."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    opened = int(sys.argv[2]) if len(sys.argv) > 2 else messages // 20
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else RUNS
    wanted = sys.argv[4] if len(sys.argv) > 4 else ""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    path, spent = full_store(messages, opened)
    size = path.stat().st_size / 2**20
    print(
        f"{messages} messages, {opened} open cases: {size:.0f} MiB, made in {spent:.0f} s of one core (0: made before)"
    )
    engine = open_store(f"sqlite:///{path}")
    people_of(engine)
    print(
        "| | asked for | median, ms of processor | 95th percentile | median, ms on the clock | 95th percentile | promised |"
    )
    print("|---|---|---:|---:|---:|---:|---:|")
    with page(engine) as client:
        for question in questions(store_of(engine)):
            if wanted in f"{question.kind} {question.what}":
                ask = asking(client, question)
                print(line(question.kind, question.what, [measured(ask) for _ in range(rounds)]), flush=True)
        if not wanted:
            cases = store_of(engine).cases
            print(
                line(
                    "card", "opened while the bot writes for 2 s", [held_up(path, client, cases) for _ in range(rounds)]
                )
            )
    if not wanted:
        print(listened(engine, KEYS, NAME, PASSWORD))
    engine.dispose()


if __name__ == "__main__":
    main()
