"""Whatever is raised, as an answer in its dialect's envelope: handlers for ``Raised`` to ask.

An address that almost fits is a person's mistake with a base URL, so a 404 names the mistake.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Final, TypeVar

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pisang.core.current import bind, bound
from pisang.core.errors import (
    BalanceExhausted,
    BudgetExhausted,
    EngineBillingStopped,
    EngineError,
    EngineFailed,
    EngineMisconfigured,
    Fault,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    PisangError,
    StoreError,
    StoreUnavailable,
)
from pisang.surfaces import faults as on_demand
from pisang.surfaces import measured
from pisang.surfaces.answers import Pieces
from pisang.surfaces.dialects import Dialect, dialect_of
from pisang.surfaces.hints import hint
from pisang.surfaces.raised import Handler
from pisang.surfaces.shared import shared
from pisang.wire import faults, payload
from pisang.wire.oauth import oauth
from pisang.wire.openai.faults import openai

T = TypeVar("T")
log = structlog.get_logger("pisang.requests")

_LATER: Final = 10.0  # seconds until a store that cannot be used for now is worth another try
# OpenAI's clients would try these again, and they do not pass by themselves.
_NO_RETRY: Final = (EngineBillingStopped, EngineMisconfigured, BalanceExhausted, BudgetExhausted)


def handlers(prefix: str) -> Mapping[type[Exception], Handler]:
    """Who answers which exception; ``prefix`` is the path before every route, for hints."""
    return {
        PisangError: refused,
        on_demand.Ordered: on_demand.answer,
        HTTPException: partial(not_served, prefix=prefix),
    }


async def refused(request: Request, error: Exception) -> Response:
    """What pisang raises on purpose."""
    assert isinstance(error, PisangError)
    tell_log(error)
    measured.refused(shared(request).observer, error)
    error = _for_strangers(error, _id(request))
    as_list = _as_list(request) or _came_as_list(request, error)
    return envelope(error, dialect=_dialect(request), as_list=as_list)


async def noted(values: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Hands on the values of a stream. What fails after the first goes into the log here, and is
    raised as callers may see it: it becomes the last frame of an answer that began well, so nobody
    else refuses it."""
    begun = False
    async with aclosing(values):
        try:
            async for value in values:
                begun = True
                yield value
        except PisangError as error:
            if not begun:
                raise
            tell_log(error)
            name = str(bound().get("request", "unknown"))
            raise _for_strangers(error, name) from error.__cause__


async def not_served(request: Request, error: Exception, *, prefix: str) -> Response:
    """What Starlette raises: no route, a wrong method, a form that cannot be read."""
    assert isinstance(error, HTTPException)
    told: PisangError
    if error.status_code == 404:
        told = NotFound(hint(request.method, request.scope["path"], prefix))
    elif error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        told = MethodNotAllowed(
            f"{request.method} is not served at this address; send {allowed}.",
            metadata={"allowed": allowed},
        )
    else:
        told = MalformedRequest(error.detail)
    return await refused(request, told)


async def defect(request: Request, _: Exception) -> Response:
    """A bug. The server logs its trace (``Door`` raises it again); the caller gets an id."""
    told = EngineFailed(
        f"A defect of pisang: its log explains it under request {_id(request)}. Please report it."
    )
    headers = {"x-request-id": _id(request)}
    return envelope(told, headers, dialect=_dialect(request), as_list=_as_list(request))


def envelope(
    error: PisangError,
    headers: Mapping[str, str] | None = None,
    *,
    dialect: Dialect = Dialect.GEMINI,
    as_list: bool = False,
) -> Response:
    """An error as the answer that Google, or OpenAI, would give; ``as_list`` is the form of
    Google's OpenAI layer, whatever the dialect."""
    if dialect is Dialect.OPENAI and not as_list:
        status, body = openai(error)
    elif dialect is Dialect.OAUTH:
        status, body = oauth(error)
    else:
        status, body = faults.google(error, vertex=dialect is Dialect.VERTEX)
    said = {**(headers or {}), **_headers(error, status, dialect)}
    pieces = payload.pieces([body] if as_list else body)
    return Pieces(pieces, status_code=status, headers=said)


def _headers(error: PisangError, status: int, dialect: Dialect) -> Mapping[str, str]:
    said = dict[str, str]()
    if error.retry_after is not None:
        said["retry-after"] = str(faults.whole_seconds(error.retry_after))
    if dialect is Dialect.OPENAI and isinstance(error, _NO_RETRY):
        said["x-should-retry"] = "false"
    if isinstance(error, MethodNotAllowed):
        said["allow"] = error.allowed
    if status == 401 and dialect is not Dialect.OPENAI and not isinstance(error, EngineError):
        said["www-authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    return said


def _dialect(request: Request) -> Dialect:
    path = request.scope["path"].removeprefix(shared(request).settings.prefix)
    return dialect_of(path, request.headers, request.query_params)


def _as_list(request: Request) -> bool:
    asked = shared(request).settings.openai_errors == "google"
    return asked and _dialect(request) is Dialect.OPENAI


def _came_as_list(request: Request, error: PisangError) -> bool:
    """Whether an upstream's refusal of a stream came as Google's arrays of answers do."""
    original = error.original if isinstance(error, EngineError) else None
    streams = request.scope["path"].endswith(":streamGenerateContent")
    return streams and original is not None and original.body.lstrip().startswith(b"[")


def _for_strangers(error: PisangError, request: str) -> PisangError:
    """The error as callers may see it: what the operator is told of the store names folders, which
    are nobody else's business."""
    if not isinstance(error, StoreError):
        return error
    why = f"its log says why under request {request}"
    if isinstance(error, StoreUnavailable):
        return StoreUnavailable(
            f"The server cannot use its data folder or database for now; {why}. Try again later.",
            retry_after=_LATER,
        )
    return StoreError(f"The server cannot use its data folder or database; {why}.")


def tell_log(error: PisangError) -> None:
    """The log learns what the caller is not told."""
    bind(error=error.reason)
    if isinstance(error, StoreError):
        log.error("store", why=error.message)
    elif error.__cause__ is not None and error.fault is Fault.OURS:
        log.error("failed", exc_info=error.__cause__)


def _id(request: Request) -> str:
    return str(getattr(request.state, "request_id", "unknown"))
