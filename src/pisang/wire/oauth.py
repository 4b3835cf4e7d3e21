"""The token endpoint's dialect, both ways: forms in, small JSON objects out (RFC 6749, RFC 7523).

google-auth shows ``error`` and ``error_description`` in its ``RefreshError``, and tries again where
``error`` says that the server is to blame; the words are those of Google's endpoint.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from pydantic_core import from_json

from pisang.core.errors import (
    Code,
    EngineFailed,
    ExpiredToken,
    Fault,
    InvalidToken,
    MalformedRequest,
    PermissionDenied,
    PisangError,
    UnsupportedParameter,
)
from pisang.wire.faults import HTTP_STATUS, from_google
from pisang.wire.payload import Written

FORM: Final = "application/x-www-form-urlencoded"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT: Final = "grant_type"
SCOPE: Final = "scope"
TOKEN: Final = "token"

_MOST_FIELDS: Final = 20
_STATUS: Final = {"invalid_grant": 400, "invalid_token": 400, "unauthorized_client": 401}
_TRY_AGAIN: Final = frozenset({Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED})


def read_form(body: bytes, content_type: str) -> Mapping[str, str]:
    """The fields of a form. Raises ``MalformedRequest`` for another type of content, for a field
    that is given twice, and for what is no form."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise MalformedRequest(
            f"Send the fields as a form: Content-Type: {FORM}.", field="content-type"
        )
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise MalformedRequest(
            "The body is not a form: name=value&name=value, percent-encoded."
        ) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedRequest("A field stands in this form twice.")
    return fields


def write_grant(assertion: str) -> bytes:
    """The form that exchanges a signed request for an access token."""
    return urlencode({GRANT: JWT_BEARER, "assertion": assertion}).encode()


def answer(token: str, *, seconds: int) -> dict[str, Written]:
    """The answer with an access token and how long it is good."""
    return {"access_token": token, "expires_in": seconds, "token_type": "Bearer"}


def read_answer(status: int, body: bytes) -> tuple[str, int]:
    """The access token of an answer and its seconds.

    Raises ``InvalidToken`` with what an error answer says, and what ``from_google`` makes of one
    that is no answer of a token endpoint.
    """
    try:
        tree: object = from_json(body)
    except ValueError:
        tree = None
    if isinstance(tree, dict):
        token, seconds = tree.get("access_token"), tree.get("expires_in")
        if status == 200 and isinstance(token, str) and token:
            return token, int(seconds) if isinstance(seconds, int | float) else 0
        if isinstance(error := tree.get("error"), str) and 400 <= status < 500:
            raise InvalidToken(str(tree.get("error_description") or error))
    if status == 200:
        raise EngineFailed("The token endpoint answered with no access token.")
    raise from_google(status, body)


def oauth(error: PisangError) -> tuple[int, dict[str, Written]]:
    """The HTTP status and the body for an error."""
    word = _word(error)
    status = _STATUS.get(word, HTTP_STATUS[error.code])
    if error.fault is not Fault.CALLER:
        status = max(status, 500)  # whatever it is called elsewhere, the client cannot mend it
    return status, {"error": word, "error_description": error.message}


def _word(error: PisangError) -> str:
    if isinstance(error, UnsupportedParameter):
        known = {GRANT: "unsupported_grant_type", SCOPE: "invalid_scope"}
        return known.get(error.field or "", "invalid_request")
    if isinstance(error, InvalidToken | ExpiredToken):
        return "invalid_token" if error.field == TOKEN else "invalid_grant"
    if isinstance(error, PermissionDenied):
        return "unauthorized_client"
    if error.fault is Fault.CALLER:
        return "invalid_request"
    if error.code in _TRY_AGAIN:
        return "temporarily_unavailable"
    return "server_error"
