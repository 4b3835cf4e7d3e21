"""Faults on demand at the door: who may ask for one, and what becomes of the answer.

An error is answered right here (``Ordered``), in the caller's dialect. Any other fault goes on as
``Caller.fault`` to the gateway, whose engine for faults makes the answer; spoiling.py sees to its
way out. Nothing is charged and no upstream is asked. Only addresses that make pictures have faults.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from pisang.core.caller import Allowance, Caller
from pisang.core.current import bind
from pisang.core.errors import PermissionDenied
from pisang.faults import telling
from pisang.faults.catalogue import HEADER
from pisang.faults.fault import ErrorFault, Order
from pisang.faults.order import read
from pisang.faults.telling import FailedCall
from pisang.surfaces.answers import Pieces
from pisang.surfaces.bodies import whole
from pisang.surfaces.dialects import Dialect, dialect_of
from pisang.surfaces.shared import shared

ADDRESS: Final = re.compile(
    r".*(?:(?P<generate>:(?:generate|streamGenerate)Content)|:predict"
    r"|(?P<interactions>/interactions(?:Http)?)"
    r"|/images/(?:generations|edits|variations)|/chat/completions|/responses)"
)
"""The addresses that make pictures."""

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
    bind(fault=order.name)
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
    failed, headers = _failed(call, dialect, ordered.body), dict[str, str]()
    status, told = fault.status, telling.google(fault, failed, value)
    if fault.page:
        return Response(fault.page, status_code=status, headers={"content-type": _HTML})
    if dialect is Dialect.OPENAI and settings.openai_errors == "google":
        return _said(status, [told], headers)
    if dialect is Dialect.OPENAI:
        status, told = telling.openai(fault, failed, value)
        if value is not None:
            headers["retry-after"] = str(max(1, round(value)))
    elif status == 401:
        headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    elif dialect is Dialect.GEMINI and (status >= 500 or status == 429):
        headers |= _TIER
    if _is_interactions(call):
        told = telling.interactions(fault, failed, value)
    return _said(status, told, headers)


def _said(status: int, told: object, headers: Mapping[str, str]) -> Response:
    return Pieces([telling.printed(told)], status_code=status, headers=headers)


def _failed(call: Request, dialect: Dialect, body: bytes) -> FailedCall:
    named = call.path_params
    model = str(named.get("model", "")) or _model_in(body)
    parent = ""
    if "project" in named:
        parent = f"projects/{named['project']}/locations/{named['location']}/"
    query = call.query_params
    method = str(call.scope["path"]).rpartition(":")[2]
    return FailedCall(
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
    return ADDRESS.fullmatch(_path(call))


def _is_interactions(call: Request) -> bool:
    found = _address(call)
    return found is not None and found["interactions"] is not None


def _dialect(call: Request) -> Dialect:
    return dialect_of(_path(call), call.headers, call.query_params)
