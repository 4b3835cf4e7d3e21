"""Every error of ours has an envelope of OpenAI's, by which its clients choose an exception."""

import json

import pytest

from pisang.core import errors
from pisang.core.errors import PictureRefused, PisangError, Violation
from pisang.wire import faults, payload
from pisang.wire.openai.faults import openai
from pisang.wire.openai.schema import WrongParameter

# What a client of OpenAI's raises by: the HTTP status. All others of the tree are 400.
STATUS = {
    "ModelNotFound": 404,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "AlreadyExists": 409,
    "RequestTooLarge": 413,
    "MissingCredential": 401,
    "InvalidKey": 401,
    "InvalidToken": 401,
    "ExpiredToken": 401,
    "AdmissionError": 403,
    "PermissionDenied": 403,
    "ProjectDenied": 403,
    "QuotaProjectDenied": 403,
    "KeyRestricted": 403,
    "ReferrerBlocked": 403,
    "AddressBlocked": 403,
    "KeyBlocked": 403,
    "ProjectSuspended": 403,
    "RateLimited": 429,
    "BudgetExhausted": 429,
    "BalanceExhausted": 429,
    "LimitsUnavailable": 503,
    "SignInFailed": 401,
    "LedgerError": 500,
    "EngineTimeout": 504,
    "EngineUnavailable": 503,
    "EngineGarbled": 503,
    "EngineError": 500,
    "EngineFailed": 500,
    "StoreError": 500,
    "StoreUnavailable": 503,
    "SettingsError": 500,
    "PisangError": 500,
}
TYPES = {
    401: "invalid_request_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
    504: "server_error",
}


def told(error: PisangError) -> tuple[int, dict[str, object]]:
    status, body = openai(error)
    return status, json.loads(b"".join(payload.pieces(body)))["error"]


@pytest.mark.parametrize("kind", faults.CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_has_status_type_param_and_code(kind: type[PisangError]) -> None:
    status, error = told(kind("Say it.", violations=(Violation("size", "why"),)))
    if kind.code is errors.Code.RESOURCE_EXHAUSTED:
        assert status == 429
    else:
        assert status == STATUS.get(kind.__name__, 400)
    assert (error["message"], error["param"], error["reason"]) == ("Say it.", "size", kind.reason)
    assert isinstance(error["code"], str)
    if kind is PictureRefused:
        assert error["type"] == "image_generation_user_error"
    elif kind in (
        errors.EngineBillingStopped,
        errors.BudgetExhausted,
        errors.BalanceExhausted,
    ):
        assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
    else:
        assert error["type"] == TYPES.get(status, "invalid_request_error")


def test_what_blames_no_field_has_no_param() -> None:
    _, error = told(errors.RequestError("Say it."))
    assert (error["param"], error["code"]) == (None, None)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("STOP", "no_image"),  # the model said something instead
        ("IMAGE_SAFETY", "moderation_blocked"),
        ("PROHIBITED_CONTENT", "moderation_blocked"),
        ("NO_IMAGE", "no_image"),
        ("MAX_TOKENS", "no_image"),
    ],
)
def test_a_refusal_says_if_somebody_objected(reason: str, code: str) -> None:
    status, error = told(PictureRefused("No.", metadata={"finish_reason": reason}))
    assert (status, error["code"], error["type"]) == (400, code, "image_generation_user_error")


def test_a_limit_has_openais_word_for_it() -> None:
    class Limited(PisangError):
        code = errors.Code.RESOURCE_EXHAUSTED

    status, error = told(Limited("Slower."))
    assert (status, error["type"], error["code"]) == (
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
    )


def test_a_wrong_parameter_brings_its_own_code() -> None:
    wrong = WrongParameter("Unknown parameter: 'x'.", param="x", code="unknown_parameter")
    _, error = told(wrong)
    assert (error["param"], error["code"]) == ("x", "unknown_parameter")
    assert faults.google(wrong)[1]["error"]["code"] == 400  # and Google's form takes it too
