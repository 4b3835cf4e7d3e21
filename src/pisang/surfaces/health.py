"""``/healthz`` says that the process is alive, ``/readyz`` that it can make pictures."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from pisang.core.errors import PisangError, StoreError
from pisang.surfaces.http import Exchange, answer
from pisang.wire import payload

Check = Callable[[], Awaitable[None]]
"""Raises a ``PisangError`` that says why not."""

_OK: Final = {"status": "ok"}
# Probes need no key, so they do not learn where the data folder lies; the log does.
_STORE: Final = "The database cannot be used; the log says why."
log = structlog.get_logger("pisang.health")


async def healthz(call: Exchange) -> None:
    """200 as long as the process answers at all: a probe that fails means "restart it"."""
    await answer(call, payload.pieces(dict(_OK)))


async def readyz(call: Exchange, check: Check) -> None:
    """200 when a request would be served, else 503 with the reason: "send none for now"."""
    try:
        await check()
    except PisangError as error:
        log.error("not ready", why=error.message)
        reason = _STORE if isinstance(error, StoreError) else error.message
        body: dict[str, payload.Written] = {"status": "unavailable", "reason": reason}
        await answer(call, payload.pieces(body), status=503)
        return
    await answer(call, payload.pieces(dict(_OK)))
