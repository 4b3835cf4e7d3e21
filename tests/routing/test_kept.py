"""Engines and routes in the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.errors import NotFound, RequestError
from pisang.routing import kept
from pisang.routing.read import Written, table
from pisang.store.open import opened

STUDIO = {"kind": "google", "api_keys": ["env:A"]}
PRO = {"model": "gemini-3-pro-image", "engines": ["studio"]}
ALL = {"model": "*", "engines": [{"engine": "studio", "weight": 2}]}


@pytest.fixture
async def connection(tmp_path: Path, database_url: str | None) -> AsyncIterator[AsyncConnection]:
    async with opened(tmp_path / "data", database_url) as (_, database), database.write() as found:
        yield found


async def test_rows_are_what_was_written(connection: AsyncConnection) -> None:
    assert await kept.read(connection) == kept.Kept({}, {}, revision=1)
    assert await kept.put_engine(connection, "studio", STUDIO)
    assert not await kept.put_engine(connection, "studio", STUDIO | {"project": "p"})
    first = await kept.add_route(connection, PRO)
    second = await kept.add_route(connection, ALL)
    found = await kept.read(connection)
    assert found.engines == {"studio": STUDIO | {"project": "p"}}
    assert list(found.routes.items()) == [(first, PRO), (second, ALL)]
    read = table(found.written)
    assert [route.id for route in read.routes] == [first, second]
    assert read.engines["studio"].origin == "the admin API"


async def test_routes_have_an_order(connection: AsyncConnection) -> None:
    first = await kept.add_route(connection, PRO)
    second = await kept.add_route(connection, ALL)
    between = await kept.add_route(connection, ALL, before=second)
    assert list((await kept.read(connection)).routes) == [first, between, second]
    await kept.order_routes(connection, [second, first, between])
    assert list((await kept.read(connection)).routes) == [second, first, between]
    await kept.put_route(connection, first, ALL)
    assert list((await kept.read(connection)).routes.items())[1] == (first, ALL)
    await kept.delete_route(connection, second)
    assert list((await kept.read(connection)).routes) == [first, between]
    for wrong in ([first], [first, first], [first, between, "route_x"]):
        with pytest.raises(RequestError, match="name every route"):
            await kept.order_routes(connection, wrong)


async def test_every_change_counts_and_reading_does_not(connection: AsyncConnection) -> None:
    seen = [await kept.revision(connection)]
    await kept.put_engine(connection, "studio", STUDIO)
    seen.append(await kept.revision(connection))
    route = await kept.add_route(connection, {"model": "*", "engines": ["other"]})
    seen.append(await kept.revision(connection))
    await kept.put_route(connection, route, {"model": "x", "engines": ["other"]})
    seen.append(await kept.revision(connection))
    await kept.order_routes(connection, [route])
    seen.append(await kept.revision(connection))
    await kept.delete_engine(connection, "studio")
    seen.append(await kept.revision(connection))
    await kept.delete_route(connection, route)
    seen.append(await kept.revision(connection))
    assert len(set(seen)) == len(seen)
    await kept.read(connection)
    assert await kept.revision(connection) == seen[-1]


async def test_what_is_not_there_cannot_be_changed(connection: AsyncConnection) -> None:
    for wrong in (
        kept.put_route(connection, "route_x", PRO),
        kept.delete_route(connection, "route_x"),
        kept.add_route(connection, PRO, before="route_x"),
    ):
        with pytest.raises(NotFound, match="no route 'route_x'"):
            await wrong
    with pytest.raises(NotFound, match="no engine 'studio'"):
        await kept.delete_engine(connection, "studio")


@pytest.mark.parametrize("route", [PRO, ALL, PRO | {"engines": "studio"}])
async def test_an_engine_that_a_route_needs_stays(
    connection: AsyncConnection, route: dict[str, object]
) -> None:
    await kept.put_engine(connection, "studio", STUDIO)
    made = await kept.add_route(connection, route)
    with pytest.raises(RequestError, match=f"{made} leads to the engine 'studio'"):
        await kept.delete_engine(connection, "studio")


def test_a_route_whose_engine_has_left_the_file_leads_to_no_other() -> None:
    found = table(
        kept.Kept({}, {"route_1": PRO}).written,
        Written("file", {"other": {"kind": "google"}}, [{"model": "*", "engines": ["other"]}]),
    )
    assert [target.engine for target in found.routes[0].targets] == ["studio"]
    assert "studio" not in found.engines
