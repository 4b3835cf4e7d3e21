"""PostgreSQL as the database: migrations, two at once, lost connections, sentences for an operator.

What the records do on it, their own tests show: those run on both databases.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from pisang.accounts import keys, projects
from pisang.accounts.first import ensure_first_key
from pisang.core.errors import SettingsError, StoreError
from pisang.core.obstacles import Obstacle
from pisang.store import postgres as on_postgres
from pisang.store.database import Database
from pisang.store.migrate import migrate_postgres
from pisang.store.open import opened
from pisang.store.postgres_numbers import PostgresNumbers
from pisang.store.revisions import CREDENTIALS, ROUTES, count
from pisang.store.schema import metadata
from tests.databases import Postgres


@pytest.fixture
async def database(tmp_path: Path, postgres_url: str) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", postgres_url) as (_, database):
        yield database


async def test_migrations_make_exactly_the_tables_of_the_schema(database: Database) -> None:
    def compared(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(compared) == []


async def test_there_is_no_other_database_in_the_data_folder(database: Database) -> None:
    await ensure_first_key(database)
    assert not list(database.path.parent.iterdir())


async def test_servers_that_start_at_once_migrate_once(postgres_url: str) -> None:
    program = (
        "import asyncio, sys; from pisang.store.migrate import migrate_postgres; "
        "asyncio.run(migrate_postgres(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, postgres_url]
    starts = [await asyncio.create_subprocess_exec(*command, stderr=PIPE) for _ in range(3)]
    ends = await asyncio.gather(*(start.communicate() for start in starts))
    assert [start.returncode for start in starts] == [0, 0, 0], ends
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
    await connection.close()


async def test_a_database_of_a_newer_version_is_left_alone(
    database: Database, postgres_url: str
) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        await migrate_postgres(postgres_url)


async def test_of_two_servers_that_start_at_once_one_makes_the_first_key(
    database: Database, postgres_url: str
) -> None:
    other = Database(database.path, postgres_url)
    made = await asyncio.gather(*(ensure_first_key(each) for each in (database, other) * 3))
    assert len([key for key in made if key]) == 1
    await other.close()


async def test_a_reader_sees_one_state(database: Database) -> None:
    async with database.read() as reading:
        before = await projects.listed(reading)
        async with database.write() as writing:
            await projects.ensure(writing, "new")
        assert await projects.listed(reading) == before
    async with database.read() as reading:
        assert [project.name for project in await projects.listed(reading)] == ["new"]


async def test_a_reader_changes_nothing(database: Database) -> None:
    with pytest.raises(StoreError):
        async with database.read() as connection:
            await projects.ensure(connection, "new")


async def test_text_with_a_letter_that_postgresql_does_not_know_is_kept_without_it(
    database: Database,
) -> None:
    async with database.write() as connection:
        project = await projects.ensure(connection, "mine")
        await connection.execute(
            text("UPDATE projects SET fault = :fault WHERE id = :id"),
            {"fault": "a\0b", "id": project.id},
        )
        assert (await projects.find(connection, "mine")).fault == "a\N{REPLACEMENT CHARACTER}b"
    async with database.read() as connection:
        assert await keys.verify(connection, "key\0") is None


async def test_connections_that_broke_while_nobody_used_them_are_replaced(
    database: Database, postgres_url: str
) -> None:
    numbers = PostgresNumbers(postgres_url)
    await database.check()
    await numbers.now(CREDENTIALS)
    await _end_all_connections(postgres_url)
    await asyncio.sleep(0.1)  # the lines have to be closed here too
    await database.check()
    assert await numbers.now(CREDENTIALS) == 1
    numbers.close()


async def test_a_connection_that_is_lost_in_a_transaction_is_one_sentence(
    database: Database, postgres_url: str
) -> None:
    async def lose() -> None:
        async with database.write() as connection:
            await projects.ensure(connection, "half")
            await _end_all_connections(postgres_url)
            await projects.listed(connection)

    with pytest.raises(StoreError, match=r"The database test_\w+ at 127\.0\.0\.1:\d+ cannot"):
        await lose()
    async with database.read() as connection:
        assert await projects.listed(connection) == []


async def _end_all_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_a_number_is_never_older_than_the_question(
    database: Database, postgres_url: str
) -> None:
    numbers = PostgresNumbers(postgres_url)
    for _ in range(20):
        before = await asyncio.gather(*(numbers.now(CREDENTIALS) for _ in range(10)))
        async with database.write() as connection:
            await count(connection, CREDENTIALS)
        after = await asyncio.gather(*(numbers.now(CREDENTIALS) for _ in range(10)))
        assert (set(before), set(after)) == ({before[0]}, {before[0] + 1})
    assert await numbers.now(ROUTES) == 1
    assert await numbers.now("never counted") == 0
    numbers.close()


async def test_who_asks_while_a_query_runs_waits_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = PostgresNumbers("postgresql://nobody/asks")
    begun, goes_on = asyncio.Queue[int](), asyncio.Queue[int]()

    async def read() -> dict[str, int]:
        begun.put_nowait(0)
        return {CREDENTIALS: await goes_on.get()}

    monkeypatch.setattr(numbers, "_read", read)
    first = numbers.now(CREDENTIALS)
    await begun.get()
    later = [numbers.now(CREDENTIALS) for _ in range(100)]
    later[50].cancel()  # who leaves takes nobody along
    goes_on.put_nowait(1)
    goes_on.put_nowait(2)
    assert await first == 1
    assert {await each for each in later if not each.cancelled()} == {2}
    assert begun.qsize() == 1
    numbers.close()


async def test_whoever_waits_for_a_number_learns_that_there_is_none(postgres: Postgres) -> None:
    numbers = PostgresNumbers(postgres.address("not_there"))
    found = await asyncio.gather(
        *(numbers.now(CREDENTIALS) for _ in range(3)), return_exceptions=True
    )
    assert {type(each) for each in found} == {StoreError}
    numbers.close()


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("postgresql://pisang@127.0.0.1:1/x", "does not answer"),
        ("postgresql://pisang@nowhere.invalid/x", "not known here"),
        ("postgresql://pisang@127.0.0.1:{port}/not_there", "no database of this name"),
        ("postgres://guarded:wrong@127.0.0.1:{port}/postgres", "refuses this user or password"),
        ("postgresql://guarded:secret@127.0.0.1:{port}/{database}", "Let it own the database"),
        ("postgresql://pisang@127.0.0.1:{port}/x?sslmode=require", "cannot be used"),
    ],
)
async def test_a_database_that_cannot_be_used_is_one_sentence_without_the_password(
    postgres: Postgres, tmp_path: Path, address: str, remedy: str
) -> None:
    postgres.run(
        "DROP ROLE IF EXISTS guarded",
        "CREATE ROLE guarded LOGIN PASSWORD 'secret'",
    )
    with postgres.fresh(empty=True) as url:
        database = url.rpartition("/")[2]
        place = address.format(port=postgres.port, database=database)
        with pytest.raises(StoreError, match=remedy) as error:
            async with opened(tmp_path / "data", place):
                pass
    assert "secret" not in error.value.message
    assert "wrong" not in error.value.message


async def test_a_postgresql_that_is_too_old_is_one_sentence(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_postgres, "OLDEST", 99)
    with pytest.raises(StoreError, match="pisang needs 99 or newer"):
        async with opened(tmp_path / "data", postgres_url):
            pass


async def test_too_many_connections_is_one_sentence(postgres: Postgres) -> None:
    with postgres.fresh(empty=False) as url:
        postgres.run(
            "DROP ROLE IF EXISTS few",
            "CREATE ROLE few LOGIN CONNECTION LIMIT 1",
            f"GRANT ALL ON DATABASE {url.rpartition('/')[2]} TO few",
        )
        place = url.replace("pisang@", "few@")
        held = await asyncpg.connect(place)
        with pytest.raises(StoreError, match="no connection to spare"):
            await on_postgres.connect(place)
        await held.close()


async def test_who_waits_too_long_for_the_writer_gives_up(
    database: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = {**on_postgres._SETTINGS, "lock_timeout": "50ms"}
    monkeypatch.setattr(
        on_postgres.connect, "__kwdefaults__", {"settings": impatient, "seconds": 60}
    )
    other = Database(database.path, postgres_url)

    async def write() -> None:
        async with other.write():
            pass

    async with database.write():
        with pytest.raises(StoreError, match="another process held it"):
            await write()
    await write()
    await other.close()


class Coded(Exception):
    """An error as the driver raises it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.sqlstate = code


@pytest.mark.parametrize(
    ("error", "obstacle"),
    [
        (Coded("53100"), Obstacle.SERVER_DISK_FULL),
        (Coded("53300"), None),
        (Coded("25006"), Obstacle.STANDBY),
        (Coded("55P03"), Obstacle.HELD),
        (Coded("08006"), Obstacle.SILENT),
        (TimeoutError(), Obstacle.SILENT),
    ],
)
def test_what_postgresql_says_is_known_for_who_may_not_read_it(
    error: Exception, obstacle: Obstacle | None
) -> None:
    assert on_postgres._sentence("postgresql://there/x", error).obstacle is obstacle


async def test_a_missing_driver_is_a_setting_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(SettingsError, match=r"pip install 'pisang\[postgres\]'"):
        async with opened(tmp_path / "data", "postgresql://nowhere/x"):
            pass
