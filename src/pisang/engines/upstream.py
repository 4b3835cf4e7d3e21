"""The manners of every engine that is somebody else's server: what they hear, what is handed on of
what they say, and how a failure is told.

``Client`` is what an engine uses: one for all members of an engine, since they talk to one host. An
answer of status 200 is a ``Passing``, whose chunks are the upstream's bytes as they come; anything
else is an ``UpstreamFault`` with what was seen. Nothing is tried twice here.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from pisang import __version__
from pisang.core.current import PASSED, TRACEPARENT
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import Passing, Piece, UpstreamFault
from pisang.engines.connection import Broke
from pisang.engines.pool import PATIENT, Patience, Pool, Reply
from pisang.engines.unpacking import Unpacked, beginning, coding_of, is_known
from pisang.wire.gemini.usage import SERVED_TIER
from pisang.wire.gemini.vertex import REQUEST_TYPE, SHARED_TYPE

ANSWER_HEADERS: Final[Mapping[str, str]] = {
    "content-type": "says how the body is to be read",
    SERVED_TIER: "the tier that served, which is the one that is paid",
    REQUEST_TYPE: "which throughput served",
    SHARED_TYPE: "the tier that served, on Vertex AI",
    "server-timing": "how much of the time was the upstream's",
    "openai-processing-ms": "the same, of OpenAI",
    "openai-version": "which version of the API answered",
}
"""Headers of an answer that mean something to a caller, and what. All others stay here: those of
the connection, of our account and its limits, and of the upstream's own house."""

CALLER_HEADERS: Final[Mapping[str, str]] = {
    REQUEST_TYPE: "asks for provisioned throughput, or for none",
    SHARED_TYPE: "asks for a service tier",
    "openai-beta": "asks for what OpenAI does not yet give to everyone",
}
"""Headers of a caller that an upstream hears, and why. No others go up: no credentials, cookies or
addresses; none of Google's own about params or a user project, which name things of the
caller's that are not ours; no ``idempotency-key``, by which two callers could get one answer."""

LOOP: Final = "cdn-loop"
"""The header (RFC 8586) by which a request that comes back is noticed."""

CALLER_QUERY: Final[Mapping[str, frozenset[str]]] = {"alt": frozenset({"sse", "json"})}
"""Query parameters that go up. ``fields`` would take away what is counted, ``$alt`` the words that
are read, and ``key`` is a credential."""

PATIENCE: Final = 600.0
"""Seconds for a picture, where the request has no deadline."""

PROBE: Final = 20.0
"""Seconds for a look whether an engine is there."""

_TRACEPARENT: Final = "traceparent"
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_AGENT: Final = f"pisang/{__version__}"
_MEDIA_TYPES: Final = ("text/event-stream", "application/octet-stream")  # the second tells nothing
_MOST_OF_AN_ERROR: Final = 1_000_000
_SECONDS_FOR_AN_ERROR: Final = 10.0
_SHORTEST_SECRET: Final = 8  # what is shorter would blank out words


@dataclass(slots=True, kw_only=True)
class Ask:
    """One request to an upstream. ``secrets`` are those that its answers must not show."""

    dialect: Dialect
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Sequence[Piece] = field(default=(), repr=False)
    method: str = "POST"
    seconds: float = 600
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Client:
    """Talks to one upstream. ``ca_file`` names authorities of the operator's own."""

    def __init__(self, *, ca_file: Path | None = None, patience: Patience = PATIENT) -> None:
        self._pool = Pool(patience=patience, ca_file=ca_file)

    async def forward(self, ask: Ask) -> Passing:
        """Asks, and hands on an answer of status 200. Raises ``UpstreamFault`` for any other."""
        reply = await self._ask(ask)
        if reply.status != 200 or (trouble := _trouble(reply)):
            kind = Broken.GARBLED if reply.status == 200 else None
            detail = trouble if reply.status == 200 else f"The upstream said HTTP {reply.status}."
            raise UpstreamFault(await _symptom(ask, reply, broken=kind, detail=detail))
        heard, length, chunks = reply.headers, reply.length, reply.chunks
        headers = {name: heard[name] for name in heard if name in ANSWER_HEADERS}
        if coding := coding_of(heard):
            broken = partial(garbled, ask.dialect, "The compressed answer cannot be unpacked.")
            length, chunks = None, Unpacked(chunks, coding, broken=broken)
        return Passing(headers, length, chunks, partial(starred, secrets=ask.secrets))

    async def fetch(self, ask: Ask) -> bytes:
        """Asks, and brings the whole body of an answer of status 200."""
        passing = await self.forward(ask)
        async with aclosing(passing.chunks) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def close(self) -> None:
        """Ends every connection; to be called once nobody uses it, and no harm if called twice."""
        await self._pool.close()

    async def _ask(self, ask: Ask) -> Reply:
        headers = {
            "user-agent": _AGENT,
            "accept-encoding": "identity",  # what is compressed cannot be looked through
            **ask.headers,
        }
        if passed := PASSED.get():
            headers[LOOP] = passed
        if span := TRACEPARENT.get():
            headers[_TRACEPARENT] = span
        try:
            return await self._pool.ask(
                ask.method,
                ask.url,
                headers=headers,
                body=ask.body,
                seconds=ask.seconds,
                told=partial(_fault, ask.dialect, ask.secrets),
            )
        except Broke as broke:
            raise _fault(ask.dialect, ask.secrets, broke) from None


def onward(headers: Mapping[str, str]) -> dict[str, str]:
    """What an upstream hears of a caller's headers (lower-case names)."""
    return {name: headers[name] for name in CALLER_HEADERS if name in headers}


def query(asked: Mapping[str, str]) -> str:
    """What an upstream gets of a caller's query, as the end of an address."""
    if not asked:
        return ""
    kept = [f"{name}={asked[name]}" for name, ok in CALLER_QUERY.items() if asked.get(name) in ok]
    return f"?{'&'.join(kept)}" if kept else ""


def time_left(seconds: float) -> dict[str, str]:
    """Tells Google's servers how long somebody will wait, in whole seconds: a little less, so that
    it is they who say that the time is over."""
    return {"x-server-timeout": str(max(1, int(seconds)))}


def server_at(url: str) -> tuple[str, int]:
    """The host and the port of an address."""
    address = urlsplit(url)
    return address.hostname or "", address.port or (80 if address.scheme == "http" else 443)


def starred(body: bytes, secrets: Sequence[str]) -> bytes:
    """A body without the secrets that it repeats."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            body = body.replace(secret.encode(), b"*" * 8)
    return body


def garbled(dialect: Dialect, detail: str, body: bytes = b"") -> UpstreamFault:
    """The fault of an answer that is whole and cannot be read."""
    return UpstreamFault(
        Symptom(
            dialect=dialect,
            status=200,
            body=body[:_MOST_OF_AN_ERROR],
            broken=Broken.GARBLED,
            detail=detail,
        )
    )


def _fault(
    dialect: Dialect,
    secrets: Sequence[str],
    broke: Broke,
    status: int | None = None,
    headers: Mapping[str, str] = NOTHING,
) -> UpstreamFault:
    return UpstreamFault(
        Symptom(
            dialect=dialect,
            status=status,
            headers=headers,
            broken=broke.kind,
            detail=_without_secrets(broke.detail, secrets),
        )
    )


def _trouble(reply: Reply) -> str:
    """Why an answer of status 200 is none, as far as its head says."""
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and "json" not in media_type and media_type not in _MEDIA_TYPES:
        return f"The upstream answered with {media_type[:80]}, which is neither JSON nor events."
    if not is_known(coding_of(reply.headers)):
        return "The upstream compressed its answer in a way that was not asked for."
    if reply.length == 0:
        return "The upstream's answer is empty."
    return ""


async def _symptom(ask: Ask, reply: Reply, *, broken: Broken | None, detail: str) -> Symptom:
    coding, packed = coding_of(reply.headers), await _beginning(reply)
    body = starred(beginning(packed, coding, most=_MOST_OF_AN_ERROR), ask.secrets)
    headers = {name: _without_secrets(value, ask.secrets) for name, value in reply.headers.items()}
    return Symptom(
        dialect=ask.dialect,
        status=reply.status,
        headers=headers,
        body=body,
        broken=broken,
        detail=detail,
    )


async def _beginning(reply: Reply) -> bytes:
    """The body of an error, as much of it as comes soon and is not too much."""
    found = bytearray()
    async with aclosing(reply.chunks) as chunks:
        with suppress(UpstreamFault, TimeoutError):
            async with asyncio.timeout(_SECONDS_FOR_AN_ERROR):
                async for chunk in chunks:
                    found += chunk
                    if len(found) > _MOST_OF_AN_ERROR:
                        break
    return bytes(found[:_MOST_OF_AN_ERROR])


def _without_secrets(text: str, secrets: Sequence[str]) -> str:
    return starred(text.encode(), secrets).decode()
