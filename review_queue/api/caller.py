"""Who calls the API: a key in the header, the account it acts as, its scopes and rights, and how often it may."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from sqlalchemy import Connection

from models.session import reading, writing
from models.store import access, audit, tokens
from review_queue import rights
from review_queue.api.problems import Stopped, language_of
from review_queue.api.scopes import Scope
from review_queue.app import Page
from review_queue.i18n import utc_now
from review_queue.rights import Right

CALLS_PER_MINUTE = 300
AT_ONCE = 60
_bearer = HTTPBearer(auto_error=False, description="A key, made by an administrator on the page Keys")


@dataclass(frozen=True, slots=True)
class Caller:
    """One call: on which store, as whom, by which key, and in which language."""

    page: Page
    name: str
    token_id: int
    token_name: str
    scopes: frozenset[str]
    rights: frozenset[Right]
    expires_at: datetime
    language: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only reads."""
        with reading(self.page.engine) as database:
            yield database

    @contextmanager
    def changing(self, what: str, subject: str, **detail: Any) -> Iterator[Connection]:
        """Give a transaction in which the audit trail is told which key changed what."""
        with writing(self.page.engine) as database:
            yield database
            told = {"token": self.token_id, "name": self.token_name, **detail}
            audit.append(database, self.page.audit_key, utc_now(), self.name, f"api.{what}", subject[:120], told)


class Pace:
    """Lets each key call `AT_ONCE` times at once and `CALLS_PER_MINUTE` times a minute, in this process."""

    def __init__(self) -> None:
        self._left: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def wait_s(self, key: int, at: float) -> float:
        """Take one call; return how many seconds to wait instead, zero for none."""
        per_s = CALLS_PER_MINUTE / 60
        with self._lock:
            left, since = self._left.get(key, (float(AT_ONCE), at))
            left = min(float(AT_ONCE), left + (at - since) * per_s)
            if left < 1:
                return (1 - left) / per_s
            self._left[key] = (left - 1, at)
        return 0.0


def entry(
    request: Request,
    wanted: SecurityScopes,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """Return who calls.

    Raises:
        Stopped: The key is none, calls too often, or may not do this.
    """
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        caller = _known(request, given)
        request.state.caller = caller
    if not set(wanted.scopes) <= caller.scopes:
        needed = f"{', '.join(sorted(set(wanted.scopes) - caller.scopes))}"
        raise Stopped("no-scope", 403, {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'})
    if rights.needed(request.method, request.url.path) not in caller.rights:
        raise Stopped("no-right", 403)
    return caller


def _known(request: Request, given: HTTPAuthorizationCredentials | None) -> Caller:
    page: Page = request.app.state.page
    now = utc_now()
    with reading(page.engine) as database:
        token = tokens.find(database, given.credentials, now) if given else None
        who = access.standing(database, token["account"]) if token else None
    if token is None or who is None or not who.active:
        raise Stopped("no-key", 401, {"WWW-Authenticate": "Bearer"})
    pace: Pace = request.app.state.pace
    if wait := pace.wait_s(token["id"], monotonic()):
        raise Stopped("too-many", 429, {"Retry-After": str(int(wait) + 1)})
    if not tokens.is_noted(token, now):
        with writing(page.engine) as database:
            tokens.note_use(database, token["id"], now)
    return Caller(
        page=page,
        name=who.name,
        token_id=token["id"],
        token_name=token["name"],
        scopes=frozenset(token["scopes"]),
        rights=rights.of(who.role, who.offices),
        expires_at=token["expires_at"],
        language=language_of(request),
    )


Reads = Annotated[Caller, Security(entry, scopes=[Scope.CASES_READ])]
Decides = Annotated[Caller, Security(entry, scopes=[Scope.CASES_DECIDE])]
Answers = Annotated[Caller, Security(entry, scopes=[Scope.REPLIES_SEND])]
Releases = Annotated[Caller, Security(entry, scopes=[Scope.QUARANTINE_RELEASE])]
Operates = Annotated[Caller, Security(entry, scopes=[Scope.BOT_OPERATE])]
Proposes = Annotated[Caller, Security(entry, scopes=[Scope.RULES_PROPOSE])]
ReadsFormal = Annotated[Caller, Security(entry, scopes=[Scope.FORMAL_READ])]
Oversees = Annotated[Caller, Security(entry, scopes=[Scope.ADMIN_READ])]
Anybody = Annotated[Caller, Security(entry)]
