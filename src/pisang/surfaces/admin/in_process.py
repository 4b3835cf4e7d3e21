"""The admin API for one command on this machine: the same handlers, on the data folder, without a
server. Who runs it can read the folder, so they are the operator.

What a handler raises reaches the command as it is: there is no wire to write it on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request

from pisang.accounts import principals
from pisang.accounts.first import ensure_default_project
from pisang.accounts.principals import Principal
from pisang.settings import Settings
from pisang.store.folder import signing_key
from pisang.store.open import opened
from pisang.surfaces.admin.records import Records
from pisang.surfaces.admin.table import RECORDS


@asynccontextmanager
async def application(settings: Settings, *, user: str) -> AsyncIterator[Starlette]:
    """The ASGI application over the records of a data folder, opened and at the end closed;
    ``user`` is who runs the command. Raises ``StoreError``."""
    operator = principals.local(user)

    async def who(_: Request) -> Principal:
        return operator

    async with opened(settings.data) as (folder, database):
        await ensure_default_project(database)
        secret = settings.signing_key
        app = Starlette(routes=list(RECORDS))
        app.state.records = Records(
            database=database,
            settings=settings,
            secret=secret.get_secret_value().encode() if secret else signing_key(folder),
            who=who,
        )
        yield app
