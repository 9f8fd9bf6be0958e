"""How Alembic reaches the database: over the connection that `anb.db.migrate` hands it."""

from alembic import context

from anb.db.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, compare_server_default=True
)
with context.begin_transaction():
    context.run_migrations()
