"""What may come in: how large a body is, how it is packed, and how it is read.

Bodies are read whole, but for uploads of files, which go to the disk as they come and have a limit
of their own.

Starlette has a body limit too, but it answers an announced length with a plain 413 of its own,
where Google's clients expect a 400 in Google's envelope. Ours is an error like any other.
"""

import re
from collections.abc import Awaitable, Mapping
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.core.errors import RequestTooLarge, UnsupportedParameter
from pisang.files.library import MAX_FILE
from pisang.surfaces.heads import heads

WHOLE: Final = "pisang.whole"
"""The extension of a server (in ASGI's scope) that hands a body on in one message, if it is called
before the body is received. Until then it may send empty ones."""

UPLOAD_BYTES: Final = MAX_FILE + 1_000_000  # a file, and the form around it
_NONE: Final[Mapping[str, Any]] = {}
_PLAIN: Final = frozenset({"", "identity"})
_UPLOADS: Final = re.compile(r"(?:/upload)?/v1(?:beta|alpha)?(?:/openai)?/files")


class BodyLimit:
    """Middleware: the body of a request is at most ``most`` bytes (that of an upload, as its path
    behind ``prefix`` shows, ``UPLOAD_BYTES``), and not compressed.

    Whoever reads the body gets ``RequestTooLarge``: by the announced length before a byte is read,
    else as soon as one byte too many has come; ``UnsupportedParameter`` for a compressed one.
    """

    def __init__(self, app: ASGIApp, *, most: int, prefix: str = "") -> None:
        self.app = app
        self.most = most
        self.prefix = prefix

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        size = 0

        async def counted() -> Message:
            nonlocal size
            if not size:
                headers = heads(scope)
                _check_packing(headers)
                self._check(scope, announced_size(headers) or 0)
            message = await receive()
            size += len(message.get("body", b""))
            self._check(scope, size)
            return message

        return self.app(scope, counted, send)

    def _check(self, scope: Scope, size: int) -> None:
        if size > self.most and size > (most := self._most(scope)):
            raise _too_large(most)

    def _most(self, scope: Scope) -> int:
        path = scope["path"].removeprefix(self.prefix)
        is_upload = scope["method"] == "POST" and _UPLOADS.fullmatch(path)
        return max(UPLOAD_BYTES, self.most) if is_upload else self.most


async def whole(request: Request) -> bytes:
    """The whole body. Not ``request.body()``, which keeps it as long as the request lives: while a
    picture is made, 100 MB of JSON are better forgotten."""
    if (gather := request.scope.get("extensions", _NONE).get(WHOLE)) is not None:
        gather()
    pieces, more = list[bytes](), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        if body := message.get("body"):
            pieces.append(body)
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def again(request: Request, body: bytes) -> Request:
    """The same request with its body, which was read, to be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)


def announced_size(headers: Mapping[str, str]) -> int | None:
    """The ``Content-Length`` of a body, where it was told."""
    said = headers.get("content-length", "")
    return int(said[:20]) if said.isascii() and said.isdecimal() else None


def file_size(request: Request) -> int | None:
    """The most bytes that a file in this body can have, so that room is kept for no more."""
    announced = announced_size(request.headers)
    return None if announced is None else min(announced, MAX_FILE)


def _check_packing(headers: Headers) -> None:
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in _PLAIN:
        raise UnsupportedParameter(
            f"Content-Encoding {encoding[:40]!r} is not supported: send the body uncompressed.",
            field="content-encoding",
        )


def _too_large(limit: int) -> RequestTooLarge:
    if limit >= UPLOAD_BYTES:
        return RequestTooLarge(f"Request payload size exceeds the limit: {limit} bytes a file.")
    return RequestTooLarge(
        f"Request payload size exceeds the limit: {limit} bytes. Send fewer or smaller pictures; "
        "the operator sets the limit with max_body_mb."
    )
