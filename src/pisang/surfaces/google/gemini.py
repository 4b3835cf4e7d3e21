"""The Gemini Developer API surface: ``/v1``, ``/v1beta`` and ``/v1alpha`` (contract, section 1)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.caller import Caller
from pisang.core.errors import NotFound
from pisang.gateway import Answer
from pisang.surfaces.addresses import MODEL, VERSION
from pisang.surfaces.answers import Pieces
from pisang.surfaces.asking import caller_of, either, served_by
from pisang.surfaces.google.surface import POST, Google, nothing_cached
from pisang.surfaces.shared import shared
from pisang.wire.gemini import models
from pisang.wire.gemini.schema import DEVELOPER


def _anyone(_: Request, __: Caller) -> None:
    """These addresses name no project: whoever has a credential may use them."""


def _no_parent(_: Request) -> str:
    return ""


def _tier(got: Answer) -> Mapping[str, str]:
    return {"x-gemini-service-tier": got.tier.value}


GEMINI: Final = Google(
    surface="gemini_api",
    variant=DEVELOPER,
    default_version="v1beta",
    welcome=_anyone,
    parent=_no_parent,
    tier_header=_tier,
)


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
    found = shared(call).gateway.find(GEMINI.model(call), via=GEMINI.via(call))
    body = models.encode(found.card, asked=found.asked.removeprefix("models/"))
    return Pieces([body], headers=served_by(found.card.id, found.notice))


async def tuned_models(call: Request) -> Response:
    """Nobody can tune an image model, so the list is empty."""
    await caller_of(call)
    return Pieces([b"{}"])


async def no_model_of_yours(call: Request) -> Response:
    """Only a tuned model could be changed or deleted."""
    await caller_of(call)
    raise NotFound("There are no tuned models here: the models that are served cannot be changed.")


async def unknown_verb(call: Request) -> Response:
    """What is not served, or no verb at all: tells which are."""
    target = call.path_params["target"]
    model, _, verb = target.rpartition(":")
    why = _VERBS_ELSEWHERE.get(verb if model else "")
    raise NotFound(why or f"models/{target[:120]}: there is no such method. Served: {_SERVED}.")


_VERBS_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "computeTokens": "Only Vertex AI has computeTokens: "
        "/v1/publishers/google/models/ID:computeTokens.",
        "batchGenerateContent": "Batches are not served here; send separate requests.",
        "asyncBatchEmbedContent": "Embeddings are not served here.",
        "batchEmbedContents": "Embeddings are not served here.",
        "embedContent": "Embeddings are not served here.",
        "bidiGenerateContent": "The Live API is not served here.",
        "": "A model is called as models/ID:generateContent.",
    }
)
_SERVED: Final = "generateContent, streamGenerateContent, countTokens and, for Imagen, predict"

_MODELS: Final = f"/{VERSION}/models"
_MODEL: Final = _MODELS + "/{model:path}"

ROUTES: Final[Sequence[Route]] = (
    Route(_MODELS, list_models),
    Route(f"{_MODELS}/{MODEL}", get_model),
    Route(
        f"{_MODELS}/{MODEL}",
        no_model_of_yours,
        methods=("PATCH", "DELETE"),
        include_in_schema=False,
    ),
    Route(f"/{VERSION}/tunedModels", tuned_models),
    Route(_MODEL + ":generateContent", GEMINI.generate_content, methods=POST),
    Route(_MODEL + ":streamGenerateContent", GEMINI.stream_generate_content, methods=POST),
    Route(_MODEL + ":countTokens", GEMINI.count_tokens, methods=POST),
    *nothing_cached(f"/{VERSION}", GEMINI),
    Route(_MODELS + "/{target:path}", unknown_verb, methods=POST, include_in_schema=False),
)
