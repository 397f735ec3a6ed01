"""What Alembic runs: the connection comes from the program, never from an address in a file."""

from alembic import context

from models import (
    api_tables,
    bulk_tables,
    desk_tables,
    engine_tables,
    formal_tables,
    guarantee_tables,
    queue_tables,
    rota_tables,
    routing_tables,
)
from models.tables import metadata

_OWN = {
    api_tables.webhook.name,
    bulk_tables.bulk.name,
    routing_tables.case_queue.name,
    desk_tables.change.name,
    engine_tables.dispatch.name,
    formal_tables.measure.name,
    guarantee_tables.certificate.name,
    queue_tables.reviewer.name,
    rota_tables.rota.name,
}
assert metadata.tables.keys() >= _OWN, "every file of tables adds to the one list"

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
