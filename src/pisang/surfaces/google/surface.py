"""What Google's two surfaces share: one set of handlers, and a value that says which surface it is.

The Gemini Developer API and Vertex AI have the same methods with the same bodies. What differs is
data (``GEMINI`` in gemini.py, ``VERTEX`` in vertex.py): the addresses, whose project an address may
name, what only one of them reads and writes. docs/decisions/0012-vertex-as-a-difference.md.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.contextvars import bind_contextvars

from pisang.catalog.models import Surface
from pisang.core.caller import Caller
from pisang.core.errors import FailedPrecondition, MalformedRequest
from pisang.core.events import fold
from pisang.core.ids import new_id
from pisang.core.request import GenerateRequest
from pisang.gateway import Answer, Via
from pisang.surfaces.answers import JSON, SSE, Pieces, stream, unless_gone
from pisang.surfaces.asking import caller_of, deadline_of, either, parsed, served_by
from pisang.surfaces.bodies import whole
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import shared
from pisang.wire.gemini import request, response, tokens
from pisang.wire.gemini.schema import Variant

POST: Final = ("POST",)


def _as_sent(_: Request, asked: GenerateRequest) -> GenerateRequest:
    return asked


def _no_headers(_: Answer) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Google:
    """One of Google's surfaces.

    ``welcome`` raises where an address is none of this caller's. ``parent`` is what stands before
    the model in its full name. ``as_headers_say`` puts what only headers of this surface say into
    the request; ``tier_header`` is how its answers tell the served tier in a header.
    """

    surface: Surface
    variant: Variant
    default_version: str
    welcome: Callable[[Request, Caller], None]
    parent: Callable[[Request], str]
    as_headers_say: Callable[[Request, GenerateRequest], GenerateRequest] = _as_sent
    tier_header: Callable[[Answer], Mapping[str, str]] = _no_headers

    async def caller(self, call: Request) -> Caller:
        """The verified caller, who may use this address. Call it before the body is read.

        Raises an ``AdmissionError``.
        """
        caller = await caller_of(call)
        self.welcome(call, caller)
        return caller

    def via(self, call: Request, method: str = "generateContent") -> Via:
        """The door by which this request came, for the gateway."""
        return Via(
            surface=self.surface,
            api_version=str(call.path_params.get("version", self.default_version)),
            method=method,
            parent=self.parent(call),
        )

    def model(self, call: Request) -> str:
        """The id of the model in the address."""
        return str(call.path_params["model"])

    async def generate_content(self, call: Request) -> Response:
        """A picture in one answer."""
        created = datetime.now(UTC)
        asked, got = await self._admitted(call)
        async with aclosing(got.events):
            result = await unless_gone(call, fold(got.events))
        pieces = response.pieces(
            result,
            response_id=new_id("rsp"),
            include_thoughts=asked.thinking.include_thoughts,
            service_tier=got.tier,
            variant=self.variant,
            created=created,
        )
        return Pieces(pieces, headers=self._headers(got))

    async def stream_generate_content(self, call: Request) -> Response:
        """A picture as it comes about: server-sent events, or one JSON array."""
        created, sse = datetime.now(UTC), _is_sse(call.query_params)
        asked, got = await self._admitted(call)
        values = response.chunks(
            got.events,
            response_id=new_id("rsp"),
            include_thoughts=asked.thinking.include_thoughts,
            service_tier=got.tier,
            variant=self.variant,
            created=created,
            prompt=got.prompt,
        )
        frames = response.as_sse(noted(values)) if sse else response.as_json_array(noted(values))
        media_type = SSE if sse else JSON
        return await stream(call, frames, media_type=media_type, headers=self._headers(got))

    async def count_tokens(self, call: Request) -> Response:
        """What a prompt counts as; nothing is drawn."""
        caller = await self.caller(call)
        body = await whole(call)
        model = self.model(call)
        asked = await parsed(body, lambda: tokens.decode(body, model=model, variant=self.variant))
        bind_contextvars(model=model)
        via = self.via(call, "countTokens")
        counting = shared(call).gateway.count_tokens(caller, asked, via=via)
        counted = await unless_gone(call, counting)
        return Pieces([tokens.encode(counted, asked, variant=self.variant)])

    async def cached_contents(self, call: Request) -> Response:
        """Nothing: image models read no cached contents, so none are kept."""
        await self.caller(call)
        raise FailedPrecondition(
            "Cached contents are not supported: image models do not read them. Send the contents "
            "themselves with each request."
        )

    async def _admitted(self, call: Request) -> tuple[GenerateRequest, Answer]:
        caller = await self.caller(call)
        body = await whole(call)
        model, deadline, variant = self.model(call), deadline_of(call.headers), self.variant
        asked = await parsed(
            body, lambda: request.decode(body, model=model, deadline=deadline, variant=variant)
        )
        asked = self.as_headers_say(call, asked)
        admitted = shared(call).gateway.generate(caller, asked, via=self.via(call))
        got = await unless_gone(call, admitted)
        bind_contextvars(model=got.card.id)
        return asked, got

    def _headers(self, got: Answer) -> Mapping[str, str]:
        return {**self.tier_header(got), **served_by(got.card.id, got.notice)}


def nothing_cached(address: str, google: Google) -> Sequence[Route]:
    """The addresses of cached contents below ``address``, which all say that there are none."""
    return [
        Route(
            f"{address}/cachedContents{rest}",
            google.cached_contents,
            methods=("GET", "POST", "PATCH", "DELETE"),
            include_in_schema=False,
        )
        for rest in ("", "/{rest:path}")
    ]


def _is_sse(query: Mapping[str, str]) -> bool:
    asked = either(query, "alt", "$alt") or "json"
    form = asked.partition(";")[0].lower()  # "json;enum-encoding=int": we always answer names
    if form not in ("json", "sse"):
        raise MalformedRequest(
            f"Invalid value at 'alt', \"{asked[:40]}\". Use alt=sse for server-sent events or "
            "alt=json for one JSON array.",
            field="alt",
        )
    return form == "sse"
