"""Full-text search over messages: SQLite's FTS5 or PostgreSQL's tsvector, each indexed in the message's own transaction."""

import re

from sqlalchemy import Connection, Select, TextClause, func, select, text

from models.tables import message

NEWEST_AT_MOST = 2_000
"""Of a word that stands in more messages, the newest ones are looked through."""
BEGINS_FROM = 3
"""A shorter word is looked for as it stands: half of all messages hold a word that begins with one letter."""
_WORD = re.compile(r"\w+")


def matching(connection: Connection, wanted: str) -> Select[tuple[int]] | None:
    """Return a query of the newest messages with all the words of `wanted`; None where it holds none.

    The last word may be the beginning of one, from `BEGINS_FROM` letters on and where it is not a word that
    `NEWEST_AT_MOST` messages hold as it stands; accents do not matter on SQLite. Searched are subject, own text,
    author's name and address.
    """
    words = _WORD.findall(wanted)[:20]
    if not words:
        return None
    found = _found(connection, words, begins=False)
    if len(words[-1]) >= BEGINS_FROM:
        most = select(func.count()).select_from(found.columns(message.c.id).subquery())
        if connection.execute(most).scalar_one() < NEWEST_AT_MOST:
            found = _found(connection, words, begins=True)
    return select(found.columns(message.c.id).subquery().c.id)


def _found(connection: Connection, words: list[str], *, begins: bool) -> TextClause:
    if connection.dialect.name == "postgresql":
        term = " & ".join([*words[:-1], f"{words[-1]}:*" if begins else words[-1]])
        found = text("SELECT id FROM message WHERE search @@ to_tsquery('simple', :term) ORDER BY id DESC LIMIT :most")
    else:
        term = " ".join(f'"{word}"' for word in words) + ("*" if begins else "")
        found = text(
            "SELECT rowid AS id FROM message_search WHERE message_search MATCH :term ORDER BY rowid DESC LIMIT :most"
        )
    return found.bindparams(term=term, most=NEWEST_AT_MOST)
