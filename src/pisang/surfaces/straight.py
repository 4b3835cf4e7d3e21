"""The straight way of large answers: their middle goes to the caller's connection past all layers.

Middleware has something to say about the head of an answer and about its end, but nothing about the
megabytes between, which would go through five functions a piece all the same. A server that knows a
shorter way offers it as an extension of ASGI's scope (``cli/intake.py`` does).
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from starlette.types import Scope, Send

STRAIGHT: Final = "pisang.straight"
"""The extension of a server (in ASGI's scope): a ``Straight`` for this answer."""

_NONE: Final[Mapping[str, Any]] = {}


class Straight(Protocol):
    """The connection of one caller, for the middle of an answer whose length was told."""

    def put(self, chunk: bytes) -> bool:
        """Sends these bytes. False where nothing was done, and they have to go the usual way: the
        head was not sent, or they are the last, or there is no room."""
        ...

    def is_full(self) -> bool:
        """Whether the caller has to read before there is room for more."""
        ...


def straight(scope: Scope) -> Straight | None:
    """The straight way of this answer; None where the server knows none."""
    found: Straight | None = scope.get("extensions", _NONE).get(STRAIGHT)
    return found


async def passed(chunk: bytes, way: Straight | None, send: Send) -> None:
    """Sends a piece of an answer that is not its last, and waits for a caller who reads slowly
    before there is another one to hold."""
    if way is None or not way.put(chunk):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    elif way.is_full():
        await send({"type": "http.response.body", "body": b"", "more_body": True})
