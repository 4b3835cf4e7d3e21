"""What Alembic runs: it upgrades over the one connection that ``store/migrate.py`` hands in."""

from alembic import context

from pisang.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
