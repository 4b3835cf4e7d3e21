"""The audit log: one unbroken chain, whoever writes, in the transaction of what it tells about."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from pisang.accounts import projects
from pisang.audit.chain import NOTHING, Head
from pisang.audit.record import head, record
from pisang.audit.verify import verify
from pisang.core.errors import RequestError, StoreError
from pisang.store.database import Database
from pisang.store.schema import audit
from tests.audit.conftest import several


async def test_rows_are_numbered_without_a_gap_and_each_names_the_one_before(
    database: Database,
) -> None:
    await several(database, 3)
    async with database.read() as connection:
        rows = (await connection.execute(select(audit).order_by(audit.c.number))).all()
    assert [row.number for row in rows] == [1, 2, 3]
    assert [row.previous for row in rows] == [NOTHING, rows[0].hash, rows[1].hash]
    assert len({row.hash for row in rows}) == 3


async def test_many_writers_make_one_chain(database: Database) -> None:
    await asyncio.gather(*(several(database, 3) for _ in range(6)))
    async with database.read() as connection:
        found = await verify(connection)
        assert (found.rows, found.broken) == (18, None)
        assert found.head == await head(connection)


async def test_a_change_that_fails_leaves_no_row(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await projects.ensure(connection, "half")
            await record(connection, actor="local:me", action="projects.create")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await several(database, 1)
    async with database.read() as connection:
        assert (await head(connection)).number == 1
        assert (await verify(connection)).broken is None


@pytest.mark.parametrize("table", ["audit", "entries"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET actor = 'nobody'", "DELETE FROM {}"])
async def test_the_database_itself_refuses_to_change_what_was_written_down(
    database: Database, table: str, deed: str
) -> None:
    await several(database, 1)
    async with database.write() as connection:
        project = await projects.ensure(connection, "default")
        await connection.execute(
            text(
                "INSERT INTO entries (id, project_id, kind, amount, at) "
                "VALUES ('ent_1', :project, 'top_up', 1, '2026-11-21 00:00:00')"
            ),
            {"project": project.id},
        )
    with pytest.raises(StoreError, match="append-only"):
        async with database.write() as connection:
            await connection.execute(text(deed.format(table)))


async def test_texts_that_no_column_takes_are_made_to_fit(database: Database) -> None:
    async with database.write() as connection:
        made = await record(
            connection,
            actor="user:" + "a" * 500,
            action="keys.create",
            target="keys/\0\ud800\n",
            after={"name": "zero \0 and half \ud800", "number": 3},
        )
    assert len(made.actor) == 300
    assert made.target == "keys/???"
    assert json.loads(made.after)["number"] == 3
    async with database.read() as connection:
        assert (await verify(connection)).broken is None


async def test_no_secret_reaches_the_data_folder(database: Database, tmp_path: Path) -> None:
    secret = "psk_" + "aB3" * 13
    async with database.write() as connection:
        await record(
            connection,
            actor="local:me",
            action="engines.update",
            target=f"keys/{secret}",
            before={"api_keys": [secret]},
            after={"note": f"the key is {secret}!"},
        )
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


def test_a_head_is_read_as_it_is_written() -> None:
    known = Head(12, bytes(range(32)))
    assert Head.of(f" {known}\n") == known
    for wrong in ("", "12", "12:ab", "x:" + "00" * 32, "-1:" + "00" * 32):
        with pytest.raises(RequestError, match="audit head"):
            Head.of(wrong)
