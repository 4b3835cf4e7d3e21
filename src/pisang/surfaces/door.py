"""The outermost room: every request comes in here, and no exception gets out.

It tidies the path (mount prefix, doubled and trailing slashes), gives the request an id, turns
whatever is raised into Google's envelope and writes one log line. Neither keys nor bodies are ever
logged; a path is logged without its query.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from pisang.core.errors import (
    EngineFailed,
    EngineUnavailable,
    Fault,
    NotFound,
    PisangError,
    StoreError,
)
from pisang.surfaces.http import Exchange, Gone, answer, exchange
from pisang.wire import faults, payload

log = structlog.get_logger("pisang.requests")

Handler = Callable[[Exchange], Awaitable[None]]
CLIENT_LEFT: Final = 499  # only in the log: there is nobody to send it to
_SLASHES: Final = re.compile(r"/{2,}")
_ALWAYS: Final = frozenset({"/healthz", "/readyz"})  # for probes, which know no prefix


def door(handler: Handler, *, prefix: str = "") -> ASGIApp:
    """Wraps the handler of all requests as an ASGI application."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        call = exchange(scope, receive, send)
        began = time.perf_counter()
        try:
            scope["path"] = _tidy(call.path, prefix)
            await _handle(handler, call)
        finally:
            _write(call, (time.perf_counter() - began) * 1000)

    return app


def _tidy(path: str, prefix: str) -> str:
    """The path as routes know it; one outside of the mount prefix stays and finds no route."""
    path = _SLASHES.sub("/", path)
    path = path.rstrip("/") or "/"
    if not prefix or path in _ALWAYS:
        return path
    if path == prefix or path.startswith(f"{prefix}/"):
        return path[len(prefix) :] or "/"
    return f"/outside{path}"


async def _handle(handler: Handler, call: Exchange) -> None:
    try:
        await handler(call)
    except Gone:
        call.status = call.status or CLIENT_LEFT
    except PisangError as error:
        await _refuse(call, error)
    except asyncio.CancelledError:
        await _refuse(call, EngineUnavailable("The server is shutting down. Try again."))
        raise
    except Exception:
        log.exception("defect", request=call.id, path=_shown(call.path))
        await _refuse(
            call,
            EngineFailed(
                f"A defect of pisang: its log explains it under request {call.id}. "
                "Please report it."
            ),
        )


async def _refuse(call: Exchange, error: PisangError) -> None:
    call.notes["error"] = error.reason
    if isinstance(error, StoreError):
        log.error("store", request=call.id, why=error.message)
        error = StoreError(
            f"The server cannot use its database; its log says why under request {call.id}."
        )  # the sentence for the operator names folders, which are nobody else's business
    elif error.__cause__ is not None and error.fault is Fault.OURS:
        log.error("failed", request=call.id, error=error.reason, exc_info=error.__cause__)
    if call.status:  # the answer had begun: all that is left is to end it early
        return
    status, body = faults.google(error)
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = error.allowed
        status = 405
    await answer(call, payload.pieces(body), status=status, headers=headers)


class MethodNotAllowed(NotFound):
    """There is something at this address, but not with this method (HTTP 405)."""

    def __init__(self, allowed: str, method: str) -> None:
        super().__init__(f"{method} is not served at this address; send {allowed}.")
        self.allowed = allowed


def _write(call: Exchange, milliseconds: float) -> None:
    tell = log.debug if call.path in _ALWAYS else log.info
    tell(
        "request",
        method=call.method,
        path=_shown(call.path),
        status=call.status,
        ms=round(milliseconds, 1),
        request=call.id,
        **call.notes,
    )


def _shown(path: str) -> str:
    """A path for the log: printable, and not endless."""
    return "".join(letter if letter.isprintable() else "?" for letter in path[:200])
