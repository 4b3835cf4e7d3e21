"""What every handler can reach: the gateway, the records, and whether the server can work.

It lies in the application's ``state``, so that routes are plain constants that documentation reads
without opening a database.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from pisang.accounts.known import Known
from pisang.accounts.uses import Uses
from pisang.faults.order import Turns
from pisang.files.uploads import Uploads
from pisang.gateway import Gateway
from pisang.routing.current import Current
from pisang.settings import Settings
from pisang.signin.people import SignIn
from pisang.store.blobs import Blobs
from pisang.store.buckets import Buckets
from pisang.store.database import Database
from pisang.surfaces.loops import new_mark
from pisang.telemetry.observer import Observer
from pisang.works import Works

Check = Callable[[], Awaitable[None]]
"""Raises a ``PisangError`` that says why not."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the composition root opened; ``ready`` is asked by the readiness probe, ``secret`` is
    the signing key (of links that this server gives out, among others), ``works`` what is being
    made for callers who may have left, ``turns`` counts requests that order faults, ``observer`` is
    told what happens, ``limits`` is asked where a Valkey counts limits, ``mark`` is put on requests
    to upstreams, so that one that comes back here is noticed."""

    gateway: Gateway
    database: Database
    known: Known
    uses: Uses
    signin: SignIn
    blobs: Blobs
    buckets: Buckets
    uploads: Uploads
    settings: Settings
    secret: bytes
    ready: Check
    routes: Current
    observer: Observer = field(default_factory=Observer)
    limits: Check | None = None
    works: Works = field(default_factory=Works)
    turns: Turns = field(default_factory=Turns)
    mark: str = field(default_factory=new_mark)


def origin(request: Request) -> str:
    """The address of this server as its callers know it, with the prefix and no slash at its end:
    the ``public_url`` setting, else the one that this caller used."""
    settings = shared(request).settings
    if settings.public_url:
        return settings.public_url
    return f"{request.url.scheme}://{request.url.netloc}{settings.prefix}"


def shared(request: Request) -> Shared:
    """The things of the application that a request came to."""
    found: Shared = request.app.state.shared
    return found
