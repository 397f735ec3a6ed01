"""What Alembic runs: the connection comes from the program, never from an address in a file."""

from alembic import context

from models.formal_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
