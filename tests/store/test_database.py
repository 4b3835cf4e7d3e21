"""The database: migrations, two at once, kills, and sentences for what an operator must mend."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from pisang.accounts import keys, projects
from pisang.core.errors import StoreError, StoreUnavailable
from pisang.core.obstacles import Obstacle
from pisang.store.database import Database, address, sentences
from pisang.store.folder import prepare, signing_key
from pisang.store.migrate import migrate
from pisang.store.open import opened
from pisang.store.schema import metadata


def test_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    migrate(tmp_path / "pisang.db")
    engine = create_engine(address(tmp_path / "pisang.db"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        program = (
            "import sys, pathlib; from pisang.store.migrate import migrate; "
            "migrate(pathlib.Path(sys.argv[1]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "pisang.db")],
            check=False,
            capture_output=True,
        )
        if done.returncode:
            failures.append(RuntimeError(done.stderr.decode()))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with sqlite3.connect(tmp_path / "pisang.db") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    connection.close()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "pisang.db"
    migrate(place)
    connection = sqlite3.connect(place)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        migrate(place)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    place = tmp_path / "pisang.db"
    place.write_bytes(b"not a database at all, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="no SQLite database"):
        migrate(place)


async def test_a_damaged_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    place = tmp_path / "pisang.db"
    migrate(place)
    data = bytearray(place.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    place.write_bytes(data)
    database = Database(place)
    with pytest.raises(StoreError, match="damaged"):
        await database.check()
    await database.close()


async def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    async with opened(tmp_path / "data") as (_, database):
        async with database.write() as connection:
            project = await projects.ensure(connection, "default")

        async def fill() -> None:
            async with database.write() as connection:
                await connection.execute(text("PRAGMA max_page_count = 1"))
                for _ in range(200):
                    await keys.create(connection, project, name="x" * 63)

        with pytest.raises(StoreUnavailable, match="disk is full"):
            await fill()


@pytest.mark.parametrize(
    ("said", "obstacle"),
    [
        ("attempt to write a readonly database", Obstacle.READ_ONLY),
        ("database or disk is full", Obstacle.DISK_FULL),
        ("database is locked", Obstacle.HELD),
        ("database disk image is malformed", None),
        ("no such table: projects", None),
    ],
)
def test_what_sqlite_says_is_known_for_who_may_not_read_it(
    said: str, obstacle: Obstacle | None
) -> None:
    with pytest.raises(StoreError) as caught, sentences(Path("pisang.db")):
        raise sqlite3.OperationalError(said)
    assert caught.value.obstacle is obstacle


async def test_foreign_keys_are_kept(tmp_path: Path, database_url: str | None) -> None:
    async with opened(tmp_path / "data", database_url) as (_, database):
        with pytest.raises(StoreError):
            async with database.write() as connection:
                await keys.create(connection, projects.Project("prj_none", "x", "1"), name="k")


async def test_a_write_that_fails_changes_nothing(tmp_path: Path, database_url: str | None) -> None:
    async with opened(tmp_path / "data", database_url) as (_, database):

        async def fail() -> None:
            async with database.write() as connection:
                await projects.ensure(connection, "half")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        async with database.read() as connection:
            count = await connection.scalar(text("SELECT count(*) FROM projects"))
        assert count == 0


async def test_writers_wait_for_each_other_instead_of_failing(
    tmp_path: Path, database_url: str | None
) -> None:
    async with opened(tmp_path / "data", database_url) as (_, database):

        async def add(number: int) -> None:
            async with database.write() as connection:
                project = await projects.ensure(connection, "default")
                await asyncio.sleep(0.01)
                await keys.create(connection, project, name=f"key {number}")

        await asyncio.gather(*(add(number) for number in range(8)))
        async with database.read() as connection:
            assert len(await keys.listed(connection)) == 8


_WRITER = """
import asyncio, pathlib, sys
from pisang.accounts import keys, projects
from pisang.store.open import opened

async def main():
    data, postgres = pathlib.Path(sys.argv[1]), sys.argv[2] or None
    async with opened(data, postgres) as (_, database):
        while True:
            async with database.write() as connection:
                project = await projects.ensure(connection, "default")
                await keys.create(connection, project, name="a")
                await keys.create(connection, project, name="b")
            print("wrote", flush=True)

asyncio.run(main())
"""


def _write_and_be_killed(data: Path, database_url: str | None) -> None:
    command = [sys.executable, "-c", _WRITER, str(data), database_url or ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.05)
        writer.kill()


async def test_a_killed_writer_leaves_whole_transactions(
    tmp_path: Path, database_url: str | None
) -> None:
    for _ in range(3):
        await asyncio.to_thread(_write_and_be_killed, tmp_path, database_url)
    async with opened(tmp_path, database_url) as (_, database), database.read() as connection:
        names = [key.name for key in await keys.listed(connection)]
        assert names.count("a") == names.count("b") > 0
        if database_url is None:
            assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"


def test_the_data_folder_is_private_and_its_key_is_made_once(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "new" / "data")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    first = signing_key(folder)
    assert len(first) >= 32
    assert signing_key(prepare(folder.path)) == first
    assert stat.S_IMODE(folder.signing_key.stat().st_mode) == 0o600
    folder.signing_key.write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        signing_key(folder)


def test_threads_that_make_the_signing_key_agree(tmp_path: Path) -> None:
    folder = prepare(tmp_path)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(signing_key(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signing.key"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--data"):
        prepare(tmp_path / "file" / "data")
    with pytest.raises(StoreError, match="--data"):
        prepare(tmp_path / "file")


def test_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    tmp_path.parent.chmod(0o755)
    tmp_path.parent.parent.chmod(0o755)
    me = os.geteuid()
    if me == 0:  # root may write everywhere, so be nobody for a moment
        os.seteuid(65534)
    try:
        with pytest.raises(StoreError, match="permission denied"):
            prepare(tmp_path)
    finally:
        os.seteuid(me)
