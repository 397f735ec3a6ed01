"""The queue while the bot writes, and while twenty readers listen for news."""

import json
import sqlite3
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from models.session import writing
from review_queue.app import Keys, create_app
from tests.benchmarks.measuring import Run, run_of
from tests.serving import served

LISTENERS, CHANGES, HELD_UP, WRITER_S = 20, 10, 8, 2.0


def held_up(path: Path, client: TestClient, cases: Sequence[int]) -> Run:
    """Return how long cards take that are opened while another process holds the store's write lock for two seconds."""
    cpu, wall = [], []
    for number in cases[:HELD_UP]:
        holding = threading.Event()
        writer = threading.Thread(target=_hold, args=(path, holding))
        writer.start()
        holding.wait()
        spent, begun = time.process_time(), time.perf_counter()
        if client.get(f"/case/{number}").status_code != 200:
            raise RuntimeError("a card cannot be opened while the bot writes")
        cpu.append(1000 * (time.process_time() - spent))
        wall.append(1000 * (time.perf_counter() - begun))
        writer.join()
    return run_of(cpu, wall)


def _hold(path: Path, holding: threading.Event) -> None:
    store = sqlite3.connect(path, isolation_level=None, timeout=30)
    store.execute("BEGIN IMMEDIATE")
    holding.set()
    time.sleep(WRITER_S)
    store.execute("ROLLBACK")
    store.close()


def listened(engine: Engine, keys: Keys, name: str, password: str) -> str:
    """Return in words how soon twenty listeners hear of a change, and what they cost the page in a second."""
    with served(create_app(engine, keys)) as address:
        client = httpx.Client(base_url=address)
        client.post("/sign-in", data={"name": name, "password": password})
        heard: list[list[tuple[float, int]]] = [[] for _ in range(LISTENERS)]
        stop = threading.Event()
        for ear in heard:
            asked = (f"{address}/events", client.cookies, ear, stop)
            threading.Thread(target=_listen, args=asked, daemon=True).start()
        while not all(heard):
            time.sleep(0.05)
        delays: list[float] = []
        spent, begun = time.process_time(), time.perf_counter()
        for _ in range(CHANGES):
            delays += _one_change(engine, heard)
        share = (time.process_time() - spent) / (time.perf_counter() - begun)
        stop.set()
    worst, middle = max(delays), statistics.median(delays)
    return (
        f"{LISTENERS} listeners: a change is heard after {middle:.2f} s (median), {worst:.2f} s at most; "
        f"listening costs {100 * share:.1f} % of one core, the listeners counted"
    )


def _one_change(engine: Engine, heard: list[list[tuple[float, int]]]) -> list[float]:
    """Escalate one case and open it again; return after how many seconds each listener heard of the first."""
    with writing(engine) as database:
        number = database.execute(text("SELECT max(id) FROM review_case WHERE state = 'open'")).scalar_one()
        database.execute(text("UPDATE review_case SET state = 'escalated' WHERE id = :id"), {"id": number})
    at = time.perf_counter()
    before = [ear[-1][1] for ear in heard]
    while any(ear[-1][1] == known for ear, known in zip(heard, before, strict=True)):
        time.sleep(0.01)
        if time.perf_counter() - at > 30:
            raise RuntimeError("a listener heard nothing for half a minute")
    found = [
        next(when for when, count in ear if when > at and count != known) - at
        for ear, known in zip(heard, before, strict=True)
    ]
    with writing(engine) as database:
        database.execute(text("UPDATE review_case SET state = 'open' WHERE id = :id"), {"id": number})
    after = [ear[-1][1] for ear in heard]
    while any(ear[-1][1] == known for ear, known in zip(heard, after, strict=True)):
        time.sleep(0.01)
    return found


def _listen(address: str, cookies: httpx.Cookies, ear: list[tuple[float, int]], stop: threading.Event) -> None:
    with suppress(httpx.RemoteProtocolError), httpx.stream("GET", address, cookies=cookies, timeout=120) as answer:
        for line in answer.iter_lines():
            if stop.is_set():
                return
            if line.startswith("data: "):
                ear.append((time.perf_counter(), json.loads(line[6:])["counts"]["escalated"]))
