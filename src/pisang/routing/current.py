"""The routes of a running server, which follow what the admin API keeps in the database.

A change that came in here counts at once; one that another process made (another server on this
folder, the command line) within a second. Requests that are under way go on with the engines they
have (``Router.replace``).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.errors import PisangError, SettingsError
from pisang.engines.base import Engine
from pisang.routing import kept
from pisang.routing.kept import Kept
from pisang.routing.names import Names, names_of
from pisang.routing.read import Written
from pisang.routing.router import Router
from pisang.routing.table import Table
from pisang.store.database import Database
from pisang.store.keyring import Keyring

log = structlog.get_logger("pisang.routing")

T = TypeVar("T")
OFTEN: Final = 1.0  # seconds between two looks for changes of others


class Made(Protocol):
    """A table with its engines; ``missing`` says of an engine why it could not be built."""

    @property
    def table(self) -> Table: ...

    @property
    def members(self) -> Mapping[str, Sequence[Engine]]: ...

    @property
    def missing(self) -> Mapping[str, str]: ...


Build = Callable[[Written, Any], Made]
"""The table and its engines for what is kept; what the table before (None: there was none) has too,
is not built again."""


class Current:
    """What is kept, and the router that it is brought to. ``made`` is what the router has,
    ``keyring`` unseals what is kept."""

    def __init__(
        self,
        database: Database,
        router: Router,
        made: Made,
        *,
        rows: Kept,
        build: Build,
        keyring: Keyring | None = None,
    ) -> None:
        self.router = router
        self.made = made
        self.rows = rows
        self.keyring = keyring
        self._database = database
        self._build = build
        self._lock = asyncio.Lock()

    @classmethod
    async def opened(
        cls,
        database: Database,
        *,
        build: Build,
        routed: Callable[[Any], Router],
        keyring: Keyring | None = None,
    ) -> "Current":
        """Makes the router of a server that starts. Raises ``SettingsError``."""
        async with database.read() as connection:
            rows = await kept.read(connection, keyring)
        made = build(rows.written, None)
        return cls(database, routed(made), made, rows=rows, build=build, keyring=keyring)

    async def change(
        self, work: Callable[[AsyncConnection], Awaitable[T]], *, engines: Collection[str] = ()
    ) -> T:
        """Has ``work`` change the rows, and routes by them from now on. Nothing is changed where
        the new table, or one of ``engines``, could not serve: raises ``SettingsError``."""
        async with self._lock:
            async with self._database.write() as connection:
                done = await work(connection)
                rows = await kept.read(connection, self.keyring)
                made = self._build(rows.written, self.made)
                for name in engines:
                    if name in made.missing:
                        raise SettingsError(made.missing[name], field=f"engines.{name}")
            self._adopt(rows, made)
            return done

    async def refresh(self) -> bool:
        """Brings the router to what is kept; returns whether there was anything new."""
        async with self._lock:
            async with self._database.read() as connection:
                if await kept.revision(connection) == self.rows.revision:
                    return False
                rows = await kept.read(connection, self.keyring)
            before, self.rows = self.rows, rows  # if it is no good, it is not tried every second
            self._adopt(rows, self._build(rows.written, self.made))
            return rows != before

    async def names(self) -> Names:
        """The names of models and engines that there are at this moment."""
        await self.refresh()
        return names_of(self.router.table)

    @asynccontextmanager
    async def following(self, *, often: float = OFTEN) -> AsyncIterator[None]:
        """Follows the changes of others until the block is left."""
        task = asyncio.create_task(self._follow(often))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self, often: float) -> None:
        while True:
            await asyncio.sleep(often)
            try:
                if await self.refresh():
                    log.info("routes have changed", routes=len(self.router.table.routes))
            except PisangError as error:
                log.error("routes cannot be followed", why=error.message)

    def _adopt(self, rows: Kept, made: Made) -> None:
        self.rows, self.made = rows, made
        self.router.replace(made.table, made.members)
