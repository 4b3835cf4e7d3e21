"""What every handler of the admin API does first and last: who asks, what they sent, what comes
back."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from pisang.core.caller import Allowance
from pisang.core.errors import MalformedRequest, PermissionDenied, SettingsError
from pisang.surfaces.answers import Pieces
from pisang.surfaces.asking import caller_of
from pisang.surfaces.bodies import small
from pisang.wire import payload

Handler = Callable[[Request], Awaitable[Response]]

_MOST_BYTES: Final = 100_000


async def admit(call: Request) -> None:
    """Lets nobody in but a key that may do this. Call it before anything is read or told.

    Raises an ``AdmissionError``.
    """
    caller = await caller_of(call)
    if Allowance.ADMIN not in caller.allowed:
        raise PermissionDenied(
            "This key may not change or see engines and routes. Who runs this server can let it: "
            f"pisang keys update {caller.key_id} --allow admin."
        )


async def sent(call: Request) -> dict[str, Any]:
    """The JSON object of a body. Raises ``MalformedRequest``."""
    return payload.read_object(await small(call, most=_MOST_BYTES) or b"{}")


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Pieces(payload.pieces(value), status_code=status)


def told(handler: Handler) -> Handler:
    """The handler, whose ``SettingsError`` is the caller's: it is about what they have sent."""

    async def handled(call: Request) -> Response:
        await admit(call)
        try:
            return await handler(call)
        except SettingsError as error:
            raise MalformedRequest(error.message, field=error.field) from error

    handled.__doc__ = handler.__doc__
    handled.__name__ = handler.__name__
    return handled


def text(fields: Mapping[str, Any], name: str) -> str:
    """A text of a body or a query; empty where it is not there. Raises ``MalformedRequest``."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise MalformedRequest(f"{name} must be a text.", field=name)
    return value.strip()
