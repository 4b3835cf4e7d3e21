"""Kept pictures: rows and blobs together, per project, swept when their time is over."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pisang.accounts import projects
from pisang.assets import library, links
from pisang.assets.library import Asset
from pisang.assets.links import Size
from pisang.core.clock import now
from pisang.core.content import Blob
from pisang.core.errors import NotFound, PermissionDenied, StoreError
from pisang.core.image import MediaType, Pixels, sniff
from pisang.provenance.encode import encode
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.open import opened

SECRET = b"a secret of sixteen letters"
PICTURE = encode(Pixels(800, 600, 3, bytes((200, 30, 30)) * 480_000), MediaType.PNG)


class Place:
    """A library on a fresh folder, with the ids of two projects."""

    def __init__(self, database: Database, blobs: Blobs, mine: str, other: str) -> None:
        self.database, self.blobs, self.mine, self.other = database, blobs, mine, other

    async def keep(self, *, days: float = 1) -> Asset:
        blob = Blob("image/png", PICTURE)
        return await library.keep(
            self.database, self.blobs, self.mine, blob, model="gemini-3-pro-image", days=days
        )

    def files(self) -> int:
        return sum(1 for file in self.blobs.folder.glob("*/*") if file.is_file())


@asynccontextmanager
async def fresh(path: Path, database_url: str | None) -> AsyncIterator[Place]:
    async with opened(path, database_url) as (folder, database):
        async with database.write() as connection:
            mine = await projects.ensure(connection, "mine")
            other = await projects.ensure(connection, "other")
        yield Place(database, Blobs(folder.blobs), mine.id, other.id)


@pytest.fixture
async def place(tmp_path: Path, database_url: str | None) -> AsyncIterator[Place]:
    async with fresh(tmp_path / "data", database_url) as made:
        yield made


async def test_a_picture_comes_back_as_it_was_kept(place: Place) -> None:
    asset = await place.keep()
    found = await library.find(place.database, asset.id)
    assert found == asset
    assert (found.width, found.height, found.size) == (800, 600, len(PICTURE))
    blob = await library.read(place.database, place.blobs, found, size=Size.WHOLE)
    assert (blob.mime_type, blob.data) == ("image/png", PICTURE)


async def test_another_project_does_not_find_it(place: Place) -> None:
    asset = await place.keep()
    assert await library.find(place.database, asset.id, project_id=place.mine)
    with pytest.raises(NotFound):
        await library.find(place.database, asset.id, project_id=place.other)


async def test_a_thumbnail_is_made_once_even_for_many_at_a_time(place: Place) -> None:
    asset = await place.keep()
    small = await asyncio.gather(
        *(library.read(place.database, place.blobs, asset, size=Size.THUMBNAIL) for _ in range(4))
    )
    header = sniff(small[0].data)
    assert header
    assert (header.media_type, header.width, header.height) == ("image/webp", 384, 288)
    assert len({blob.data for blob in small}) == 1
    assert place.files() == 2
    again = await library.find(place.database, asset.id)
    assert again.thumbnail is not None
    assert await place.blobs.get(again.thumbnail) == small[0].data


async def test_a_sweep_takes_rows_and_blobs_whose_time_is_over_and_no_others(place: Place) -> None:
    old, young = await place.keep(days=1), await place.keep(days=3)
    await library.read(place.database, place.blobs, old, size=Size.THUMBNAIL)
    assert await library.sweep(place.database, place.blobs, now()) == 0
    assert place.files() == 3
    assert await library.sweep(place.database, place.blobs, now() + timedelta(days=2)) == 1
    assert place.files() == 1
    assert await library.find(place.database, young.id) == young
    with pytest.raises(NotFound):
        await library.find(place.database, old.id)
    with pytest.raises(NotFound):
        await library.read(place.database, place.blobs, old, size=Size.WHOLE)


async def test_a_picture_whose_time_is_over_is_not_found_before_it_is_swept(place: Place) -> None:
    asset = await place.keep(days=0)
    with pytest.raises(NotFound):
        await library.find(place.database, asset.id)


async def test_nothing_is_left_where_the_row_cannot_be_written(place: Place) -> None:
    blob = Blob("image/png", PICTURE)
    with pytest.raises(StoreError):
        await library.keep(place.database, place.blobs, "nobody", blob, model="m", days=1)
    assert place.files() == 0


async def test_a_link_is_good_as_long_as_the_picture_is_kept_at_most(place: Place) -> None:
    asset = await place.keep(days=1 / 24)
    address = urlsplit(library.link("https://here", SECRET, asset, minutes=600))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"https://here/assets/{asset.id}"
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    until = links.check(SECRET, asset.id, **query)
    left = until - time.time()
    assert 3500 < left <= 3600


async def test_another_secret_makes_another_signature(place: Place) -> None:
    asset = await place.keep()
    query = {
        name: values[0]
        for name, values in parse_qs(
            urlsplit(library.link("https://here", SECRET, asset, minutes=60)).query
        ).items()
    }
    with pytest.raises(PermissionDenied, match="not right"):
        links.check(SECRET + b"!", asset.id, **query)
