"""How a command reaches the admin API: at a server over HTTP, or in this process on the data folder
of this machine. Commands are written once, against the API, and do not know the difference.

What each way needs is imported only once it is chosen: the records load a database and a web
framework, and a server's client neither.
"""

import asyncio
import getpass
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import typer

from pisang.cli import signins
from pisang.cli.place import Place
from pisang.core.errors import EngineGarbled, MissingCredential, NotFound

T = TypeVar("T")
Plain = dict[str, Any]
Ask = Callable[[str, str, Mapping[str, object] | None], Awaitable[bytes]]
"""Asks by a method, a path behind ``/admin/v1`` with its query, and a body; has the answer."""


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin API at one place."""

    _ask: Ask

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
        answer = await self._ask(method, _address(path, query), sent)
        try:
            return dict(json.loads(answer))
        except ValueError as error:
            message = "The server answered with no JSON; is it a pisang?"
            raise EngineGarbled(message) from error

    async def text(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """Asks for a text, as CSV."""
        return (await self._ask("GET", _address(path, query), None)).decode()

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


def run(at: Place, work: Callable[[Admin], Awaitable[T]], *, there: bool = False) -> T:
    """Runs the work of a command that asks the admin API. ``there`` refuses a data folder that does
    not exist yet: only a command that creates something makes one, since a mistyped folder must not
    look like an empty one."""

    async def running() -> T:
        async with _asking(at, there=there) as ask:
            return await work(Admin(ask))

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


async def in_home(there: Admin, at: str, body: Plain) -> Plain:
    """Makes something in the project that ``body`` names; a new one is made, and the person told of
    it, because it may have been meant otherwise."""
    try:
        return await there.ask("POST", at, body)
    except NotFound as error:
        if error.field != "project":
            raise
        await there.ask("POST", "/projects", {"name": body["project"]})
        typer.echo(f"{error.message} Made the project {body['project']!r}.", err=True)
        return await there.ask("POST", at, body)


async def check_within(there: Admin, owner: str, project: str | None, what: str) -> None:
    """Raises ``NotFound`` for a thing of another project than the one that narrows a command."""
    if project is not None:
        found = await there.ask("GET", path("projects", project))
        if found["name"] != owner:
            raise NotFound(f"There is no such {what} in project {found['name']!r}.")


def _address(path: str, query: Mapping[str, object] | None) -> str:
    asked = given(query or {})
    return f"{path}?{urlencode(asked, doseq=True)}" if asked else path


def path(*names: str) -> str:
    """The path of a thing, behind ``/admin/v1``."""
    return "".join(f"/{quote(name, safe='')}" for name in names)


def notices(answer: Plain) -> list[str]:
    """What a person should know of what was done as they said it."""
    return list(answer.get("notices", ()))


def given(fields: Mapping[str, object]) -> dict[str, object]:
    """What was said of some fields: those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


@asynccontextmanager
async def _asking(at: Place, *, there: bool) -> AsyncIterator[Ask]:
    if at.is_server and at.server:
        from pisang.client import Client

        key = signins.kept(at.server) if at.key is None else at.key
        if key is None:
            raise MissingCredential(
                f"You are not signed in at {at.server}: `pisang login EMAIL --server {at.server}`, "
                "or give --admin-key KEY."
            )
        async with Client(at.server, key) as client:
            yield client.admin_bytes
        return
    from pisang.cli.records import settings_of
    from pisang.surfaces.admin.in_process import asking

    async with asking(settings_of(at.data, at.config, there=there), user=user()) as ask:
        yield ask


def user() -> str:
    """Who runs this command, as the audit log names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in a container
        return "unknown"
