"""The second opinions that the settings ask for."""

from collections.abc import Callable

from sqlalchemy import Engine

from bot.opinions.base import Opinion
from bot.opinions.chat import ChatOpinion
from bot.opinions.rspamd import RspamdOpinion
from bot.settings import FileSettings
from models.domain import Message
from models.session import reading
from models.store import messages


def opinions_of(settings: FileSettings, engine: Engine, secret: Callable[[str], str]) -> list[Opinion]:
    """Return them; none where the settings name none.

    Raises:
        Refused: A key is referred to that is not there.
    """
    out: list[Opinion] = []
    chat = settings.second_opinion
    if chat is not None:
        key = None if chat.key is None else secret(chat.key)
        out.append(ChatOpinion(chat.url, chat.model, key, chat.low, chat.high, chat.timeout_s))
    if settings.rspamd is not None:
        out.append(RspamdOpinion(settings.rspamd.url, settings.rspamd.timeout_s, lambda item: _raw_of(engine, item)))
    return out


def _raw_of(engine: Engine, item: Message) -> bytes | None:
    with reading(engine) as database:
        return None if item.raw_sha256 is None else messages.raw_of(database, item.raw_sha256)
