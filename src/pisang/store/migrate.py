"""Brings the database to the tables of this version; run at every start, by the first who comes.

The whole upgrade is one transaction that holds SQLite's write lock (or on PostgreSQL a lock of
ours), so of two processes that start at once one waits and then finds nothing to do, and a process
that is killed leaves nothing half done. Servers of the version before may go on meanwhile: an
upgrade only adds what they do not look at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from pisang.core.errors import StoreError
from pisang.store import postgres
from pisang.store.database import address, immediate, prepare, sentences

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(path: Path) -> None:
    """Creates or upgrades the database file. Blocking: a few hundred milliseconds at most.

    Raises ``StoreError`` for a file that cannot be used or that a newer pisang has upgraded.
    """
    engine = create_engine(address(path), poolclass=NullPool)
    prepare(engine)
    try:
        with sentences(path), _not_newer(str(path)), immediate(engine).begin() as connection:
            _upgrade(connection)
    finally:
        engine.dispose()


async def migrate_postgres(address: str) -> None:
    """The same for a PostgreSQL."""
    with _not_newer(postgres.name(address)):
        await postgres.migrating(address, _upgrade)


@contextmanager
def _not_newer(database: str) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise StoreError(
            f"The database {database} was upgraded by a newer version of pisang. Use that version "
            "or a newer one, or another data folder."
        ) from error


def configuration() -> Config:
    """Alembic's configuration without an ini file; for ``migrate`` and for the tests."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    config = configuration()
    head = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == head:
        return
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
