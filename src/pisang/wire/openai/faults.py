"""Errors as OpenAI writes them: ``{"error": {"message", "type", "param", "code"}}``.

Source: surfaces contract, section 10.4. OpenAI's clients choose their exception class by the HTTP
status and read ``type``, ``code`` and ``param``; ``google_code`` and ``reason`` are ours, so that
the same error is found in both dialects' documentation.

What an upstream of OpenAI's kind answered is kept as it came; of a Google-shaped answer the status,
the message and the details are. In both our ``ErrorInfo`` is the last of the ``details``, as
Google's callers get it.
"""

from collections.abc import Mapping
from typing import Final

from pisang.core.errors import (
    BalanceExhausted,
    BudgetExhausted,
    Code,
    EngineBillingStopped,
    EngineError,
    EngineMisconfigured,
    EngineTimeout,
    ExpiredToken,
    InvalidKey,
    InvalidToken,
    MethodNotAllowed,
    MissingCredential,
    ModelNotFound,
    PictureRefused,
    PisangError,
    RateLimited,
    RequestTooLarge,
)
from pisang.core.terms import Dimension
from pisang.wire import quotas
from pisang.wire.faults import HTTP_STATUS, envelope_of, our_info, upstreams_own
from pisang.wire.openai.schema import WrongParameter
from pisang.wire.payload import Written

_INVALID: Final = "invalid_request_error"
_NO_MONEY: Final = "insufficient_quota"
_TYPES: Final[Mapping[Code, str]] = {
    Code.PERMISSION_DENIED: "permission_error",
    Code.RESOURCE_EXHAUSTED: "rate_limit_error",
    Code.INTERNAL: "server_error",
    Code.UNAVAILABLE: "server_error",
    Code.DEADLINE_EXCEEDED: "server_error",
}
# Errors that OpenAI has an own status or word for.
_STATUS: Final[Mapping[type[PisangError], int]] = {
    InvalidKey: 401,
    MissingCredential: 401,
    RequestTooLarge: 413,
}
_CODES: Final[Mapping[type[PisangError], str]] = {
    InvalidKey: "invalid_api_key",
    MissingCredential: "invalid_api_key",
    InvalidToken: "invalid_api_key",
    ExpiredToken: "invalid_api_key",
    ModelNotFound: "model_not_found",
    MethodNotAllowed: "method_not_allowed",
    RequestTooLarge: "request_too_large",
    PictureRefused: "moderation_blocked",
    EngineTimeout: "timeout",
}
# What OpenAI calls the kinds of limits, in ``type``.
_LIMITS: Final[Mapping[str, str]] = {
    Dimension.TPM.value: "tokens",
    Dimension.IPM.value: "images",
}
# The same of what triage calls the failure of an upstream.
_KINDS: Final[Mapping[str, str]] = {
    "model-gone": "model_not_found",
    "model-not-found": "model_not_found",
    "refused": "moderation_blocked",
    "too-large": "request_too_large",
    "empty": "no_image",
}
_KIND: Final = "kind"
_BY_CODE: Final[Mapping[Code, str]] = {
    Code.RESOURCE_EXHAUSTED: "rate_limit_exceeded",
}
_BLOCKED: Final = "image_generation_user_error"
_NOT_BLOCKED: Final = frozenset({"NO_IMAGE", "IMAGE_OTHER", "OTHER", "MAX_TOKENS", "STOP"})


def openai(error: PisangError) -> tuple[int, dict[str, Written]]:
    """The HTTP status and the body for an error."""
    if isinstance(error, EngineError):
        return _of_engine(error)
    status, said = _STATUS.get(type(error), HTTP_STATUS[error.code]), _said(error)
    if isinstance(error, PictureRefused) and error.metadata:
        said["details"] = [our_info(error)]  # Google's own reason, for which OpenAI has no word
    return status, {"error": said}


def _of_engine(error: EngineError) -> tuple[int, dict[str, Written]]:
    original = error.original
    if original is not None and 400 <= original.status < 600:
        if (own := envelope_of(original.body)) and _is_openais(own):
            known = HTTP_STATUS[error.code]
            # 500 is also said for an error that came in an answer's clothes, without a status.
            status = known if original.status == 500 and known < 500 else original.status
            return status, {"error": own | _ours(error, own)}
        if (googles := upstreams_own(error)) is not None:
            return _mapped(error, original.status, googles)
    status, said = HTTP_STATUS[error.code], _said(error)
    return status, {"error": said | _ours(error, {}) if error.metadata else said}


def _mapped(
    error: EngineError, status: int, googles: Mapping[str, Written]
) -> tuple[int, dict[str, Written]]:
    """Google's words for callers of OpenAI's. A status that says "your key" is not for them: it was
    ours that is not good."""
    message, word = googles.get("message"), googles.get("status")
    message = message if isinstance(message, str) else error.message
    if isinstance(error, EngineMisconfigured):
        message = f"{message} {error.metadata.get('advice', '')}".strip()
        status = HTTP_STATUS[error.code] if status in (401, 403) else status
    said = _said(error) | {"message": message} | _ours(error, googles)
    return status, {"error": said | ({"google_code": word} if isinstance(word, str) else {})}


def _is_openais(said: Mapping[str, Written]) -> bool:
    if isinstance(said.get("status"), str) or not isinstance(said.get("message"), str):
        return False
    return "type" in said or isinstance(said.get("code"), str)


def _ours(error: EngineError, theirs: Mapping[str, Written]) -> dict[str, Written]:
    """What we add to an error of an upstream: behind its own details, where it has some."""
    before = theirs.get("details")
    return {
        "reason": error.reason,
        "google_code": error.code.value,
        "details": [*(before if isinstance(before, list) else ()), our_info(error)],
    }


def _said(error: PisangError) -> dict[str, Written]:
    return {
        "message": error.message,
        "type": _type(error),
        "param": error.field,
        "code": _code(error),
        "reason": error.reason,
    }


def _type(error: PisangError) -> str:
    if isinstance(error, PictureRefused) or _is_refused(error):
        return _BLOCKED
    if _needs_money(error):
        return _NO_MONEY
    if isinstance(error, RateLimited) and quotas.is_quota(error):
        return _LIMITS.get(error.metadata.get("dimension", ""), "requests")
    if isinstance(error, MissingCredential | InvalidKey):
        return _INVALID
    return _TYPES.get(error.code, _INVALID)


def _needs_money(error: PisangError) -> bool:
    if isinstance(error, RateLimited):
        return quotas.is_quota(error) and quotas.never_helps(error)
    return isinstance(error, EngineBillingStopped | BudgetExhausted | BalanceExhausted)


def _is_refused(error: PisangError) -> bool:
    return isinstance(error, EngineError) and error.metadata.get(_KIND) in ("refused", "empty")


def _code(error: PisangError) -> str | None:
    if isinstance(error, WrongParameter):
        return error.openai_code
    if isinstance(error, PictureRefused) and error.metadata.get("finish_reason") in _NOT_BLOCKED:
        return "no_image"  # nobody objected; there was nothing to draw, or no room for it
    if isinstance(error, EngineError) and error.metadata.get(_KIND, "") in _KINDS:
        return _KINDS[error.metadata[_KIND]]
    if _needs_money(error):
        return _NO_MONEY
    if type(error) in _CODES:
        return _CODES[type(error)]
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if error.code is Code.INVALID_ARGUMENT:
        return "invalid_value" if error.field else None
    return error.reason.lower()
