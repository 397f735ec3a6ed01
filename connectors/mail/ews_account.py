"""Opens an Exchange mailbox through exchangelib: no waiting inside calls, certificates checked, folders by name."""

import logging
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exchangelib import BASIC, DELEGATE, IMPERSONATION, NTLM, UTC, Account, Configuration, Credentials
from exchangelib import Message as ExchangeMessage
from exchangelib.errors import ErrorFolderExists, ErrorFolderNotFound, RateLimitError
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.folders import Folder, Inbox, MsgFolderRoot
from exchangelib.items import MeetingCancellation, MeetingRequest, MeetingResponse
from exchangelib.protocol import BaseProtocol, FailFast
from exchangelib.version import EXCHANGE_2016, Version
from requests.adapters import HTTPAdapter

from connectors.mail.mailbox import INBOX

CONNECTIONS_AT_MOST = 4
TOO_MANY, BUSY = 429, 503
_authorities: dict[str, str] = {}


class SearchKey(ExtendedProperty):  # type: ignore[misc] # the library is untyped
    """PidTagSearchKey: what an item keeps through every move. Source: [MS-OXCPRPT] 2.2.1.9."""

    property_tag = 0x300B
    property_type = "Binary"


for _kind in (ExchangeMessage, MeetingRequest, MeetingResponse, MeetingCancellation):
    _kind.register("search_key", SearchKey)


class NoWaiting(FailFast):  # type: ignore[misc] # the library is untyped
    """Errors come out at once; a pause the server asks for is told, not slept."""

    def raise_response_errors(self, response: Any) -> None:
        """Tell of a pause before anything else."""
        pause = response.headers.get("Retry-After", "")
        if response.status_code == TOO_MANY or (response.status_code == BUSY and pause):
            raise RateLimitError("the server asks for a pause", wait=int(pause) if pause.isdecimal() else None)
        super().raise_response_errors(response)


class CheckingAdapter(HTTPAdapter):
    """Checks certificates by the authority named for the host, else by the system's."""

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Check by the host's own authority."""
        super().cert_verify(conn, url, _authorities.get(urlsplit(url).netloc, verify), cert)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Keep connections of different authorities apart."""
        own = _authorities.get(urlsplit(request.url).netloc, verify)
        return super().build_connection_pool_key_attributes(request, own, cert)


def open_account(
    url: str, mailbox: str, username: str, password: str, *, ntlm: bool, delegate: bool, ca_file: Path | None
) -> Account:
    """Return the mailbox; the server is not asked anything yet."""
    logging.getLogger("exchangelib").setLevel(logging.CRITICAL)  # it would log whole requests and answers
    if ca_file is not None:
        _authorities[urlsplit(url).netloc] = str(ca_file)
        BaseProtocol.HTTP_ADAPTER_CLS = CheckingAdapter
    configuration = Configuration(
        service_endpoint=url,
        credentials=Credentials(username, password),
        auth_type=NTLM if ntlm else BASIC,
        version=Version(build=EXCHANGE_2016),
        retry_policy=NoWaiting(),
        max_connections=CONNECTIONS_AT_MOST,
    )
    access = DELEGATE if delegate else IMPERSONATION
    return Account(mailbox, config=configuration, autodiscover=False, access_type=access, default_timezone=UTC)


class Folders:
    """The folders of a mailbox by name: INBOX, a path below the top like `Casework/2026`, or `#` and an id."""

    def __init__(self, account: Account, ours: tuple[str, ...]) -> None:
        self._account = account
        self._ours = ours
        self._lock = threading.RLock()
        self._by_name: dict[str, Folder] = {}

    def get(self, name: str, make: bool = False) -> Folder | None:
        """Return the folder, None where there is none; with `make` it is made."""
        with self._lock:
            if name not in self._by_name:
                found = self._look(name, make)
                if found is None:
                    return None
                self._by_name[name] = found
            return self._by_name[name]

    def name_of(self, folder_id: str) -> str:
        """Return the name the settings use for a folder, or `#` and its id."""
        with self._lock:
            for name in self._ours:
                folder = self.get(name)
                if folder is not None and folder.id == folder_id:
                    return name
            return f"#{folder_id}"

    def forget(self, name: str) -> None:
        """Look again next time: the folder may have been deleted or renamed."""
        with self._lock:
            self._by_name.pop(name, None)

    def every(self) -> list[Folder]:
        """Return all folders of mail."""
        self._account.root.clear_cache()
        return [folder for folder in self._top().walk() if folder.folder_class in {None, "", "IPF.Note"}]

    def _top(self) -> MsgFolderRoot:
        return MsgFolderRoot.get_distinguished(root=self._account.root)

    def _look(self, name: str, make: bool) -> Folder | None:
        if name.upper() == INBOX:
            return Inbox.get_distinguished(root=self._account.root)
        if name.startswith("#"):
            return next((folder for folder in self.every() if folder.id == name[1:]), None)
        here = self._top()
        for part in name.split("/"):
            try:
                here = here // part
            except ErrorFolderNotFound:
                if not make:
                    return None
                here = _made(here, part)
        return here


def _made(parent: Folder, name: str) -> Folder:
    folder = Folder(parent=parent, name=name)
    try:
        return folder.save()
    except ErrorFolderExists:
        return parent // name
