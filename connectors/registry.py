"""The kinds of connector by name; each is imported only when a connection of its kind is opened."""

from importlib import import_module
from typing import cast

from connectors.base import Connector, Refused

_KINDS: dict[str, str] = {}


def register(kind: str, class_path: str) -> None:
    """Make `kind` known as `module:Class`.

    Raises:
        ValueError: The kind is taken.
    """
    if kind in _KINDS:
        raise ValueError(f"the connector kind {kind!r} is registered twice: {_KINDS[kind]} and {class_path}")
    _KINDS[kind] = class_path


def kinds() -> tuple[str, ...]:
    """Return the known kinds, sorted."""
    return tuple(sorted(_KINDS))


def connector_class(kind: str) -> type[Connector]:
    """Return the class of `kind`.

    Raises:
        Refused: No connector has this kind.
    """
    if kind not in _KINDS:
        raise Refused(f"no connector is called {kind!r}: use one of {', '.join(kinds())}")
    module, name = _KINDS[kind].split(":")
    return cast("type[Connector]", getattr(import_module(module), name))


register("files", "connectors.files:FilesConnector")
register("bluesky", "connectors.bluesky:BlueskyConnector")
register("exchange", "connectors.exchange:ExchangeConnector")
register("facebook", "connectors.facebook:FacebookConnector")
register("graph", "connectors.graph:GraphConnector")
register("imap", "connectors.imap:ImapConnector")
register("instagram", "connectors.instagram:InstagramConnector")
register("mastodon", "connectors.mastodon:MastodonConnector")
register("x", "connectors.x:XConnector")
register("youtube", "connectors.youtube:YoutubeConnector")
