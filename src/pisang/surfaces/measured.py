"""How a request is named to who watches the server: by surface and method, not by its address.

Addresses have as many forms as callers can think of; routes are few. What a route is called is
worked out once and remembered.
"""

import re
from typing import Final, NamedTuple

from starlette.routing import Route
from starlette.types import Scope

from pisang.core.errors import PisangError, RateLimited
from pisang.telemetry.metrics import OTHER
from pisang.telemetry.observer import TRACE, Observer
from pisang.telemetry.traces import RequestTrace

_SURFACES: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("probe", r"/(?:healthz|readyz|metrics)$"),
        ("admin", r"/admin/"),
        ("interactions", r".*/interactions"),
        ("openai", r"/v1/(?:images|chat|responses)|/\{layer\}|/\{version\}/openai"),
        ("files", r"(?:/upload|/download)?/(?:\{version\}|v1)/files"),
        ("vertex", r"/\{version\}/(?:projects|publishers)"),
        ("sign-in", r"/(?:token|revoke|oauth2|signin)"),
        ("gemini_api", r"/\{version\}/|/v1/models"),
        ("assets", r"/assets"),
    )
)
_BEFORE: Final = re.compile(
    r"/(?:(?:v1|\{version\}|\{layer\}|openai|admin|upload|download)(?:/|$))*"
    r"(?:projects/\{[^/]*\}/locations/\{[^/]*\}/)?(?:publishers/google/)?"
)


class Named(NamedTuple):
    """A route as labels have it. ``method`` is Google's verb where the address ends with one
    (``generateContent``), else HTTP's method and what the address is about."""

    surface: str
    method: str
    route: str


_NOWHERE: Final = Named(OTHER, OTHER, "")
_KNOWN: Final[dict[tuple[int, str], tuple[Route, Named]]] = {}


def named(scope: Scope) -> Named:
    """What a request was for, once it has been handled."""
    route = scope.get("route")
    if not isinstance(route, Route):
        return _NOWHERE
    at = id(route), scope["method"]
    found = _KNOWN.get(at)
    if found is None or found[0] is not route:
        found = _KNOWN[at] = route, _named(route, scope["method"])
    return found[1]


def _named(route: Route, method: str) -> Named:
    path = route.path_format
    surface = next((name for name, begins in _SURFACES if begins.match(path)), OTHER)
    _, colon, verb = path.rpartition("/")[2].rpartition(":")
    if colon and "{" not in verb:
        return Named(surface, verb, path)
    if method not in (route.methods or ()):
        return Named(surface, OTHER, path)
    return Named(surface, f"{method} {_BEFORE.sub('', path, count=1) or '/'}", path)


def begun(observer: Observer, scope: Scope, request_id: str) -> RequestTrace | None:
    """Begins the trace of a request, where somebody wants one."""
    if observer.traces is None:
        return None
    attributes = {
        "http.request.method": scope["method"],
        "url.path": scope["path"][:200],
        "url.scheme": scope.get("scheme", "http"),
        "pisang.request": request_id,
    }
    span = observer.traces.request(scope["method"], scope.get("headers", ()), attributes)
    trace = RequestTrace(observer.traces, span)
    TRACE.set(trace)
    return trace


def ended(
    observer: Observer, trace: RequestTrace | None, scope: Scope, status: int, seconds: float
) -> None:
    """Tells that a request was answered, or left."""
    if observer.meters is None and trace is None:
        return
    surface, method, route = named(scope)
    if observer.meters is not None:
        observer.meters.request(surface, method, status, seconds)
    if trace is not None:
        name = f"{scope['method']} {route}" if route else scope["method"]
        trace.end(name, status, {"http.route": route} if route else {})


def refused(observer: Observer, error: PisangError) -> None:
    """Tells why a request was not answered as its caller hoped."""
    if observer.meters is not None:
        limited = isinstance(error, RateLimited)
        observer.meters.refused(
            error.reason, error.metadata.get("dimension", "") if limited else ""
        )
