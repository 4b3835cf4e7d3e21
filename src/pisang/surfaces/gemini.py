"""The Gemini Developer API surface: ``/v1``, ``/v1beta`` and ``/v1alpha`` (contract, section 1)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType
from typing import Final, TypeVar

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.contextvars import bind_contextvars

from pisang.admission.authenticate import authenticate
from pisang.core.caller import Caller
from pisang.core.errors import MalformedRequest, NotFound
from pisang.core.events import fold
from pisang.core.ids import new_id
from pisang.core.request import GenerateRequest
from pisang.gateway import Answer
from pisang.surfaces.answers import JSON, SSE, Pieces, header_text, stream, unless_gone
from pisang.surfaces.bodies import whole
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import shared
from pisang.wire.gemini import models, request, response, tokens

VERSIONS: Final = ("v1", "v1beta", "v1alpha")
T = TypeVar("T")

_BIG: Final = 1_000_000  # bytes from which parsing would hold up everyone else
_LONGEST_WAIT: Final = 86_400.0


class _Version(StringConvertor):
    regex = "|".join(VERSIONS)


class _Model(StringConvertor):
    """The id of a model. No colon: what follows one is a verb, and has another method."""

    regex = "[^:]+"


register_url_convertor("version", _Version())
register_url_convertor("model", _Model())


async def list_models(call: Request) -> Response:
    """One page of the living models."""
    await _caller(call)
    page = models.encode_page(
        shared(call).gateway.catalog.living(),
        page_size=_either(call.query_params, "pageSize", "page_size"),
        page_token=_either(call.query_params, "pageToken", "page_token"),
    )
    return Pieces([page])


async def get_model(call: Request) -> Response:
    """One model, under the id that was asked for."""
    await _caller(call)
    found = shared(call).gateway.find(_model(call), api_version=_version(call))
    body = models.encode(found.card, asked=found.asked.removeprefix("models/"))
    return Pieces([body], headers=_notice(found.card.id, found.notice))


async def tuned_models(call: Request) -> Response:
    """Nobody can tune an image model, so the list is empty."""
    await _caller(call)
    return Pieces([b"{}"])


async def generate_content(call: Request) -> Response:
    """A picture in one answer."""
    asked, got = await _admitted(call)
    async with aclosing(got.events):
        result = await unless_gone(call, fold(got.events))
    pieces = response.pieces(
        result,
        response_id=new_id("rsp"),
        include_thoughts=asked.thinking.include_thoughts,
        service_tier=got.tier,
    )
    return Pieces(pieces, headers=_headers(got))


async def stream_generate_content(call: Request) -> Response:
    """A picture as it comes about: server-sent events, or one JSON array."""
    sse = _is_sse(call.query_params)
    asked, got = await _admitted(call)
    values = response.chunks(
        got.events,
        response_id=new_id("rsp"),
        include_thoughts=asked.thinking.include_thoughts,
        service_tier=got.tier,
        prompt=got.prompt,
    )
    frames = response.as_sse(noted(values)) if sse else response.as_json_array(noted(values))
    return await stream(call, frames, media_type=SSE if sse else JSON, headers=_headers(got))


async def count_tokens(call: Request) -> Response:
    """What a prompt counts as; nothing is drawn."""
    await _caller(call)
    body = await whole(call)
    model = _model(call)
    asked = await _parsed(body, lambda: tokens.decode(body, model=model))
    bind_contextvars(model=model)
    counted = await shared(call).gateway.count_tokens(asked, api_version=_version(call))
    return Pieces([tokens.encode(counted)])


async def unknown_verb(call: Request) -> Response:
    """What is not served, or no verb at all: tells which are."""
    target = call.path_params["target"]
    model, _, verb = target.rpartition(":")
    why = _VERBS_ELSEWHERE.get(verb if model else "")
    raise NotFound(why or f"models/{target[:120]}: there is no such method. Served: {_SERVED}.")


async def _admitted(call: Request) -> tuple[GenerateRequest, Answer]:
    caller = await _caller(call)  # before the body: strangers may not make us read 100 MB
    body = await whole(call)
    model, deadline = _model(call), _deadline(call.headers)
    asked = await _parsed(body, lambda: request.decode(body, model=model, deadline=deadline))
    gateway = shared(call).gateway
    got = await gateway.generate(caller, asked, api_version=_version(call))
    bind_contextvars(model=got.card.id)
    return asked, got


async def _caller(call: Request) -> Caller:
    caller = await authenticate(shared(call).database, call.headers, call.query_params)
    bind_contextvars(key=caller.key_id)
    return caller


def _version(call: Request) -> str:
    return str(call.path_params["version"])


def _model(call: Request) -> str:
    return str(call.path_params["model"])


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
_SERVED: Final = "generateContent, streamGenerateContent and countTokens"

_MODELS: Final = "/{version:version}/models"
_POST: Final = ("POST",)

ROUTES: Final[Sequence[Route]] = (
    Route(_MODELS, list_models),
    Route(_MODELS + "/{model:model}", get_model),
    Route("/{version:version}/tunedModels", tuned_models),
    Route(_MODELS + "/{model:path}:generateContent", generate_content, methods=_POST),
    Route(_MODELS + "/{model:path}:streamGenerateContent", stream_generate_content, methods=_POST),
    Route(_MODELS + "/{model:path}:countTokens", count_tokens, methods=_POST),
    Route(_MODELS + "/{target:path}", unknown_verb, methods=_POST, include_in_schema=False),
)
