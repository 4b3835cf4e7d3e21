"""Engines and routes that were made while the server runs: rows that hold what a person wrote.

They are kept as written, in the words of the settings file, and read by the same reader. Every
change counts up the row ``routes`` of the table ``revisions``, so that all processes that serve
this data folder see that there is something new. What a reader of today would not take was refused
before it became a row. With a keyring, an engine is sealed as a whole: it may hold a key.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import NotFound, RequestError, StoreError
from pisang.core.ids import new_id
from pisang.routing.read import Written, named
from pisang.store.keyring import Keyring, is_sealed
from pisang.store.revisions import ROUTES, count
from pisang.store.schema import engines, revisions, routes
from pisang.store.sealing import ENGINE, identity

ORIGIN: Final = "the admin API"
_AN_UPSTREAM: Final[Mapping[str, Any]] = MappingProxyType({"kind": "google"})
"""Stands for a sealed engine where only names are needed: only upstreams have secrets."""


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


async def read(connection: AsyncConnection, keyring: Keyring | None = None) -> Kept:
    """All there is. Raises ``StoreError`` for an engine that cannot be unsealed."""
    if keyring is not None:
        await keyring.refresh(connection)
    found = await connection.execute(select(engines.c.name, engines.c.spec).order_by("name"))
    return Kept(
        {row.name: _unsealed(row.name, row.spec, keyring) for row in found},
        await _routes(connection),
        await revision(connection),
    )


async def outline(connection: AsyncConnection) -> Kept:
    """All there is, as far as it can be known without a keyring: each sealed engine is taken for an
    upstream. That is enough for names of engines and models."""
    found = await connection.execute(select(engines.c.name, engines.c.spec).order_by("name"))
    return Kept(
        {row.name: _AN_UPSTREAM if is_sealed(row.spec) else json.loads(row.spec) for row in found},
        await _routes(connection),
        await revision(connection),
    )


async def revision(connection: AsyncConnection) -> int:
    """The number of the rows as they are."""
    query = select(revisions.c.number).where(revisions.c.name == ROUTES)
    return int(await connection.scalar(query) or 0)


async def put_engine(
    connection: AsyncConnection,
    name: str,
    spec: Mapping[str, Any],
    *,
    keyring: Keyring | None = None,
) -> bool:
    """Makes an engine, or changes it as a whole; returns whether it is new. Call this, and all
    below, inside a write transaction."""
    text = json.dumps(spec)
    if keyring is not None:
        await keyring.refresh(connection)
        text = keyring.seal(text, identity=identity(ENGINE, name))
    values = {"spec": text, "updated_at": now()}
    changed = await connection.execute(
        update(engines).where(engines.c.name == name).values(**values)
    )
    if not changed.rowcount:
        await connection.execute(insert(engines).values(name=name, created_at=now(), **values))
    await count(connection, ROUTES)
    return not changed.rowcount


async def delete_engine(connection: AsyncConnection, name: str) -> None:
    """Raises ``NotFound``, and ``RequestError`` while a route of the rows leads to it."""
    for id_, spec in (await _routes(connection)).items():
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
    ids = list(await _routes(connection))
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
    known = list(await _routes(connection))
    if sorted(ids) != sorted(known):
        raise RequestError(
            f"The order must name every route that was made here, once: {', '.join(known)}.",
            field="routes",
        )
    for number, id_ in enumerate(ids):
        await connection.execute(update(routes).where(routes.c.id == id_).values(position=number))
    await count(connection, ROUTES)


async def _routes(connection: AsyncConnection) -> dict[str, Any]:
    query = select(routes.c.id, routes.c.spec).order_by(routes.c.position, routes.c.id)
    return {row.id: json.loads(row.spec) for row in await connection.execute(query)}


def _unsealed(name: str, spec: str, keyring: Keyring | None) -> Any:
    if keyring is not None:
        spec = keyring.unseal(spec, identity=identity(ENGINE, name))
    elif is_sealed(spec):
        raise StoreError(f"The engine {name!r} is encrypted, and the keyring was not opened.")
    return json.loads(spec)


def _unknown(id_: str) -> NotFound:
    return NotFound(
        f"There is no route {id_[:80]!r} that was made here. Those of the settings file are "
        "changed there.",
        field="route",
    )
