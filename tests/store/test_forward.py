"""Upgrades of the database while servers of the version before run: their queries go on working.

The tables are read as the old version had them, and its queries are made with those: it names the
columns that it knows, and nothing of what came later.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Connection, DateTime, Integer, LargeBinary, MetaData, Table
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from pisang.store import postgres
from pisang.store.database import address, prepare
from pisang.store.folder import prepare as prepare_folder
from pisang.store.migrate import configuration

BEFORE_FIRST = "0003"
"""The first version whose servers may run on while the next one starts."""


def _after_first() -> list[str]:
    found = ScriptDirectory.from_config(configuration()).walk_revisions(BEFORE_FIRST, "head")
    return sorted(each.revision for each in found)


def _upgraded(connection: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _tables(connection: Connection) -> Mapping[str, Table]:
    found = MetaData()
    found.reflect(connection)
    return {table.name: table for table in found.sorted_tables if table.name != "alembic_version"}


def _value(column: Any, number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column, number)
    kind = column.type
    if isinstance(kind, DateTime):
        return datetime(2026, 3, 8, 10, 0, number)
    if isinstance(kind, Boolean):
        return bool(number)
    if isinstance(kind, LargeBinary):
        return bytes([number]) * 32
    if isinstance(kind, Integer):
        return 100 + number
    return f"{column.name[:2]}{number}"


def _used_as_before(connection: Connection, tables: Mapping[str, Table], number: int) -> None:
    """Makes, finds, changes and deletes a row of each table, as the old version does."""
    rows = {
        name: {column.name: _value(column, number) for column in table.columns}
        for name, table in tables.items()
    }
    keys: dict[str, Any] = {}
    for name, table in tables.items():
        keys[name] = [column == rows[name][column.name] for column in table.primary_key.columns]
        connection.execute(table.insert().values(rows[name]))
        found = connection.execute(table.select().where(*keys[name])).one()
        assert dict(found._mapping) == rows[name], name
        connection.execute(table.update().where(*keys[name]).values(rows[name]))
    for name, table in reversed(tables.items()):
        if name not in ("entries", "audit"):  # append-only
            assert connection.execute(table.delete().where(*keys[name])).rowcount == 1, name


@pytest.fixture
async def engine(tmp_path: Path, empty_database: str | None) -> AsyncIterator[AsyncEngine]:
    if empty_database:
        engine = postgres.engine(empty_database)
    else:
        path = prepare_folder(tmp_path / "data").database
        engine = create_async_engine(address(path, driver="sqlite+aiosqlite"))
        prepare(engine.sync_engine)
    yield engine
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    return str(request.getfixturevalue("postgres_url"))


async def test_each_version_works_on_the_tables_of_the_next(engine: AsyncEngine) -> None:
    revisions = _after_first()
    assert revisions[0] == BEFORE_FIRST
    assert len(revisions) > 1
    for number, (before, after) in enumerate(pairwise(revisions)):
        async with engine.begin() as connection:
            await connection.run_sync(_upgraded, before)
            tables = await connection.run_sync(_tables)
            await connection.run_sync(_used_as_before, tables, 2 * number)
            await connection.run_sync(_upgraded, after)
        async with engine.begin() as connection:
            await connection.run_sync(_used_as_before, tables, 2 * number + 1)
