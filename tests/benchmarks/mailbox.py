"""`python -m tests.benchmarks.mailbox [COUNT [HELD]]`: a first sync from a real Dovecot, killed once and resumed, and how long a mail to be held stays in the inbox."""

import logging
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.intake import fetch_all
from bot.settings import ConnectionSettings, FileSettings, Settings
from connectors.base import Place
from connectors.imap import ImapConnector, ImapOptions
from models.domain import Connection, Mode
from models.session import open_store, writing
from models.store import connections
from tests.servers.dovecot import PASSWORD, Dovecot

COUNT = 100_000
HELD = 30
BOUNDARY = "mx.adra.example.org"
_TEXT = "The bins in our street were missed again on Tuesday and nobody answers the telephone. "


def fill(server: Dovecot, user: str, count: int) -> None:
    """Put `count` different mails into a user's inbox, on the disk, as a delivery agent does."""
    server.client(user).logout()
    inbox = server.maildir(user) / "cur"
    inbox.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        size = 400_000 if number % 2_000 == 7 else 1_500 + number % 4_000
        body = f"{number} {_TEXT * (size // len(_TEXT))}"
        head = f"From: Resident {number} <r{number % 997}@example.org>\nTo: ask@adra.example.org\nSubject: Letter {number}\n"
        (inbox / f"{1_700_000_000 + number}.M{number}P{number * 7919 % 65536}.{number:06d}:2,S").write_text(
            f"{head}Message-ID: <{number}@example.org>\n\n{body}\n"
        )
    for folder in ("", "cur", "new", "tmp"):
        (server.maildir(user) / folder).mkdir(exist_ok=True)
    server.own(server.maildir(user))
    client = server.client(user, timeout_s=600)  # the server numbers them now, which is not ours to measure
    if client.select_folder("INBOX")[b"EXISTS"] != count:
        raise RuntimeError("the server has not taken in all mails")
    client.logout()


def sync(port: int, user: str, folder: Path) -> None:
    """Take a mailbox in to its end, in this process, and print how many came and the most memory it held."""
    engine = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    connection = Connection("m", "imap", "adra")
    options = ImapOptions(host="127.0.0.1", port=port, security="none", username=user, password="env:P")
    connector = ImapConnector.open(
        connection, options, Place(folder / "m", lambda _: PASSWORD, lambda: datetime.now(UTC))
    )
    with writing(engine) as database:
        connections.ensure(database, connection, connector.can())
    taken = fetch_all(engine, connection, connector, lambda: datetime.now(UTC))
    print(f"{taken.new} {_peak_mb():.0f}", flush=True)  # noqa: T201 - the parent reads it
    connector.close()
    engine.dispose()


def _peak_mb() -> float:
    """Return the most this process held; not from rusage, which counts the parent's memory before the start."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def stored(folder: Path) -> int:
    """Return how many messages the store holds; reading does not hold up who writes."""
    try:
        database = sqlite3.connect(f"file:{folder / 'store.sqlite3'}?mode=ro", uri=True, timeout=30)
    except sqlite3.OperationalError:
        return 0
    try:
        return int(database.execute("SELECT count(*) FROM message").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0
    finally:
        database.close()


def killed_and_resumed(server: Dovecot, user: str, folder: Path, count: int) -> tuple[int, int, float]:
    """Sync in a child that is killed half way, then in another to the end: (kept before, new after, peak MB)."""
    command = [sys.executable, "-m", "tests.benchmarks.mailbox", "sync", str(server.port), user, str(folder)]
    child = subprocess.Popen(command)
    while stored(folder) < count // 2:
        if child.poll() is not None:
            raise RuntimeError("the first sync ended before it was killed")
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    before = stored(folder)
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    new, peak_mb = out.split()
    return before, int(new), float(peak_mb)


def time_to_hold(server: Dovecot, folder: Path, text: str, count: int) -> list[float]:
    """Return the seconds from each delivery to the mail's arrival in the quarantine, through the whole bot."""
    from bot.service import Service
    from tests.fakes.guarantee import permit

    user = server.new_user()
    os.environ["BENCHMARK_PASSWORD"] = PASSWORD
    wanted = ConnectionSettings(
        name="mail", kind="imap", org="adra", mode=Mode.ENFORCE, host="127.0.0.1", port=server.port, security="none",
        username=user, password="env:BENCHMARK_PASSWORD", authserv_id=BOUNDARY,
    )  # fmt: skip
    url = f"sqlite:///{folder / 'hold.sqlite3'}"
    service = Service.open(Settings(folder, "127.0.0.1", 8080, url, FileSettings(connection=(wanted,))))
    permit(service, "mail")
    time.sleep(1)  # servers note times of receipt by whole seconds: what comes in this one would be history
    connector = service.connectors["mail"]
    stop = threading.Event()

    def keep_going() -> None:
        while not stop.is_set():
            service.poll("mail")
            service.act()
            connector.wait(5)  # type: ignore[attr-defined]

    staff = server.client(user)
    staff.create_folder("Porthor quarantine")
    staff.select_folder("Porthor quarantine")
    worker = threading.Thread(target=keep_going)
    worker.start()
    try:
        seconds = [_one(server, user, staff, text, number) for number in range(count + 1)]
        return seconds[1:]  # the first one loads the classifiers
    finally:
        stop.set()
        worker.join()
        staff.logout()
        connector.close()  # type: ignore[attr-defined]
        service.engine.dispose()


def _one(server: Dovecot, user: str, staff, text: str, number: int) -> float:
    head = f"Authentication-Results: {BOUNDARY}; dmarc=pass\r\nFrom: rude{number}@example.org\r\nSubject: n{number}\r\n"
    raw = f"{head}Message-ID: <h{number}@example.org>\r\n\r\n{text}\r\n".encode()
    sender = server.client(user)
    start = time.perf_counter()
    sender.append("INBOX", raw)
    while not staff.search(["SUBJECT", f"n{number}"]):
        if time.perf_counter() - start > 60:
            raise RuntimeError("the mail was not held within a minute")
        time.sleep(0.02)
        staff.noop()
    taken = time.perf_counter() - start
    sender.logout()
    return taken


def quiet() -> None:
    """Let only warnings through: the output is the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def main(count: int, held: int = HELD) -> None:
    """Print the figures."""
    from tests.fakes.world import ABUSE

    server = Dovecot()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if held:
                seconds = time_to_hold(server, folder, ABUSE, held)
                median, slowest = statistics.median(seconds), max(seconds)
                print(f"from delivery to quarantine, {held} mails: median {median:.2f} s, slowest {slowest:.2f} s")  # noqa: T201
            user = server.new_user()
            fill(server, user, count)
            start = time.perf_counter()
            before, after, peak_mb = killed_and_resumed(server, user, folder, count)
            took = time.perf_counter() - start
            print(  # noqa: T201
                f"first sync of {count} mails: killed at {before}, then {after} more, {before + after} in all; "
                f"{count / took:.0f} mails/s stored; peak {peak_mb:.0f} MB resident"
            )
    finally:
        server.stop()


if __name__ == "__main__":
    quiet()
    if sys.argv[1:2] == ["sync"]:
        sync(int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
    else:
        main(*(int(argument) for argument in sys.argv[1:3] or [COUNT]))
