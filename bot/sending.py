"""Sends mail: one call that ends as sent, certainly not sent, refused, or not known."""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol

from bot.settings import MailSettings

PERMANENT = 500


class NotSent(Exception):
    """It certainly did not go out: it may be tried again."""


class SendRefused(Exception):
    """The other side said no for good."""


class Sender(Protocol):
    """Something that sends one mail. Any error besides the two above leaves it unknown."""

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Send `mail` to `recipient` with an empty return path, so that no answer can start a loop.

        Raises:
            NotSent: It certainly did not go out.
            SendRefused: The recipient or the mail was refused for good.
        """


class SmtpSender:
    """Sends through the organisation's own relay. Source: RFC 5321; the empty return path: RFC 3834, section 3.3."""

    def __init__(self, settings: MailSettings, secret: Callable[[str], str]) -> None:
        self._settings = settings
        self._secret = secret

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Send, as `Sender` says."""
        server = self._connected()
        try:
            self._envelope(server, recipient)
            try:
                code, _ = server.data(mail.as_bytes())
            except smtplib.SMTPDataError as error:
                raise _no(error.smtp_code, "DATA") from error
            if code != 250:
                raise _no(code, "DATA")
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        wanted = self._settings
        try:
            if wanted.security == "tls":
                context = ssl.create_default_context()
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    wanted.host, wanted.port, timeout=wanted.timeout_s, context=context
                )
            else:
                server = smtplib.SMTP(wanted.host, wanted.port, timeout=wanted.timeout_s)
            if wanted.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if wanted.username and wanted.password:
                server.login(wanted.username, self._secret(wanted.password))
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the relay {wanted.host}:{wanted.port} did not let us in: {type(error).__name__}") from error
        return server

    def _envelope(self, server: smtplib.SMTP, recipient: str) -> None:
        try:
            server.ehlo_or_helo_if_needed()
            for verb, answer in (("MAIL", server.mail("")), ("RCPT", server.rcpt(recipient))):
                if answer[0] not in {250, 251}:
                    raise _no(answer[0], verb)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the relay broke off before the mail: {type(error).__name__}") from error


def _no(code: int, verb: str) -> NotSent | SendRefused:
    words = f"the relay answered {code} to {verb}"
    return SendRefused(words) if code >= PERMANENT else NotSent(words)
