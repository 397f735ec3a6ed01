"""What a case can be found by: a row for each channel, language, signal, clause and handling that its items have."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from models.labels import family
from models.queue_tables import case_facet
from models.store.rows import insert_new
from models.tables import decision, message

KINDS = ("channel", "label", "clause", "lang", "handling")


def note(connection: Connection, case_id: int, message_id: int) -> None:
    """Write the facets that a message brings into a case, in the caller's transaction."""
    query = (
        select(message.c.channel, message.c.lang, decision.c.labels, decision.c.clauses, decision.c.handling)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.id == message_id)
    )
    row = connection.execute(query).first()
    if row is None:
        return
    single = {"channel": row.channel, "lang": row.lang, "handling": row.handling}
    found = [(kind, value) for kind, value in single.items() if value]
    found += [("label", label) for label in row.labels] + [("clause", clause) for clause in row.clauses]
    rows = [{"case_id": case_id, "kind": kind, "value": value[:60]} for kind, value in dict.fromkeys(found)]
    insert_new(connection, case_facet, rows)


def harsh(labels: Iterable[str]) -> bool:
    """True when one of the labels means words that are hard to read."""
    return any(family(label) in {"abuse", "welfare"} for label in labels)
