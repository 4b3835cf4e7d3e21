"""Reads a body that is a few lines of JSON or a form. It stands by itself, so that one command that
asks the admin API in process loads nothing of what pictures need."""

from starlette.requests import Request

from pisang.core.errors import RequestTooLarge


async def small(request: Request, *, most: int = 1_000_000) -> bytes:
    """A body of which nobody needs more than ``most`` bytes. Raises ``RequestTooLarge``."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise RequestTooLarge(f"Request payload size exceeds the limit: {most} bytes.")
    return bytes(body)
