"""What every handler can reach: the gateway, the records, and whether the server can work.

It lies in the application's ``state``, so that routes are plain constants that documentation reads
without opening a database.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from pisang.gateway import Gateway
from pisang.store.database import Database

Check = Callable[[], Awaitable[None]]
"""Raises a ``PisangError`` that says why not."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the composition root opened; ``ready`` is asked by the readiness probe."""

    gateway: Gateway
    database: Database
    ready: Check


def shared(request: Request) -> Shared:
    """The things of the application that a request came to."""
    found: Shared = request.app.state.shared
    return found
