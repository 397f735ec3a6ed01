"""An application of ours behind a real server on loopback, at a port that the system chooses."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

START_S, STOP_S = 60.0, 20.0


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve `app` until the block ends; yield its address, such as `http://127.0.0.1:40123`.

    The port is taken before the server starts, so that no two that run side by side can want the same one.

    Raises:
        RuntimeError: The server did not start within `START_S` seconds.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + START_S
        try:
            while not server.started:
                if not thread.is_alive() or time.monotonic() > deadline:
                    raise RuntimeError(f"the page did not start within {START_S} s: see its log above")
                time.sleep(0.02)
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(STOP_S)
