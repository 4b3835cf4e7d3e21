"""The Gemini Developer API surface: ``/v1``, ``/v1beta`` and ``/v1alpha`` (contract, section 1)."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType
from typing import Final

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.contextvars import bind_contextvars

from pisang.core.errors import MalformedRequest, NotFound
from pisang.core.events import fold
from pisang.core.ids import new_id
from pisang.core.request import GenerateRequest
from pisang.gateway import Answer, Via
from pisang.surfaces.answers import JSON, SSE, Pieces, stream, unless_gone
from pisang.surfaces.asking import caller_of, deadline_of, either, parsed, served_by
from pisang.surfaces.bodies import whole
from pisang.surfaces.refusals import noted
from pisang.surfaces.shared import shared
from pisang.wire.gemini import models, request, response, tokens

VERSIONS: Final = ("v1", "v1beta", "v1alpha")


class _Version(StringConvertor):
    regex = "|".join(VERSIONS)


class _Model(StringConvertor):
    """The id of a model. No colon: what follows one is a verb, and has another method."""

    regex = "[^:]+"


register_url_convertor("version", _Version())
register_url_convertor("model", _Model())


async def list_models(call: Request) -> Response:
    """One page of the living models."""
    await caller_of(call)
    page = models.encode_page(
        shared(call).gateway.catalog.living(),
        page_size=either(call.query_params, "pageSize", "page_size"),
        page_token=either(call.query_params, "pageToken", "page_token"),
    )
    return Pieces([page])


async def get_model(call: Request) -> Response:
    """One model, under the id that was asked for."""
    await caller_of(call)
    found = shared(call).gateway.find(_model(call), via=_via(call))
    body = models.encode(found.card, asked=found.asked.removeprefix("models/"))
    return Pieces([body], headers=served_by(found.card.id, found.notice))


async def tuned_models(call: Request) -> Response:
    """Nobody can tune an image model, so the list is empty."""
    await caller_of(call)
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
    caller = await caller_of(call)
    body = await whole(call)
    model = _model(call)
    asked = await parsed(body, lambda: tokens.decode(body, model=model))
    bind_contextvars(model=model)
    via = _via(call, "countTokens")
    counted = await shared(call).gateway.count_tokens(caller, asked, via=via)
    return Pieces([tokens.encode(counted)])


async def unknown_verb(call: Request) -> Response:
    """What is not served, or no verb at all: tells which are."""
    target = call.path_params["target"]
    model, _, verb = target.rpartition(":")
    why = _VERBS_ELSEWHERE.get(verb if model else "")
    raise NotFound(why or f"models/{target[:120]}: there is no such method. Served: {_SERVED}.")


async def _admitted(call: Request) -> tuple[GenerateRequest, Answer]:
    caller = await caller_of(call)
    body = await whole(call)
    model, deadline = _model(call), deadline_of(call.headers)
    asked = await parsed(body, lambda: request.decode(body, model=model, deadline=deadline))
    gateway = shared(call).gateway
    got = await gateway.generate(caller, asked, via=_via(call))
    bind_contextvars(model=got.card.id)
    return asked, got


def _version(call: Request) -> str:
    return str(call.path_params["version"])


def _via(call: Request, method: str = "generateContent") -> Via:
    return Via(api_version=_version(call), method=method)


def _model(call: Request) -> str:
    return str(call.path_params["model"])


def _headers(got: Answer) -> Mapping[str, str]:
    return {"x-gemini-service-tier": got.tier.value, **served_by(got.card.id, got.notice)}


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
