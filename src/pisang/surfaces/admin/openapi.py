"""``/admin/v1/openapi.json``: the admin API in OpenAPI 3.1, made from its routes."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang import __version__
from pisang.core.roles import Action
from pisang.routing.read import KINDS, SIZES, SURFACES, TIERS
from pisang.routing.table import RATES
from pisang.surfaces.admin import asking, engines, routes, table
from pisang.surfaces.shared import origin

_PATH: Final = "/admin/v1/openapi.json"
_TEXT: Final = {"type": "string"}
_FREE: Final = {"type": "object", "additionalProperties": True}


def _one_or_many(words: Sequence[str] = ()) -> Mapping[str, Any]:
    one = {"type": "string", **({"enum": list(words)} if words else {})}
    return {"oneOf": [one, {"type": "array", "items": one}]}


_AMOUNT: Final = {"type": ["number", "string"]}
_PRICE_LINE: Final = {
    "type": "object",
    "properties": {
        **dict.fromkeys(RATES, _AMOUNT),
        "image": {"oneOf": [_AMOUNT, {"type": "object", "additionalProperties": _AMOUNT}]},
        "tier": {"type": "string", "enum": list(TIERS)},
        "from": {"type": "string", "format": "date"},
    },
}
_PRICE: Final = {
    "description": "`list` (Google's price list), `free`, or dollars: a picture (or by size), a "
    "million tokens, a thousand searches; several lines are by tier and first day.",
    "oneOf": [
        {"type": "string", "enum": ["list", "free"]},
        _PRICE_LINE,
        {"type": "array", "items": _PRICE_LINE},
    ],
}
_MARKUP: Final = {**_AMOUNT, "description": "What is put on the price: 0.2 adds a fifth."}
SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Engine": {
        "type": "object",
        "required": ["kind"],
        "description": "`[engines.NAME]` of the settings file. A kind may have more fields.",
        "properties": {
            "kind": {**_TEXT, "examples": list(KINDS)},
            "api_keys": {
                **_one_or_many(),
                "description": "`env:NAME`, `file:PATH`, or a key; a key is shown by its end.",
            },
            "base_url": _TEXT,
            "project": _TEXT,
            "location": _TEXT,
            "credentials": {**_TEXT, "description": "`file:PATH` of a key file, or `adc`."},
            "profile": _TEXT,
            "price": _PRICE,
            "markup": _MARKUP,
            "free_searches": {"type": "boolean"},
        },
        "additionalProperties": True,
    },
    "Route": {
        "type": "object",
        "required": ["model", "engines"],
        "description": "`[[routes]]` of the settings file.",
        "properties": {
            "model": _one_or_many(),
            "engines": {
                "type": "array",
                "items": {
                    "oneOf": [
                        _TEXT,
                        {
                            "type": "object",
                            "required": ["engine"],
                            "properties": {
                                "engine": _TEXT,
                                "weight": {"type": "integer", "minimum": 1},
                                "upstream_model": _TEXT,
                            },
                        },
                    ]
                },
            },
            "upstream_model": _TEXT,
            "size": _one_or_many(SIZES),
            "tier": _one_or_many(TIERS),
            "project": _one_or_many(),
            "location": _one_or_many(),
            "surface": _one_or_many(SURFACES),
            "price": _PRICE,
            "markup": _MARKUP,
            "before": {**_TEXT, "description": "When it is made: the id of the route after it."},
        },
        "additionalProperties": False,
    },
    "Order": {
        "type": "object",
        "required": ["routes"],
        "properties": {"routes": {"type": "array", "items": _TEXT}},
    },
    "Question": {
        "type": "object",
        "required": ["model"],
        "properties": dict.fromkeys(
            ("model", "size", "tier", "project", "location", "surface"), _TEXT
        ),
    },
    "Probe": {
        "type": "object",
        "properties": {"model": {**_TEXT, "description": "What the upstream calls it."}},
    },
    "Error": {
        "type": "object",
        "description": "Google's error envelope.",
        "properties": {"error": _FREE},
    },
}
_BODIES: Final[Mapping[tuple[str, str], str]] = {
    ("PUT", "/admin/v1/engines/{engine}"): "Engine",
    ("POST", "/admin/v1/engines/{engine}:probe"): "Probe",
    ("POST", "/admin/v1/routes"): "Route",
    ("PUT", "/admin/v1/routes/{route}"): "Route",
    ("POST", "/admin/v1/routes:order"): "Order",
    ("POST", "/admin/v1/routes:explain"): "Question",
}
"""What a body of a route is; one that is not here has none."""


async def document(call: Request) -> Response:
    """The admin API in OpenAPI 3.1, for whoever may do anything here."""
    asks = await asking.principal(call)
    if not asks.roles:
        await asking.allowed(call, Action.PROJECTS_GET)  # which says how they could be let in
    return asking.answer(openapi(origin(call)))


def openapi(server: str) -> dict[str, Any]:
    """The document; ``server`` is the address of this server with its prefix."""
    paths: dict[str, dict[str, Any]] = {}
    for route in (*table.RECORDS, *engines.ROUTES, *routes.ROUTES, *ROUTES):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            paths.setdefault(route.path_format, {})[method.lower()] = _operation(method, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "pisang admin API", "version": __version__},
        "servers": [{"url": server}],
        "security": [{"key": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {name: dict(schema) for name, schema in SCHEMAS.items()},
        },
    }


def _operation(method: str, route: Route) -> dict[str, Any]:
    said = " ".join((inspect.getdoc(route.endpoint) or "").split())
    made: dict[str, Any] = {
        "operationId": "_".join(_words(method, route.path_format)),
        "summary": said,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": _TEXT}
            for name in re.findall(r"\{(\w+)\}", route.path_format)
        ],
        "responses": {
            "200": {"description": "Done.", "content": _json(_FREE)},
            "default": {"description": "Not done.", "content": _json(_ref("Error"))},
        },
    }
    body = _BODIES.get((method, route.path_format))
    if body:
        needed = "required" in SCHEMAS[body]
        made["requestBody"] = {"required": needed, "content": _json(_ref(body))}
    if (method, route.path_format) in (("POST", "/admin/v1/routes"), ("PUT", engines.ONE)):
        made["responses"]["201"] = {"description": "Made.", "content": _json(_FREE)}
    return made


def _words(method: str, path: str) -> Iterator[str]:
    yield method.lower()
    yield from re.findall(r"\w+", path.removeprefix("/admin/v1"))


def _ref(name: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"application/json": {"schema": dict(schema)}}


ROUTES: Final[Sequence[Route]] = (Route(_PATH, asking.told(document), methods=("GET",)),)
