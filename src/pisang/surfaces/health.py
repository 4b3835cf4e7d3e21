"""``/healthz`` says that the process is alive, ``/readyz`` that it can make pictures."""

from collections.abc import Sequence
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import PisangError, StoreError
from pisang.surfaces.answers import Pieces
from pisang.surfaces.shared import shared
from pisang.wire import payload

_OK: Final = {"status": "ok"}
# Probes need no key, so they do not learn where the data folder lies; the log does.
_STORE: Final = "The database cannot be used; the log says why."
log = structlog.get_logger("pisang.health")


async def healthz(_: Request) -> Response:
    """200 as long as the process answers at all: a probe that fails means "restart it"."""
    return Pieces(payload.pieces(dict(_OK)))


async def readyz(request: Request) -> Response:
    """200 when a request would be served, else 503 with the reason: "send none for now"."""
    try:
        await shared(request).ready()
    except PisangError as error:
        log.error("not ready", why=error.message)
        reason = _STORE if isinstance(error, StoreError) else error.message
        body: dict[str, payload.Written] = {"status": "unavailable", "reason": reason}
        return Pieces(payload.pieces(body), status_code=503)
    return Pieces(payload.pieces(dict(_OK)))


ROUTES: Final[Sequence[Route]] = (Route("/healthz", healthz), Route("/readyz", readyz))
