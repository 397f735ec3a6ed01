"""Serves the page: a process of its own with nothing in its environment but where the store is."""

import argparse
from pathlib import Path

import uvicorn

from models.session import open_engine
from review_queue.app import Keys, create_app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", type=Path, required=True, help="folder with session.key and audit.key")
    wanted = parser.parse_args()
    keys = Keys((wanted.keys / "session.key").read_bytes(), (wanted.keys / "audit.key").read_bytes())
    app = create_app(open_engine(wanted.database), keys)
    uvicorn.run(app, host=wanted.host, port=wanted.port, log_level="warning", access_log=False, server_header=False)


if __name__ == "__main__":
    main()
