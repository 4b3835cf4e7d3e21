"""The Gemini Developer API surface: ``/v1``, ``/v1beta`` and ``/v1alpha`` (contract, section 1)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from pisang.admission.authenticate import authenticate
from pisang.core.caller import Caller
from pisang.core.errors import MalformedRequest, NotFound
from pisang.core.events import Event, fold
from pisang.core.ids import new_id
from pisang.core.request import GenerateRequest
from pisang.gateway import Answer, Gateway
from pisang.store.database import Database
from pisang.surfaces.http import JSON as JSON_TYPE
from pisang.surfaces.http import SSE, Exchange, answer, header_text, read_body, stream, unless_gone
from pisang.wire.gemini import models, request, response, tokens

VERSIONS: Final = ("v1", "v1beta", "v1alpha")
T = TypeVar("T")

_BIG: Final = 1_000_000  # bytes from which parsing would hold up everyone else
_LONGEST_WAIT: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Gemini:
    """What the surface needs: the gateway, the records of keys, and the body limit in bytes."""

    gateway: Gateway
    database: Database
    max_body: int

    async def list_models(self, call: Exchange, version: str) -> None:  # noqa: ARG002
        """One page of the living models."""
        await self._caller(call)
        page = models.encode_page(
            self.gateway.catalog.living(),
            page_size=_either(call.query, "pageSize", "page_size"),
            page_token=_either(call.query, "pageToken", "page_token"),
        )
        await answer(call, [page])

    async def get_model(self, call: Exchange, version: str, model: str) -> None:
        """One model, under the id that was asked for."""
        await self._caller(call)
        found = self.gateway.find(model, api_version=version)
        body = models.encode(found.card, asked=found.asked.removeprefix("models/"))
        await answer(call, [body], headers=_notice(found.card.id, found.notice))

    async def tuned_models(self, call: Exchange, version: str) -> None:  # noqa: ARG002
        """Nobody can tune an image model, so the list is empty."""
        await self._caller(call)
        await answer(call, [b"{}"])

    async def act(self, call: Exchange, version: str, target: str) -> None:
        """A verb on a model: ``models/ID:VERB``."""
        model, _, verb = target.rpartition(":")
        verbs = self.verbs()
        if not model or verb not in verbs:
            raise _not_served(target, verb if model else "")
        await verbs[verb](call, version, model)

    def verbs(self) -> Mapping[str, Callable[[Exchange, str, str], Awaitable[None]]]:
        """What can be done with a model, by the word that follows its id."""
        return {
            "generateContent": self._generate,
            "streamGenerateContent": self._stream,
            "countTokens": self._count,
        }

    async def _generate(self, call: Exchange, version: str, model: str) -> None:
        caller, asked = await self._asked(call, model)

        async def work() -> None:
            got = await self.gateway.generate(caller, asked, api_version=version)
            call.notes["model"] = got.card.id
            async with aclosing(got.events):
                result = await fold(got.events)
            pieces = response.pieces(
                result,
                response_id=new_id("rsp"),
                include_thoughts=asked.thinking.include_thoughts,
                service_tier=got.tier,
            )
            await answer(call, pieces, headers=_headers(got))

        await unless_gone(call, work())

    async def _stream(self, call: Exchange, version: str, model: str) -> None:
        sse = _is_sse(call.query)
        caller, asked = await self._asked(call, model)

        async def work() -> None:
            got = await self.gateway.generate(caller, asked, api_version=version)
            call.notes["model"] = got.card.id
            values = _values(got, got.events, asked)
            frames = response.as_sse(values) if sse else response.as_json_array(values)
            kind = SSE if sse else JSON_TYPE
            async with aclosing(got.events):
                await stream(call, frames, content_type=kind, headers=_headers(got))

        await unless_gone(call, work())

    async def _count(self, call: Exchange, version: str, model: str) -> None:
        await self._caller(call)
        body = await read_body(call, limit=self.max_body)
        asked = await _parsed(body, lambda: tokens.decode(body, model=model))
        call.notes["model"] = model
        counted = await self.gateway.count_tokens(asked, api_version=version)
        await answer(call, [tokens.encode(counted)])

    async def _asked(self, call: Exchange, model: str) -> tuple[Caller, GenerateRequest]:
        caller = await self._caller(call)  # before the body: strangers may not make us read 100 MB
        body = await read_body(call, limit=self.max_body)
        deadline = _deadline(call.headers)
        decoded = await _parsed(body, lambda: request.decode(body, model=model, deadline=deadline))
        return caller, decoded

    async def _caller(self, call: Exchange) -> Caller:
        caller = await authenticate(self.database, call.headers, call.query)
        call.notes["key"] = caller.key_id
        return caller


def _values(
    got: Answer, events: AsyncIterator[Event], asked: GenerateRequest
) -> AsyncIterator[list[bytes]]:
    return response.chunks(
        events,
        response_id=new_id("rsp"),
        include_thoughts=asked.thinking.include_thoughts,
        service_tier=got.tier,
        prompt=got.prompt,
    )


async def _parsed(body: bytes, parse: Callable[[], T]) -> T:
    return await asyncio.to_thread(parse) if len(body) > _BIG else parse()


def _headers(got: Answer) -> Mapping[str, str]:
    return {"x-gemini-service-tier": got.tier.value, **_notice(got.card.id, got.notice)}


def _notice(model: str, notice: str | None) -> Mapping[str, str]:
    """Which model really serves, and why where it is not the one asked for."""
    headers = {"x-pisang-model": model}
    return headers | ({"x-pisang-notice": header_text(notice)} if notice else {})


def _is_sse(query: Mapping[str, str]) -> bool:
    asked = _either(query, "alt", "$alt") or "json"
    form = asked.partition(";")[0].lower()  # "json;enum-encoding=int": we always answer names
    if form not in ("json", "sse"):
        raise MalformedRequest(
            f"Invalid value at 'alt', \"{asked[:40]}\". Use alt=sse for server-sent events or "
            "alt=json for one JSON array.",
            field="alt",
        )
    return form == "sse"


def _either(query: Mapping[str, str], *names: str) -> str | None:
    return next((query[name] for name in names if name in query), None)


def _deadline(headers: Mapping[str, str]) -> float | None:
    """``X-Server-Timeout`` in seconds; one that is no sensible number counts as not sent."""
    try:
        seconds = float(headers.get("x-server-timeout", ""))
    except ValueError:
        return None
    return seconds if 0 < seconds <= _LONGEST_WAIT else None


_VERBS_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "predict": "Imagen's predict is not served here; use generateContent with a Gemini model.",
        "predictLongRunning": "Video is not served here.",
        "batchGenerateContent": "Batches are not served here; send separate requests.",
        "asyncBatchEmbedContent": "Embeddings are not served here.",
        "batchEmbedContents": "Embeddings are not served here.",
        "embedContent": "Embeddings are not served here.",
        "bidiGenerateContent": "The Live API is not served here.",
        "": "A model is called as models/ID:generateContent.",
    }
)


def _not_served(target: str, verb: str) -> NotFound:
    why = _VERBS_ELSEWHERE.get(verb)
    served = "generateContent, streamGenerateContent and countTokens"
    return NotFound(why or f"models/{target[:120]}: there is no such method. Served: {served}.")
