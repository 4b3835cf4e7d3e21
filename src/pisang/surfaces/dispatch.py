"""Finds the handler of an address, and remembers where it was.

Starlette asks one route after another: a hundred regular expressions in the worst case. What they
find depends on nothing but the method and the path, of which few different ones ever come.
"""

from collections.abc import Awaitable, Callable, Sequence
from inspect import iscoroutinefunction
from typing import Any, Final, cast

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Lifespan, Receive, Scope, Send

from pisang.surfaces.heads import heads

MOST: Final = 1_000
"""Addresses that are remembered; one more, and all are forgotten."""
_LONGEST: Final = 200  # letters of a path that is worth it
_NO_QUERY: Final = QueryParams()

Handler = Callable[[Request], Awaitable[Response]]
Found = tuple[Handler, dict[str, Any]]
"""Who answers, and what of the address they are told."""


class Call(Request):
    """Starlette's request, with the headers that middleware has taken apart already."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self._headers = heads(scope)
        if not scope.get("query_string"):
            self._query_params = _NO_QUERY


class Dispatch(Router):
    """Starlette's router, with a memory for addresses that have a handler."""

    def __init__(
        self, routes: Sequence[BaseRoute], *, lifespan: Lifespan[Any] | None = None
    ) -> None:
        super().__init__(routes, redirect_slashes=False, lifespan=lifespan)
        self._known: dict[tuple[str, str], Found] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the handler; what it raises is answered by whoever is outside."""
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        address = scope["method"], scope["path"]
        found = self._known.get(address)
        if found is None:
            found = self._found(scope)
            if found is None:  # an address that is not served, or a part of another router
                await super().app(scope, receive, send)
                return
            if len(self._known) >= MOST:
                self._known.clear()
            if len(scope["path"]) <= _LONGEST:
                self._known[address] = found
        handler, told = found
        scope.update(told)
        response = await handler(Call(scope, receive, send))
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> Found | None:
        for route in self.routes:
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                if isinstance(route, Route) and iscoroutinefunction(route.endpoint):
                    told = {**child_scope, "route": route}
                    return cast(Handler, route.endpoint), told
                return None
        return None
