"""What upstreams do wrong, byte for byte: the rows of docs/resilience.md.

A ``Fault`` is an answer of the stand-in (tests/upstream.py) to a request for a whole answer, and,
where it looks different there, to one for a stream. ``base`` replaces the address of the upstream
for what goes wrong before anything can be answered: ``{url}`` in it is the stand-in, ``{nobody}``
a port that nobody listens at, ``{untrusted}`` a server with a certificate of its own making.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.upstream import CUT, HANG, NONE, RESET, Answer, chunked, error, sse, whole

PICTURE: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
_USED: Final = {"promptTokenCount": 7, "candidatesTokenCount": 1120, "totalTokenCount": 1127}
_SAID: Final = {"text": "Here it is."}
_SHOWN: Final = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}


def answer(*parts: dict[str, Any], reason: str | None = "STOP", **more: object) -> dict[str, Any]:
    """An answer of Google's, or one event of it."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {
        "candidates": [candidate | more],
        "usageMetadata": _USED,
        "modelVersion": "gemini-3-pro-image",
    }


GOOD: Final = whole(answer(_SAID, _SHOWN))
GOOD_STREAM: Final = sse(answer(_SAID, reason=None), answer(_SHOWN))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """``what`` is the row's first cell; ``whole`` is None where only a stream can have it.
    ``answered`` is whether it is an answer all the same: a refusal, which is handed on. ``late`` is
    whether the caller has seen the beginning by then. ``seconds`` is how long the caller waits,
    where that matters."""

    what: str
    whole: Answer | None = ()
    stream: Answer | None = None
    base: str = "{url}"
    answered: bool = False
    late: bool = False
    seconds: float | None = None

    def answer(self, *, streamed: bool) -> Answer:
        """What the stand-in says. Raises ``ValueError`` for what only a stream can have."""
        chosen = self.stream if streamed and self.stream is not None else self.whole
        if chosen is None:
            raise ValueError(f"only a stream can have {self.what}")
        return chosen


def details(*rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Details of an error; ``@type`` is told by its last word."""
    return [{**row, "@type": f"type.googleapis.com/google.rpc.{row['@type']}"} for row in rows]


def quota(name: str, *, value: str = "10", retry: str = "") -> list[dict[str, Any]]:
    """A limit that is used up."""
    failure = {"@type": "QuotaFailure", "violations": [{"quotaId": name, "quotaValue": value}]}
    wait = {"@type": "RetryInfo", "retryDelay": retry}
    return details(failure, wait) if retry else details(failure)


def reason(word: str) -> list[dict[str, Any]]:
    return details({"@type": "ErrorInfo", "reason": word, "domain": "googleapis.com"})


def page(status: int, title: str, headers: Mapping[str, str] = NONE) -> Answer:
    """What a proxy says."""
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return whole(html, status=status, content_type="text/html", headers=headers)


_PER_MINUTE: Final = "GenerateRequestsPerMinutePerProjectPerModel"
_QUOTA: Final = "You exceeded your current quota, please check your plan and billing details."
_EXHAUSTED: Final = "RESOURCE_EXHAUSTED"
_DENIED: Final = "PERMISSION_DENIED"
_INVALID: Final = "INVALID_ARGUMENT"
_IN_A_200: Final = {"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}
_HEAD: Final = json.dumps(answer(_SAID, _SHOWN)).encode()[:50]
_SOME: Final = json.dumps(answer(_SAID, _SHOWN)).encode()[:100]

LIMITS: Final = (
    Fault(
        what="429, requests a minute, told to come back in 3 s",
        whole=error(429, _QUOTA, word=_EXHAUSTED, details=quota(_PER_MINUTE, retry="3s")),
    ),
    Fault(
        what="429, requests a minute, told to come back in 34 s",
        whole=error(429, _QUOTA, word=_EXHAUSTED, details=quota(_PER_MINUTE, retry="34s")),
    ),
    Fault(
        what="429, requests a minute, not told when to come back",
        whole=error(429, _QUOTA, word=_EXHAUSTED, details=quota(_PER_MINUTE)),
    ),
    Fault(
        what="429, requests a day",
        whole=error(
            429,
            _QUOTA,
            word=_EXHAUSTED,
            details=quota("GenerateRequestsPerDayPerProjectPerModel", retry="20s"),
        ),
    ),
    Fault(
        what="429, limit 0: the free tier makes no images",
        whole=error(
            429,
            f"{_QUOTA} limit: 0",
            word=_EXHAUSTED,
            details=quota(f"{_PER_MINUTE}-FreeTier", value="0"),
        ),
    ),
    Fault(
        what="429, capacity that all share (`Resource exhausted`)",
        whole=error(429, "Resource exhausted. Please try again later.", word=_EXHAUSTED),
    ),
    Fault(
        what="429, provisioned throughput used up",
        whole=error(
            429,
            "Too many requests. Exceeded the Provisioned Throughput.",
            word=_EXHAUSTED,
        ),
    ),
    Fault(
        what="429 of a proxy, with `Retry-After: 2`",
        whole=whole(
            '{"message": "slow down", "code": 429}', status=429, headers={"retry-after": "2"}
        ),
    ),
)

MONEY: Final = (
    Fault(
        what="429, prepaid credits are used up",
        whole=error(
            429,
            "Your prepayment credits are depleted. Please go to AI Studio at "
            "https://ai.studio/projects to manage your project and billing.",
            word=_EXHAUSTED,
        ),
    ),
    Fault(
        what="402",
        whole=error(402, "Payment required.", word=_EXHAUSTED),
    ),
    Fault(
        what="429, monthly spending cap",
        whole=error(429, "Your project has exceeded its monthly spending cap.", word=_EXHAUSTED),
    ),
    Fault(
        what="429, more spent in ten minutes than allowed",
        whole=error(429, "Your 10-minute spend limit was reached.", word=_EXHAUSTED),
    ),
    Fault(
        what="403, no billing (`BILLING_DISABLED`)",
        whole=error(
            403,
            "This API method requires billing to be enabled.",
            word=_DENIED,
            details=reason("BILLING_DISABLED"),
        ),
    ),
)

ACCESS: Final = (
    Fault(
        what="400, our API key is not valid",
        whole=error(
            400,
            "API key not valid. Please pass a valid API key.",
            word=_INVALID,
            details=reason("API_KEY_INVALID"),
        ),
    ),
    Fault(
        what="403, our API key was reported as leaked",
        whole=error(403, "Your API key was reported as leaked.", word=_DENIED),
    ),
    Fault(
        what="401, the access token is not taken",
        whole=error(401, "Request had invalid authentication credentials.", word="UNAUTHENTICATED"),
    ),
    Fault(
        what="403, the API is not switched on (`SERVICE_DISABLED`)",
        whole=error(
            403,
            "Gemini API has not been used in project 1 before or it is disabled.",
            word=_DENIED,
            details=reason("SERVICE_DISABLED"),
        ),
    ),
    Fault(
        what="403, the project is suspended",
        whole=error(
            403,
            "Permission denied: Consumer 'projects/1' has been suspended.",
            word=_DENIED,
            details=reason("CONSUMER_SUSPENDED"),
        ),
    ),
    Fault(
        what="400, this country is not served",
        whole=error(
            400,
            "User location is not supported for the API use.",
            word="FAILED_PRECONDITION",
        ),
    ),
    Fault(
        what="404, no such model",
        whole=error(
            404,
            "models/gemini-3-pro-image is not found for API version v1beta, or is not supported "
            "for generateContent.",
            word="NOT_FOUND",
        ),
    ),
    Fault(
        what="404, the model was shut down",
        whole=error(
            404,
            "This model models/gemini-3-pro-image is no longer available to new users.",
            word="NOT_FOUND",
        ),
    ),
    Fault(
        what="302 to a sign-in page",
        whole=whole("", status=302, headers={"location": "https://login.example/"}),
    ),
    Fault(what="404 as a page: not this API", whole=page(404, "Not Found")),
)

REQUESTS: Final = (
    Fault(
        what="400, a bad request",
        whole=error(
            400, "Unsupported image_size '8K'. Supported values are: 1K, 2K, 4K.", word=_INVALID
        ),
    ),
    Fault(
        what="400, larger than 20 MB",
        whole=error(400, "Request payload size exceeds the limit: 20971520 bytes.", word=_INVALID),
    ),
    Fault(what="413 as a page of nginx", whole=page(413, "413 Request Entity Too Large")),
)

TROUBLE: Final = (
    Fault(
        what="503, overloaded",
        whole=error(503, "The model is overloaded. Please try again later.", word="UNAVAILABLE"),
    ),
    Fault(
        what="500",
        whole=error(500, "An internal error has occurred.", word="INTERNAL"),
    ),
    Fault(what="502 as a page of a proxy", whole=page(502, "502 Bad Gateway")),
    Fault(
        what="504, the upstream's own deadline",
        whole=error(
            504, "Deadline expired before operation could complete.", word="DEADLINE_EXCEEDED"
        ),
    ),
    Fault(what="522 of Cloudflare", whole=page(522, "522: Connection timed out")),
)

TRANSPORT: Final = (
    Fault(what="nobody listens at the address", base="{nobody}"),
    Fault(what="a certificate that is not to be trusted", base="{untrusted}"),
    Fault(what="connection broken before an answer", whole=(RESET,)),
    Fault(what="connection closed without a word", whole=(CUT,)),
    Fault(what="nothing comes until the caller's deadline", whole=(HANG,), seconds=0.2),
    Fault(
        what="cut off before the first content",
        whole=chunked(_HEAD, CUT),
        stream=sse(b"data: " + _HEAD, CUT),
    ),
    Fault(
        what="cut off after the first content",
        whole=chunked(_SOME, CUT),
        stream=sse(answer(_SAID, reason=None), CUT),
        late=True,
    ),
    Fault(
        what="a length that is not reached, before the first content",
        whole=whole(_HEAD, length=5000),
        stream=whole(b"data: " + _HEAD, length=5000, content_type="text/event-stream"),
    ),
)

GARBLED: Final = (
    Fault(what="200 with a page of HTML", whole=page(200, "Sign in to Hotel WiFi")),
    Fault(
        what="200 with nothing in it",
        whole=whole(b""),
        stream=whole(b"", content_type="text/event-stream"),
    ),
    Fault(
        what="200 whose JSON stops in the middle",
        whole=whole(_HEAD),
        stream=whole(b"data: " + _HEAD + b"\r\n\r\n", content_type="text/event-stream"),
    ),
    Fault(
        what="200 with an error in place of the answer",
        whole=whole(_IN_A_200),
        stream=sse(_IN_A_200),
    ),
    Fault(
        what="200 whose JSON stops after the first content",
        whole=whole(_SOME),
        stream=whole(
            b"data: " + _SOME + b"\r\n\r\n", content_type="text/event-stream; charset=UTF-8"
        ),
        late=True,
    ),
    Fault(
        what="an error in the middle of a stream",
        whole=None,
        stream=sse(answer(_SAID, reason=None), _IN_A_200),
        late=True,
    ),
)

REFUSALS: Final = (
    Fault(
        what="200, `NO_IMAGE`",
        whole=whole(answer(reason="NO_IMAGE")),
        stream=sse(answer(reason="NO_IMAGE")),
        answered=True,
    ),
    Fault(
        what="200, `IMAGE_SAFETY`",
        whole=whole(answer(reason="IMAGE_SAFETY", finishMessage="Unable to show the image.")),
        stream=sse(answer(reason="IMAGE_SAFETY", finishMessage="Unable to show the image.")),
        answered=True,
    ),
    Fault(
        what="200, the prompt is blocked",
        whole=whole({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
        stream=sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
        answered=True,
    ),
)

GROUPS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "Limits and capacity": LIMITS,
    "Money": MONEY,
    "Keys, projects and models": ACCESS,
    "The request itself": REQUESTS,
    "The upstream is in trouble": TROUBLE,
    "On the way": TRANSPORT,
    "Answers that are none": GARBLED,
    "Refusals, which are answers": REFUSALS,
}
FAULTS: Final = tuple(fault for group in GROUPS.values() for fault in group)
