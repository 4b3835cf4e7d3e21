"""Who asks a server for a change: the principal that a credential stands for."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from structlog.contextvars import bind_contextvars

from pisang.accounts import principals
from pisang.accounts.known import Known
from pisang.accounts.principals import Principal
from pisang.admission.authenticate import authenticate
from pisang.settings import Settings


def by_credential(known: Known, settings: Settings) -> Callable[[Request], Awaitable[Principal]]:
    """Tells the principal of a request by its API key or its access token."""

    async def who(call: Request) -> Principal:
        caller = await authenticate(
            known, call.headers, call.query_params, public_url=settings.public_url
        )
        bind_contextvars(key=caller.key_id)
        async with known.database.read() as connection:
            return await principals.of_caller(connection, caller)

    return who
