"""The outermost middleware: each request gets an id, a tidy path and one line in the log.

Neither keys nor bodies are ever logged; a path is logged without its query. What handlers want to
have in that line (and in all others of this request) they bind (``core/current.py``).
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Sequence
from logging import DEBUG, INFO
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.core import current
from pisang.core.errors import EngineUnavailable
from pisang.core.ids import new_id
from pisang.surfaces import measured
from pisang.surfaces.raised import Handler
from pisang.surfaces.refusals import envelope
from pisang.telemetry.observer import Observer

Header = tuple[bytes, bytes]

log = structlog.get_logger("pisang.requests")

CLIENT_LEFT: Final = 499  # only in the log: there is nobody to send it to
_SLASHES: Final = re.compile(r"/{2,}")
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_EVERY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"private, no-store"),
)


class Door:
    """Middleware: id, log line, and the headers that every answer has unless it sets its own.
    ``defect`` answers an exception that nothing inside has answered, which is then raised again;
    ``observer`` is told of every request."""

    def __init__(self, app: ASGIApp, *, defect: Handler, observer: Observer) -> None:
        self.app = app
        self.defect = defect
        self.observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = 0, time.perf_counter()
        request_id = scope.setdefault("state", {})["request_id"] = new_id("req")
        current.begin(request_id)
        trace = measured.begun(self.observer, scope, request_id)
        if trace is not None:
            current.bind(trace_id=trace.id)

        def outwards(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _added(message["headers"], request_id)
            return send(message)

        try:
            await self.app(scope, receive, outwards)
        except ClientDisconnect:
            status = status or CLIENT_LEFT
        except asyncio.CancelledError:
            if not status:
                stopping = EngineUnavailable("The server is shutting down. Try again.")
                await envelope(stopping)(scope, receive, outwards)
            raise
        except Exception as error:
            if not status:
                status = 500
                response = await self.defect(Request(scope), error)
                await response(scope, receive, send)
            raise
        finally:
            seconds = time.perf_counter() - began
            measured.ended(self.observer, trace, scope, status, seconds)
            _write(scope, status, seconds * 1000)


class TidyPath:
    """Middleware: doubled and trailing slashes do not matter."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and ("//" in scope["path"] or scope["path"].endswith("/")):
            return self._tidied(scope, receive, send)
        return self.app(scope, receive, send)

    async def _tidied(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
        tidy = {**scope, "path": path}
        try:
            await self.app(tidy, receive, send)
        finally:
            scope["route"] = tidy.get("route")  # for the door, whose metrics name it


def _added(headers: Sequence[Header], request_id: str) -> list[Header]:
    """The headers of an answer, with those that every answer has."""
    own = {name for name, _ in headers}
    every = ((b"x-request-id", request_id.encode()), *_EVERY)
    return [*headers, *[one for one in every if one[0] not in own]]


def _write(scope: Scope, status: int, milliseconds: float) -> None:
    level = DEBUG if scope["path"] in _PROBES else INFO
    if not log.is_enabled_for(level):
        return  # nobody reads it
    log.log(
        level,
        "request",
        method=scope["method"],
        path=_shown(scope["path"]),
        status=status,
        ms=round(milliseconds, 1),
    )


def _shown(path: str) -> str:
    """A path for the log: printable, and not endless."""
    path = path[:200]
    if path.isprintable():
        return path
    return "".join(letter if letter.isprintable() else "?" for letter in path)
