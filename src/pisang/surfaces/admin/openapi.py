"""``/admin/v1/openapi.json``: the admin API in OpenAPI 3.1, made from its routes."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang import __version__
from pisang.surfaces.admin import asking, engines, routes, sessions, table
from pisang.surfaces.admin.queries import QUERIES
from pisang.surfaces.admin.schemas import BODIES, FREE, SCHEMAS, TEXT
from pisang.surfaces.shared import origin

_PATH: Final = "/admin/v1/openapi.json"


async def document(call: Request) -> Response:
    """The admin API in OpenAPI 3.1, for whoever may do anything here."""
    await asking.principal(call)
    return asking.answer(openapi(origin(call)))


def openapi(server: str) -> dict[str, Any]:
    """The document; ``server`` is the address of this server with its prefix."""
    paths: dict[str, dict[str, Any]] = {}
    for route in _EVERY:
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
            {"name": name, "in": "path", "required": True, "schema": TEXT}
            for name in re.findall(r"\{(\w+)\}", route.path_format)
        ]
        + [
            {"name": name, "in": "query", "schema": dict(schema)}
            for name, schema in QUERIES.get((method, route.path_format), {}).items()
        ],
        "responses": {
            "200": {"description": "Done.", "content": _json(FREE)},
            "default": {"description": "Not done.", "content": _json(_ref("Error"))},
        },
    }
    body = BODIES.get((method, route.path_format))
    if body:
        needed = "required" in SCHEMAS[body]
        made["requestBody"] = {"required": needed, "content": _json(_ref(body))}
    if (method, route.path_format) in (("POST", "/admin/v1/routes"), ("PUT", engines.ONE)):
        made["responses"]["201"] = {"description": "Made.", "content": _json(FREE)}
    return made


def _words(method: str, path: str) -> Iterator[str]:
    yield method.lower()
    yield from re.findall(r"\w+", path.removeprefix("/admin/v1"))


def _ref(name: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"application/json": {"schema": dict(schema)}}


ROUTES: Final[Sequence[Route]] = (Route(_PATH, asking.told(document), methods=("GET",)),)

_EVERY: Final[Sequence[Route]] = (
    *sessions.ROUTES,
    *table.RECORDS,
    *engines.ROUTES,
    *routes.ROUTES,
    *ROUTES,
)
