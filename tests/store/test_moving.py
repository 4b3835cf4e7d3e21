"""Moving to PostgreSQL: every row as it was, all or nothing, and only into an empty database."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Boolean, DateTime, Integer, LargeBinary, Table, select, text

from pisang.core.errors import FailedPrecondition, NotFound, StoreError
from pisang.store import moving
from pisang.store.database import Database
from pisang.store.folder import prepare
from pisang.store.migrate import migrate
from pisang.store.moving import TABLES, move
from pisang.store.open import opened
from pisang.store.schema import projects, revisions

ROWS = 3


def _value(table: Table, name: str, number: int) -> Any:
    """Something of the right kind, with all that is odd about it."""
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


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(table, column.name, number) for column in table.columns}


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    """A database of SQLite with some rows in each table."""
    folder = prepare(tmp_path / "data")
    migrate(folder.database)
    database = Database(folder.database)
    async with database.write() as connection:
        for table in TABLES:
            if table is not revisions:
                rows = [_row(table, number) for number in range(ROWS)]
                await connection.execute(table.insert(), rows)
        await connection.execute(text("UPDATE revisions SET number = 41"))
    await database.close()
    return folder.database


async def _all(database: Database, table: Table) -> Sequence[Any]:
    async with database.read() as connection:
        rows = await connection.execute(select(table).order_by(*table.primary_key.columns))
        return [tuple(row) for row in rows]


async def test_every_row_of_every_table_arrives_as_it_was(source: Path, postgres_url: str) -> None:
    counts = await move(source, postgres_url)
    assert set(counts) == {table.name for table in TABLES}
    assert {name: count for name, count in counts.items() if count != ROWS} == {"revisions": 2}
    old = Database(source)
    async with opened(source.parent, postgres_url) as (_, new):
        for table in TABLES:
            assert sorted(await _all(new, table)) == sorted(await _all(old, table)), table.name
    await old.close()


async def test_numbers_that_the_database_gives_out_go_on(source: Path, postgres_url: str) -> None:
    await move(source, postgres_url)
    async with opened(source.parent, postgres_url) as (_, database):
        for table in TABLES:
            column = table.autoincrement_column
            if column is None:
                continue
            row = _row(table, 9)
            del row[column.name]
            async with database.write() as connection:
                given = (await connection.execute(table.insert().values(row))).inserted_primary_key
            assert given is not None
            assert given[0] == 2**31


async def test_a_database_that_is_in_use_is_left_alone(source: Path, postgres_url: str) -> None:
    await move(source, postgres_url)
    with pytest.raises(FailedPrecondition, match="holds records already"):
        await move(source, postgres_url)
    async with opened(source.parent, postgres_url) as (_, database):
        assert len(await _all(database, projects)) == ROWS


async def test_a_move_that_fails_leaves_nothing_and_can_be_made_again(
    source: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE projects SET name = ? WHERE name = 'nam'", ("x" * 64,))
    connection.close()
    with pytest.raises(StoreError, match="too long"):
        await move(source, postgres_url)
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE projects SET name = 'nam' WHERE name = ?", ("x" * 64,))
    connection.close()

    async def cut(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_count_on", cut)
        with pytest.raises(ConnectionResetError):
            await move(source, postgres_url)
    assert (await move(source, postgres_url))["projects"] == ROWS


async def test_rows_that_do_not_arrive_are_noticed(
    source: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = moving._rows
    monkeypatch.setattr(moving, "_rows", lambda *given: list(rows(*given))[1:])
    with pytest.raises(StoreError, match=r"Of 3 rows of the table \w+, 2 have"):
        await move(source, postgres_url)


async def test_nothing_is_written_while_it_is_moved(
    source: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def write(*_: object) -> None:
        connection = sqlite3.connect(source, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("UPDATE revisions SET number = 1")
        connection.close()
        tried.append(1)

    monkeypatch.setattr(moving, "_count_on", write)
    await move(source, postgres_url)
    assert len(tried) == len(TABLES)


async def test_there_must_be_something_to_move(tmp_path: Path, postgres_url: str) -> None:
    with pytest.raises(NotFound, match="no database"):
        await move(tmp_path / "pisang.db", postgres_url)
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT to_regclass('projects')") is None
    await connection.close()
