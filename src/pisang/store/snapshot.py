"""The database as it is at one moment, as a file of SQLite, while others go on writing: what a
backup holds, whichever database it is of.

SQLite copies itself. From PostgreSQL all rows are read in one transaction that sees one state of
everything, table by table in the order in which they refer to each other. So a backup needs no
program of PostgreSQL's, can be restored to any version of it, and to SQLite as well.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Table, create_engine, delete, insert
from sqlalchemy.pool import NullPool

from pisang.core.errors import StoreError
from pisang.store import postgres
from pisang.store.database import address, prepare, sentences
from pisang.store.migrate import migrate
from pisang.store.moving import MADE_BY_MIGRATIONS, TABLES

_AT_ONCE: Final = 1000  # rows that are read at a time
_NO_LIMIT: Final = 86_400.0  # seconds for one command: a table may be large


def of_sqlite(source: Path, target: Path) -> None:
    """Copies a database of SQLite to a new file. Blocking. Raises ``StoreError``."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise StoreError(f"The database {source} cannot be copied: {error}.") from error


def of_postgres(source: str, target: Path) -> None:
    """Copies a database of PostgreSQL, which has the tables of this version, to a new file of
    SQLite. Blocking; not to be called where an event loop runs. Raises ``StoreError``."""
    migrate(target)
    engine = create_engine(address(target), poolclass=NullPool)
    prepare(engine)
    try:
        with sentences(target), engine.begin() as write:
            asyncio.run(_copied(source, write))
    finally:
        engine.dispose()


async def _copied(source: str, write: Connection) -> None:
    with postgres.sentences(source):
        read = await postgres.connect(source, seconds=_NO_LIMIT)
        try:
            async with read.transaction(isolation="repeatable_read", readonly=True):
                for table in TABLES:
                    await _copy(read, write, table)
        finally:
            await read.close()


async def _copy(read: postgres.Connection, write: Connection, table: Table) -> None:
    if table in MADE_BY_MIGRATIONS:
        write.execute(delete(table))
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = await read.cursor(f'SELECT {columns} FROM "{table.name}"')
    while found := await rows.fetch(_AT_ONCE):
        write.execute(insert(table), [dict(row) for row in found])
