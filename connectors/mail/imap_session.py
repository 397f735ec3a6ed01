"""Signed-in IMAP sessions, kept for the next call, and what each of their errors means to the engine."""

import imaplib
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient
from imapclient import exceptions as imap

from connectors.base import AuthFailed, ConnectorError, RateLimited, Refused, Unavailable

LIMIT_PAUSE_S = 60.0
IDLE_SESSIONS_AT_MOST = 3
_CODE = re.compile(r"\[([A-Z][A-Z-]+)\b")
_BY_CODE: dict[str, type[ConnectorError]] = {
    "UNAVAILABLE": Unavailable, "INUSE": Unavailable, "SERVERBUG": Unavailable, "TRYCREATE": Unavailable,
    "EXPUNGEISSUED": Unavailable, "AUTHENTICATIONFAILED": AuthFailed, "AUTHORIZATIONFAILED": AuthFailed,
    "EXPIRED": AuthFailed, "PRIVACYREQUIRED": AuthFailed, "CONTACTADMIN": AuthFailed, "NOPERM": Refused,
    "OVERQUOTA": Refused, "CANNOT": Refused, "CLIENTBUG": Refused, "CORRUPTION": Refused, "NONEXISTENT": Refused,
    "ALREADYEXISTS": Refused, "LIMIT": RateLimited,
}  # fmt: skip
"""Source: RFC 5530 (response codes), RFC 3501 section 7.1 (TRYCREATE)."""
BY_CLASS: dict[type[BaseException], type[ConnectorError]] = {
    imap.LoginError: AuthFailed,
    imap.CapabilityError: Refused,
    imap.IllegalStateError: Unavailable,
    imap.InvalidCriteriaError: Refused,
    imap.ProtocolError: Unavailable,
    imaplib.IMAP4.readonly: Refused,
    imaplib.IMAP4.abort: Unavailable,
    imaplib.IMAP4.error: Unavailable,
    ssl.SSLCertVerificationError: Refused,
    OSError: Unavailable,
}
"""Each class of IMAPClient and imaplib; OSError stands for every kind of broken connection."""


def meaning(error: BaseException) -> ConnectorError:
    """Return what the engine shall do after `error`."""
    text = " ".join(str(error).split())[:300] or type(error).__name__
    code = _CODE.search(text)
    kind = _BY_CODE.get(code.group(1)) if code and isinstance(error, imaplib.IMAP4.error) else None
    if kind is None:
        kind = next((BY_CLASS[each] for each in type(error).__mro__ if each in BY_CLASS), Unavailable)
    if kind is RateLimited:
        return RateLimited(f"the mail server asks for a pause: {text}", LIMIT_PAUSE_S)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refused(f"the mail server's certificate is not trusted: {text}; name its authority in ca_file")
    return kind(f"the mail server: {text}")


class Sessions:
    """A few sessions; each is used by one caller at a time, and one that broke is not used again."""

    def __init__(self, connect: Callable[[], IMAPClient]) -> None:
        self._connect = connect
        self._waiting: list[IMAPClient] = []
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self) -> Iterator[IMAPClient]:
        """Lend a session that answers.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        session: IMAPClient | None = None
        sound = False
        try:
            session = self._answering() or self._connect()
            yield session
            sound = True
        except GeneratorExit:
            sound = True
            raise
        except (imaplib.IMAP4.error, OSError, EOFError) as error:
            raise meaning(error) from error
        finally:
            if session is not None:
                self._back(session, sound)

    def _answering(self) -> IMAPClient | None:
        while True:
            with self._lock:
                if not self._waiting:
                    return None
                session = self._waiting.pop()
            with suppress(imaplib.IMAP4.error, OSError):
                session.noop()
                return session
            hang_up(session)

    def _back(self, session: IMAPClient, sound: bool) -> None:
        with self._lock:
            if sound and len(self._waiting) < IDLE_SESSIONS_AT_MOST:
                self._waiting.append(session)
                return
        hang_up(session)

    def close(self) -> None:
        """Hang up what is not in use."""
        with self._lock:
            sessions, self._waiting = self._waiting, []
        for session in sessions:
            hang_up(session)


def hang_up(session: IMAPClient) -> None:
    """Close the connection without a word; one that broke is closed too."""
    with suppress(imaplib.IMAP4.error, OSError):
        session.shutdown()


def has_spoken(session: IMAPClient) -> bool:
    """True when words of the server lie read but unheard.

    What came in one packet with the answer to IDLE is in the buffer already, and `idle_check`, which looks at the
    socket alone, would sleep over it.
    """
    socket = session.socket()
    before = socket.gettimeout()
    socket.settimeout(0)
    try:
        return bool(session._imap.file.peek(1))  # noqa: SLF001 - IMAPClient does not show its buffer
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    finally:
        socket.settimeout(before)
