"""The list of models at the addresses that OpenAI's clients ask: ``/v1/models``, which is Google's
too, and that of Google's layer, ``/v1beta/openai/models``."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.via import Via
from pisang.catalog.models import Resolution
from pisang.surfaces.addresses import LAYER, MODEL
from pisang.surfaces.answers import Pieces
from pisang.surfaces.asking import caller_of, either, served_by
from pisang.surfaces.dialects import speaks_openai
from pisang.surfaces.openai.naming import resolve
from pisang.surfaces.shared import shared
from pisang.wire.openai import models

_PREFIX: Final = "models/"


async def list_merged(call: Request) -> Response:
    """The living models, for both families of clients."""
    await caller_of(call)
    pieces = models.encode_merged_list(
        shared(call).gateway.catalog.living(),
        page_size=either(call.query_params, "pageSize", "page_size"),
        page_token=either(call.query_params, "pageToken", "page_token"),
    )
    return Pieces(pieces)


async def get_merged(call: Request) -> Response:
    """One model, under the id that was asked for, for both families of clients."""
    await caller_of(call)
    gateway, name = shared(call).gateway, _name(call)
    if speaks_openai(call.headers, call.query_params):
        found = resolve(gateway, name)
    else:
        found = gateway.find(name, via=Via(api_version="v1"))
    return Pieces(models.encode_merged(found.card, name=name), headers=_headers(found))


async def list_layer(call: Request) -> Response:
    """The living models, as Google's OpenAI layer lists them."""
    await caller_of(call)
    return Pieces(models.encode_list(shared(call).gateway.catalog.living()))


async def get_layer(call: Request) -> Response:
    """One model of Google's OpenAI layer."""
    await caller_of(call)
    found, name = resolve(shared(call).gateway, _name(call)), _PREFIX + _name(call)
    return Pieces(models.encode(found.card, name=name), headers=_headers(found))


def _name(call: Request) -> str:
    return str(call.path_params["model"]).removeprefix(_PREFIX)


def _headers(found: Resolution) -> dict[str, str]:
    return dict(served_by(found.card.id, found.notice))


ROUTES: Final[Sequence[Route]] = (
    Route("/v1/models", list_merged),
    Route(f"/v1/models/{MODEL}", get_merged),
    Route(f"/{LAYER}/models", list_layer),
    Route(f"/{LAYER}/models/{MODEL}", get_layer),
)
