"""Numbers of changes: the row is read where something was written, and else now and then."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.store import revisions
from pisang.store.database import Database
from pisang.store.folder import prepare
from pisang.store.migrate import migrate
from pisang.store.revisions import CREDENTIALS, ROUTES, Numbers, count


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    folder = prepare(tmp_path / "data")
    migrate(folder.database)
    database = Database(folder.database)
    yield database
    await database.close()


async def test_what_is_counted_is_seen_at_once(database: Database) -> None:
    here, there = Numbers(database), Numbers(Database(database.path))
    for _ in range(5):
        before = here.now(CREDENTIALS), there.now(CREDENTIALS), here.now(ROUTES)
        async with database.write() as connection:
            await count(connection, CREDENTIALS)
        after = here.now(CREDENTIALS), there.now(CREDENTIALS), here.now(ROUTES)
        assert after == (before[0] + 1, before[1] + 1, before[2])
    here.close()
    there.close()


async def test_the_row_is_not_read_while_nothing_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, asked = Numbers(database), list[str]()
    monkeypatch.setattr(revisions, "TRUSTED", 1e9)
    read = numbers._asked
    monkeypatch.setattr(numbers, "_asked", lambda name: asked.append(name) or read(name))
    for _ in range(10):
        numbers.now(CREDENTIALS)
    assert asked == [CREDENTIALS]
    async with database.write():
        pass
    numbers.now(CREDENTIALS)
    assert asked == [CREDENTIALS, CREDENTIALS]
    numbers.close()


async def test_what_was_written_by_other_means_is_seen_soon(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(10))
    monkeypatch.setattr(revisions, "monotonic", lambda: next(times) * revisions.TRUSTED)
    numbers = Numbers(database)
    before = numbers.now(CREDENTIALS)
    with sqlite3.connect(database.path) as connection:
        connection.execute("UPDATE revisions SET number = number + 1")
    connection.close()
    assert numbers.now(CREDENTIALS) == before + 1
    numbers.close()
