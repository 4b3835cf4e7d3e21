"""Errors as OpenAI writes them: ``{"error": {"message", "type", "param", "code"}}``.

Source: surfaces contract, section 10.4. OpenAI's clients choose their exception class by the HTTP
status and read ``type``, ``code`` and ``param``; ``google_code`` and ``reason`` are ours, so that
the same error is found in both dialects' documentation.
"""

from collections.abc import Mapping
from typing import Final

from pisang.core.errors import (
    Code,
    EngineTimeout,
    ExpiredToken,
    InvalidKey,
    InvalidToken,
    MethodNotAllowed,
    MissingCredential,
    ModelNotFound,
    PictureRefused,
    PisangError,
    RequestTooLarge,
)
from pisang.wire.faults import HTTP_STATUS
from pisang.wire.openai.schema import WrongParameter
from pisang.wire.payload import Written

_INVALID: Final = "invalid_request_error"
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
_BY_CODE: Final[Mapping[Code, str]] = {
    Code.RESOURCE_EXHAUSTED: "rate_limit_exceeded",
}
_BLOCKED: Final = "image_generation_user_error"
_NOT_BLOCKED: Final = frozenset({"NO_IMAGE", "IMAGE_OTHER", "OTHER", "MAX_TOKENS"})


def openai(error: PisangError) -> tuple[int, dict[str, Written]]:
    """The HTTP status and the body for an error."""
    kind = type(error)
    status = _STATUS.get(kind, HTTP_STATUS[error.code])
    said: dict[str, Written] = {
        "message": error.message,
        "type": _type(error),
        "param": error.field,
        "code": _code(error),
        "reason": error.reason,
    }
    return status, {"error": said}


def _type(error: PisangError) -> str:
    if isinstance(error, PictureRefused):
        return _BLOCKED
    if isinstance(error, MissingCredential | InvalidKey):
        return _INVALID
    return _TYPES.get(error.code, _INVALID)


def _code(error: PisangError) -> str | None:
    if isinstance(error, WrongParameter):
        return error.openai_code
    if isinstance(error, PictureRefused) and error.metadata.get("finish_reason") in _NOT_BLOCKED:
        return "no_image"  # nobody objected; there was nothing to draw, or no room for it
    if type(error) in _CODES:
        return _CODES[type(error)]
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if error.code is Code.INVALID_ARGUMENT:
        return "invalid_value" if error.field else None
    return error.reason.lower()
