"""`porthor doctor`: what is missing on this machine, and how to get it."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parents[2]
FREE_BYTES_AT_LEAST = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is in order, and what to do when it is not."""

    subject: str
    good: bool
    detail: str


def command() -> None:
    """Look at everything the bot needs; the exit status is 1 when something is missing.

    Example: `porthor doctor`
    """
    bad = 0
    for finding in _findings():
        bad += not finding.good
        mark = typer.style("ok     ", fg="green") if finding.good else typer.style("missing", fg="red")
        typer.echo(f"{mark} {finding.subject}: {finding.detail}")
    typer.echo("all in order" if not bad else f"{bad} missing")
    raise SystemExit(1 if bad else 0)


def _findings() -> Iterator[Finding]:
    yield Finding("Python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} (3.11 or newer is needed)")
    yield from _settings()
    for subject, look in _CHECKS.items():
        try:
            yield Finding(subject, *look())
        except Exception as error:  # noqa: BLE001 - a check that fails in any way is what doctor is for
            yield Finding(subject, good=False, detail=f"{type(error).__name__}: {error}")


def _settings() -> Iterator[Finding]:
    from bot.settings import SettingsError, load

    try:
        settings = load(os.environ)
    except SettingsError as error:
        yield Finding("settings", good=False, detail=str(error))
        return
    yield Finding("settings", good=True, detail=f"data in {settings.data_dir}, port {settings.port}")
    yield _folder(settings.data_dir)
    yield _database(settings.data_dir, settings.database_url)
    yield _guarantee(settings.data_dir, settings.database_url)
    yield _port(settings.host, settings.port)


def _folder(folder: Path) -> Finding:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if not os.access(existing, os.W_OK):
        return Finding("data folder", False, f"{existing} cannot be written: set DATA_DIR to a folder that can")
    enough = free >= FREE_BYTES_AT_LEAST
    return Finding("data folder", enough, f"{free // 2**20} MiB free (500 MiB are needed)")


def _database(folder: Path, url: str) -> Finding:
    if url.startswith("sqlite") and not (folder / "porthor.sqlite3").exists():
        return Finding("database", good=True, detail="not made yet: `porthor run` makes it")
    from models.session import StoreError, open_store

    try:
        open_store(url).dispose()
    except StoreError as error:
        return Finding("database", good=False, detail=str(error))
    return Finding("database", good=True, detail="opens, and its schema is the program's")


def _guarantee(folder: Path, url: str) -> Finding:
    """Look whether scores drifted from what the certificates speak of."""
    if url.startswith("sqlite") and not (folder / "porthor.sqlite3").exists():
        return Finding("certificates", good=True, detail="none yet: connections behave as in assist")
    from datetime import UTC, datetime

    from bot.drift import drifts
    from models.session import StoreError, open_store, reading
    from models.store.certificates import latest_of_each

    try:
        with reading(open_store(url)) as database:
            kept, large = latest_of_each(database), [one for one in drifts(database, datetime.now(UTC)) if one.large]
    except StoreError as error:
        return Finding("certificates", good=False, detail=str(error))
    if large:
        return Finding("certificates", good=False, detail="; ".join(one.sentence for one in large))
    return Finding("certificates", good=True, detail=f"{len(kept)} recorded, no drift of scores seen")


def _port(host: str, port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return Finding("port", False, f"{host}:{port} is taken: stop what uses it or set PORT to another")
    return Finding("port", good=True, detail=f"{host}:{port} is free")


def _packs() -> tuple[bool, str]:
    from models.policy.loader import builtin_pack, builtin_pack_ids

    names = sorted(builtin_pack_ids())
    return bool(names), ", ".join(f"{name} ({len(builtin_pack(name).clauses)} clauses)" for name in names)


def _artefacts() -> tuple[bool, str]:
    from classifiers.registry import Registry
    from classifiers.staff import StaffDirectory

    names = Registry.default(StaffDirectory.empty()).names
    return bool(names), f"load: {', '.join(names)}"


def _page() -> tuple[bool, str]:
    built = ROOT / "review_queue" / "static" / "dist"
    if any(built.glob("*.css")):
        return True, "its styles and scripts are built"
    return False, "its styles are not built: run `make install` (Node 20 or newer is needed)"


_CHECKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "policy packs": _packs,
    "classifiers": _artefacts,
    "the page": _page,
}
