"""Moving to PostgreSQL: every row as it was, all or nothing, and only into an empty database."""

import sqlite3
from pathlib import Path

import asyncpg
import pytest

from pisang.core.errors import FailedPrecondition, NotFound, StoreError
from pisang.store import moving
from pisang.store.database import Database
from pisang.store.moving import TABLES, move
from pisang.store.open import opened
from pisang.store.schema import projects
from tests.filled import ROWS, all_of, filled, row_of


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    """A database of SQLite with some rows in each table."""
    return await filled(tmp_path / "data")


async def test_every_row_of_every_table_arrives_as_it_was(source: Path, postgres_url: str) -> None:
    counts = await move(source, postgres_url)
    assert set(counts) == {table.name for table in TABLES}
    assert {name: count for name, count in counts.items() if count != ROWS} == {"revisions": 2}
    old = Database(source)
    async with opened(source.parent, postgres_url) as (_, new):
        for table in TABLES:
            assert await all_of(new, table) == await all_of(old, table), table.name
    await old.close()


async def test_numbers_that_the_database_gives_out_go_on(source: Path, postgres_url: str) -> None:
    await move(source, postgres_url)
    async with opened(source.parent, postgres_url) as (_, database):
        for table in TABLES:
            column = table.autoincrement_column
            if column is None:
                continue
            row = row_of(table, 9)
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
        assert len(await all_of(database, projects)) == ROWS


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
