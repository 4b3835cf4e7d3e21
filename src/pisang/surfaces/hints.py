"""What is said about addresses that are none.

An address that almost fits is a person's mistake with a base URL, so a 404 names the mistake and
the cure. Most come from a client that adds a version, or a prefix, that the base URL has already,
or from one Google surface's path under the other's version. The first pattern that fits answers.
"""

import re
from typing import Final

_ENV_ONLY_VERTEX: Final = (
    "This request has no model in its path: google-genai in Vertex mode with a custom base URL "
    "needs project= and location= passed to Client(), or an API key and no GOOGLE_CLOUD_PROJECT "
    "(express mode). Set both GOOGLE_GEMINI_BASE_URL and GOOGLE_VERTEX_BASE_URL."
)
_V: Final = r"/v1(?:beta1|beta|alpha)?"
_PLACE: Final = rf"(?:{_V})?(?:/projects/[^/]+/locations/[^/]+)?"
_OPENAIS: Final = r"/(?:chat|images|responses|completions|embeddings|audio|moderations)(?:/.*)?"
_BASE: Final = "http://127.0.0.1:8787"
_ONLY_PICTURES: Final = "Only pictures are made here; there is no such thing at this address."
_NO_BATCHES: Final = "Batches are not served here yet; send separate requests."

_PATHS: Final = (
    # What the path looks like, and what its sender should know.
    (
        rf"(?:{_V}){{2,}}(?:/openai(?:/.*)?|{_OPENAIS})",
        "The version stands in this address twice: the base URL of an OpenAI client ends in /v1, "
        f"or in /v1beta/openai for Google's own layer, e.g. {_BASE}/v1.",
    ),
    (
        rf"(?:{_V}){{2,}}(?:/.*)?",
        "The version stands in this address twice: give your client a base URL that ends before "
        f"the version, e.g. {_BASE}.",
    ),
    (
        rf"(?:{_V})?/openai{_V}(?:/.*)?",
        "There is no version after /openai: the base URL of an OpenAI client is "
        f"{_BASE}/v1beta/openai, or {_BASE}/v1.",
    ),
    (
        r"/openai(?:/.*)?",
        "The version is missing before /openai: the base URL of an OpenAI client is "
        f"{_BASE}/v1beta/openai, or {_BASE}/v1.",
    ),
    (
        rf"(?:/v1(?:beta1|beta|alpha))?{_OPENAIS}",
        "OpenAI's paths are below /v1, and those of Google's OpenAI layer below /v1beta/openai: "
        f"give your client the base URL {_BASE}/v1.",
    ),
    (
        r"/v1beta1/(?:models|tunedModels|files|openai|interactions)(?:[/:].*)?",
        "v1beta1 is a version of Vertex AI, and this is a path of the Gemini API, whose versions "
        "are v1 and v1beta. For Vertex AI name a project and a location (google-genai: "
        "vertexai=True, project=, location=); for the Gemini API leave v1beta1 out "
        "(HttpOptions(api_version=)).",
    ),
    (
        r"/v1(?:beta|alpha)/(?:projects|publishers)(?:/.*)?",
        "This is a path of Vertex AI, whose versions are v1 and v1beta1: correct the version "
        "(google-genai: HttpOptions(api_version='v1')).",
    ),
    (
        r"/(?:models|tunedModels|files|interactions)(?:[/:].*)?",
        "The version is missing: the address begins with /v1beta or /v1, in Vertex AI's express "
        "mode with /v1/publishers/google.",
    ),
    (
        rf"{_PLACE}/endpoints/openapi(?:/.*)?",
        "Google offers no image models at Vertex AI's OpenAI layer, and it is not served here. "
        f"Give your OpenAI client the base URL {_BASE}/v1, or {_BASE}/v1beta/openai.",
    ),
    (
        rf"{_PLACE}/endpoints(?:/.*)?",
        "There are no endpoints of your own here: image models cannot be tuned or deployed. Call "
        ".../publishers/google/models/MODEL:generateContent.",
    ),
    (rf"{_PLACE}/(?:batchPredictionJobs|batches)(?:[/:].*)?", _NO_BATCHES),
    (rf"{_PLACE}/models/[^/]*:(?:asyncB|b)atchGenerateContent", _NO_BATCHES),
    (
        rf"{_PLACE}/operations(?:[/:].*)?",
        "There are no long-running operations here: every answer comes at once.",
    ),
    (
        rf"{_PLACE}/publishers/(?!google(?:/|$)).*",
        "Only the models of publisher google are served: .../publishers/google/models/MODEL.",
    ),
    (
        rf"{_PLACE}/publishers/google/models/[^/]*:(?:predictLongRunning|fetchPredictOperation)",
        "Video is not served here.",
    ),
    (
        rf"{_PLACE}/publishers/google/models/.*:.*",
        "There is no such method. Served: generateContent, streamGenerateContent, countTokens, "
        "computeTokens and, for Imagen's models, predict.",
    ),
    (
        rf"{_PLACE}/publishers/google(?:/.*)?",
        "A model is called as .../publishers/google/models/MODEL:generateContent.",
    ),
    (
        rf"(?:{_V})?/projects/[^/]+/locations/[^/]+/models/.*",
        "There are no tuned models here. Google's own are at .../publishers/google/models/MODEL.",
    ),
    (
        rf"(?:{_V})?/projects(?:/[^/]+(?:/(?!locations/[^/]+/).*)?)?",
        "A path of Vertex AI names a project and a location: "
        "/v1/projects/PROJECT/locations/global/publishers/google/models/MODEL:generateContent.",
    ),
    (rf"(?:/upload)?{_V}/files.*", "There is no such method of files: upload, get, list, delete."),
    (rf"{_V}/uploads(?:/.*)?", "Send a file whole: POST /v1/files, whatever its size."),
    (rf"{_V}/tunedModels.*", "There are no tuned models here."),
    (
        rf"{_V}/(?:corpora|fileSearchStores|generatedFiles|assistants|threads|vector_stores|"
        r"fine_tuning|realtime|embeddings|audio|moderations|completions|messages|conversations|"
        r"videos|containers|evals|skills|chatkit|organization)(?:[/:].*)?",
        _ONLY_PICTURES,
    ),
    (r"/ws/.*", "The Live API is not served here."),
)
_BEFORE: Final = re.compile(
    rf"(/.{{1,200}}?){_V}/(?:models|projects|publishers|openai|chat|images|responses|files|"
    r"interactions)(?:[/:].*)?"
)


def hint(method: str, path: str, prefix: str) -> str:
    """A sentence for who asked for this path; ``prefix`` stands before every route, or is empty."""
    if prefix and path != prefix and not path.startswith(f"{prefix}/"):
        return f"The path lacks the prefix of this server ({prefix}, the prefix setting)."
    path = path.removeprefix(prefix) or "/"
    if path == "/" and method == "POST":
        return _ENV_ONLY_VERTEX
    for pattern, sentence in _PATHS:
        if re.fullmatch(pattern, path, re.DOTALL):
            return sentence
    before = _BEFORE.fullmatch(path)
    if before:
        return (
            f"{before[1][:80]!r} stands before the version in this address, and nothing is served "
            "there: leave it out of your client's base URL, or give this server the prefix setting."
        )
    shown = "".join(letter if letter.isprintable() else "?" for letter in path[:80])
    return (
        f"Nothing is served at {shown}. The Gemini API is at "
        "/v1beta/models/MODEL:generateContent, the list of models at /v1beta/models; OpenAI's "
        "paths are below /v1, Vertex AI's below /v1/projects."
    )
