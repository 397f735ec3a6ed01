"""The connector `graph`: a mailbox in Microsoft 365, by Microsoft Graph."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import quote, urlsplit

import httpx
import structlog
from pydantic import AfterValidator, Field, model_validator

from connectors.asking import asked, asked_secret
from connectors.base import AuthFailed, Batch, ConnectorError, MessageGone, Pace, Place, Refused, Talk
from connectors.mail import graph_hints
from connectors.mail.abilities import abilities
from connectors.mail.graph_client import FolderMissing, GraphClient, Resync
from connectors.mail.graph_delta import DeltaOptions, GraphDelta
from connectors.mail.graph_login import Login
from connectors.mail.graph_shelves import GraphFolders, GraphShelves
from connectors.mail.ledger import Ledger, Spot
from connectors.mail.mailbox import INBOX, Intake, Position
from connectors.mail.moving import Mover
from connectors.mail.security import require_encrypted, tls_context
from models.domain import Action, Connection, Enforcement, EnforcementState, Outcome

_RULES = "mailFolders/inbox/messageRules"
log = structlog.get_logger()


class GraphOptions(DeltaOptions):
    """Whose mailbox it is, and as which application or person to sign in."""

    mailbox: str
    tenant: str
    client_id: str
    auth: Literal["client_secret", "device_code"] = "client_secret"
    client_secret: str | None = None
    login_url: Annotated[str, AfterValidator(require_encrypted)] = "https://login.microsoftonline.com"
    api_url: Annotated[str, AfterValidator(require_encrypted)] = "https://graph.microsoft.com/v1.0"
    notification_url: Annotated[str, AfterValidator(require_encrypted)] | None = None
    notification_secret: str | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if (self.auth == "client_secret") != (self.client_secret is not None):
            raise ValueError("give client_secret for auth 'client_secret', and none for 'device_code'")
        if (self.notification_url is None) != (self.notification_secret is None):
            raise ValueError("notification_url and notification_secret belong together")
        return self


class GraphConnector:
    """Reads folders by delta and moves mails, whose immutable id is the native id."""

    kind = "graph"
    options = GraphOptions
    pace: ClassVar[Pace] = Pace(600, 60.0)
    """Under the 10,000 calls in ten minutes that Graph allows a mailbox."""

    def __init__(self, connection: Connection, options: GraphOptions, place: Place) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines would hold addresses
        self._connection = connection
        self._options = options
        self._place = place
        self._user = f"/users/{quote(options.mailbox)}"
        self._ledger = Ledger(place.state_dir)
        self._intake = Intake(connection, options, self._ledger, place.clock)
        self._hinted = threading.Event()

    @classmethod
    def open(cls, connection: Connection, options: GraphOptions, place: Place) -> Self:
        """Return the connector; Microsoft is not asked anything yet."""
        return cls(connection, options, place)

    @classmethod
    def set_up(cls, talk: Talk, place: Place, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask how Porthor signs in, let a person do so by a code on another device, and return the options to write.

        Raises:
            ConnectorError: Microsoft did not agree, or the answers do not fit together.
        """
        found = dict(known)
        questions = {"mailbox": "the mailbox's address", "tenant": "the tenant", "client_id": "the application's id"}
        found |= {name: asked(talk, found, name, question) for name, question in questions.items()}
        how = "sign in as the application (client_secret) or as a person, by a code (device_code)"
        found["auth"] = str(found.get("auth") or talk.ask(how, "client_secret"))
        if found["auth"] == "client_secret":
            return found | {"client_secret": asked_secret(talk, found, "client_secret", "the application's secret")}
        found["client_secret"] = None
        try:
            options = GraphOptions.model_validate(found)
        except ValueError as error:
            raise Refused(f"these answers do not fit together: {error}") from error
        connector = cls.open(Connection("set-up", cls.kind, ""), options, place)
        try:
            connector.sign_in(talk.say)
        finally:
            connector.close()
        return found

    def probe(self) -> str:
        """Return which mailbox this is, after a look into its inbox.

        Raises:
            ConnectorError: It does not work; the words say what to do.
        """
        self._folders.need(INBOX)
        return f"this is the mailbox {self._options.mailbox} in Microsoft 365"

    def close(self) -> None:
        """Hang up."""
        if "_http" in self.__dict__:
            self._http.close()
        self._ledger.close()

    def sign_in(self, show: Callable[[str], None]) -> None:
        """Let a person sign in by a code on another device; `show` gets Microsoft's sentence that says where.

        Raises:
            ConnectorError: They did not, or were not allowed to.
        """
        self._login.sign_in(show)

    def can(self) -> frozenset[Action]:
        """Return what this mailbox lets us do; while it cannot be asked, what it let us do last."""
        return abilities(self._ledger, self._abilities)

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield the mails that came after `cursor`, folder by folder.

        The quarantine is read too: a rule puts a blocked sender's mail straight there. What the store has is left
        out, also after an expired delta link (410), on repeated pages, and in the daily sweep.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        position = Position.of(cursor)
        self._ledger.acknowledge(position.batch)
        self._keep_hints()
        return self._delta.fetch(position)

    def wait(self, timeout_s: float) -> bool:
        """Wait until a genuine notification came (`hint`); True then, False when the time is over."""
        told = self._hinted.wait(timeout_s)
        self._hinted.clear()
        return told

    def hint(self, body: bytes) -> bool:
        """Take a notification that came to `notification_url`; True when it bears our secret and wakes `wait`."""
        secret = self._options.notification_secret
        genuine = secret is not None and graph_hints.is_genuine(body, self._place.secret(secret))
        if genuine:
            self._hinted.set()
        return genuine

    def act(self, enforcement: Enforcement) -> Outcome:
        """Move to a shelf or back, set a category, or keep a rule for a sender; repeating it is harmless.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        if self._options.shelf(enforcement.effect):
            return self._mover.bring_about(enforcement)
        if self.read_back(enforcement) == enforcement.wanted:
            return Outcome(EnforcementState.ALREADY_DONE, read_back=enforcement.wanted)
        if enforcement.effect is Action.LABEL:
            self._label(enforcement)
        elif enforcement.effect is Action.BLOCK:
            self._block(enforcement.target.native_id, enforcement.wanted)
        else:
            raise Refused(f"a mailbox cannot {enforcement.effect.value}")
        return Outcome(EnforcementState.DONE, read_back=self.read_back(enforcement))

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Look whether the mail lies on its shelf, bears the category, or the sender's rule is there."""
        if self._options.shelf(enforcement.effect):
            return self._mover.in_force(enforcement)
        if enforcement.effect is Action.LABEL:
            return self._options.label in self._categories(enforcement.target.native_id)[1]
        return self._rule(enforcement.target.native_id) is not None if enforcement.effect is Action.BLOCK else None

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(verify=tls_context(self._options.ca_file), timeout=self._options.timeout_s)

    @cached_property
    def _login(self) -> Login:
        options = self._options
        api = urlsplit(options.api_url)
        origin = f"{api.scheme}://{api.netloc}"
        reference = options.client_secret
        rights = ["Mail.ReadWrite", "Mail.ReadWrite.Shared", "MailboxSettings.ReadWrite"]
        return Login(
            self._http,
            f"{options.login_url}/{options.tenant}",
            options.client_id,
            [f"{origin}/.default"] if reference else [f"{origin}/{right}" for right in rights],
            self._place.state_dir,
            (lambda: self._place.secret(reference)) if reference else None,
        )

    @cached_property
    def _client(self) -> GraphClient:
        return GraphClient(self._http, self._options.api_url, self._login.token, self._place.clock)

    @cached_property
    def _folders(self) -> GraphFolders:
        options = self._options
        return GraphFolders(self._client, self._user, (*options.folders, *options.shelves, *options.staff_marks))

    @cached_property
    def _shelves(self) -> GraphShelves:
        return GraphShelves(self._client, self._user, self._folders, self._options, self._ledger)

    @cached_property
    def _delta(self) -> GraphDelta:
        return GraphDelta(
            self._client,
            self._user,
            self._folders,
            self._shelves,
            self._options,
            self._ledger,
            self._intake,
            self._place.clock,
        )

    @cached_property
    def _mover(self) -> Mover:
        return Mover(self._options, self._ledger, self._shelves)

    def _abilities(self) -> frozenset[Action]:
        found = {Action.QUARANTINE, Action.LABEL, *([Action.FILE] if self._options.filed_folder else [])}
        self._folders.need(INBOX)
        try:
            self._rule("nobody@invalid")
        except (AuthFailed, Refused):  # the application lacks MailboxSettings.ReadWrite
            return frozenset(found)
        return frozenset(found | {Action.BLOCK})

    def _categories(self, native_id: str) -> tuple[Spot, list[str]]:
        spot = self._mover.where(self._mover.item(native_id))
        found = self._shelves.get(spot.id, "id,categories")
        if found is None:
            raise MessageGone(f"mail {native_id} was deleted meanwhile")
        return spot, list(found.get("categories") or [])

    def _label(self, enforcement: Enforcement) -> None:
        spot, categories = self._categories(enforcement.target.native_id)
        others = [each for each in categories if each != self._options.label]
        wanted = [*others, self._options.label] if enforcement.wanted else others
        self._client.json("PATCH", self._shelves.path(spot.id), {"categories": wanted})

    def _rule(self, address: str) -> str | None:
        rules = self._client.pages(f"{self._user}/{_RULES}")
        return next((str(rule["id"]) for rule in rules if rule.get("displayName") == _rule_name(address)), None)

    def _block(self, address: str, wanted: bool) -> None:
        """Keep or lift the rule that takes a sender's mail to the quarantine: exactly this address, no other."""
        if not wanted:
            rule = self._rule(address)
            if rule is not None:
                self._client.json("DELETE", f"{self._user}/{_RULES}/{quote(rule, safe='')}")
            return
        target = self._folders.id_of(self._options.quarantine_folder, make=True)
        rule_wanted = {
            "displayName": _rule_name(address),
            "sequence": 1,
            "isEnabled": True,
            "conditions": {"fromAddresses": [{"emailAddress": {"name": address, "address": address}}]},
            "actions": {"moveToFolder": target, "stopProcessingRules": True},
        }
        self._client.json("POST", f"{self._user}/{_RULES}", rule_wanted)

    def _keep_hints(self) -> None:
        url, secret = self._options.notification_url, self._options.notification_secret
        if url is None or secret is None:
            return
        try:
            graph_hints.keep_subscribed(
                self._client,
                self._ledger,
                resource=f"{self._user}/mailFolders('inbox')/messages",
                url=url,
                client_state=self._place.secret(secret),
                now=self._place.clock(),
            )
        except (ConnectorError, Resync, FolderMissing) as error:  # polling goes on without hints
            log.warning("hints_not_kept", connection=self._connection.connection_id, error=str(error))


def _rule_name(address: str) -> str:
    return f"Porthor: {address.lower()}"
