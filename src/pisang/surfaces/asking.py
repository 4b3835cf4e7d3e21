"""What every handler of a Google surface does first: who asks, for which model, until when."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from starlette.requests import Request

from pisang.admission.authenticate import authenticate
from pisang.core.caller import Caller
from pisang.core.current import bind
from pisang.faults.catalogue import HEADER
from pisang.gateway import Answer
from pisang.routing.router import Served
from pisang.surfaces import faults, loops
from pisang.surfaces.answers import header_text
from pisang.surfaces.shared import shared
from pisang.surfaces.visitors import check_visit
from pisang.wire.cut import Cut, cut_soon
from pisang.wire.payload import has_more

T = TypeVar("T")

_BIG: Final = 1_000_000  # bytes from which parsing would hold up everyone else
_UNUSUAL: Final = 20_000_000  # bytes; Google's own limit of a request with pictures inside
_MANY: Final = 20_000  # bytes that may hold so many objects that it matters
_SOON: Final = 64_000  # bytes between pictures that are looked through in a moment
_LONGEST_WAIT: Final = 86_400.0


async def caller_of(call: Request) -> Caller:
    """The verified caller. Call it before the body is read: strangers may not make us read 100 MB.

    Raises an ``AdmissionError``, ``LoopDetected``, and what ``faults.ordered`` does for who asked
    for a fault.
    """
    inside = shared(call)
    loops.mark(call, inside.mark)
    caller = await authenticate(
        inside.known,
        call.headers,
        call.query_params,
        public_url=inside.settings.public_url,
    )
    settings = inside.settings
    check_visit(call, caller, prefix=settings.prefix, proxies=settings.trusted_proxies)
    inside.uses.note(caller.key_id)
    bind(key=caller.key_id)
    if not caller.fault and HEADER not in call.headers:
        return caller  # nobody orders one
    return await faults.ordered(call, caller)


async def parsed(body: bytes, parse: Callable[[], T]) -> T:
    """Parses a body, a large one in a thread."""
    return await asyncio.to_thread(parse) if len(body) > _BIG else parse()


async def peeked(body: bytes, peek: Callable[[bytes | Cut], T]) -> T:
    """Looks into a body that is to be sent on, an unusual one in a thread. Where that is quickly
    done, ``peek`` gets it with its pictures cut out."""
    found = (len(body) <= _UNUSUAL and cut_soon(body, most=_SOON)) or body
    return await asyncio.to_thread(peek, found) if is_unusual(found) else peek(found)


def is_unusual(body: bytes | Cut) -> bool:
    """Whether looking into it may take a second: it has very many small things in it and not a few
    pictures, or is larger than any request that Google takes."""
    whole, read = (body.body, body.skeleton) if isinstance(body, Cut) else (body, body)
    return len(whole) > _UNUSUAL or (len(read) > _MANY and has_more(read, b"{", than=_MANY // 10))


def deadline_of(headers: Mapping[str, str]) -> float | None:
    """``X-Server-Timeout`` in seconds; one that is no sensible number counts as not sent."""
    said = headers.get("x-server-timeout")
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        return None
    return seconds if 0 < seconds <= _LONGEST_WAIT else None


def either(query: Mapping[str, str], *names: str) -> str | None:
    """A parameter that has more than one spelling."""
    return next((query[name] for name in names if name in query), None)


def served_by(model: str, notice: str | None, served: Served | None = None) -> Mapping[str, str]:
    """Headers: which model really serves, and why where it is not the one asked for; by which
    engine, and at which attempt where it was not the first."""
    headers = {"x-pisang-model": header_text(model)}
    if notice:
        headers["x-pisang-notice"] = header_text(notice)
    if served is not None:
        headers["x-pisang-engine"] = served.engine
        if len(served.attempts) > 1:
            headers["x-pisang-attempts"] = str(len(served.attempts))
    return headers


def made_by(answer: Answer) -> Mapping[str, str]:
    """``served_by`` of an answer whose first event is there."""
    return served_by(answer.model, answer.notice, answer.served)
