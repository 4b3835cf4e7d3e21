"""What Google's two surfaces share: one set of handlers, and a value that says which surface it is.

The Gemini Developer API and Vertex AI have the same methods with the same bodies. What differs is
data (``GEMINI`` in gemini.py, ``VERTEX`` in vertex.py): the addresses, whose project an address may
name, what only one of them reads and writes. docs/decisions/0012-vertex-as-a-difference.md.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.authenticate import CREDENTIAL_PARAMETERS
from pisang.admission.via import Via
from pisang.catalog.models import Surface
from pisang.core.caller import Caller
from pisang.core.current import bind
from pisang.core.errors import FailedPrecondition, MalformedRequest
from pisang.core.events import fold
from pisang.core.ids import new_id
from pisang.core.request import GenerateRequest
from pisang.core.upstream import Dialect
from pisang.gateway import Answer
from pisang.lanes.verbatim import Outgoing, Relayed, Sent
from pisang.surfaces.answers import JSON, SSE, Pieces, UnlessGone, stream, unless_gone
from pisang.surfaces.asking import (
    caller_of,
    deadline_of,
    either,
    is_unusual,
    made_by,
    parsed,
    peeked,
)
from pisang.surfaces.bodies import whole
from pisang.surfaces.refusals import noted
from pisang.surfaces.relaying import relayed
from pisang.surfaces.shared import shared
from pisang.telemetry.observer import STREAMS, asks
from pisang.wire import faults
from pisang.wire.cut import Cut
from pisang.wire.gemini import request, response, tokens
from pisang.wire.gemini.crossing import at_standard, cross, renamed
from pisang.wire.gemini.inlining import inlined
from pisang.wire.gemini.peek import peek
from pisang.wire.gemini.schema import Variant
from pisang.wire.gemini.signatures import without_ours
from pisang.wire.gemini.tap import Tap

POST: Final = ("POST",)


def _as_sent(_: Request, asked: GenerateRequest) -> GenerateRequest:
    return asked


def for_upstreams(query: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters of an address that an upstream should hear: all but credentials. The form of
    an answer, which has several spellings, is passed on as ``alt``."""
    if not query:
        return {}
    heard = {name: value for name, value in query.items() if name not in CREDENTIAL_PARAMETERS}
    form = _form(query)
    return heard | {"alt": form} if form else heard


def _no_headers(_: Answer) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Google:
    """One of Google's surfaces.

    ``welcome`` raises where this caller may not use an address. ``parent`` is what stands before
    the model in its full name. Where headers may name the service tier, ``as_headers_say`` checks
    them and puts the tier into the request, for engines of ours; ``tier_of`` only reads it, for an
    upstream that gets the headers and judges them itself. ``tier_header`` is the header by which an
    answer tells the tier that served it.
    """

    surface: Surface
    variant: Variant
    default_version: str
    welcome: Callable[[Request, Caller], None]
    parent: Callable[[Request], str]
    as_headers_say: Callable[[Request, GenerateRequest], GenerateRequest] = _as_sent
    tier_of: Callable[[Request, GenerateRequest], GenerateRequest] = _as_sent
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
        return _via(self.surface, self.version(call), method, self.parent(call))

    def version(self, call: Request) -> str:
        """The API version in the address."""
        return str(call.path_params.get("version", self.default_version))

    def model(self, call: Request) -> str:
        """The id of the model in the address."""
        return str(call.path_params["model"])

    async def generate_content(self, call: Request) -> Response:
        """A picture in one answer."""
        created = datetime.now(UTC)
        got = await self._admitted(call, "generateContent")
        if isinstance(got, Relayed):
            return self._relayed(got)
        asked, answer = got
        async with aclosing(answer.events):
            result = await unless_gone(call, fold(answer.events))
        pieces = response.pieces(
            result,
            response_id=new_id("rsp"),
            include_thoughts=asked.thinking.include_thoughts,
            service_tier=answer.tier,
            variant=self.variant,
            created=created,
        )
        return Pieces(pieces, headers=self._headers(answer))

    async def stream_generate_content(self, call: Request) -> Response:
        """A picture as it comes about: server-sent events, or one JSON array."""
        created, sse = datetime.now(UTC), _is_sse(call.query_params)
        asks(STREAMS)
        got = await self._admitted(call, "streamGenerateContent")
        if isinstance(got, Relayed):
            return self._relayed(got)
        asked, answer = got
        values = response.chunks(
            answer.events,
            response_id=new_id("rsp"),
            include_thoughts=asked.thinking.include_thoughts,
            service_tier=answer.tier,
            variant=self.variant,
            created=created,
            prompt=answer.prompt,
        )
        frames = response.as_sse(noted(values)) if sse else response.as_json_array(noted(values))
        return await stream(
            call,
            frames,
            media_type=SSE if sse else JSON,
            headers=lambda: self._headers(answer),
        )

    async def count_tokens(self, call: Request) -> Response:
        """What a prompt counts as; nothing is drawn."""
        caller = await self.caller(call)
        body = await whole(call)
        model, via = self.model(call), self.via(call, "countTokens")
        gateway = shared(call).gateway
        bind(model=model)
        if gateway.relays(Dialect.GEMINI):
            sent = await peeked(body, lambda found: self._sent(call, found, "countTokens"))
            got = await unless_gone(call, gateway.relay(caller, sent, via=via))
            if isinstance(got, Relayed):
                return self._relayed(got)
        asked = await parsed(body, lambda: tokens.decode(body, model=model, variant=self.variant))
        counting = gateway.count_tokens(caller, asked, via=via)
        counted = await unless_gone(call, counting)
        return Pieces([tokens.encode(counted, asked, variant=self.variant)])

    async def cached_contents(self, call: Request) -> Response:
        """Nothing: image models read no cached contents, so none are kept."""
        await self.caller(call)
        raise FailedPrecondition(
            "Cached contents are not supported: image models do not read them. Send the contents "
            "themselves with each request."
        )

    async def _admitted(
        self, call: Request, method: str
    ) -> tuple[GenerateRequest, Answer] | Relayed:
        """Has the request admitted: first as a body to be passed on, where an engine speaks this
        dialect, then as a request that is read here."""
        caller = await self.caller(call)
        body = await whole(call)
        model, deadline, variant = self.model(call), deadline_of(call.headers), self.variant
        gateway, via = shared(call).gateway, self.via(call)
        rest = None
        if gateway.relays(Dialect.GEMINI):
            sent = await peeked(body, lambda found: self._sent(call, found, method))
            with UnlessGone(call.receive):
                got = await gateway.relay(caller, sent, via=via)
            if isinstance(got, Relayed):
                return got
            rest = got
        asked = await parsed(
            body, lambda: request.decode(body, model=model, deadline=deadline, variant=variant)
        )
        asked = self.as_headers_say(call, asked)
        admitted = gateway.generate(caller, asked, via=via, rest=rest)
        answer = await unless_gone(call, admitted)
        bind(model=answer.card.id)
        return asked, answer

    def _sent(
        self,
        call: Request,
        body: bytes | Cut,
        method: str,
        headers: Mapping[str, str] | None = None,
    ) -> Sent:
        """The body for an upstream of Google's, of either surface. ``headers`` are the call's."""
        headers = call.headers if headers is None else headers
        seen = peek(
            body, model=self.model(call), variant=self.variant, deadline=deadline_of(call.headers)
        )

        def written(for_vertex: bool, model: str) -> Outgoing:
            if for_vertex == (self.surface == "vertex"):
                return renamed(seen.cut, model=model), headers
            self.as_headers_say(call, seen.request)  # raises for what has no word over there
            return cross(
                seen.cut,
                to_vertex=for_vertex,
                headers=headers,
                model=model,
                method=method,
            )

        def for_google() -> Sent | None:
            resigned = without_ours(seen.cut)
            return (
                None if resigned is seen.cut.body else self._sent(call, resigned, method, headers)
            )

        def standard() -> Sent:
            plain, said = at_standard(seen.cut, headers)
            sent = self._sent(call, plain, method, said)
            return replace(sent, asked=replace(sent.asked, service_tier=None))

        return Sent(
            dialect=Dialect.GEMINI,
            method=method,
            asked=self.tier_of(call, seen.request),
            trouble=seen.trouble,
            written=written,
            tap=None if method == "countTokens" else Tap,
            version=self.version(call),
            query=for_upstreams(call.query_params),
            inlined=lambda files: self._sent(call, inlined(seen.cut, files), method, headers),
            unusual=is_unusual(seen.cut),
            for_google=for_google,
            at_standard=standard,
        )

    def _relayed(self, got: Relayed) -> Response:
        return relayed(got, lambda error: faults.google(error, vertex=self.surface == "vertex")[1])

    def _headers(self, got: Answer) -> Mapping[str, str]:
        return {**self.tier_header(got), **made_by(got)}


@lru_cache(maxsize=256)
def _via(surface: Surface, version: str, method: str, parent: str) -> Via:
    return Via(surface=surface, api_version=version, method=method, parent=parent)


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
    form = _form(query)
    if form not in ("", "json", "sse"):
        raise MalformedRequest(
            f"Invalid value at 'alt', \"{form[:40]}\". Use alt=sse for server-sent events or "
            "alt=json for one JSON array.",
            field="alt",
        )
    return form == "sse"


def _form(query: Mapping[str, str]) -> str:
    """The form that an answer is to have. Of "json;enum-encoding=int" the end counts for nothing:
    we always answer names."""
    return (either(query, "alt", "$alt") or "").partition(";")[0].lower()
