"""How a command reaches the admin API: at a server over HTTP, or in this process on the data folder
of this machine. Commands are written once, against the API, and do not know the difference.

What each way needs is imported only once it is chosen: the records load a database and a web
framework, and a server's client neither.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

import typer

from pisang.core.errors import NotFound

if TYPE_CHECKING:
    from pisang.client import Client

T = TypeVar("T")
Plain = dict[str, Any]

ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="PISANG_SERVER",
        metavar="URL",
        help="Ask this server; without it, the data folder of this machine.",
        show_default=False,
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        "--admin-key",
        envvar="PISANG_KEY",
        metavar="KEY",
        help="A key or token for --server, of somebody who may do this.",
        show_default=False,
    ),
]
AdminKeyOption = Annotated[
    str | None,
    typer.Option(
        "--admin-key",
        envvar="PISANG_KEY",
        metavar="KEY",
        help="A key or token for --server, of somebody who may do this.",
        show_default=False,
    ),
]
"""``KeyOption`` where ``--key`` means something else."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command was told to work, as its options have it."""

    server: str | None = None
    key: str | None = None
    data: Path | None = None
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin API at one place."""

    client: "Client"

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
    ) -> Plain:
        """Asks for one JSON object; what is None in ``body`` and ``query`` is not sent. Raises
        what ``Client.admin`` raises."""
        sent = None if body is None else given(body)
        asked = given(query or {})
        return await self.client.admin(
            method, f"{path}?{urlencode(asked, doseq=True)}" if asked else path, sent
        )

    async def listed(
        self, path: str, name: str, query: Mapping[str, object] | None = None
    ) -> list[Plain]:
        """All of a list, page by page."""
        found, token = list[Plain](), None
        while True:
            page = await self.ask("GET", path, query={**(query or {}), "page_token": token})
            found += page[name]
            token = page.get("next_page_token")
            if not token:
                return found


def run(at: Place, deed: Callable[[Admin], Awaitable[T]], *, there: bool = False) -> T:
    """Runs what a command has to ask. ``there`` refuses a data folder that does not exist yet: only
    what creates makes one, a mistyped folder must not look like one in which nothing is."""

    async def running() -> T:
        async with _client(at, there=there) as client:
            return await deed(Admin(client))

    return asyncio.run(running())


def ask(
    at: Place,
    method: str,
    path: str,
    body: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
    *,
    there: bool = True,
) -> Plain:
    """``run`` for one question."""
    return run(at, lambda admin: admin.ask(method, path, body, query), there=there)


def path(*names: str) -> str:
    """The path of a thing, behind ``/admin/v1``."""
    return "".join(f"/{quote(name, safe='')}" for name in names)


def given(fields: Mapping[str, object]) -> dict[str, object]:
    """What was said of some fields: those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


@asynccontextmanager
async def _client(at: Place, *, there: bool) -> AsyncIterator["Client"]:
    from pisang.client import Client

    if at.server:
        async with Client(at.server, at.key) as client:
            yield client
        return
    from pisang import journal
    from pisang.sources import load

    settings = load({"data": at.data}, config=at.config).settings
    if there and not settings.data.is_dir():
        raise NotFound(
            f"There is no data folder at {settings.data}. Check --data; `pisang serve` and "
            "`pisang keys create` make a new one."
        )
    journal.set_up(level="error", form="auto")
    async with _here(settings) as client:
        yield client


@asynccontextmanager
async def _here(settings: Any) -> AsyncIterator["Client"]:
    import getpass

    import httpx2

    from pisang.client import Client
    from pisang.surfaces.admin.in_process import application

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in a container
        user = "unknown"
    async with application(settings, user=user) as app:
        transport = httpx2.ASGITransport(app, client=("", 0))
        async with Client("http://127.0.0.1", None, transport=transport) as client:
            yield client
