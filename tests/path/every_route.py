"""Every address of the server with something in its variable places, for tests that knock at all
doors."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pisang.surfaces.routes import SURFACES

NAMED: Mapping[str, str] = MappingProxyType(
    {"version": "v1beta", "layer": "v1beta/openai", "location": "global", "project": "default"}
)

PUBLIC: Sequence[tuple[str, str]] = (
    ("GET", "/assets/"),  # a signed link
    ("POST", "/token"),  # where credentials are got, or end
    ("POST", "/oauth2/token"),
    ("POST", "/revoke"),
    ("POST", "/oauth2/revoke"),
    ("GET", "/signin/"),
    ("POST", "/admin/v1/sessions"),
    ("POST", "/{version}/models/{target}"),  # says how a model is called, and nothing else
)
"""What takes no key, by the beginning of its address."""


def every(named: Mapping[str, str] = NAMED, *, beside: str = "x") -> list[tuple[str, str, str]]:
    """Method, address, and the address as the route has it; ``named`` fills variable places, and
    ``beside`` those that it does not name. Without those of ``PUBLIC``."""
    found = set()
    for route in SURFACES:
        for method in (route.methods or set()) - {"HEAD"}:
            written = route.path_format
            if any(method == each and written.startswith(path) for each, path in PUBLIC):
                continue
            own = {**NAMED, **named}
            if "vertex_version" in route.path:
                own["version"] = "v1"
            path = re.sub(r"\{(\w+)\}", lambda name: own.get(name[1], beside), written)  # noqa: B023
            found.add((method, path, written))
    return sorted(found)


def headers_for(written: str) -> Mapping[str, str]:
    """What a route looks at before it asks who it is."""
    if written.startswith("/upload"):
        return {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
    return {}
