"""Google's errors as data: status, sentence and details of each, as Google writes them.

Sources: the recorded bodies that tests compare these with, and the limits contract, section 3;
``Known`` says of each how sure its sentence is. telling.py writes them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pisang.core.services import GEMINI, TYPE
from pisang.faults.fault import Argument, ErrorFault, Known, Quota

_PROJECT: Final = "123456789012"
_RETRY: Final = "If you enabled {} recently, wait a few minutes for the action to propagate to our "
_RETRY_END: Final = "systems and retry."

_RATE: Final = ("rate_limit_error", "rate_limit_exceeded")
_MONEY: Final = ("insufficient_quota", "insufficient_quota")
_SERVER: Final = ("server_error", None)
_DENIED: Final = ("permission_error", None)
_KEY: Final = ("invalid_request_error", "invalid_api_key")
_MODEL: Final = ("invalid_request_error", "model_not_found")

_QUOTA: Final = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To "
    "monitor your current usage, head to: https://ai.dev/rate-limit. "
)
_RETRY_IN: Final = Argument(unit="seconds until a retry may work", default=34.286670503)
_RETRY_INFO: Final = Argument(unit="seconds of a RetryInfo")

_TOKEN: Final = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_BAD_KEY: Final = "API key not valid. Please pass a valid API key."
_RATIO: Final = (
    "* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be "
    "one of '1:1', '1:4', '1:8', '2:3', '3:2', '3:4', '4:1', '4:3', '4:5', '5:4', '8:1', '9:16', "
    "'16:9', or '21:9'."
)
_UNKNOWN_NAME: Final = (
    'Invalid JSON payload received. Unknown name "outputMimeType" at \'generation_config.'
    "image_config': Cannot find field."
)
_PAGE: Final = b"""<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <meta name=viewport content="initial-scale=1, minimum-scale=1, width=device-width">
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That\xe2\x80\x99s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try \
again in 30 seconds.  <ins>That\xe2\x80\x99s all we know.</ins>
"""


def _quota(name: str, sees: str, quota: Quota, *, known: Known) -> ErrorFault:
    return ErrorFault(
        name=name,
        sees=sees,
        status=429,
        word="RESOURCE_EXHAUSTED",
        message=_QUOTA,
        quota=quota,
        argument=_RETRY_IN,
        openai=_RATE,
        known=known,
    )


def _exhausted(name: str, sees: str, message: str, **more: Any) -> ErrorFault:
    return ErrorFault(
        name=name, sees=sees, status=429, word="RESOURCE_EXHAUSTED", message=message, **more
    )


def _invalid(name: str, sees: str, message: str, **more: Any) -> ErrorFault:
    return ErrorFault(
        name=name, sees=sees, status=400, word="INVALID_ARGUMENT", message=message, **more
    )


def _denied(name: str, sees: str, message: str, **more: Any) -> ErrorFault:
    return ErrorFault(
        name=name,
        sees=sees,
        status=403,
        word="PERMISSION_DENIED",
        message=message,
        openai=_DENIED,
        **more,
    )


def _server(name: str, sees: str, status: int, word: str, message: str) -> ErrorFault:
    retry = _RETRY_INFO if status == 503 else None
    return ErrorFault(
        name=name,
        sees=sees,
        status=status,
        word=word,
        message=message,
        openai=_SERVER,
        argument=retry,
    )


def _info(reason: str, **metadata: str) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "@type": TYPE + "ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
    }
    return told | ({"metadata": metadata} if metadata else {})


def _help(description: str, url: str) -> Mapping[str, Any]:
    return {"@type": TYPE + "Help", "links": [{"description": description, "url": url}]}


_BILLING_URL: Final = f"https://console.developers.google.com/billing/enable?project={_PROJECT}"
_API_URL: Final = (
    f"https://console.developers.google.com/apis/api/{{service}}/overview?project={_PROJECT}"
)

ERRORS: Final[tuple[ErrorFault, ...]] = (
    _quota(
        "rpm",
        "the limit of requests a minute, used up",
        Quota(
            metric=f"{GEMINI}/generate_requests_per_model",
            id="GenerateRequestsPerMinutePerProjectPerModel",
            value="500",
        ),
        known=Known.QUOTED,
    ),
    _quota(
        "rpd",
        "the limit of requests a day, used up",
        Quota(
            metric=f"{GEMINI}/generate_requests_per_model_per_day",
            id="GenerateRequestsPerDayPerProjectPerModel",
            value="1000",
        ),
        known=Known.QUOTED,
    ),
    _quota(
        "tpm",
        "the limit of input tokens a minute, used up",
        Quota(
            metric=f"{GEMINI}/generate_content_paid_tier_input_token_count",
            id="GenerateContentPaidTierInputTokensPerModelPerMinute",
            value="1000000",
        ),
        known=Known.RECORDED,
    ),
    _quota(
        "ipm",
        "the limit of images a minute, used up",
        Quota(
            metric=f"{GEMINI}/generate_images_per_model",
            id="GenerateImagesPerMinutePerProjectPerModel",
            value="10",
        ),
        known=Known.GUESSED,
    ),
    replace(
        _quota(
            "free-tier",
            "a model that the free tier does not have: a limit of 0, which no retry helps",
            Quota(
                metric=f"{GEMINI}/generate_content_free_tier_requests",
                id="GenerateRequestsPerDayPerProjectPerModel-FreeTier",
            ),
            known=Known.QUOTED,
        ),
        openai=_MONEY,
    ),
    _exhausted(
        "prepay-depleted",
        "a prepaid balance of 0: no details, and no retry helps",
        "Your prepayment credits are depleted. Please go to AI Studio at "
        "https://ai.studio/projects to manage your project and billing.",
        openai=_MONEY,
    ),
    _exhausted(
        "spend-cap",
        "a spending cap that is reached",
        "Your project has exceeded its monthly spending cap. Please go to AI Studio at "
        "https://ai.studio/spend to manage your project spend cap.",
        openai=_MONEY,
        known=Known.GUESSED,
    ),
    _exhausted(
        "shared-capacity",
        "Vertex AI's shared capacity, used up by everybody: no quota, no details",
        "Resource exhausted. Please try again later. Please refer to "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.",
        openai=_RATE,
    ),
    _exhausted(
        "provisioned-throughput",
        "Vertex AI's provisioned throughput, used up",
        "Too many requests. Exceeded the Provisioned Throughput.",
        openai=_RATE,
        known=Known.GUESSED,
    ),
    _server(
        "overloaded",
        "a model that is overloaded; with an argument, when to try again",
        503,
        "UNAVAILABLE",
        "The model is overloaded. Please try again later.",
    ),
    _server(
        "unavailable",
        "a service that is down; with an argument, when to try again",
        503,
        "UNAVAILABLE",
        "The service is currently unavailable.",
    ),
    _server("internal", "a defect of Google's", 500, "INTERNAL", "Internal error encountered."),
    _server(
        "deadline",
        "a deadline that has passed",
        504,
        "DEADLINE_EXCEEDED",
        "Deadline expired before operation could complete.",
    ),
    ErrorFault(
        name="bad-gateway",
        sees="an HTML page of Google's front end, where JSON is expected",
        status=502,
        word="UNAVAILABLE",
        message="Bad Gateway",
        page=_PAGE,
        openai=_SERVER,
    ),
    _invalid(
        "invalid-argument",
        "a request that Google refuses without saying why",
        "Request contains an invalid argument.",
    ),
    _invalid("bad-aspect-ratio", "an aspect ratio that there is not", _RATIO),
    _invalid(
        "bad-image-size",
        "an image size that there is not",
        "Unsupported image_size '8K'. Supported values are: 1K, 2K, 4K, 512, 512P, 512PX.",
    ),
    _invalid(
        "unknown-name",
        "a field that Google does not know",
        _UNKNOWN_NAME,
        details=(
            {
                "@type": TYPE + "BadRequest",
                "fieldViolations": [
                    {"field": "generation_config.image_config", "description": _UNKNOWN_NAME}
                ],
            },
        ),
    ),
    _invalid(
        "payload-too-large",
        "a body that is too large",
        "Request payload size exceeds the limit: 20971520 bytes.",
        openai=("invalid_request_error", "request_too_large"),
        openai_status=413,
    ),
    _invalid(
        "missing-signature",
        "a turn of the model that came back without its thought signature",
        "Image part is missing a thought_signature in content position 2, part position 1. Please "
        "refer to https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior for more "
        "details.",
    ),
    _invalid(
        "key-invalid",
        "a key that is not valid",
        _BAD_KEY,
        details=(
            _info("API_KEY_INVALID", service="{service}"),
            {"@type": TYPE + "LocalizedMessage", "locale": "en-US", "message": _BAD_KEY},
        ),
        openai=_KEY,
        openai_status=401,
        known=Known.RECORDED,
    ),
    _invalid(
        "billed-users-only",
        "Imagen without billing, which is a 400",
        "Imagen API is only accessible to billed users at this time.",
        openai=_MONEY,
    ),
    ErrorFault(
        name="user-location",
        sees="a caller in a country that is not served",
        status=400,
        word="FAILED_PRECONDITION",
        message="User location is not supported for the API use.",
    ),
    ErrorFault(
        name="billing-required",
        sees="a country without a free tier, and a project without billing",
        status=400,
        word="FAILED_PRECONDITION",
        message="Gemini API free tier is not available in your country. Please enable billing on "
        "your project in Google AI Studio.",
        openai=_MONEY,
    ),
    ErrorFault(
        name="unauthenticated",
        sees="a bearer token that is not good",
        status=401,
        word="UNAUTHENTICATED",
        message=_TOKEN,
        details=(_info("ACCESS_TOKEN_EXPIRED", service="{service}", method="{call}"),),
        openai=_KEY,
    ),
    _denied(
        "permission-denied",
        "a credential that may not do this",
        "The caller does not have permission",
        on_vertex="Permission 'aiplatform.endpoints.predict' denied on resource "
        "'//aiplatform.googleapis.com/{name}' (or it may not exist).",
    ),
    _denied(
        "key-leaked",
        "a key that Google found in public, and has blocked",
        "Your API key was reported as leaked. Please use another API key.",
    ),
    _denied(
        "billing-disabled",
        "a project whose billing is off",
        "This API method requires billing to be enabled. Please enable billing on project "
        f"#{_PROJECT} by visiting {_BILLING_URL} then retry. "
        + _RETRY.format("billing for this project")
        + _RETRY_END,
        details=(
            _help("Google developers console billing", _BILLING_URL),
            _info("BILLING_DISABLED", consumer=f"projects/{_PROJECT}", service="{service}"),
        ),
    ),
    _denied(
        "api-disabled",
        "a project in which the API is off",
        f"{{product}} has not been used in project {_PROJECT} before or it is disabled. Enable it "
        f"by visiting {_API_URL} then retry. " + _RETRY.format("this API") + _RETRY_END,
        details=(
            _help("Google developers console API activation", _API_URL),
            _info("SERVICE_DISABLED", consumer=f"projects/{_PROJECT}", service="{service}"),
        ),
    ),
    ErrorFault(
        name="model-gone",
        sees="a model that there is not",
        status=404,
        word="NOT_FOUND",
        message="models/{model} is not found for API version {version}, or is not supported for "
        "{method}. Call ModelService.ListModels to see the list of available models and their "
        "supported methods.",
        on_vertex="Publisher Model `{name}` not found.",
        openai=_MODEL,
        known=Known.RECORDED,
    ),
    ErrorFault(
        name="model-retired",
        sees="a model that new projects do not get any more",
        status=404,
        word="NOT_FOUND",
        message="This model models/{model} is no longer available to new users. Please update your "
        "code to use a newer model for the latest features and improvements.",
        openai=_MODEL,
    ),
)
