"""Uploads as records: who holds one, what survives, what nobody gets."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pisang.accounts import projects
from pisang.core.clock import now
from pisang.core.errors import FailedPrecondition, NotFound, StoreError
from pisang.files import library
from pisang.files.uploads import Uploads
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.open import opened
from pisang.store.schema import uploads as table


@dataclass
class Desk:
    database: Database
    blobs: Blobs
    uploads: Uploads
    project: str

    def stored(self) -> list[bytes]:
        return [path.read_bytes() for path in self.blobs.folder.glob("*/*") if path.is_file()]


@pytest.fixture
async def desk(tmp_path: Path, database_url: str | None) -> AsyncIterator[Desk]:
    async with opened(tmp_path / "data", database_url) as (folder, database):
        async with database.write() as connection:
            project = await projects.ensure(connection, "mine")
        blobs = Blobs(folder.blobs)
        yield Desk(database, blobs, Uploads(database, blobs), project.id)


async def pieces(*found: bytes | Exception) -> AsyncIterator[bytes]:
    for piece in found:
        if isinstance(piece, Exception):
            raise piece
        yield piece


async def test_the_id_of_an_upload_is_not_in_the_database(desk: Desk) -> None:
    upload_id, _ = await desk.uploads.start(desk.project)
    async with desk.database.read() as connection:
        row = (await connection.execute(select(table))).one()
    assert row.digest == hashlib.sha256(upload_id.encode()).digest()
    assert upload_id not in map(str, row)


async def test_what_came_before_a_line_broke_is_kept(desk: Desk) -> None:
    upload_id, upload = await desk.uploads.start(desk.project, size=10)
    with pytest.raises(ConnectionError):
        await desk.uploads.write(upload, pieces(b"01", b"234", ConnectionError()), at=0)
    assert await desk.uploads.received(upload) == 5
    again = Uploads(desk.database, desk.blobs)  # another process finds it as it was
    found = await again.find(upload_id)
    assert await again.write(found, pieces(b"56789"), at=5) == 10
    file = await again.finish(found)
    assert file.sha256 == hashlib.sha256(b"0123456789").digest()
    assert desk.stored() == [b"0123456789"]


async def test_the_newer_of_two_holds_the_upload(desk: Desk) -> None:
    _, upload = await desk.uploads.start(desk.project)
    waits = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 1_500_000
        await waits.wait()
        yield b"y"

    older = asyncio.create_task(desk.uploads.write(upload, slow(), at=0))
    async with asyncio.timeout(20):
        while await desk.uploads.received(upload) == 0:  # noqa: ASYNC110 - it is on the disk
            await asyncio.sleep(0.005)
    assert await desk.uploads.write(upload, pieces(b"z"), at=1_500_000) == 1_500_001
    file = await desk.uploads.finish(upload)
    waits.set()
    with pytest.raises((FailedPrecondition, NotFound)):
        await older
    assert file.size == 1_500_001
    assert desk.stored() == [b"x" * 1_500_000 + b"z"]


async def test_one_name_and_many_at_once_make_one_file(desk: Desk) -> None:
    started = [await desk.uploads.start(desk.project, name="cat") for _ in range(5)]
    for number, (_, upload) in enumerate(started):
        await desk.uploads.write(upload, pieces(bytes([number])), at=0)
    done = await asyncio.gather(
        *(desk.uploads.finish(upload) for _, upload in started), return_exceptions=True
    )
    assert len([file for file in done if not isinstance(file, Exception)]) == 1


async def test_finishing_twice_at_once_makes_one_file(desk: Desk) -> None:
    upload_id, upload = await desk.uploads.start(desk.project)
    await desk.uploads.write(upload, pieces(b"x"), at=0)
    done = await asyncio.gather(
        *(desk.uploads.finish(upload) for _ in range(4)), return_exceptions=True
    )
    files = [file for file in done if not isinstance(file, BaseException)]
    assert len(files) == 1
    assert (await desk.uploads.finish(await desk.uploads.find(upload_id))).name == files[0].name
    assert desk.stored() == [b"x"]


async def test_a_swept_upload_is_gone_for_who_still_sends(desk: Desk) -> None:
    upload_id, upload = await desk.uploads.start(desk.project)
    await desk.uploads.write(upload, pieces(b"0"), at=0)
    later = now() + timedelta(hours=48, seconds=1)
    assert await library.sweep(desk.database, desk.blobs, later) == 1
    assert desk.stored() == []
    with pytest.raises(NotFound):
        await desk.uploads.write(upload, pieces(b"1"), at=1)
    with pytest.raises(NotFound):
        await desk.uploads.finish(upload)
    with pytest.raises(NotFound):
        await desk.uploads.find(upload_id)


async def test_a_finished_file_outlives_its_upload_and_a_sweep_leaves_both(desk: Desk) -> None:
    _, upload = await desk.uploads.start(desk.project)
    await desk.uploads.write(upload, pieces(b"0"), at=0)
    file = await desk.uploads.finish(upload)
    assert await library.sweep(desk.database, desk.blobs, now() + timedelta(hours=47)) == 0
    await desk.uploads.cancel(upload)  # too late: it is a file
    assert await library.find(desk.database, desk.project, file.name)
    assert desk.stored() == [b"0"]


async def test_a_disk_that_fails_costs_the_upload_and_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, upload = await desk.uploads.start(desk.project)

    async def fails(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(desk.blobs, "append", fails)
    with pytest.raises(StoreError):
        await desk.uploads.write(upload, pieces(b"0"), at=0)
    assert desk.stored() == []


async def test_bytes_that_come_while_it_is_finished_change_nothing(desk: Desk) -> None:
    for _ in range(10):
        _, upload = await desk.uploads.start(desk.project)
        await desk.uploads.write(upload, pieces(b"x"), at=0)
        file, late = await asyncio.gather(
            desk.uploads.finish(upload),
            desk.uploads.write(upload, pieces(b"y"), at=1),
            return_exceptions=True,
        )
        assert not isinstance(file, BaseException)
        assert isinstance(late, FailedPrecondition | NotFound) or late == 2
        kept = await library.find(desk.database, desk.project, file.name)
        assert kept is not None
        data = await desk.blobs.get(kept.blob)
        assert (len(data), hashlib.sha256(data).digest()) == (file.size, file.sha256)


async def test_a_finished_upload_takes_nothing_more(desk: Desk) -> None:
    _, upload = await desk.uploads.start(desk.project)
    await desk.uploads.write(upload, pieces(b"x"), at=0)
    await desk.uploads.finish(upload)
    with pytest.raises(FailedPrecondition, match="finished already"):
        await desk.uploads.write(upload, pieces(b"y"), at=1)
    assert desk.stored() == [b"x"]
