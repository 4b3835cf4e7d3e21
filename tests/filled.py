"""A database with some rows in each table, and all that is odd about them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, DateTime, Integer, LargeBinary, Table, select, text

from pisang.store.database import Database
from pisang.store.folder import prepare
from pisang.store.migrate import migrate
from pisang.store.moving import TABLES
from pisang.store.schema import revisions

ROWS = 3


async def filled(data: Path) -> Path:
    """A database of SQLite in a new data folder."""
    folder = prepare(data)
    migrate(folder.database)
    database = Database(folder.database)
    async with database.write() as connection:
        for table in TABLES:
            if table is not revisions:
                rows = [row_of(table, number) for number in range(ROWS)]
                await connection.execute(table.insert(), rows)
        await connection.execute(text("UPDATE revisions SET number = 41"))
    await database.close()
    return folder.database


def row_of(table: Table, number: int) -> dict[str, Any]:
    """A row with a value in each column."""
    return {column.name: _value(table, column.name, number) for column in table.columns}


async def all_of(database: Database, table: Table) -> Sequence[Any]:
    """All rows of a table."""
    async with database.read() as connection:
        rows = await connection.execute(select(table).order_by(*table.primary_key.columns))
        return sorted(tuple(row) for row in rows)


def _value(table: Table, name: str, number: int) -> Any:
    """Something of the right kind."""
    column = table.c[name]
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column.table, key.column.name, number)
    kind = column.type
    if isinstance(kind, DateTime):
        return datetime(2026, 3, 8, 10, 0, number, 123456)  # the night the clocks change
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, LargeBinary):
        return bytes([number, 0, 255]) * 10
    if isinstance(kind, Integer):  # a BigInteger is one too
        return 2**31 - 1 - number if column.primary_key else number
    return f"{name[:2]}'\"\\{number}é"[: kind.length] if number else f"{name[:3]}"
