"""What may come in: how large a body is, how it is packed, and how it is read.

Starlette has a body limit too, but it answers an announced length with a plain 413 of its own,
where Google's clients expect a 400 in Google's envelope. Ours is an error like any other.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.core.errors import RequestTooLarge, UnsupportedParameter

_PLAIN: Final = frozenset({"", "identity"})


class BodyLimit:
    """Middleware: the body of a request is at most ``most`` bytes, and not compressed.

    Whoever reads the body gets ``RequestTooLarge``: by the announced length before a byte is read,
    else as soon as one byte too many has come; ``UnsupportedParameter`` for a compressed one.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, size = Headers(scope=scope), 0

        async def counted() -> Message:
            nonlocal size
            if not size:
                self._check(headers)
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.most:
                raise _too_large(self.most)
            return message

        await self.app(scope, counted, send)

    def _check(self, headers: Headers) -> None:
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in _PLAIN:
            raise UnsupportedParameter(
                f"Content-Encoding {encoding[:40]!r} is not supported: send the body uncompressed.",
                field="content-encoding",
            )
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self.most:
            raise _too_large(self.most)


async def whole(request: Request) -> bytes:
    """The whole body. Not ``request.body()``, which keeps it as long as the request lives: while a
    picture is made, 100 MB of JSON are better forgotten."""
    return b"".join([chunk async for chunk in request.stream()])


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Request payload size exceeds the limit: {limit} bytes. Send fewer or smaller pictures; "
        "the operator sets the limit with max_body_mb."
    )
