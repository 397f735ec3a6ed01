"""Replays contact histories through a fresh in-memory store with a simulated clock, and checks what was expected."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, insert, select, update

from bot.cli.errors import CommandError
from bot.pipeline import Pipeline
from bot.policies import UnknownPack, policy_of
from bot.restriction_text import restriction_from
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.archive.posts import PostError, read_post
from models.domain import Author, Channel, Connection, MessageKey, Mode
from models.policy.history import EventKind, FormalEvent
from models.session import open_store, reading, writing
from models.store import connections, messages
from models.store.history import event_detail
from models.tables import account, contact, decision, formal_event, message, signal

SIGNAL_FROM = 0.2
"""A signal counts as found from this probability on: noted, though perhaps not worth a look by itself."""
CONNECTION = "scenario"
NAME_LETTERS = 6
"""So many letters of a name in a row are taken for the same person."""
_CONTACTS = ("inbound", "logged_call")
"""What a person did, as against what the organisation did: a logged call is decided like a message."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and what came."""

    after_event: int
    expected_signals: tuple[str, ...]
    expected_handling: str
    found_signals: tuple[str, ...]
    handling: str

    @property
    def holds(self) -> bool:
        """True when the handling is the expected one and no expected signal is missing."""
        return self.handling == self.expected_handling and set(self.expected_signals) <= set(self.found_signals)


@dataclass(frozen=True, slots=True)
class Result:
    """One history replayed; `error` tells why it could not be read."""

    identifier: str
    title: str
    checks: tuple[Check, ...] = ()
    error: str = ""

    @property
    def passed(self) -> bool:
        """True when every expectation holds."""
        return not self.error and all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """All results."""

    results: tuple[Result, ...]

    @property
    def failed(self) -> int:
        """How many histories failed."""
        return sum(not result.passed for result in self.results)

    @property
    def unread(self) -> int:
        """How many lines could not be read."""
        return sum(bool(result.error) for result in self.results)

    def to_text(self) -> str:
        """Return the results for people, closing with the counts."""
        lines = []
        for result in self.results:
            lines.append(f"{'passed' if result.passed else 'FAILED'} {result.identifier} {result.title}".rstrip())
            if result.error:
                lines.append(f"    {result.error}")
            lines += [_line(check) for check in result.checks if not check.holds]
        lines.append(f"{len(self.results) - self.failed} passed, {self.failed} failed")
        return "\n".join(lines)

    def to_json(self) -> str:
        """Return the results for machines."""
        rows = [
            {
                "id": r.identifier,
                "title": r.title,
                "passed": r.passed,
                "error": r.error or None,
                "checks": [asdict(c) | {"holds": c.holds} for c in r.checks],
            }
            for r in self.results
        ]
        return orjson.dumps({"passed": len(rows) - self.failed, "failed": self.failed, "results": rows}).decode()


def _line(check: Check) -> str:
    missing = [label for label in check.expected_signals if label not in check.found_signals]
    return (
        f"    after event {check.after_event}: expected {check.expected_handling} [{', '.join(check.expected_signals)}], "
        f"came {check.handling} [{', '.join(check.found_signals)}]"
        + (f"; missing {', '.join(missing)}" if missing else "")
    )


def run_scenarios(path: Path, staff: Path | None = None) -> ScenarioReport:
    """Replay every history in `path`.

    Raises:
        CommandError: The file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise CommandError(f"{path}: the histories cannot be read: {error.strerror}; check the path") from error
    directory = StaffDirectory.empty() if staff is None else StaffDirectory.from_csv(staff)
    registry = Registry.default(directory)
    return ScenarioReport(
        tuple(
            _result(line, f"{path.name}:{number}", registry)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        )
    )


def _result(line: bytes, where: str, registry: Registry) -> Result:
    identifier, title = where, ""
    try:
        fields = orjson.loads(line)
        identifier, title = str(fields["id"]), str(fields.get("title", ""))
        return Result(identifier, title, tuple(Replay(fields, registry).checks()))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, PostError, UnknownPack) as error:
        return Result(identifier, title, error=f"{where}: this history cannot be read: {type(error).__name__}: {error}")


class Replay:
    """One history on its way through a store of its own."""

    def __init__(self, fields: Mapping[str, Any], registry: Registry) -> None:
        self._org = str(fields["org"])
        self._events: Sequence[Mapping[str, Any]] = fields["events"]
        self._expect: Sequence[Mapping[str, Any]] = fields["expect"]
        self._now = datetime.now(UTC)
        self._own = own_addresses(self._org, self._events)
        self._persons = persons(self._events)
        self._engine: Engine = open_store("sqlite://")
        self._pipeline = Pipeline(self._engine, registry, policy_of, lambda: self._now)
        policy_of(self._org, Mode.ENFORCE)
        with writing(self._engine) as database:
            own = Connection(CONNECTION, "files", self._org, Mode.ENFORCE, self._own)
            connections.ensure(database, own, ())

    def checks(self) -> list[Check]:
        """Replay the events in order and return each expectation with what came."""
        try:
            for number, event in enumerate(self._events, start=1):
                self._now = _time(event["t"])
                if event["kind"] in _CONTACTS:
                    self._inbound(number, event)
                else:
                    self._formal(event)
            return [self._check(wanted) for wanted in self._expect]
        finally:
            self._engine.dispose()

    def _inbound(self, number: int, event: Mapping[str, Any]) -> None:
        fields = {**event, "posted_at": event["t"], "channel": _channel(event["channel"])}
        item = read_post(fields, MessageKey(CONNECTION, str(number)), self._org, self._now).message
        logged = event["kind"] != "inbound"
        if logged:
            item = replace(item, channel=Channel.TELEPHONE, author=Author("call log"))
        with writing(self._engine) as database:
            main = self._main_contact(database, event) if logged else None
            messages.save(database, [(item, orjson.dumps(dict(event)))], self._now)
            if main is None:
                self._join(database, item.author.address)
            else:
                mine = message.c.native_id == str(number)
                database.execute(update(message).where(mine).values(contact_id=main))
        self._pipeline.run()

    def _join(self, database: Any, address: str) -> None:
        """Give an account to the person it belongs to, as somebody in the office would."""
        person = self._persons.get(address, address)
        known = database.execute(
            select(account).where(account.c.address.in_([a for a, p in self._persons.items() if p == person]))
        ).all()
        if len(known) > 1:
            first = min(row.contact_id for row in known)
            database.execute(update(account).where(account.c.address == address).values(contact_id=first))
            database.execute(update(message).where(message.c.author == address).values(contact_id=first))

    def _formal(self, event: Mapping[str, Any]) -> None:
        kind = EventKind(event["kind"])
        at, text = self._now, str(event.get("text", ""))
        made = restriction_from(text, at) if kind is EventKind.RESTRICTION else FormalEvent(kind, at, text=text)
        with writing(self._engine) as database:
            target = self._main_contact(database, event)
            if kind is EventKind.ADJUSTMENT:
                database.execute(update(contact).where(contact.c.id == target).values(adjustment=True))
            database.execute(
                insert(formal_event).values(contact_id=target, kind=kind.value, at=at, detail=event_detail(made))
            )

    def _main_contact(self, database: Any, event: Mapping[str, Any]) -> int:
        """Return the contact an event is about: whom the letter went to, else who writes most; made when still unknown."""
        counts = Counter(_author(entry) for entry in self._events if entry["kind"] == "inbound")
        told = [str(name).removeprefix("@").lower() for name in event.get("to") or ()]
        address = next((name for name in told if name in counts), None) or (
            counts.most_common(1)[0][0] if counts else "nobody"
        )
        found = database.execute(select(account.c.contact_id).where(account.c.address == address)).scalar()
        if found is not None:
            return int(found)
        channel = next(
            (_channel(e["channel"]) for e in self._events if e["kind"] == "inbound" and _author(e) == address), "email"
        )
        contact_id = database.execute(insert(contact).values(name=address, created_at=self._now)).inserted_primary_key[
            0
        ]
        database.execute(insert(account).values(platform=channel, address=address, name="", contact_id=contact_id))
        return int(contact_id)

    def _check(self, wanted: Mapping[str, Any]) -> Check:
        number = int(wanted["after_event"])
        with reading(self._engine) as database:
            row = database.execute(
                select(message.c.id, decision.c.handling)
                .join(decision, decision.c.message_id == message.c.id)
                .where(message.c.native_id == str(number))
            ).first()
            found = (
                []
                if row is None
                else [
                    hit.label
                    for hit in database.execute(
                        select(signal).where(signal.c.message_id == row.id, signal.c.probability >= SIGNAL_FROM)
                    )
                ]
            )
        handling = "no decision" if row is None else row.handling
        return Check(
            number, tuple(wanted.get("signals", ())), str(wanted["handling"]), tuple(sorted(set(found))), handling
        )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _channel(name: str) -> str:
    known = {channel.value for channel in Channel}
    return name if name in known and name not in {"telephone", "visit", "meeting", "letter"} else "email"


def _author(event: Mapping[str, Any]) -> str:
    return str(event["author"]).removeprefix("@").lower()


def own_addresses(org: str, events: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the organisation's addresses: those in its own domain, or that wrote its letters."""
    seen = {str(address).lower() for event in events for name in ("to", "cc") for address in event.get(name) or ()}
    wrote = {_author(event) for event in events if event["kind"] not in {"inbound", "logged_call"}}
    return tuple(
        sorted({address for address in seen if org in address.rpartition("@")[2]} | {a for a in wrote if "@" in a})
    )


def persons(events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return who each author is: an address on one kind of channel and a handle on another may be one person.

    Two addresses on the same kind of channel never are: husband and wife both write.
    """
    authors = {_author(event): event["channel"] == "email" for event in events if event["kind"] == "inbound"}
    found = {address: address for address in authors}
    for address, is_mail in authors.items():
        for other, other_mail in authors.items():
            if is_mail and not other_mail and one_person(address, other):
                found[other] = address
    return found


def one_person(address: str, handle: str) -> bool:
    """True when a mail address and a handle spell one whole name; a shared surname or village is not enough."""
    mine, theirs = _names(address), _names(handle)
    shorter, longer = sorted(("".join(mine), "".join(theirs)), key=len)
    if len(shorter) >= NAME_LETTERS and longer.startswith(shorter):
        return True
    alike = {part for part in mine if len(part) >= 4 and part in theirs}
    return bool(alike) and bool(_initials(mine, alike) & _initials(theirs, alike))


def _names(address: str) -> list[str]:
    return [part for part in re.split(r"[^a-zà-ÿ]+", address.partition("@")[0].lower()) if part]


def _initials(names: Sequence[str], apart_from: set[str]) -> set[str]:
    return {name[0] for name in names if name not in apart_from}
