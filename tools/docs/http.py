"""The page of HTTP: every route and verb, what is read from a request and said in an answer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from pisang.admission import references
from pisang.conversations import store as conversations
from pisang.files import library
from pisang.surfaces.addresses import GEMINI_VERSIONS, VERTEX_VERSIONS
from pisang.wire.gemini import schema
from pisang.wire.openai import images
from tools.docs import paths
from tools.docs.markdown import codes, table

_INTRO = """\
# HTTP

pisang speaks the Gemini Developer API, Vertex AI and OpenAI's API for pictures: the same paths,
bodies and errors, so that their own clients work with nothing changed but the base URL and the key.
`{{version}}` is one of {versions} on the Gemini API and one of {vertex} on Vertex AI (below
`/projects` and `/publishers`, where it may also be left out); all mean the same. A `prefix`
([settings](settings.md)) stands before every path but the two for probes. Doubled and trailing
slashes do not matter. `HEAD` is answered wherever `GET` is.

[Paths](#paths) · [Who is asking](#who-is-asking) · [Headers](#headers) ·
[A request](#a-request-of-the-gemini-api) · [An answer](#an-answer-of-the-gemini-api) ·
[Limits](#limits) · [Not served](#not-served) · [Errors](errors.md)
"""

_CALLER = """\
## Who is asking

The key stands in the header `x-goog-api-key`, in `?key=`, or as `Authorization: Bearer KEY`. As a
bearer token (or in `?access_token=`) an access token of a
[service account](../how-to/service-accounts.md), or a request that it signed, counts too. All of
them count at every address that asks for one. Two different credentials in one request are refused.
"""

SENT: Final[Mapping[str, str]] = {
    "x-goog-api-key": "An API key.",
    "authorization": "`Bearer` and an API key, an access token, or a request that is signed.",
    "x-server-timeout": "The deadline in seconds: after it, 504.",
    "x-vertex-ai-llm-request-type": "`shared` or `dedicated` (there is none: 429).",
    "x-vertex-ai-llm-shared-request-type": (
        "The [service tier](../how-to/vertex.md#service-tiers) on Vertex AI."
    ),
    "x-pisang-chat-images": (
        "Where a [chat](../how-to/openai.md#chat) has its pictures: `images`, `markdown` or "
        "`data-url`."
    ),
    "x-pisang-fault": "A [fault](faults.md) that the answer is to have, for keys that may ask.",
    "api-revision": "Interactions: a date before 2026-05-20 asks for `outputs`, not `steps`.",
    "x-goog-upload-protocol, x-goog-upload-command, x-goog-upload-offset": (
        "The steps of a resumable [upload](../how-to/files.md)."
    ),
    "x-goog-api-client, user-agent": (
        "Which client asks: version 1 of google-genai gets `outputs`; at `/v1/files` Google's and "
        "OpenAI's clients get their own form."
    ),
    "x-goog-user-project": "Not looked at: the caller's own project pays.",
    "cdn-loop": "The servers that a request has passed: one that comes back is refused.",
    "referer, origin": "The web page, for [keys](../how-to/keys.md) that are limited to some.",
    "x-forwarded-for": (
        "Where a request comes from, by proxies that the setting `trusted_proxies` names."
    ),
    "cookie": "The [sign-in](../how-to/sign-in.md#by-http) of a person in a browser, for the "
    "admin API; to change something, `sec-fetch-site` or `origin` must be this server's.",
}
"""Headers that a request may have, with what they do."""

ANSWERED: Final[Mapping[str, str]] = {
    "x-request-id": "Under it the server's log has the request.",
    "x-pisang-model": "The model that served.",
    "x-pisang-notice": "Why it is not the one asked for, or what else was done otherwise.",
    "x-pisang-engine": "The engine of the route table that answered.",
    "x-pisang-attempts": "How many were asked until one answered, where it was not the first.",
    "x-pisang-fault": "The [fault](faults.md) that the answer has.",
    "x-gemini-service-tier": "The tier that served (Gemini API; Vertex AI has `trafficType`).",
    "retry-after": "With 429 and 503: the seconds after which to try again, where that is known; "
    "also where an upstream said it in the body only.",
    "x-should-retry": "`false` for OpenAI's clients where trying again cannot help: an upstream "
    "is out of money, or does not know this server's key.",
    "allow": "With 405: the methods that the address takes.",
    "www-authenticate": "With 401, but not for OpenAI's clients.",
    "set-cookie": "A sign-in, or its end.",
}
"""Headers that an answer may have."""

_REQUEST = """\
## A request of the Gemini API

Vertex AI takes the same, with
[few differences](../how-to/vertex.md#what-differs-from-the-gemini-api). The guides to the other
dialects are named [above](#paths).

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
- These are read and have no effect on a picture: {idle}.
- A name that Google does not have is refused with its path, and so is a tool, a modality or a
  thinking level that the model lacks.
- `candidateCount` must be 1: image models make one picture a request.

## An answer of the Gemini API

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

## Limits

| what | at most | beyond it |
| --- | --- | --- |
| body of a request | `max_body_mb` | 400, and 413 for OpenAI's clients, without reading it whole |
| a picture that is sent | `max_megapixels` | 400, without decoding it |
| pictures that are sent | what the [model](models.md) takes | 400 |
| files named in a request | {files} | 400 |
| an uploaded file | {file} GB, for {hours} hours | 400 |
| all files of a project | {project} GB | 400 |
| `sampleCount` of Imagen | what the [model](models.md#imagen) takes | 400 |
| `n` for OpenAI's clients | {pictures} | 400 |
| turns of a kept conversation | {turns} | 400 |
| time of a request | `request_timeout`, `X-Server-Timeout` | 504 |
| requests that wait | `queue` | 503 with `Retry-After` |

In the second column are [settings](settings.md), and one header.

## Not served

Batches, cached contents, tuned models, endpoints of your own, embeddings, video, the Live API: an
error with a sentence that says what to use.
"""


def page() -> str:
    idle = codes(sorted(map(_camel, (*schema.IDLE_REQUEST_FIELDS, *schema.IDLE_CONFIG_FIELDS))))
    sizes = codes(schema.IMAGE_SIZE_NAMES.values())
    request = _REQUEST.replace("{sizes}", sizes).replace("{idle}", idle)
    for name, value in _limits().items():
        request = request.replace(f"{{{name}}}", str(value))
    intro = _INTRO.format(versions=codes(GEMINI_VERSIONS), vertex=codes(VERTEX_VERSIONS))
    return f"{intro}\n## Paths\n\n{paths.sections()}\n\n{_CALLER}\n{_headers()}\n\n{request}"


def _limits() -> Mapping[str, int]:
    return {
        "files": references.MOST_FILES,
        "file": library.MAX_FILE // 10**9,
        "project": library.MAX_PROJECT // 10**9,
        "hours": round(library.KEPT / timedelta(hours=1)),
        "pictures": images.MOST_PICTURES,
        "turns": conversations.MOST_TURNS,
    }


def _headers() -> str:
    sent = table(("of a request", ""), [(_names(name), what) for name, what in SENT.items()])
    told = table(("of an answer", ""), [(_names(name), what) for name, what in ANSWERED.items()])
    return f"## Headers\n\n{sent}\n\n{told}"


def _names(name: str) -> str:
    return codes(name.split(", "))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
