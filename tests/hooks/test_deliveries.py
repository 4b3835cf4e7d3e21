"""The list of web hooks: with what they tell about, or not at all; and not for ever."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pisang.core.clock import now
from pisang.core.errors import NotFound
from pisang.hooks.deliveries import KEPT, Status, enqueue, find, listed, redeliver, sweep
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.schema import deliveries


async def _several(database: Database, many: int, **fields: str) -> list[str]:
    made = []
    for number in range(many):
        async with database.write() as connection:
            values = {"project_id": f"prj_{number % 2}", "event": "a", **fields}
            made.append(
                await enqueue(connection, url="https://example.com/", secret="", data={}, **values)
            )
    return made


async def test_what_did_not_happen_is_not_told(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await enqueue(
                connection, project_id="p", url="https://x/", secret="", event="a", data={}
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.read() as connection:
        assert await listed(connection) == []


async def test_the_list_is_narrowed_and_paged_newest_first(database: Database) -> None:
    made = await _several(database, 5)
    (other,) = await _several(database, 1, event="b")
    async with database.read() as connection:

        async def ids(**wanted: object) -> list[str]:
            return [each.id for each in await listed(connection, **wanted)]  # type: ignore[arg-type]

        assert await ids() == [other, *reversed(made)]
        assert await ids(event="b") == [other]
        assert await ids(projects={"prj_1"}) == [made[3], made[1]]
        assert await ids(projects=set()) == []
        assert await ids(status=Status.FAILED) == []
        assert await ids(most=2) == [other, made[4]]
        assert await ids(most=2, before=made[4]) == [made[3], made[2]]


async def test_one_that_is_not_there_is_said_to_be_none(database: Database) -> None:
    async with database.write() as connection:
        for work in (find(connection, "msg_x"), redeliver(connection, "msg_x")):
            with pytest.raises(NotFound, match="hooks list"):
                await work


async def test_what_was_told_long_ago_is_deleted_and_what_waits_is_not(
    database: Database, tmp_path: Path
) -> None:
    told, waits, new = await _several(database, 3)
    (once,) = await _several(database, 1, id_="once_1")
    old = now() - KEPT - timedelta(days=1)
    async with database.write() as connection:
        for id_, status in ((told, "delivered"), (waits, "pending"), (once, "failed")):
            row = deliveries.c.id == id_
            await connection.execute(
                update(deliveries).where(row).values(status=status, created_at=old)
            )
        row = deliveries.c.id == new
        await connection.execute(update(deliveries).where(row).values(status="delivered"))
    assert await sweep(database, Blobs(tmp_path), now()) == 1
    async with database.read() as connection:
        assert {each.id for each in await listed(connection)} == {waits, new, once}
    assert await sweep(database, Blobs(tmp_path), now() + timedelta(days=500)) == 2
