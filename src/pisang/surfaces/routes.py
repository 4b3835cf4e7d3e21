"""The list of all routes, and what is said about addresses that are none.

An address that almost fits is a person's mistake with a base URL, so a 404 names the mistake.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from pisang.core.errors import NotFound
from pisang.surfaces import health
from pisang.surfaces.door import Handler, MethodNotAllowed
from pisang.surfaces.gemini import VERSIONS, Gemini
from pisang.surfaces.http import Exchange

# What the braces of a path stand for. A target is a model and a verb: "gemini-3-pro-image:predict".
_GROUPS: Final = {
    "version": f"(?P<version>{'|'.join(VERSIONS)})",
    "model": "(?P<model>[^:]+)",
    "target": "(?P<target>.+)",
}


@dataclass(frozen=True, slots=True)
class Route:
    """A path (its groups become arguments), the method it takes, and who answers.

    The path is written with groups in braces, as documentation prints it.
    """

    method: str
    path: str
    answer: Callable[..., Awaitable[None]]
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(self.path.format_map(_GROUPS)))


def routes(gemini: Gemini, ready: health.Check) -> tuple[Route, ...]:
    """All that is served, in the order in which a path is looked up."""
    return (
        Route("GET", "/healthz", health.healthz),
        Route("GET", "/readyz", lambda call: health.readyz(call, ready)),
        Route("GET", "/{version}/models", gemini.list_models),
        Route("GET", "/{version}/models/{model}", gemini.get_model),
        Route("GET", "/{version}/tunedModels", gemini.tuned_models),
        Route("POST", "/{version}/models/{target}", gemini.act),
    )


def handler(gemini: Gemini, ready: health.Check) -> Handler:
    """Finds the route of each request."""
    table = routes(gemini, ready)

    async def handle(call: Exchange) -> None:
        method = "GET" if call.method == "HEAD" else call.method
        allowed = []
        for route in table:
            if found := route.pattern.fullmatch(call.path):
                if route.method == method:
                    await route.answer(call, **found.groupdict())
                    return
                allowed.append(route.method)
        if allowed:
            raise MethodNotAllowed(", ".join(dict.fromkeys(allowed)), call.method)
        raise NotFound(_hint(call.method, call.path))

    return handle


_ENV_ONLY_VERTEX: Final = (
    "This request has no model in its path: google-genai in Vertex mode with a custom base URL "
    "needs project= and location= passed to Client(), or an API key and no GOOGLE_CLOUD_PROJECT "
    "(express mode). Set both GOOGLE_GEMINI_BASE_URL and GOOGLE_VERTEX_BASE_URL."
)

_HINTS: Final = (
    # What the path looks like, and what its sender should know.
    (
        rf"/(?:{'|'.join(VERSIONS)})/(?:{'|'.join(VERSIONS)})(?:/.*)?",
        "The version stands in this address twice: give your client a base URL that ends before "
        "the version, e.g. http://127.0.0.1:8787.",
    ),
    (r"/outside/.*", "The path lacks the prefix of this server (the prefix setting)."),
    (r"/models(?:/.*)?", "The version is missing: the address begins with /v1beta or /v1."),
    (
        r"/v1(?:beta1?)?/projects/.*",
        "Vertex AI's paths are not served here; use the Gemini API.",
    ),
    (
        r"/v1(?:beta1?)?/publishers/.*",
        "Vertex AI's paths are not served here; use the Gemini API.",
    ),
    (
        r"/v1/(?:images|chat|responses).*",
        "OpenAI's paths are not served here; use the Gemini API.",
    ),
    (r"/v1(?:beta)?/openai.*", "OpenAI's paths are not served here; use the Gemini API."),
    (
        r"/(?:upload/)?v1(?:beta)?/files.*",
        "Files are not served here; send inlineData.",
    ),
    (r"/v1(?:beta)?/cachedContents.*", "Cached contents are not served here: send them whole."),
    (r"/v1(?:beta)?/batches.*", "Batches are not served here; send separate requests."),
    (r"/v1(?:beta)?/tunedModels.*", "There are no tuned models here."),
    (r"/v1(?:beta)?/interactions.*", "Interactions are not served here; use generateContent."),
)


def _hint(method: str, path: str) -> str:
    if path == "/" and method == "POST":
        return _ENV_ONLY_VERTEX
    for pattern, hint in _HINTS:
        if re.fullmatch(pattern, path):
            return hint
    return (
        "Nothing is served at this address. The Gemini API is at "
        "/v1beta/models/MODEL:generateContent, the list of models at /v1beta/models."
    )
