"""Whatever is raised becomes an answer: Starlette's layers for that, in one.

Starlette's own wrap each request and each message that is sent once more; this one costs next to
nothing until something is raised. What nobody has an answer for is the outermost layer's business.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Handler = Callable[[Request, Exception], Awaitable[Response]]
"""Answers an exception."""


class Raised:
    """Middleware, the innermost: asks who has an answer for an exception, and sends it."""

    def __init__(self, app: ASGIApp, *, handlers: Mapping[type[Exception], Handler]) -> None:
        self.app = app
        self.handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        def outwards(message: Message) -> Awaitable[None]:
            nonlocal begun
            begun = True
            return send(message)

        try:
            await self.app(scope, receive, outwards)
        except Exception as error:
            handler = self._handler(error)
            if handler is None or begun:
                raise
            response = await handler(Request(scope, receive, outwards), error)
            await response(scope, receive, outwards)

    def _handler(self, error: Exception) -> Handler | None:
        kinds = (kind for kind in type(error).__mro__ if kind in self.handlers)
        return next((self.handlers[kind] for kind in kinds), None)


class Layers(Starlette):
    """Starlette with the middleware it was given, and no other."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = self.router.app  # which has no middleware of its own
        for kind, args, kwargs in reversed(self.user_middleware):
            app = kind(app, *args, **kwargs)
        return app
