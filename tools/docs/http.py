"""The page of HTTP: every route and verb, what is read from a request and said in an answer."""

import inspect

from pisang.surfaces import routes
from pisang.surfaces.google import vertex
from pisang.surfaces.google.gemini import VERSIONS
from pisang.wire.gemini import schema
from tools.docs.markdown import code, codes, table

_INTRO = """\
# HTTP

pisang speaks the Gemini Developer API, Vertex AI and OpenAI's API for pictures: the same paths,
bodies and errors, so that their own clients work with nothing changed but the base URL and the key.
`{{version}}` is one of {versions} on the Gemini API and one of {vertex} on Vertex AI (below
`/projects` and `/publishers`, where it may also be left out); all mean the same. A `prefix`
([settings](settings.md)) stands before every path but the two for probes. Doubled and trailing
slashes do not matter. `HEAD` is answered wherever `GET` is.
"""

# What is said of a route beyond the first sentences of its handler.
ROUTES: dict[tuple[str, str], str] = {
    ("GET", "/healthz"): "The process lives: 200. Needs no key.",
    ("GET", "/readyz"): "The database answers and the engine takes work: 200, else 503. No key.",
    ("GET", "/{version}/models"): (
        "The living models; `pageSize` (default 50, at most 1000) and `pageToken`."
    ),
    ("GET", "/{version}/models/{model}"): "One model, under any of its names.",
    ("GET", "/{version}/tunedModels"): "Always an empty list: image models cannot be tuned.",
    ("POST", "/{version}/models/{model}:generateContent"): "Makes a picture; one JSON object.",
    ("POST", "/{version}/models/{model}:streamGenerateContent"): (
        "The same as it comes about: server-sent events with `?alt=sse`, else one JSON array."
    ),
    ("POST", "/{version}/models/{model}:countTokens"): (
        "What the prompt counts as. Makes nothing."
    ),
}

_REQUEST = """\
## A request

The key stands in the header `x-goog-api-key`, in `?key=`, or as `Authorization: Bearer KEY`. As a
bearer token (or in `?access_token=`) an access token of a
[service account](../how-to/service-accounts.md), or a request that it signed, counts too. Two
different credentials in one request are refused, and so is an `x-goog-user-project` that is not the
caller's own project.

```json
{
  "contents": [{"role": "user", "parts": [{"text": "a red fox in the snow"}]}],
  "generationConfig": {
    "responseModalities": ["TEXT", "IMAGE"],
    "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
    "seed": 7
  }
}
```

- Both spellings of every name are read at every depth (`imageConfig`, `image_config`), and both
  base64 alphabets. Enum words may be in any case; numbers of enums are read too.
- `imageConfig` and `responseFormat` may describe the picture, one or both; `responseFormat` is
  read as an object or as an array, with plain words (`16:9`) or enum names
  (`ASPECT_RATIO_SIXTEEN_BY_NINE`). Only `responseFormat.image.mimeType` chooses the codec:
  `IMAGE_PNG`, `IMAGE_JPEG` or `IMAGE_WEBP`.
- Sizes are {sizes}, exactly so: `2k`, `0.5K` and `4096` get a 400 that says what to write.
- Without `aspectRatio` a picture has the ratio that is nearest to the last input picture, else 1:1.
- Pictures come as `inlineData`, or as `fileData` with the address of an uploaded file, an `https`
  address or a `gs://` one.
- `X-Server-Timeout` (seconds) is the deadline: after it, 504.
- These are read and have no effect on a picture: {idle}.
- A name that Google does not have is refused with its path, and so is a tool, a modality or a
  thinking level that the model lacks.
- `candidateCount` must be 1: image models make one picture a request.

## An answer

| where | what |
| --- | --- |
| `candidates[0].content.parts` | one text (if `TEXT` is wanted) and the picture as `inlineData` |
| `candidates[0].finishReason` | [why it ended](errors.md#finish-reasons); a refusal is a 200 |
| `candidates[0].finishMessage` | a sentence about it, where it is not `STOP` |
| `parts[].thought` | the plan, only with `thinkingConfig.includeThoughts` |
| `parts[].thoughtSignature` | what the engine must see again to change this picture: send it back |
| `usageMetadata` | tokens by modality, as the [catalog](models.md) counts them |
| `modelVersion` | the model that served, and the engine: `gemini-3-pro-image+pisang-sketch-1` |
| `responseId` | an id of this answer |

Headers of an answer: `x-pisang-model` (the model that served), `x-pisang-notice` (why, where it is
not the one asked for), `x-gemini-service-tier`, and `x-request-id`, under which the server's log
has the request. Errors: [their page](errors.md).

## Limits

A body over `max_body_mb` is refused without being read whole; a picture over `max_megapixels`
without being decoded. A request over `request_timeout` gets 504; more waiting requests than
`queue` get 503 with `Retry-After`. All four are [settings](settings.md).

## Not served

Batches, cached contents, tuned models, endpoints of your own, embeddings, video, the Live API: an
error with a sentence that says what to use.
"""


def page() -> str:
    listed = table(
        ("method", "path", "answer"),
        [(method, code(path), said) for (method, path), said in served().items()],
    )
    idle = codes(sorted(map(_camel, (*schema.IDLE_REQUEST_FIELDS, *schema.IDLE_CONFIG_FIELDS))))
    sizes = codes(schema.IMAGE_SIZE_NAMES.values())
    request = _REQUEST.replace("{sizes}", sizes).replace("{idle}", idle)
    intro = _INTRO.format(versions=codes(VERSIONS), vertex=codes(vertex.VERSIONS))
    return f"{intro}\n## Paths\n\n{listed}\n\n{request}"


def served() -> dict[tuple[str, str], str]:
    """Method and path of every route, with what it answers: the first paragraph of its handler."""
    found: dict[tuple[str, str], str] = {}
    for route in (*routes.PROBES, *routes.SURFACES):
        if route.include_in_schema:
            text = (inspect.getdoc(route.endpoint) or "").partition("\n\n")[0]
            for method in sorted((route.methods or set()) - {"HEAD"}):
                at = (method, route.path_format)
                found.setdefault(at, ROUTES.get(at) or " ".join(text.replace("``", "`").split()))
    silent = [at for at, said in found.items() if not said]
    assert not silent, f"no docstring says what these answer: {silent}"
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
