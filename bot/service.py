"""Opens what the settings name, and keeps it going: read, decide, enforce, on a schedule in this process."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from bot import drift, enforcement, verdicts
from bot.assurance import Assurance
from bot.intake import fetch_all
from bot.opinions.configured import opinions_of
from bot.pipeline import Pipeline
from bot.policies import policy_of
from bot.secrets import ensure_keys, read_secret
from bot.settings import ConnectionSettings, Settings
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.base import Connector, ConnectorError, Place
from connectors.registry import connector_class
from models.domain import Connection, Mode
from models.session import open_store, reading, writing
from models.store import connections
from models.store.messages import TakenIn

POLL_S = 60
ENFORCE_S = 1
LIFT_S = 60
DRIFT_S = 6 * 3600
log = structlog.get_logger()


def now_utc() -> datetime:
    """Return the present moment: the one clock of the running bot."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Service:
    """The running bot: one store, one pipeline, and its connections."""

    settings: Settings
    engine: Engine
    pipeline: Pipeline
    assurance: Assurance
    connectors: dict[str, Connector] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: Settings, staff: Path | None = None, clock: Callable[[], datetime] = now_utc) -> "Service":
        """Open the store and make everything ready.

        Raises:
            StoreError: The store cannot be used.
            ClassifierError: An artefact or the staff file is missing.
        """
        engine = open_store(settings.database_url)
        listed = staff or settings.file.staff
        directory = StaffDirectory.empty() if listed is None else StaffDirectory.from_csv(listed)
        opinions = opinions_of(settings.file, engine, lambda reference: read_secret(reference, os.environ))
        registry = Registry.default(directory)
        sample_key = (ensure_keys(settings.secrets_dir) / "sample.key").read_bytes()
        assurance = Assurance(engine, settings.models_dir, registry, sample_key)
        pipeline = Pipeline(engine, registry, policy_of, clock, opinions, assurance)
        service = cls(settings, engine, pipeline, assurance)
        for wanted in settings.file.connection:
            service.connect(wanted)
        return service

    def connect(self, wanted: ConnectionSettings) -> Connection:
        """Make a connection ready and known to the store."""
        policy_of(wanted.org, Mode.ENFORCE)
        own = tuple(address.lower() for address in wanted.own_addresses)
        connection = Connection(wanted.name, wanted.kind, wanted.org, wanted.mode, own)
        kind = connector_class(wanted.kind)
        connector = kind.open(connection, wanted.options(kind.options), self._place(wanted.name))
        with writing(self.engine) as database:
            connections.ensure(database, connection, connector.can())
        self.connectors[wanted.name] = connector
        self.connections[wanted.name] = connection
        return connection

    def _place(self, name: str) -> Place:
        folder = self.settings.state_dir(name)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Place(folder, lambda reference: read_secret(reference, os.environ), now_utc)

    def take_in(self, name: str, on_batch: Callable[[TakenIn], None] = lambda _: None) -> TakenIn:
        """Read one connection to its end.

        Raises:
            ConnectorError: It cannot be read; what was read before is kept.
        """
        return fetch_all(self.engine, self.connections[name], self.connectors[name], now_utc, on_batch)

    def act(self) -> int:
        """Carry out verdicts and everything that is due; return how many effects ended."""
        verdicts.carry_out(self.engine, now_utc)
        ended = 0
        while done := enforcement.run_due(self.engine, self.connectors, now_utc):
            ended += done
        return ended

    def poll(self) -> None:
        """Read every connection and decide; one that fails is noted and does not stop the others."""
        for name in self.connections:
            try:
                self.take_in(name)
            except ConnectorError as error:
                log.warning("connection_failed", connection=name, error=str(error))
                with writing(self.engine) as database:
                    connections.report_trouble(database, name, str(error))
        self.pipeline.run()

    def schedule(self) -> BackgroundScheduler:
        """Return a started scheduler that keeps the bot going."""
        scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
        scheduler.add_job(self.poll, "interval", seconds=POLL_S, id="poll")
        scheduler.add_job(self.act, "interval", seconds=ENFORCE_S, id="act")
        scheduler.add_job(lambda: enforcement.lift_lapsed(self.engine, now_utc), "interval", seconds=LIFT_S, id="lift")
        scheduler.add_job(self.watch_scores, "interval", seconds=DRIFT_S, id="drift")
        scheduler.start()
        return scheduler

    def watch_scores(self) -> None:
        """Warn where the scores of a connection drift from those its certificate speaks of."""
        with reading(self.engine) as database:
            drift.warn(database, now_utc())


def connection_name(source: Path) -> str:
    """Return a stable name for a source given on the command line."""
    stem = "".join(c if c.isalnum() else "-" for c in source.name.lower()).strip("-")[:40] or "source"
    return f"files-{stem}-{sha256(str(source.resolve()).encode()).hexdigest()[:8]}"


def sources_to_connections(
    sources: Iterable[Path], org: str, mode: Mode, own: tuple[str, ...], authserv_id: str | None
) -> list[ConnectionSettings]:
    """Return a connection of kind `files` for each source."""
    return [
        ConnectionSettings(
            name=connection_name(source),
            kind="files",
            org=org,
            path=source,
            mode=mode,
            own_addresses=own,
            authserv_id=authserv_id,
        )
        for source in sources
    ]
