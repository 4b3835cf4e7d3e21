"""The database at one moment, as a file of SQLite: every row as it was, of either database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, text

from pisang.core.errors import StoreError
from pisang.store import backup, snapshot
from pisang.store.database import Database
from pisang.store.folder import Folder
from pisang.store.master import Master
from pisang.store.moving import TABLES, move
from pisang.store.open import opened
from pisang.store.schema import revisions
from tests.filled import all_of, filled

MASTER = Master("one", b"1" * 32)


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    return await filled(tmp_path / "data")


async def _same(one: Database, other: Database) -> None:
    for table in TABLES:
        assert await all_of(one, table) == await all_of(other, table), table.name


async def test_every_row_of_postgresql_comes_back(
    tmp_path: Path, source: Path, postgres_url: str
) -> None:
    await move(source, postgres_url)
    await asyncio.to_thread(snapshot.of_postgres, postgres_url, tmp_path / "copy.db")
    old, new = Database(source), Database(tmp_path / "copy.db")
    await _same(new, old)
    await old.close()
    await new.close()


async def test_a_backup_of_postgresql_is_restored_to_either_database(
    tmp_path: Path, source: Path, postgres_url: str
) -> None:
    await move(source, postgres_url)
    file, new = tmp_path / "file", Folder(tmp_path / "new")
    await asyncio.to_thread(backup.write, Folder(source.parent), file, MASTER, postgres_url)
    backup.restore(file, new.path, [MASTER])
    old, restored = Database(source), Database(new.database)
    await _same(restored, old)
    await restored.close()
    async with opened(new.path, postgres_url) as (_, database), database.write() as connection:
        names = ", ".join(f'"{table.name}"' for table in TABLES)
        for table in ("audit", "entries"):  # they let nobody delete their rows
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        await connection.execute(text(f"TRUNCATE {names}"))
    await move(new.database, postgres_url)
    async with opened(new.path, postgres_url) as (_, database):
        await _same(database, old)
    await old.close()


async def test_it_is_one_moment_though_somebody_writes(
    tmp_path: Path, source: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await move(source, postgres_url)
    copy, seen = snapshot._copy, list[Table]()

    async def busy(read: Any, write: Connection, table: Table) -> None:
        """Somebody else commits something before each table is read."""
        seen.append(table)
        await _told(postgres_url, f"late {len(seen)}")
        await copy(read, write, table)

    monkeypatch.setattr(snapshot, "_copy", busy)
    await asyncio.to_thread(snapshot.of_postgres, postgres_url, tmp_path / "copy.db")
    assert len(seen) == len(TABLES)
    taken = Database(tmp_path / "copy.db")
    names = [name for name, _ in await all_of(taken, revisions)]
    assert set(names) <= {"credentials", "routes", "late 1"}  # one state: that of its first look
    await taken.close()


async def _told(address: str, name: str) -> None:
    database = Database(Path("none"), address)
    async with database.write() as connection:
        await connection.execute(insert(revisions).values(name=name, number=1))
    await database.close()


def test_a_postgresql_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing at .* cannot be used"):
        snapshot.of_postgres("postgresql://pisang@127.0.0.1:1/nothing", tmp_path / "copy.db")
