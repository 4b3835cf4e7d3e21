"""The janitor: it sweeps everything, survives what goes wrong, and stops with the server."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pisang.core.clock import now
from pisang.core.errors import StoreError
from pisang.files import library
from pisang.janitor import SWEEPS, janitor, sweep
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.schema import files
from pisang.testing import Server, server


@pytest.fixture
async def blobs(pisang: Server) -> Blobs:
    return Blobs(pisang.settings.data / "blobs")


async def test_a_round_deletes_what_has_expired_and_counts_it(pisang: Server, blobs: Blobs) -> None:
    database = pisang.app.database
    async with database.read() as connection:
        project = (await connection.exec_driver_sql("SELECT id FROM projects")).scalar_one()
    old = await library.keep(database, blobs, project, b"old", mime_type="text/plain")
    young = await library.keep(database, blobs, project, b"young", mime_type="text/plain")
    async with database.write() as connection:
        await connection.execute(
            update(files)
            .where(files.c.name == old.name)
            .values(expires_at=now() - timedelta(seconds=1))
        )
    assert await sweep(database, blobs) == {"files": 1}
    kept = [path for path in blobs.folder.glob("*/*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"young"]
    assert await library.find(database, project, young.name)
    assert await sweep(database, blobs) == {}


async def test_every_record_that_expires_is_swept() -> None:
    assert set(SWEEPS) == {
        "files",
        "assets",
        "conversations",
        "signatures",
        "access tokens",
        "sign-ins",
        "attempts to sign in",
        "web hooks",
        "drafts",
    }


async def test_whatever_goes_wrong_the_others_are_swept_and_the_next_round_comes(
    pisang: Server, blobs: Blobs
) -> None:
    rounds, third = 0, asyncio.Event()

    async def broken(_: Database, __: Blobs, ___: datetime) -> int:
        raise RuntimeError("a defect")

    async def unlucky(_: Database, __: Blobs, ___: datetime) -> int:
        raise StoreError("the disk is full")

    async def good(_: Database, __: Blobs, ___: datetime) -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            third.set()
        return 1

    sweeps = {"broken": broken, "unlucky": unlucky, "good": good}
    async with janitor(pisang.app.database, blobs, sweeps=sweeps, soon=0, often=0):
        await asyncio.wait_for(third.wait(), 10)


async def test_it_stops_in_the_middle_of_a_round(pisang: Server, blobs: Blobs) -> None:
    begun, stopped = asyncio.Event(), False

    async def endless(_: Database, __: Blobs, ___: datetime) -> int:
        nonlocal stopped
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped = True
            raise
        return 0

    async with janitor(pisang.app.database, blobs, sweeps={"x": endless}, soon=0):
        await asyncio.wait_for(begun.wait(), 10)
    assert stopped


async def test_a_server_has_a_janitor_and_takes_it_along(tmp_path: Path) -> None:
    async with server(tmp_path / "data"):
        assert "janitor" in {task.get_name() for task in asyncio.all_tasks()}
    assert "janitor" not in {task.get_name() for task in asyncio.all_tasks()}
