"""Opens what the settings name, and keeps it going: read, decide, enforce, on a schedule in this process."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from bot import (
    bulk,
    commands,
    dispatching,
    drift,
    enforcement,
    example,
    formal_clock,
    handing_over,
    holds,
    notices,
    on_call,
    reading,
    reviewers,
    standing_blocks,
    verdicts,
    webhooks,
)
from bot.assurance import Assurance
from bot.dispatching import Outlets
from bot.hints import HintServer
from bot.intake import fetch_all
from bot.jumps import ClockWatch
from bot.letters.notify import NotifyPost
from bot.only import Only, only_bot
from bot.opinions.configured import opinions_of
from bot.pipeline import Pipeline
from bot.policies import policy_of
from bot.reviewers import AppriseTeller
from bot.secrets import ensure_keys, read_secret
from bot.sending import SmtpSender
from bot.settings import ConnectionSettings, Settings, SettingsError
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.base import Connector, ConnectorError, Place, Refused, TellsOfNews
from connectors.registry import connector_class
from models.domain import Connection, Enforcement, Mode, Outcome
from models.session import open_store, writing
from models.store import connections, dispatches, leases
from models.store.messages import TakenIn

ENFORCE_S = 1
HOUSEKEEPING_S, DRIFT_S, ABILITIES_S = 60, 6 * 3600, 3600
WAIT_S, HINT_PAUSE_S = 5.0, 0.5
LISTEN_AGAIN_S = 15
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
    clock: Callable[[], datetime]
    only: Only
    outlets: Outlets
    watch: ClockWatch
    connectors: dict[str, Connector] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    wanted: dict[str, ConnectionSettings] = field(default_factory=dict)
    _deciding: threading.Lock = field(default_factory=threading.Lock)
    _acting: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _hints: HintServer | None = None

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
        pipeline = Pipeline(engine, registry, policy_of, clock, opinions, assurance=assurance)
        only = only_bot(settings.data_dir, engine)
        service = cls(settings, engine, pipeline, assurance, clock, only, _outlets(settings), ClockWatch(clock))
        for wanted in settings.file.connection:
            service.connect(wanted)
        return service

    def connect(self, wanted: ConnectionSettings) -> Connection:
        """Make a connection ready and known to the store; a demonstration's takes the example's alone."""
        example.admit(wanted, self.settings)
        policy_of(wanted.org, Mode.ENFORCE)
        own = tuple(address.lower() for address in wanted.own_addresses)
        kind = connector_class(wanted.kind)
        options = wanted.options(kind.options)
        cap = getattr(options, "monthly_cap_usd", None) or wanted.monthly_cap
        shown = {} if cap is None else {connections.MONTHLY_CAP: str(cap)}
        connection = Connection(wanted.name, wanted.kind, wanted.org, wanted.mode, own, settings=shown)
        connector = kind.open(connection, options, place(self.settings, wanted.name, self.clock))
        since = self.clock() if getattr(kind, "live", True) else None
        with writing(self.engine) as database:
            connections.ensure(database, connection, connector.can(), since)
        self.connectors[wanted.name] = connector
        self.connections[wanted.name] = connection
        self.wanted[wanted.name] = wanted
        return connection

    def reopen(self, name: str) -> None:
        """Open a connection anew, with the credentials and rights it has now: what a person does before they resume it."""
        wanted = self.wanted.get(name)
        if wanted is None:
            return
        try:
            self.connect(wanted)
        except (ConnectorError, SettingsError, OSError) as error:
            log.warning("not_reopened", connection=name, why=type(error).__name__)

    def note_abilities(self) -> None:
        """Look what each account may do now: rights are granted and withdrawn while the bot runs."""
        for name, connector in list(self.connectors.items()):
            try:
                can = connector.can()
            except (ConnectorError, OSError) as error:
                log.info("abilities_unknown", connection=name, why=type(error).__name__)
                continue
            with writing(self.engine) as database:
                if connections.note_abilities(database, name, can):
                    log.info("abilities_changed", connection=name, can=sorted(can))

    def become_only(self) -> bool:
        """Become the one bot that acts on this store; what a bot that died had begun is taken up.

        False when another bot acts: this one then only reads and decides.
        """
        if self.only.held:
            return True
        if not self.only.take():
            return False
        with writing(self.engine) as database:
            reclaimed = leases.reclaim(database, self.clock())
            unknown = dispatches.abandoned(database, self.clock(), all_leases=True)
        log.info("only_bot", reclaimed=reclaimed, unknown=unknown)
        return True

    def take_in(self, name: str, on_batch: Callable[[TakenIn], None] = lambda _: None) -> TakenIn:
        """Read one connection to its end.

        Raises:
            ConnectorError: It cannot be read; what was read before is kept.
        """
        cap = self.wanted[name].monthly_cap
        return fetch_all(self.engine, self.connections[name], self.connectors[name], self.clock, on_batch, cap)

    def act(self) -> int:
        """Carry out what people said and everything that is due; return how many effects ended.

        Where another bot acts on this store, it is left to that one.
        """
        if not self._acting.acquire(blocking=False):
            return 0
        try:
            if not self.become_only():
                return 0
            commands.carry_out(self.engine, self.connectors, self.clock, on_resume=self.reopen)
            bulk.carry_out(self.engine, self._audit_key(), self.clock)
            verdicts.carry_out(self.engine, self.clock)
            ended = 0
            while done := enforcement.run_due(self.engine, self.connectors, self.clock, self._after_settling):
                ended += done
            handing_over.hand_over(self.engine, self.connectors, policy_of, self.clock)
            self._enter_words()
            dispatching.run_due(self.engine, self.outlets, self.clock)
            return ended
        finally:
            self._acting.release()

    def _after_settling(self, database: Database, job: Enforcement, outcome: Outcome) -> None:
        if self.outlets.sender is not None:
            pack = policy_of(self.connections[job.connection_id].org, Mode.ENFORCE).pack
            notices.consider(database, job, outcome, pack, self.clock())

    def _enter_words(self) -> None:
        told = self.settings.file.notify
        place = on_call.place_of(self.settings.file.on_call.people, by_mail=self.outlets.sender is not None)
        on_call.run(self.engine, place, self.clock)
        if told.to:
            with writing(self.engine) as database:
                reviewers.enter_urgent(database, told.to, self.clock())
                reviewers.enter_alarms(database, told.to, self.clock())
                reviewers.enter_digest(database, told.to, told.digest_hour, self.clock())

    def poll(self, name: str) -> None:
        """Read one connection, decide what is new and act on it; a failure is noted and told."""
        reading.read(
            self.engine, self.connections[name], self.connectors[name], self.clock, self.wanted[name].monthly_cap
        )
        self.decide()
        self.act()

    def decide(self) -> None:
        """Decide all that waits: one thread at a time."""
        with self._deciding:
            self.pipeline.run()

    def housekeeping(self) -> None:
        """Let holds lapse, end what stays held unread, keep standing blocks, find what was left in the middle."""
        self.watch.check(self.engine)
        with self._acting:
            only = self.become_only()
        if not only:
            return
        if self.watch.trusted():
            holds.lift_lapsed(self.engine, self.clock)
            holds.end_unread(self.engine, policy_of, self.clock)
            formal_clock.tick(self.engine, self._audit_key(), self.clock)
        standing_blocks.keep(self.engine, policy_of, self.clock)
        with writing(self.engine) as database:
            dispatches.abandoned(database, self.clock())

    def _audit_key(self) -> bytes:
        return (ensure_keys(self.settings.secrets_dir) / "audit.key").read_bytes()

    def schedule(self) -> BackgroundScheduler:
        """Return a started scheduler that keeps the bot going; `stop` ends it."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a round that is skipped is nothing to tell
        threads = ThreadPoolExecutor(max_workers=len(self.connections) + 4)
        scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1}, executors={"default": threads}
        )
        for name, wanted in self.wanted.items():
            scheduler.add_job(self.poll, "interval", seconds=wanted.poll_s, id=f"poll:{name}", args=[name])
        told = [self.engine, webhooks.post_of(self.settings), self.only, self.clock]
        scheduler.add_job(webhooks.run_if_only, "interval", seconds=ENFORCE_S, id="webhooks", args=told)
        scheduler.add_job(self.act, "interval", seconds=ENFORCE_S, id="act")
        scheduler.add_job(drift.watch, "interval", seconds=DRIFT_S, id="drift", args=[self.engine, self.clock])
        scheduler.add_job(self.note_abilities, "interval", seconds=ABILITIES_S, id="abilities")
        scheduler.add_job(self.housekeeping, "interval", seconds=HOUSEKEEPING_S, id="housekeeping")
        scheduler.start()
        for name, connector in self.connectors.items():
            if isinstance(connector, TellsOfNews):
                thread = threading.Thread(target=self._listen, args=(scheduler, name), daemon=True)
                thread.start()
        if self.settings.file.hints_port is not None:
            self._hints = HintServer(self.settings.file.hints_port, self.connectors.get)
        return scheduler

    def _listen(self, scheduler: BackgroundScheduler, name: str) -> None:
        """Read a connection at once whenever its platform hints at something new, for as long as the bot runs.

        A line that ends at once is not taken up again at once.
        """
        while not self._ended.is_set() and isinstance(connector := self.connectors[name], TellsOfNews):
            began = time.monotonic()
            try:
                if connector.wait(WAIT_S):
                    with suppress(JobLookupError):
                        scheduler.modify_job(f"poll:{name}", next_run_time=datetime.now(UTC))
                    self._ended.wait(HINT_PAUSE_S)
                elif time.monotonic() - began < HINT_PAUSE_S:
                    self._ended.wait(HINT_PAUSE_S)
            except Refused as error:
                log.info("no_hints", connection=name, why=str(error))
                return
            except (ConnectorError, OSError) as error:
                log.info("line_lost", connection=name, why=type(error).__name__)
                self._ended.wait(LISTEN_AGAIN_S)

    def stop(self, scheduler: BackgroundScheduler) -> None:
        """End the schedule after what runs has ended."""
        self._ended.set()
        if self._hints is not None:
            self._hints.stop()
        scheduler.shutdown(wait=True)
        self.only.release()


def place(settings: Settings, name: str, clock: Callable[[], datetime] = now_utc) -> Place:
    """Return what a connection is lent: its folder, made if need be, its secrets and the clock."""
    folder = settings.state_dir(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Place(folder, lambda reference: read_secret(reference, os.environ), clock)


def _outlets(settings: Settings) -> Outlets:
    def secret(reference: str) -> str:
        return read_secret(reference, os.environ)

    mail = settings.file.mail
    sender = None if mail is None else SmtpSender(mail, secret)
    address = "" if mail is None else mail.sender
    wanted = settings.file.letters
    post = None if wanted.notify_key is None else NotifyPost(wanted, secret)
    key = (ensure_keys(settings.secrets_dir) / "audit.key").read_bytes()
    return Outlets(
        policy_of, AppriseTeller(secret), sender, address, settings.file.notify.page, post, wanted.policies, key
    )


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
