"""Owns the campaign index of each organisation: built from the store in the background, kept up by whoever decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Thread

import structlog
from sqlalchemy import Engine

from classifiers.campaigns import CampaignIndex
from classifiers.signatures import is_current, signature
from models.session import StoreError, reading, writing
from models.store import signatures
from models.store.signatures import Kept

AT_ONCE = 2_000
"""So many messages are read at once, within a fraction of a second; more are read in the background."""
WRITTEN_AT_ONCE = 500
log = structlog.get_logger()


class _Building:
    """One index on its way, in a thread of its own; nobody else touches it before it is done."""

    def __init__(self, engine: Engine, org: str, since: datetime) -> None:
        self._engine, self._org, self._since = engine, org, since
        self.index = CampaignIndex()
        self.done = False
        self.thread = Thread(target=self.run, name=f"campaigns-{org}", daemon=True)

    def run(self) -> None:
        """Read everything since then; what fails is told in the log, and the index stays undone."""
        try:
            for rows in signatures.every_since(self._engine, self._org, self._since):
                for row in self._made(rows):
                    self.index.add(row.message_id, row.at, row.blob or b"")
        except Exception:
            log.exception("campaign_index_failed", org=self._org)
            return
        self.done = True
        log.info("campaign_index_built", org=self._org, count=len(self.index), size_bytes=self.index.size_bytes)

    def _made(self, rows: list[Kept]) -> list[Kept]:
        """Return the rows with the signatures that were missing or old, and write those."""
        lacking = [row.message_id for row in rows if not is_current(row.blob)]
        if not lacking:
            return rows
        with reading(self._engine) as database:
            texts = signatures.texts_of(database, lacking)
        made = [row._replace(blob=signature(texts[row.message_id])) for row in rows if row.message_id in texts]
        try:
            for at in range(0, len(made), WRITTEN_AT_ONCE):
                with writing(self._engine) as database:
                    signatures.save(database, self._org, made[at : at + WRITTEN_AT_ONCE])
        except StoreError as error:
            log.warning("signatures_not_written", org=self._org, error=str(error))
        return [row for row in rows if row.message_id not in texts] + made


class Campaigns:
    """The look-alikes of every organisation's messages within its window. Used by one thread."""

    def __init__(self, engine: Engine, at_once: int = AT_ONCE) -> None:
        """Make an owner; stores of at most `at_once` messages in the window are read before the first answer."""
        self._engine, self._at_once = engine, at_once
        self._live: dict[str, CampaignIndex] = {}
        self._building: dict[str, _Building] = {}

    def prepare(self, windows: Mapping[str, int], now: datetime) -> None:
        """Begin or finish the index of each organisation (with the days of its window), outside any transaction."""
        for org, days in windows.items():
            since = now - timedelta(days=days)
            if org not in self._live:
                self._live[org] = CampaignIndex()
                self._begin(org, since)
            building = self._building.get(org)
            if building is not None and building.done:
                building.index.absorb(self._live[org])
                self._live[org] = building.index
                del self._building[org]
            elif building is not None and not building.thread.is_alive():
                self._begin(org, since)
            self._live[org].forget_before(since)

    def _begin(self, org: str, since: datetime) -> None:
        building = _Building(self._engine, org, since)
        self._building[org] = building
        with reading(self._engine) as database:
            few = signatures.count_since(database, org, since) <= self._at_once
        if few:
            building.run()
        else:
            building.thread.start()

    def ready(self, org: str) -> bool:
        """True when everything of the window is known; before that a look-alike may be missed."""
        return org in self._live and org not in self._building

    def neighbours(self, org: str, blob: bytes, since: datetime) -> Sequence[int]:
        """Return the ids of likely look-alikes received since then, among what is known so far, oldest first."""
        return self._live[org].neighbours(blob, since)

    def add(self, org: str, message_id: int, at: datetime, blob: bytes) -> None:
        """Make a message known to those that come after it."""
        self._live[org].add(message_id, at, blob)

    def wait(self, timeout_s: float) -> None:
        """Wait until what is being built is built."""
        for building in self._building.values():
            if building.thread.is_alive():
                building.thread.join(timeout_s)
