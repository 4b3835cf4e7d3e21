"""Faults on demand at the door: who may ask for one, and what becomes of the answer.

An error is answered right here (``Ordered``), in the caller's dialect. Any other fault goes on as
``Caller.fault`` to the gateway, whose engine for faults makes the answer; it is spoiled on its way
out by the middleware ``Faults``. Nothing is charged and no upstream is asked. Only addresses that
make pictures have faults.
"""

import asyncio
import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from pisang.core.caller import Allowance, Caller
from pisang.core.errors import PermissionDenied
from pisang.faults import errors, transport
from pisang.faults.catalogue import HEADER
from pisang.faults.errors import Place
from pisang.faults.fault import Cut, ErrorFault, Order, Play, TransportFault, Wait
from pisang.faults.fault import Send as SendBytes
from pisang.faults.order import read
from pisang.faults.reshaping import reshaped
from pisang.surfaces.answers import JSON, Pieces, unless_gone
from pisang.surfaces.bodies import whole
from pisang.surfaces.dialects import Dialect, dialect_of
from pisang.surfaces.shared import shared

_ADDRESS: Final = re.compile(
    r".*(?:(?P<generate>:(?:generate|streamGenerate)Content)|:predict"
    r"|(?P<interactions>/interactions(?:Http)?)"
    r"|/images/(?:generations|edits|variations)|/chat/completions|/responses)"
)
_MODEL: Final = re.compile(rb'"model"\s*:\s*"(?:models/)?([\w.+-]{1,100})"')
_SEARCHED: Final = 1_000_000
_DEFAULT_MODEL: Final = "gemini-3.1-flash-image"
_HTML: Final = "text/html; charset=UTF-8"
_TIER: Final = {"x-gemini-service-tier": "standard"}


class Ordered(Exception):
    """An error that was asked for, to be answered as if it were Google's."""

    def __init__(self, order: Order, fault: ErrorFault, body: bytes) -> None:
        super().__init__(fault.name)
        self.order = order
        self.fault = fault
        self.body = body


async def ordered(call: Request, caller: Caller) -> Caller:
    """The caller, whose ``fault`` is that of this very request (empty: none).

    Raises ``PermissionDenied`` and ``UnsupportedParameter`` for a header that may not be sent or
    cannot be read, and ``Ordered`` for an error, once the body was read.
    """
    sent = call.headers.get(HEADER)
    text = caller.fault if sent is None else sent
    if not text:
        return caller
    if sent is not None and Allowance.FAULTS not in caller.allowed:
        raise PermissionDenied(
            f"You may not ask for faults ({HEADER}). Whoever runs the server allows it: "
            f"{_cure(caller)}"
        )
    order = read(text)
    wanted = bool(order.chosen) and call.method == "POST" and _address(call) is not None
    if not wanted or not shared(call).turns.strikes(caller.key_id, text, order):
        return replace(caller, fault="")
    call.state.fault = order
    bind_contextvars(fault=order.name)
    if order.error is not None:
        raise Ordered(order, order.error, await whole(call))
    return replace(caller, fault=order.name)


def _cure(caller: Caller) -> str:
    if caller.key_id.startswith("key_"):
        return f"pisang keys update {caller.key_id} --allow faults"
    project = caller.project_name or caller.project_id  # a service account has no allowances
    return f"pisang projects update {project} --fault NAME, for all who belong to this project."


async def answer(call: Request, ordered: Exception) -> Response:
    """An error that was ordered, in the dialect of the address: Starlette's exception handler."""
    assert isinstance(ordered, Ordered)
    fault, value = ordered.fault, ordered.order.value(ordered.fault)
    settings, dialect = shared(call).settings, _dialect(call)
    place, headers = _place(call, dialect, ordered.body), dict[str, str]()
    status, told = fault.status, errors.google(fault, place, value)
    if fault.page:
        return Response(fault.page, status_code=status, headers={"content-type": _HTML})
    if dialect is Dialect.OPENAI and settings.openai_errors == "google":
        return _said(status, [told], headers)
    if dialect is Dialect.OPENAI:
        status, told = errors.openai(fault, place, value)
        if value is not None:
            headers["retry-after"] = str(max(1, round(value)))
    elif status == 401:
        headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    elif dialect is Dialect.GEMINI and (status >= 500 or status == 429):
        headers |= _TIER
    if _is_interactions(call):
        told = errors.interactions(fault, place, value)
    return _said(status, told, headers)


def _said(status: int, told: object, headers: Mapping[str, str]) -> Response:
    return Pieces([errors.printed(told)], status_code=status, headers=headers)


def _place(call: Request, dialect: Dialect, body: bytes) -> Place:
    named = call.path_params
    model = str(named.get("model", "")) or _model_in(body)
    parent = ""
    if "project" in named:
        parent = f"projects/{named['project']}/locations/{named['location']}/"
    query = call.query_params
    method = str(call.scope["path"]).rpartition(":")[2]
    return Place(
        model=model,
        version=str(named.get("version", "v1beta")),
        method=method if method.isalpha() else "generateContent",
        vertex=dialect is Dialect.VERTEX,
        name=f"{parent}publishers/google/models/{model}",
        lists_details="enum-encoding=int" in query.get("$alt", query.get("alt", "")),
    )


def _model_in(body: bytes) -> str:
    found = _MODEL.search(body, 0, _SEARCHED) or _MODEL.search(body, max(0, len(body) - 10_000))
    return found[1].decode() if found else _DEFAULT_MODEL


def _path(call: Request) -> str:
    return str(call.scope["path"]).removeprefix(shared(call).settings.prefix)


def _address(call: Request) -> re.Match[str] | None:
    return _ADDRESS.fullmatch(_path(call))


def _is_interactions(call: Request) -> bool:
    found = _address(call)
    return found is not None and found["interactions"] is not None


def _dialect(call: Request) -> Dialect:
    return dialect_of(_path(call), call.headers, call.query_params)


@dataclass(slots=True)
class _Answer:
    """A whole answer that was held back."""

    start: Message | None = None
    chunks: list[bytes] = field(default_factory=list)

    def body(self, headers: Headers) -> bytes:
        whole = b"".join(self.chunks)
        return gzip.decompress(whole) if headers.get("content-encoding") == "gzip" else whole


class Faults:
    """Middleware, the innermost: an answer that was ordered with a fault is held back until it is
    whole, put into Google's form, and sent as the fault has it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state, held = scope.setdefault("state", {}), _Answer()

        async def outwards(message: Message) -> None:
            if "fault" not in state:
                await send(message)
            elif message["type"] == "http.response.start":
                held.start = message
            else:
                held.chunks.append(message.get("body", b""))

        await self.app(scope, receive, outwards)
        if held.start is not None:
            playing = _play(state["fault"], held.start, held, path=scope["path"], send=send)
            await unless_gone(Request(scope, receive), playing)


async def _play(order: Order, start: Message, held: _Answer, *, path: str, send: Send) -> None:
    """Sends the answer as it was ordered. Raises ``ClientDisconnect`` to cut the connection: the
    server closes one whose answer is not complete."""
    headers = Headers(raw=start["headers"])
    kind, body = headers.get("content-type", JSON), held.body(headers)
    found = _ADDRESS.fullmatch(path)
    if found and found["generate"] and (start["status"] == 200 or _breaks(order)):
        body = await asyncio.to_thread(reshaped, kind, body, partial(_changed, order))
    play = transport.play(kind, body)
    for one in order.chosen:
        if isinstance(one.fault, TransportFault):
            play = one.fault.spoil(play, order.value(one.fault) or 0.0)
    await asyncio.sleep(play.before)
    await send({**start, "headers": list(_headers(headers, play, order))})
    for step in play.steps:
        match step:
            case SendBytes(data):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Cut():
                raise ClientDisconnect
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _breaks(order: Order) -> bool:
    return order.answer is not None and order.answer.name == "error-in-stream"


def _changed(order: Order, tree: dict[str, Any]) -> dict[str, Any]:
    fault = order.answer
    return fault.reshape(tree, order.value(fault) or 0.0) if fault else tree


def _headers(headers: Headers, play: Play, order: Order) -> Iterable[tuple[bytes, bytes]]:
    ours = {"content-length", "content-type", "content-encoding"}
    yield from (
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
        if name not in ours
    )
    yield b"content-type", play.content_type.encode()
    yield HEADER.encode(), order.name.encode()
    if play.length is not None:
        yield b"content-length", str(play.length).encode()
