"""Where ``pisang routes`` finds engines and routes: at a server, or in the settings and the data
folder of this machine. Both answer in the words of the admin API."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from pisang import explain, local
from pisang.accounts import projects
from pisang.accounts.projects import Project
from pisang.audit.record import record
from pisang.cli import signins
from pisang.cli.admin import user
from pisang.cli.place import Place
from pisang.client import Client
from pisang.core.errors import NotFound
from pisang.core.roles import Action
from pisang.routing import kept, read, shown
from pisang.routing.environment import SKETCH
from pisang.routing.kept import Kept
from pisang.routing.probe import Probed, probe
from pisang.routing.table import Table
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import Folder
from pisang.store.keyring import Keyring
from pisang.store.open import has_database, opened
from pisang.store.sealing import opened_keyring

Plain = dict[str, Any]
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Routed(Protocol):
    """Somewhere that has engines and routes."""

    async def engines(self) -> Sequence[Plain]: ...

    async def routes(self) -> Sequence[Plain]: ...

    async def explain(self, question: Mapping[str, str]) -> Plain: ...

    async def test(self, engine: str, model: str) -> Sequence[Plain]: ...

    async def add(self, spec: Plain, before: str | None) -> Plain: ...

    async def remove(self, route: str) -> None: ...


@asynccontextmanager
async def routed(at: Place, settings: Settings) -> AsyncIterator[Routed]:
    """The server where one was named, else this machine."""
    if not at.server:
        yield Here(settings)
        return
    key = signins.kept(at.server) if at.key is None else at.key
    async with Client(at.server, key) as client:
        yield There(client)


@dataclass(frozen=True, slots=True)
class There:
    """A running server, by its admin API."""

    client: Client

    async def engines(self) -> Sequence[Plain]:
        return list((await self.client.admin("GET", "/engines"))["engines"])

    async def routes(self) -> Sequence[Plain]:
        return list((await self.client.admin("GET", "/routes"))["routes"])

    async def explain(self, question: Mapping[str, str]) -> Plain:
        return await self.client.admin("POST", "/routes:explain", question)

    async def test(self, engine: str, model: str) -> Sequence[Plain]:
        body = {"model": model} if model else {}
        found = await self.client.admin("POST", f"/engines/{engine}:probe", body)
        return [{"engine": engine, **each} for each in found["results"]]

    async def add(self, spec: Plain, before: str | None) -> Plain:
        body = spec | ({"before": before} if before else {})
        return await self.client.admin("POST", "/routes", body)

    async def remove(self, route: str) -> None:
        await self.client.admin("DELETE", f"/routes/{route}")


@dataclass(frozen=True, slots=True)
class Here:
    """The settings and the data folder; nothing is made there but by ``add``."""

    settings: Settings

    async def engines(self) -> Sequence[Plain]:
        table = self._table(await self.kept())
        return [shown.engine(spec) for spec in table.engines.values()]

    async def routes(self) -> Sequence[Plain]:
        rows = await self.kept()
        return [
            {**shown.route(route), "editable": route.id in rows.routes}
            for route in self._table(rows).routes
        ]

    async def explain(self, question: Mapping[str, str]) -> Plain:
        project = await self._project(question.get("project", ""))
        names, bound = (project.names, project.locations) if project else (frozenset(), ())
        asked = explain.read(question, projects=names, bound=bound)
        strict = self.settings.compatibility == "strict"
        found = explain.explain(asked, self._table(await self.kept()), strict=strict)
        return explain.plain(found)

    async def test(self, engine: str, model: str) -> Sequence[Plain]:
        folder = Folder(self.settings.data)
        made = local.staff(
            self.settings,
            folder,
            b"not for drawing!",
            kept=(await self.kept()).written,
            forgiving=True,
        )
        if engine in made.missing:
            why = made.missing[engine]
            found = Probed(engine=engine, key=0, model=model, kind="unusable", advice=why)
            return [{**asdict(found), "ok": False}]
        router = local.routed(made, self.settings)
        try:
            return [{**asdict(each), "ok": each.ok} for each in await probe(router, engine, model)]
        finally:
            await router.close()

    async def add(self, spec: Plain, before: str | None) -> Plain:
        async def make(connection: AsyncConnection, keyring: Keyring) -> Plain:
            names = self._table(await kept.read(connection, keyring)).engines
            read.route(spec, id="new", engines=sorted({*names, SKETCH.name}))
            made = await kept.add_route(connection, spec, before=before)
            await _record(connection, made, after=spec)
            table = self._table(await kept.read(connection, keyring))
            return shown.route(next(each for each in table.routes if each.id == made))

        async with self._opened() as (database, keyring), database.write() as connection:
            return await make(connection, keyring)

    async def remove(self, route: str) -> None:
        async with self._opened() as (database, keyring), database.write() as connection:
            before = (await kept.read(connection, keyring)).routes.get(route, {})
            await kept.delete_route(connection, route)
            await _record(connection, route, before=before)

    async def kept(self) -> Kept:
        """What the admin API made, as far as there is a data folder."""
        if not has_database(self.settings.data, self.settings.postgres):
            return Kept({}, {})
        async with self._opened() as (database, keyring), database.read() as connection:
            return await kept.read(connection, keyring)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Database, Keyring]]:
        async with opened(self.settings.data, self.settings.postgres) as (folder, database):
            yield database, await opened_keyring(self.settings, folder, database)

    async def _project(self, name: str) -> Project | None:
        if not name:
            return None
        if not has_database(self.settings.data, self.settings.postgres):
            raise NotFound(f"There is no data folder at {self.settings.data}, so no project.")
        async with self._opened() as (database, _), database.read() as connection:
            return await projects.find(connection, name)

    def _table(self, rows: Kept) -> Table:
        return local.table(self.settings, kept=rows.written).table


async def _record(
    connection: AsyncConnection,
    route: str,
    *,
    before: Mapping[str, Any] = _NOTHING,
    after: Mapping[str, Any] = _NOTHING,
) -> None:
    """Writes a change of a route into the audit log, as the admin API does."""
    await record(
        connection,
        actor=f"local:{user()}",
        action=Action.ROUTES_UPDATE.value,
        target=f"routes/{route}",
        before=before,
        after=after,
    )
