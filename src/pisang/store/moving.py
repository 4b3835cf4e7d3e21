"""Moves the records of a data folder from SQLite to PostgreSQL: all of them, or none.

Everything is read in one transaction of SQLite, which holds its write lock so that nothing is
written meanwhile, and written in one transaction of PostgreSQL. So a move that is killed or fails
leaves the target as empty as it was, and is simply started again. Tables go in the order in which
they refer to each other, rows are streamed, and before the end both sides are counted.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, create_engine, func, select
from sqlalchemy.pool import NullPool

from pisang.core.errors import FailedPrecondition, NotFound, StoreError
from pisang.store import postgres
from pisang.store.database import address, immediate, prepare, sentences
from pisang.store.migrate import migrate, migrate_postgres
from pisang.store.schema import metadata, revisions

TABLES: Final[Sequence[Table]] = metadata.sorted_tables
"""All tables, each after those it refers to."""

_AT_ONCE: Final = 1000  # rows that are read at a time
_NO_LIMIT: Final = 86_400.0  # seconds for one command: a table may be large
MADE_BY_MIGRATIONS: Final = {revisions}
"""They have rows in a new database too."""


async def check_empty(target: str) -> None:
    """Makes our tables in a PostgreSQL. Raises ``FailedPrecondition`` where it holds records, and
    ``StoreError`` where it cannot be used."""
    await migrate_postgres(target)
    with postgres.sentences(target):
        connection = await postgres.connect(target)
        try:
            await _refuse_what_is_in_use(connection, target)
        finally:
            await connection.close()


async def move(source: Path, target: str) -> Mapping[str, int]:
    """Moves all records; returns how many rows each table had.

    Raises ``NotFound`` where there is no file of SQLite, ``FailedPrecondition`` where the target
    holds records already, and ``StoreError`` where either cannot be used.
    """
    await asyncio.to_thread(_upgrade, source)
    await migrate_postgres(target)
    engine = create_engine(address(source), poolclass=NullPool)
    prepare(engine)
    try:
        with sentences(source), immediate(engine).begin() as read:
            return await _moved(read, target)
    finally:
        engine.dispose()


def _upgrade(source: Path) -> None:
    if not source.is_file():
        raise NotFound(f"There is no database at {source} to move.")
    migrate(source)


async def _moved(read: Connection, target: str) -> Mapping[str, int]:
    with postgres.sentences(target):
        write = await postgres.connect(target, seconds=_NO_LIMIT)
        try:
            async with write.transaction():
                await write.execute(postgres.TURN)
                await _refuse_what_is_in_use(write, target)
                return {table.name: await _copied(read, write, table) for table in TABLES}
        finally:
            await write.close()


async def _refuse_what_is_in_use(write: postgres.Connection, target: str) -> None:
    for table in TABLES:
        if table in MADE_BY_MIGRATIONS:
            continue
        if await write.fetchval(f'SELECT EXISTS (SELECT FROM "{table.name}")'):
            raise FailedPrecondition(
                f"The database {postgres.name(target)} holds records already (in the table "
                f"{table.name}): of an earlier move, or of a server that has started on it. Name "
                "an empty one."
            )


async def _copied(read: Connection, write: postgres.Connection, table: Table) -> int:
    """Copies one table; returns how many rows. Raises ``StoreError`` unless all have arrived."""
    if table in MADE_BY_MIGRATIONS:
        await write.execute(f'DELETE FROM "{table.name}"')
    await write.copy_records_to_table(
        table.name, columns=[column.name for column in table.columns], records=_rows(read, table)
    )
    there = int(read.scalar(select(func.count()).select_from(table)) or 0)
    here = int(await write.fetchval(f'SELECT count(*) FROM "{table.name}"'))
    if here != there:
        raise StoreError(f"Of {there} rows of the table {table.name}, {here} have arrived.")
    await _count_on(write, table)
    return here


def _rows(read: Connection, table: Table) -> Iterator[Sequence[Any]]:
    found = read.execution_options(yield_per=_AT_ONCE).execute(select(table))
    return (postgres.without_zero(tuple(row)) for row in found)


async def _count_on(write: postgres.Connection, table: Table) -> None:
    """Numbers that the database gives out go on after the highest that came with the rows."""
    column = table.autoincrement_column
    if column is None:
        return
    await write.execute(
        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
        f'coalesce(max("{column.name}"), 0) + 1, false) FROM "{table.name}"'
    )
