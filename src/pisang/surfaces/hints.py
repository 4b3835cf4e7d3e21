"""What is said about addresses that are none.

An address that almost fits is a person's mistake with a base URL, so a 404 names the mistake.
"""

import re
from typing import Final

_ENV_ONLY_VERTEX: Final = (
    "This request has no model in its path: google-genai in Vertex mode with a custom base URL "
    "needs project= and location= passed to Client(), or an API key and no GOOGLE_CLOUD_PROJECT "
    "(express mode). Set both GOOGLE_GEMINI_BASE_URL and GOOGLE_VERTEX_BASE_URL."
)

_HINTS: Final = (
    # What the path looks like, and what its sender should know.
    (
        r"/v1(?:beta|alpha)?/v1(?:beta|alpha)?(?:/.*)?",
        "The version stands in this address twice: give your client a base URL that ends before "
        "the version, e.g. http://127.0.0.1:8787.",
    ),
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


def hint(method: str, path: str, prefix: str) -> str:
    """A sentence for who asked for this path; ``prefix`` stands before every route, or is empty."""
    if prefix and path != prefix and not path.startswith(f"{prefix}/"):
        return f"The path lacks the prefix of this server ({prefix}, the prefix setting)."
    path = path.removeprefix(prefix) or "/"
    if path == "/" and method == "POST":
        return _ENV_ONLY_VERTEX
    for pattern, sentence in _HINTS:
        if re.fullmatch(pattern, path):
            return sentence
    return (
        "Nothing is served at this address. The Gemini API is at "
        "/v1beta/models/MODEL:generateContent, the list of models at /v1beta/models."
    )
