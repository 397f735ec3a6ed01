"""Serves the page: a process of its own with nothing in its environment but where the store is."""

import argparse
import sys
import threading
from pathlib import Path

import uvicorn

from models.session import open_engine
from review_queue.app import Keys, create_app
from review_queue.oidc import SettingsWrong, SingleSignOn, settings_of


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", type=Path, required=True, help="folder with session.key, audit.key and evidence.key")
    parser.add_argument("--letters", default="post", help="the ways in which letters can go, with commas")
    parser.add_argument("--demo", action="store_true", help="say on every page that all of it is invented")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    wanted = parser.parse_args()
    keys = Keys(*((wanted.keys / f"{name}.key").read_bytes() for name in ("session", "audit", "evidence")))
    try:
        settings = settings_of(wanted.keys)
    except SettingsWrong as error:
        raise SystemExit(str(error)) from error
    provider = None if settings is None else SingleSignOn(settings)
    ways = tuple(wanted.letters.split(","))
    app = create_app(open_engine(wanted.database), keys, letter_ways=ways, single_sign_on=provider, demo=wanted.demo)
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=wanted.host, port=wanted.port, log_level="warning", access_log=False, server_header=False
        )
    )
    if wanted.with_parent:
        threading.Thread(target=_end_with_parent, args=[server], daemon=True).start()
    server.run()


def _end_with_parent(server: uvicorn.Server) -> None:
    """Let the server end once the bot that started it is gone, so that the next one finds its port free."""
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
