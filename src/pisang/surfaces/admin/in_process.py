"""The admin API for one command on this machine: the same handlers, on the data folder, without a
server. Who runs it can read the folder, so they are the operator.

What a handler raises reaches the command as it is: there is no wire to write it on.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Router
from starlette.types import Message

from pisang.accounts import principals
from pisang.accounts.first import ensure_default_project
from pisang.accounts.principals import Principal
from pisang.core.current import REQUEST
from pisang.core.errors import NotFound
from pisang.core.ids import new_id
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import signing_key
from pisang.store.open import opened
from pisang.surfaces.admin.records import Records

if TYPE_CHECKING:
    from pisang.routing.names import Names

Ask = Callable[[str, str, Mapping[str, object] | None], Awaitable[bytes]]
"""Asks by a method, a path behind ``/admin/v1`` with its query, and a body; has the answer."""


_PACKAGE: Final = "pisang.surfaces.admin"
MODULES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "projects": ("projects",),
        "keys": ("keys",),
        "service-accounts": ("service_accounts",),
        "members": ("members",),
        "users": ("users",),
        "limits": ("limits",),
        "budgets": ("budgets",),
        "usage": ("usage",),
        "ledger": ("ledger", "ledger_checks"),
        "hooks": ("hooks",),
        "audit": ("audit",),
    }
)
"""Noun -> the modules that have its routes, which are loaded when it is asked for: a command needs
one of them, and they together need half a second."""


@asynccontextmanager
async def asking(settings: Settings, *, user: str) -> AsyncIterator[Ask]:
    """The admin API over the records of a data folder, opened and at the end closed; ``user`` is
    who runs the command. Raises ``StoreError``."""
    operator = principals.local(user)

    async def who(_: Request) -> Principal:
        return operator

    async with opened(settings.data, settings.postgres) as (folder, database):
        await ensure_default_project(database)
        secret = settings.signing_key
        app = Starlette()
        app.state.records = Records(
            database=database,
            settings=settings,
            secret=secret.get_secret_value().encode() if secret else signing_key(folder),
            who=who,
            names=partial(_names, settings, database),
        )

        async def ask(method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
            return await _asked(app, _router(path), method, f"/admin/v1{path}", body)

        yield ask


async def _names(settings: Settings, database: Database) -> "Names":
    """What there is to be named, which few commands have to know."""
    found: Names = await import_module(f"{_PACKAGE}.here").names(settings, database)
    return found


def _router(path: str) -> Router:
    """The routes of the noun with which a path begins."""
    noun = re.split(r"[/:?]", path.removeprefix("/"), maxsplit=1)[0]
    modules = MODULES.get(noun, ())
    return Router([each for name in modules for each in import_module(f"{_PACKAGE}.{name}").ROUTES])


async def _asked(
    app: Starlette, router: Router, method: str, address: str, body: Mapping[str, object] | None
) -> bytes:
    """Calls the handler of an address, with nothing between."""
    path, _, query = address.partition("?")
    sent = b"" if body is None else json.dumps(body).encode()
    got, request_id = bytearray(), new_id("req")
    REQUEST.set(request_id)

    async def receive() -> Message:
        return {"type": "http.request", "body": sent, "more_body": False}

    async def send(message: Message) -> None:
        got.extend(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},  # nobody listens for who leaves
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"content-type", b"application/json")],
        "client": None,
        "server": None,
        "state": {"request_id": request_id},
        "app": app,
    }
    try:
        await router(scope, receive, send)
    except HTTPException as error:
        raise NotFound(f"{method} {address} is not served: {error.detail}.") from error
    return bytes(got)
