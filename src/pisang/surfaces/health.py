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
# Probes need no key, so they do not learn where the data folder or the database lies, which what
# the log says begins with; only what is wrong with it, where the store knows that.
_STORE: Final = "The database cannot be used; the log says why."
_BEHIND: Final = (
    "Secrets are encrypted under a master key that this server was not told: it goes on as it was, "
    "and follows no change of engines, routes and web hooks until it is started with that key."
)
log = structlog.get_logger("pisang.health")


async def healthz(_: Request) -> Response:
    """200 as long as the process answers at all: a probe that fails means "restart it"."""
    return Pieces(payload.pieces(dict(_OK)))


async def readyz(request: Request) -> Response:
    """200 when a request would be served, else 503 with the reason: "send none for now". What an
    operator has to mend though requests are served is a warning, since all servers may need it."""
    try:
        await shared(request).ready()
    except PisangError as error:
        log.error("not ready", why=error.message)
        body: dict[str, payload.Written] = {"status": "unavailable", "reason": reason(error)}
        return Pieces(payload.pieces(body), status_code=503)
    keyring = shared(request).routes.keyring
    warned: dict[str, payload.Written] = (
        {"warnings": [_BEHIND]} if keyring and keyring.behind else {}
    )
    return Pieces(payload.pieces({**_OK, **warned}))


def reason(error: PisangError) -> str:
    """Why a server is not ready, for whoever asks."""
    if not isinstance(error, StoreError):
        return error.message
    return error.obstacle.value if error.obstacle else _STORE


ROUTES: Final[Sequence[Route]] = (Route("/healthz", healthz), Route("/readyz", readyz))
