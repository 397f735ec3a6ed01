"""Starts PostgreSQL and Redis as unprivileged processes on loopback, with data folders of their own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_S = 60.0
STOP_S = 10.0
_UNPRIVILEGED = ("postgres", "nobody")


class NotStarted(RuntimeError):
    """A server did not come up; the message holds the end of its log."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """Return the path of a server program, also where the system keeps it out of PATH.

    Raises:
        NotStarted: It is not installed.
    """
    found = shutil.which(name)
    if found is None:
        versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(versions[-1]) if versions else None
    if found is None:
        raise NotStarted(f"{name} is not installed: run `make system`")
    return found


def unprivileged() -> str | None:
    """Return the user that servers run as: PostgreSQL refuses root; None keeps the present user."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED if name in known)


@contextmanager
def running(command: Sequence[str], log: Path, user: str | None, ready: Callable[[], bool]) -> Iterator[None]:
    """Run `command` until the block ends; entered once `ready` says so.

    Raises:
        NotStarted: It ended or was not ready in time.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*_dying_with_us(), *command],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            user=user,
            group=_group(user),
            cwd=log.parent,
        )
    try:
        deadline = time.monotonic() + START_S
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{command[0]} did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of our own: asked first, then killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


def answers(port: int) -> bool:
    """Return whether something listens on `port` of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis without persistence and give its `host:port`."""
    port, user = free_port(), unprivileged()
    home = _folder(folder / "redis", user)
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    with running(command, folder / "redis.log", user, lambda: answers(port)):
        yield f"127.0.0.1:{port}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL with a fresh cluster and give its URL."""
    port, user = free_port(), unprivileged()
    home = _folder(folder / "postgresql", user)
    made = subprocess.run(
        [program("initdb"), "-D", str(home), "-U", "porthor", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"],
        capture_output=True, user=user, group=_group(user), check=False, cwd=home,
    )  # fmt: skip
    if made.returncode:
        raise NotStarted(f"initdb failed: {made.stderr.decode(errors='replace')[-2000:]}")
    durable_off = [f"-c{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    listening = ["-clisten_addresses=127.0.0.1", "-cunix_socket_directories=", "-cmax_connections=200"]
    command = [program("postgres"), "-D", str(home), "-p", str(port), *listening, *durable_off]
    check = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    with running(command, folder / "postgresql.log", user, lambda: subprocess.run(check, check=False).returncode == 0):
        yield f"postgresql://porthor@127.0.0.1:{port}/postgres"


def _folder(path: Path, user: str | None) -> Path:
    path.mkdir(parents=True)
    if user is not None:
        _let_through(path)
        shutil.chown(path, user, _group(user))
    path.chmod(0o700)
    return path


def _let_through(path: Path) -> None:
    """Let another user through the folders above, which pytest makes for its own user: one more for each worker."""
    for above in path.parents:
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o001)


def _dying_with_us() -> list[str]:
    """Return what makes the system end a server when the tests are killed; nothing where it cannot."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "TERM", "--"] if found else []


def _group(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid
