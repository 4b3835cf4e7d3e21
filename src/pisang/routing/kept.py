"""Engines and routes that were made while the server runs: rows that hold what a person wrote.

They are kept as written, in the words of the settings file, and read by the same reader. Every
change counts up the row ``routes`` of the table ``revisions``, so that all processes that serve
this data folder see that there is something new. What a reader of today would not take was refused
before it became a row.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import NotFound, RequestError
from pisang.core.ids import new_id
from pisang.routing.read import Written, named
from pisang.store.revisions import ROUTES, count
from pisang.store.schema import engines, revisions, routes

ORIGIN: Final = "the admin API"


@dataclass(frozen=True, slots=True)
class Kept:
    """All rows, in the words of the settings file; routes by their ids, in order. ``revision`` is
    another number after every change."""

    engines: Mapping[str, Mapping[str, Any]]
    routes: Mapping[str, Mapping[str, Any]]
    revision: int = 0

    @property
    def written(self) -> Written:
        """As the reader takes it."""
        return Written(
            ORIGIN, self.engines, tuple(self.routes.values()), tuple(self.routes), kept=True
        )


async def read(connection: AsyncConnection) -> Kept:
    """All there is."""
    found = await connection.execute(select(engines.c.name, engines.c.spec).order_by("name"))
    ordered = select(routes.c.id, routes.c.spec).order_by(routes.c.position, routes.c.id)
    return Kept(
        {row.name: json.loads(row.spec) for row in found},
        {row.id: json.loads(row.spec) for row in await connection.execute(ordered)},
        await revision(connection),
    )


async def revision(connection: AsyncConnection) -> int:
    """The number of the rows as they are."""
    query = select(revisions.c.number).where(revisions.c.name == ROUTES)
    return int(await connection.scalar(query) or 0)


async def put_engine(connection: AsyncConnection, name: str, spec: Mapping[str, Any]) -> bool:
    """Makes an engine, or changes it as a whole; returns whether it is new. Call this, and all
    below, inside a write transaction."""
    values = {"spec": json.dumps(spec), "updated_at": now()}
    changed = await connection.execute(
        update(engines).where(engines.c.name == name).values(**values)
    )
    if not changed.rowcount:
        await connection.execute(insert(engines).values(name=name, created_at=now(), **values))
    await count(connection, ROUTES)
    return not changed.rowcount


async def delete_engine(connection: AsyncConnection, name: str) -> None:
    """Raises ``NotFound``, and ``RequestError`` while a route of the rows leads to it."""
    for id_, spec in (await read(connection)).routes.items():
        if name in named(spec):
            raise RequestError(
                f"The route {id_} leads to the engine {name!r}: change or delete that first.",
                field="engine",
            )
    gone = await connection.execute(delete(engines).where(engines.c.name == name))
    if not gone.rowcount:
        raise NotFound(f"There is no engine {name!r} that was made here.", field="engine")
    await count(connection, ROUTES)


async def add_route(
    connection: AsyncConnection, spec: Mapping[str, Any], *, before: str | None = None
) -> str:
    """Makes a route, as the last of the rows or before another; returns its id. Raises ``NotFound``
    where that is none."""
    ids = list((await read(connection)).routes)
    if before is not None and before not in ids:
        raise _unknown(before)
    made = new_id("route")
    await connection.execute(
        insert(routes).values(
            id=made,
            position=0,
            spec=json.dumps(spec),
            created_at=now(),
            updated_at=now(),
        )
    )
    ids.insert(len(ids) if before is None else ids.index(before), made)
    await order_routes(connection, ids)
    return made


async def put_route(connection: AsyncConnection, id_: str, spec: Mapping[str, Any]) -> None:
    """Changes a route as a whole. Raises ``NotFound``."""
    changed = await connection.execute(
        update(routes).where(routes.c.id == id_).values(spec=json.dumps(spec), updated_at=now())
    )
    if not changed.rowcount:
        raise _unknown(id_)
    await count(connection, ROUTES)


async def delete_route(connection: AsyncConnection, id_: str) -> None:
    """Raises ``NotFound``."""
    if not (await connection.execute(delete(routes).where(routes.c.id == id_))).rowcount:
        raise _unknown(id_)
    await count(connection, ROUTES)


async def order_routes(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Puts the routes in this order. Raises ``RequestError`` unless it names each of them once."""
    known = list((await read(connection)).routes)
    if sorted(ids) != sorted(known):
        raise RequestError(
            f"The order must name every route that was made here, once: {', '.join(known)}.",
            field="routes",
        )
    for number, id_ in enumerate(ids):
        await connection.execute(update(routes).where(routes.c.id == id_).values(position=number))
    await count(connection, ROUTES)


def _unknown(id_: str) -> NotFound:
    return NotFound(
        f"There is no route {id_[:80]!r} that was made here. Those of the settings file are "
        "changed there.",
        field="route",
    )
