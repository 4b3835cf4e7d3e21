"""A running server follows what is kept, whoever changed it."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pisang import local
from pisang.core.errors import SettingsError
from pisang.routing import kept
from pisang.routing.current import Current
from pisang.routing.read import Written
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.open import opened

STUDIO = {"kind": "google", "api_keys": ["AIza1"]}
ROUTE = {"model": "gemini-3-pro-image", "engines": ["studio"]}


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, found):
        yield found


@pytest.fixture
async def current(database: Database, tmp_path: Path) -> AsyncIterator[Current]:
    found = await current_of(database, tmp_path)
    yield found
    await found.router.close()


async def current_of(database: Database, tmp_path: Path) -> Current:
    settings = Settings(data=tmp_path)

    def build(written: Written, before: Any) -> local.Staff:
        folder = local.Folder(tmp_path)
        return local.staff(
            settings, folder, b"x" * 32, kept=written, before=before, environ={"SET": "AIza9"}
        )

    return await Current.opened(
        database, build=build, routed=partial(local.routed, settings=settings)
    )


def engines_of(current: Current) -> list[list[str]]:
    return [[target.engine for target in route.targets] for route in current.router.table.routes]


async def test_a_change_counts_at_once(current: Current) -> None:
    assert engines_of(current) == [["sketch"]]
    await current.change(partial(kept.put_engine, name="studio", spec=STUDIO), engines=["studio"])
    assert engines_of(current) == [["sketch"]]
    await current.change(partial(kept.add_route, spec=ROUTE))
    assert engines_of(current) == [["studio"]]
    assert current.router.members("studio")
    assert list(current.rows.engines) == ["studio"]


async def test_a_change_that_would_not_work_changes_nothing(current: Current) -> None:
    broken = STUDIO | {"api_keys": ["env:NONE"]}
    with pytest.raises(SettingsError, match="NONE is not set"):
        await current.change(
            partial(kept.put_engine, name="studio", spec=broken), engines=["studio"]
        )
    with pytest.raises(SettingsError, match="model: is missing"):
        await current.change(partial(kept.add_route, spec={"engines": ["studio"]}))
    assert current.rows.engines == {}
    assert not await current.refresh()
    assert engines_of(current) == [["sketch"]]


async def test_a_change_by_another_process_is_followed(
    database: Database, current: Current
) -> None:
    async with current.following(often=0.01):
        async with database.write() as connection:
            await kept.put_engine(connection, "studio", STUDIO | {"api_keys": ["env:SET"]})
            await kept.add_route(connection, ROUTE)
        async with asyncio.timeout(5):
            while engines_of(current) != [["studio"]]:  # noqa: ASYNC110 - a poll is tested
                await asyncio.sleep(0.01)
    members = current.router.members("studio")
    async with database.write() as connection:
        await kept.put_engine(connection, "other", STUDIO)
    assert await current.refresh()
    assert current.router.members("studio") == members
    assert not await current.refresh()


async def test_what_cannot_be_followed_leaves_things_as_they_are(
    database: Database, current: Current
) -> None:
    await current.change(partial(kept.put_engine, name="studio", spec=STUDIO))
    await current.change(partial(kept.add_route, spec=ROUTE))
    async with database.write() as connection:
        await kept.add_route(connection, {"model": 3})
    with pytest.raises(SettingsError):
        await current.refresh()
    assert engines_of(current) == [["studio"]]
    assert not await current.refresh()  # and is not tried again and again


async def test_a_server_starts_with_what_is_kept(
    database: Database, current: Current, tmp_path: Path
) -> None:
    await current.change(partial(kept.put_engine, name="studio", spec=STUDIO))
    await current.change(partial(kept.add_route, spec=ROUTE))
    assert engines_of(await current_of(database, tmp_path)) == [["studio"]]
