"""The connector `emulated`: the smallest honest one, for the platform that the fault suite runs on."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import orjson

from connectors.base import (
    AuthFailed,
    Batch,
    Fetched,
    MessageGone,
    Options,
    Place,
    RateLimited,
    Refused,
    Unavailable,
)
from connectors.registry import kinds, register
from models.domain import (
    Action,
    Author,
    Channel,
    Connection,
    Enforcement,
    EnforcementState,
    Message,
    MessageKey,
    Outcome,
)

TIMEOUT_S = 0.35


class EmulatedOptions(Options):
    """Where it listens, and what its token refers to."""

    address: str
    token: str
    channel: Channel


class EmulatedConnector:
    """Keys messages by what never changes (`key`); the platform's `id` changes when it moves something."""

    kind = "emulated"
    options = EmulatedOptions

    def __init__(self, connection: Connection, options: EmulatedOptions, place: Place) -> None:
        self._connection, self._options, self._place = connection, options, place

    @classmethod
    def open(cls, connection: Connection, options: EmulatedOptions, place: Place) -> "EmulatedConnector":
        return cls(connection, options, place)

    def can(self) -> frozenset[Action]:
        mail = self._options.channel is Channel.EMAIL
        return frozenset({Action.QUARANTINE, Action.BLOCK} if mail else {Action.HIDE, Action.MUTE, Action.REPORT})

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        after, more = int(cursor or 0), True
        while more:
            page = self._call("GET", f"/items?after={after}")
            after, more = page["next"], page["more"]
            yield Batch(tuple(self._item(entry) for entry in page["items"]), str(after))

    def act(self, job: Enforcement) -> Outcome:
        if job.effect is Action.REPORT:
            self._call("POST", f"/reports/{job.target.native_id}")
        else:
            self._at(job, "PUT" if job.wanted else "DELETE")
        return Outcome(EnforcementState.DONE)

    def read_back(self, job: Enforcement) -> bool | None:
        return None if job.effect is Action.REPORT else bool(self._at(job, "GET")["on"])

    def deep_link(self, job: Enforcement) -> str | None:
        return f"{self._options.address}/show/{job.target.native_id}"

    def _at(self, job: Enforcement, verb: str) -> dict:
        """Call about a target, looking for it where it has moved to."""
        path = f"/effects/{job.effect}/{job.target.kind}/"
        try:
            return self._call(verb, path + job.target.native_id)
        except MessageGone:
            here = self._call("GET", f"/find/{job.target.native_id}")["id"]
            return self._call(verb, path + here)

    def _item(self, entry: dict) -> Fetched:
        headers = (("return-path", f"<{entry['author']}>"),) if self._options.channel is Channel.EMAIL else ()
        message = Message(
            MessageKey(self._connection.connection_id, entry["key"]),
            self._options.channel,
            self._connection.org,
            Author(entry["author"]),
            entry["text"],
            datetime.fromisoformat(entry["at"]),
            message_id=f"{entry['key']}@platform.example",
            headers=headers,
        )
        return Fetched(message, orjson.dumps(entry))

    def _call(self, verb: str, path: str) -> dict:
        token = self._place.secret(self._options.token)
        try:
            answer = httpx.request(
                verb, self._options.address + path, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S
            )
            answer.raise_for_status()
            return answer.json()
        except httpx.HTTPStatusError as error:
            raise _said(error.response) from error
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"{type(error).__name__}") from error


def _said(answer: httpx.Response) -> Exception:
    status = answer.status_code
    if status == 429:
        return RateLimited("too many requests", float(answer.headers["retry-after"]))
    if status == 401:
        return AuthFailed("the token has expired")
    if status == 404:
        return MessageGone("not found")
    return Unavailable(f"status {status}") if status >= 500 else Refused(f"status {status}")


def make_known() -> None:
    """Register the kind, once a process."""
    if "emulated" not in kinds():
        register("emulated", "tests.emulators.connector:EmulatedConnector")
