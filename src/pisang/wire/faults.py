"""Errors as Google writes them: the only module that knows Google's ``{"error": ...}`` envelope.

``google`` turns an error of ours into a status and a body, ``from_google`` turns a body back into
an error (for our own client and for upstreams). Every envelope carries an ``ErrorInfo`` whose
``reason`` names the class, so that the way back finds the same class; a body of Google's own, which
mostly has none, is recognised by its status word (surfaces contract, section 9).

Where an upstream refused, its own envelope is kept as it came - status, message, details and their
order - and our ``ErrorInfo`` is put behind its details.
"""

import re
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Final

from pydantic_core import from_json

from pisang.core import errors
from pisang.core.errors import (
    AddressBlocked,
    AlreadyExists,
    BalanceExhausted,
    Code,
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    ExpiredToken,
    InvalidKey,
    InvalidToken,
    KeyRestricted,
    MissingCredential,
    ModelNotFound,
    NotFound,
    PermissionDenied,
    PisangError,
    ProjectDenied,
    ProjectSuspended,
    RateLimited,
    ReferrerBlocked,
    RequestError,
    Violation,
)
from pisang.core.services import GEMINI, TYPE, VERTEX
from pisang.wire import quotas
from pisang.wire.payload import Written

HTTP_STATUS: Final[Mapping[Code, int]] = {
    Code.INVALID_ARGUMENT: 400,
    Code.FAILED_PRECONDITION: 400,
    Code.UNAUTHENTICATED: 401,
    Code.PERMISSION_DENIED: 403,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.UNIMPLEMENTED: 405,  # Google's own is 501, for what pisang never says
    Code.RESOURCE_EXHAUSTED: 429,
    Code.CANCELLED: 499,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DEADLINE_EXCEEDED: 504,
}

_BAD_TOKEN: Final = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential."
)
_EXPIRED: Final = "API key expired."  # Google's own other sentence for a key that is not valid
# Sentences that clients search for, word for word; what pisang has to add follows them.
_GOOGLE_SAYS: Final[Mapping[type[PisangError], str]] = {
    InvalidKey: "API key not valid. Please pass a valid API key.",
    MissingCredential: (
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API."
    ),
    InvalidToken: _BAD_TOKEN,
    ExpiredToken: _BAD_TOKEN,
    BalanceExhausted: (
        "Your prepayment credits are depleted. Please go to AI Studio at "
        "https://ai.studio/projects to manage your project and billing."
    ),
}
_WANTS_OAUTH: Final = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login "
    "cookie or other valid authentication credential."
)
# Google's own reasons come from Google's domain, with the service they are about.
_GOOGLE_REASONS: Final = frozenset(
    {
        InvalidKey.reason,
        InvalidToken.reason,
        ExpiredToken.reason,
        MissingCredential.reason,
        ProjectDenied.reason,
        ProjectSuspended.reason,
        RateLimited.reason,
        KeyRestricted.reason,
        ReferrerBlocked.reason,
        AddressBlocked.reason,
    }
)
_DOMAIN: Final = "pisang"

_HELP: Final[Mapping[type[PisangError], tuple[str, str]]] = {
    ModelNotFound: ("Gemini API models", "https://ai.google.dev/gemini-api/docs/models"),
}

# The tree as core/errors.py draws it; a subclass that another room keeps to itself is not in it.
CLASSES: Final[tuple[type[PisangError], ...]] = tuple(
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, PisangError)
)
_BY_REASON: Final = {kind.reason: kind for kind in CLASSES}
# What a status word without a known reason most likely means.
_BY_CODE: Final[Mapping[Code, type[PisangError]]] = {
    Code.INVALID_ARGUMENT: RequestError,
    Code.FAILED_PRECONDITION: RequestError,
    Code.UNAUTHENTICATED: InvalidToken,
    Code.PERMISSION_DENIED: PermissionDenied,
    Code.NOT_FOUND: NotFound,
    Code.ALREADY_EXISTS: AlreadyExists,
    Code.UNIMPLEMENTED: RequestError,
    Code.RESOURCE_EXHAUSTED: EngineUnavailable,
    Code.UNAVAILABLE: EngineUnavailable,
    Code.DEADLINE_EXCEEDED: EngineTimeout,
}
_BY_STATUS: Final[Mapping[int, Code]] = {
    408: Code.DEADLINE_EXCEEDED,
    413: Code.INVALID_ARGUMENT,
    501: Code.UNIMPLEMENTED,
    502: Code.UNAVAILABLE,
} | {status: code for code, status in HTTP_STATUS.items() if code is not Code.FAILED_PRECONDITION}


def google(error: PisangError, *, vertex: bool = False) -> tuple[int, dict[str, Written]]:
    """The HTTP status and the body for an error. On Vertex AI a request without a credential is
    UNAUTHENTICATED, and the service has another name (surfaces contract, section 0.3)."""
    if kept := _kept(error):
        return kept
    code = error.code
    if vertex and isinstance(error, MissingCredential):
        code = Code.UNAUTHENTICATED
    status = HTTP_STATUS[code]
    message = google_message(error, vertex=vertex)
    body: dict[str, Written] = {
        "code": status,
        "message": message,
        "status": code.value,
        "details": list(_details(error, message, VERTEX if vertex else GEMINI)),
    }
    return status, {"error": body}


def upstreams_own(error: PisangError) -> dict[str, Written] | None:
    """What is inside the envelope that an upstream of Google's kind answered with; None where there
    is none to keep: a page, another dialect's, or one that was cut."""
    original = error.original if isinstance(error, EngineError) else None
    if original is None or not 400 <= original.status < 600:
        return None
    said = envelope_of(original.body)
    code, word = said.get("code"), said.get("status")
    googles = isinstance(word, str) or (isinstance(code, int) and "type" not in said)
    if not googles or not isinstance(said.get("message"), str):
        return None
    return said if isinstance(said.get("details"), list | None) else None


def _kept(error: PisangError) -> tuple[int, dict[str, Written]] | None:
    said = upstreams_own(error)
    if said is None or not isinstance(error, EngineError) or error.original is None:
        return None
    details = said.get("details")
    before = details if isinstance(details, list) else []
    return error.original.status, {"error": said | {"details": [*before, our_info(error)]}}


def our_info(error: PisangError) -> dict[str, Written]:
    """The ``ErrorInfo`` that says what an error is in our words."""
    return _error_info(error, GEMINI)


def google_message(error: PisangError, *, vertex: bool = False) -> str:
    """The sentences of an error: those of Google's that clients search for, and ours behind."""
    if isinstance(error, RateLimited) and quotas.is_quota(error):
        return quotas.message(error, VERTEX if vertex else GEMINI)
    said = _GOOGLE_SAYS.get(type(error), "")
    if vertex and isinstance(error, MissingCredential):
        said = _WANTS_OAUTH
    if not said or error.message.startswith((said, _EXPIRED)):
        return error.message
    return f"{said} {error.message}".strip()


def _details(error: PisangError, message: str, service: str) -> Iterator[Written]:
    violations: list[Written] = [
        {"field": v.field, "description": v.description}
        if v.field
        else {"description": v.description}
        for v in error.violations
    ]
    if violations:
        yield {"@type": TYPE + "BadRequest", "fieldViolations": violations}
    if isinstance(error, RateLimited) and quotas.is_quota(error):
        yield from quotas.details(error, service)
    yield _error_info(error, service)
    if isinstance(error, InvalidKey):
        yield {"@type": TYPE + "LocalizedMessage", "locale": "en-US", "message": message}
    if type(error) in _HELP:
        description, url = _HELP[type(error)]
        yield {"@type": TYPE + "Help", "links": [{"description": description, "url": url}]}
    if error.retry_after is not None:
        yield {"@type": TYPE + "RetryInfo", "retryDelay": f"{whole_seconds(error.retry_after)}s"}


def whole_seconds(wait: float) -> int:
    """How long to wait, as ``RetryInfo`` and ``Retry-After`` tell it: a moment too early would be
    refused again."""
    return max(1, ceil(wait))


def _error_info(error: PisangError, service: str) -> dict[str, Written]:
    google_owns = error.reason in _GOOGLE_REASONS
    metadata: dict[str, Written] = {"service": service} if google_owns else {}
    metadata |= error.metadata
    info: dict[str, Written] = {
        "@type": TYPE + "ErrorInfo",
        "reason": error.reason,
        "domain": "googleapis.com" if google_owns else _DOMAIN,
    }
    if metadata:
        info["metadata"] = metadata
    return info


def from_google(status: int, body: bytes) -> PisangError:
    """Reads an error answer of any Google-shaped server; it never fails, whatever the body is.

    The envelope may be the object, a one-element array of it, or no JSON at all (a proxy's page).
    """
    envelope = envelope_of(body)
    message = envelope.get("message")
    if not isinstance(message, str) or not message:
        message = f"The server answered HTTP {status}: {_excerpt(body)}"
    details = _rows(envelope.get("details"))
    infos = sorted(
        (row for row in reversed(details) if _is(row, "ErrorInfo")),
        key=lambda row: row.get("domain") != _DOMAIN,  # ours says more, and stands behind others
    )
    reason = next((r for info in infos if isinstance(r := info.get("reason"), str)), "")
    metadata = next((m for info in infos if isinstance(m := info.get("metadata"), dict)), {})
    return _class(reason, envelope.get("status"), status)(
        message,
        violations=_violations(details),
        retry_after=_retry_after(details),
        metadata={
            k: v for k, v in metadata.items() if isinstance(v, str) and v not in (GEMINI, VERTEX)
        },
    )


def _class(reason: str, word: object, status: int) -> type[PisangError]:
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    named = next((code for code in Code if code.value == word), None)
    code = named or _BY_STATUS.get(status, Code.INTERNAL)
    return _BY_CODE.get(code, EngineError)


def envelope_of(body: bytes) -> dict[str, Written]:
    """What is inside ``{"error": ...}``, alone or in a list; empty where there is no such thing."""
    try:
        tree: Written = from_json(body, allow_inf_nan=False)
    except ValueError:
        return {}
    if isinstance(tree, list) and tree:
        tree = tree[0]
    error = tree.get("error") if isinstance(tree, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _is(row: dict[str, object], kind: str) -> bool:
    named = row.get("@type")
    return isinstance(named, str) and named.endswith(kind)


def _violations(details: list[dict[str, object]]) -> tuple[Violation, ...]:
    return tuple(
        Violation(str(row.get("field") or ""), str(row.get("description") or ""))
        for detail in details
        if _is(detail, "BadRequest")
        for row in _rows(detail.get("fieldViolations"))
    )


def _retry_after(details: list[dict[str, object]]) -> float | None:
    for row in details:
        delay = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s", str(row.get("retryDelay")))
        if _is(row, "RetryInfo") and delay:
            return float(delay[1])
    return None


def _excerpt(body: bytes) -> str:
    """The beginning of a body that is no envelope; of a page, its title."""
    title = re.search(rb"<title[^>]*>([^<]{1,200})<", body[:10_000], re.IGNORECASE)
    if title:
        body = title[1]
    text = " ".join(body[:400].decode("utf-8", "replace").split())
    return text[:200] or "no body"
