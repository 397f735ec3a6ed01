"""How a mail server is reached: encrypted, unless it is this very machine."""

import ipaddress
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from connectors.base import Refused


def is_this_machine(host: str) -> bool:
    """True for loopback names and addresses."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_encrypted(url: str) -> str:
    """Return `url` without its last slash.

    Raises:
        ValueError: It would carry mail and passwords readable over a network.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
        return url.rstrip("/")
    raise ValueError("give an https:// address; http is allowed only to this machine")


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that checks certificates, by an own authority where one is named.

    Raises:
        Refused: The file of the authority cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise Refused(f"{ca_file}: no certificates could be read there: {error}; correct ca_file") from error
