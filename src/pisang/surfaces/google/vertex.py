"""The Vertex AI surface: ``/v1`` and ``/v1beta1``, written as a difference on the Gemini API.

Its methods are Google's (surface.py) under other addresses: below a project and a location, or in
*express mode* below neither. A client that was given a base URL with a version of its own leaves
the version out (google-genai's resource scope COLLECTION), so an address may begin without one.
Source: surfaces contract, section 11.
"""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.admission.projects import check_project
from pisang.catalog.locations import unknown_location
from pisang.core.caller import Caller
from pisang.surfaces.addresses import MODEL, VERTEX_VERSION
from pisang.surfaces.answers import Pieces, unless_gone
from pisang.surfaces.asking import either, parsed, served_by
from pisang.surfaces.bodies import whole
from pisang.surfaces.google.surface import POST, Google, nothing_cached
from pisang.surfaces.google.traffic import as_headers_say, tier_of
from pisang.surfaces.shared import shared
from pisang.wire.gemini import publishers, tokens
from pisang.wire.gemini.vertex import VERTEX as VARIANT


def _welcome(call: Request, caller: Caller) -> None:
    """An address that names a project must name the caller's own, and a location that exists."""
    named = call.path_params
    if "project" not in named:
        return
    project, location, model = named["project"], named["location"], named.get("model", "")
    check_project(caller, project, location=location, model=model)
    refusal = unknown_location(location, project=project, model=model)
    if refusal is not None:
        raise refusal


def _parent(call: Request) -> str:
    named = call.path_params
    if "project" not in named:
        return ""
    return f"projects/{named['project']}/locations/{named['location']}"


VERTEX: Final = Google(
    surface="vertex",
    variant=VARIANT,
    default_version="v1",
    welcome=_welcome,
    parent=_parent,
    as_headers_say=as_headers_say,
    tier_of=tier_of,
)


async def list_publisher_models(call: Request) -> Response:
    """One page of the living models of publisher google."""
    await VERTEX.caller(call)
    page = publishers.encode_page(
        shared(call).gateway.catalog.living(surface="vertex"),
        page_size=either(call.query_params, "pageSize", "page_size"),
        page_token=either(call.query_params, "pageToken", "page_token"),
    )
    return Pieces([page])


async def get_publisher_model(call: Request) -> Response:
    """One model of publisher google: what ``from_pretrained`` of the vertexai package asks first,
    so Imagen's ids are found as long as they are drawn."""
    await VERTEX.caller(call)
    gateway, model = shared(call).gateway, VERTEX.model(call)
    card = gateway.catalog.get(model)
    method = "predict" if card and card.family == "imagen" else "generateContent"
    found = gateway.find(model, via=VERTEX.via(call, method))
    body = publishers.encode(found.card, asked=model)
    return Pieces([body], headers=served_by(found.card.id, found.notice))


async def tuned_models(call: Request) -> Response:
    """Nobody can tune an image model, so the list is empty."""
    await VERTEX.caller(call)
    return Pieces([b"{}"])


async def compute_tokens(call: Request) -> Response:
    """The tokens of a prompt, one by one."""
    caller = await VERTEX.caller(call)
    body = await whole(call)
    model, via = VERTEX.model(call), VERTEX.via(call, "countTokens")
    asked = await parsed(body, lambda: tokens.decode(body, model=model, variant=VARIANT))
    await unless_gone(call, shared(call).gateway.count_tokens(caller, asked, via=via))
    return Pieces([await parsed(body, lambda: tokens.encode_computed(asked))])


def _routes(publisher: str, *, told: bool) -> list[Route]:
    """The methods below ``publisher``; ``told`` is whether the reference lists them."""
    model = f"{publisher}/models/{{model:path}}"
    one = f"{publisher}/models/{MODEL}"
    return [
        Route(f"{publisher}/models", list_publisher_models, include_in_schema=told),
        Route(one, get_publisher_model, include_in_schema=told),
        *(
            Route(f"{model}:{verb}", handler, methods=POST, include_in_schema=told)
            for verb, handler in (
                ("generateContent", VERTEX.generate_content),
                ("streamGenerateContent", VERTEX.stream_generate_content),
                ("countTokens", VERTEX.count_tokens),
                ("computeTokens", compute_tokens),
            )
        ),
    ]


_VERSION: Final = f"/{VERTEX_VERSION}"
_PARENT: Final = "/projects/{project}/locations/{location}"
_PUBLISHER: Final = "/publishers/google"

PARENTS: Final = (_VERSION + _PARENT, _PARENT)
"""What stands before the things of one project at one location."""

PUBLISHERS: Final = (
    # What stands before "/models", and whether the reference lists it.
    (_VERSION + _PARENT + _PUBLISHER, True),
    (_VERSION + _PUBLISHER, True),
    (_PARENT + _PUBLISHER, False),
    (_PUBLISHER, False),
)

ROUTES: Final[Sequence[Route]] = (
    *(route for address, told in PUBLISHERS for route in _routes(address, told=told)),
    *(
        Route(f"{parent}/models", tuned_models, include_in_schema=parent is PARENTS[0])
        for parent in PARENTS
    ),
    Route("/v1beta1/models", tuned_models, include_in_schema=False),  # express mode
    *(route for parent in PARENTS for route in nothing_cached(parent, VERTEX)),
)
