"""Each failure of an upstream is one thing, with one decision to retry and one about money."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.events import FinishReason
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.faults import telling
from pisang.faults.errors import ERRORS
from pisang.faults.fault import ErrorFault
from pisang.faults.telling import FailedCall, printed
from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Diagnosis, Kind, Scope
from pisang.routing.signs import SIGNS
from pisang.routing.triage import judge, triage
from tests.path.recorded import SHARED

RPC = "type.googleapis.com/google.rpc."
NOON = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # in California
GEMINI, IMAGEN, OPENAI = Dialect.GEMINI, Dialect.IMAGEN, Dialect.OPENAI
UNPAID = {Kind.BILLING_STOPPED, Kind.SPENDING_CAP, Kind.NOT_BILLED, Kind.NO_QUOTA}


def google(
    code: int, status: str, message: str, *, reason: str = "", quota: dict[str, str] | None = None
) -> bytes:
    """Google's envelope, with an ErrorInfo or a QuotaFailure where one is asked for."""
    details: list[dict[str, Any]] = []
    if reason:
        details.append({"@type": RPC + "ErrorInfo", "reason": reason, "domain": "googleapis.com"})
    if quota is not None:
        details.append({"@type": RPC + "QuotaFailure", "violations": [quota]})
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    return json.dumps({"error": error | ({"details": details} if details else {})}).encode()


def openai(message: str, *, type_: str = "invalid_request_error", code: str | None = None) -> bytes:
    error = {"message": message, "type": type_, "param": None, "code": code}
    return json.dumps({"error": error}).encode()


def seen(
    status: int | None, body: bytes = b"", dialect: Dialect = GEMINI, **more: Any
) -> Diagnosis:
    return triage(Symptom(dialect=dialect, status=status, body=body, **more), now=NOON)


PREPAID = (
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to "
    "manage your project and billing."
)
EXHAUSTED = "RESOURCE_EXHAUSTED"
BARE = "Resource exhausted. Please try again later."
PAGE = b"<html><head><title>Bad</title></head><body><h1>Bad</h1>nginx</body></html>"
CLASSIC = json.dumps(
    [
        {
            "error": {
                "code": 429,
                "message": BARE,
                "errors": [{"message": BARE, "domain": "global", "reason": "rateLimitExceeded"}],
                "status": EXHAUSTED,
            }
        }
    ]
).encode()
QUOTA = "You exceeded your current quota, please check your plan and billing details."


GOOGLE: list[tuple[str, int, bytes, Kind]] = [
    ("prepaid", 429, google(429, EXHAUSTED, PREPAID), Kind.BILLING_STOPPED),
    ("prepaid as 402", 402, google(402, EXHAUSTED, PREPAID), Kind.BILLING_STOPPED),
    ("402 in other words", 402, b'{"error": "pay"}', Kind.BILLING_STOPPED),
    ("402 without words", 402, b"", Kind.BILLING_STOPPED),
    ("spending cap", 429,
     google(429, EXHAUSTED, "Your project has exceeded its monthly spending cap."),
     Kind.SPENDING_CAP),
    ("ten minutes", 429,
     google(429, EXHAUSTED, "You exceeded the 10-minute spend limit of your tier."),
     Kind.SPENDING_RATE),
    ("imagen unpaid", 400,
     google(400, "INVALID_ARGUMENT",
            "Imagen API is only accessible to billed users at this time."),
     Kind.NOT_BILLED),
    ("vertex unpaid", 403,
     google(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.",
            reason="BILLING_DISABLED"), Kind.NOT_BILLED),
    ("free tier not in country", 400,
     google(400, "FAILED_PRECONDITION",
            "Gemini API free tier is not available in your country. Please enable billing on your "
            "project in Google AI Studio."), Kind.NOT_BILLED),
    ("free tier", 429,
     google(429, EXHAUSTED,
            f"{QUOTA}\n* Quota exceeded for metric: x/generate_content_free_tier_requests, "
            "limit: 0, model: m\nPlease retry in 20.1s.",
            quota={"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}),
     Kind.NO_QUOTA),
    ("free tier by value", 429,
     google(429, EXHAUSTED, QUOTA,
            quota={"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                   "quotaValue": "0"}), Kind.NO_QUOTA),
    ("requests a minute", 429,
     google(429, EXHAUSTED, QUOTA,
            quota={"quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
                   "quotaValue": "500"}), Kind.RATE_MINUTE),
    ("tokens a minute", 429,
     google(429, EXHAUSTED, f"{QUOTA} limit: 3000000, model: m",
            quota={"quotaId": "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2"}),
     Kind.RATE_MINUTE),
    ("images a minute", 429,
     google(429, EXHAUSTED, QUOTA,
            quota={"quotaId": "GenerateImagesPerMinutePerProjectPerModel"}), Kind.RATE_MINUTE),
    ("imagen on vertex", 429,
     google(429, EXHAUSTED,
            "Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_"
            "model with base model: imagen-4.0-generate."), Kind.RATE_MINUTE),
    ("a limit of Google Cloud's in words", 429,
     google(429, EXHAUSTED,
            "Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_minute_per_"
            "project_per_base_model with base model: gemini-3-pro-image."), Kind.RATE_MINUTE),
    ("requests a day", 429,
     google(429, EXHAUSTED, f"{QUOTA}\nPlease retry in 2.5s.",
            quota={"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}), Kind.RATE_DAY),
    ("another limit", 429,
     google(429, EXHAUSTED, QUOTA, quota={"quotaMetric": "x/enqueued_tokens"}), Kind.RATE_LIMIT),
    ("no details", 429, google(429, EXHAUSTED, QUOTA), Kind.RATE_LIMIT),
    ("shared capacity", 429, google(429, EXHAUSTED, BARE), Kind.CAPACITY),
    ("has been exhausted", 429,
     google(429, EXHAUSTED, "Resource has been exhausted (e.g. check quota)."), Kind.CAPACITY),
    ("errors in a list", 429, CLASSIC, Kind.CAPACITY),
    ("out of capacity", 429,
     google(429, EXHAUSTED,
            "Unable to submit request because the service is temporarily out of capacity."),
     Kind.CAPACITY),
    ("provisioned throughput", 429,
     google(429, EXHAUSTED, "Too many requests. Exceeded the Provisioned Throughput."),
     Kind.PROVISIONED),
    ("overloaded", 503,
     google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
     Kind.OVERLOADED),
    ("unavailable", 503,
     google(503, "UNAVAILABLE", "The service is currently unavailable."), Kind.OVERLOADED),
    ("bad key", 400,
     google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
            reason="API_KEY_INVALID"), Kind.BAD_KEY),
    ("bad key without details", 400,
     google(400, "INVALID_ARGUMENT", "API key not valid."), Kind.BAD_KEY),
    ("expired key", 400,
     google(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.",
            reason="API_KEY_INVALID"), Kind.BAD_KEY),
    ("leaked key", 403,
     google(403, "PERMISSION_DENIED",
            "Your API key was reported as leaked. Please use another API key."), Kind.BAD_KEY),
    ("no key", 403,
     google(403, "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity)."),
     Kind.NO_KEY),
    ("no token", 401,
     google(401, "UNAUTHENTICATED",
            "Request is missing required authentication credential. Expected OAuth 2 token.",
            reason="CREDENTIALS_MISSING"), Kind.NO_KEY),
    ("old token", 401,
     google(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.",
            reason="ACCESS_TOKEN_EXPIRED"), Kind.TOKEN_REFUSED),
    ("an AI Studio key on vertex", 401,
     google(401, "UNAUTHENTICATED",
            "API keys are not supported by this API. Expected OAuth2 access token.",
            reason="CREDENTIALS_MISSING"), Kind.TOKEN_REFUSED),
    ("no role", 403,
     google(403, "PERMISSION_DENIED",
            "Permission 'aiplatform.endpoints.predict' denied on resource '//x' (or it may not "
            "exist).", reason="IAM_PERMISSION_DENIED"), Kind.KEY_DENIED),
    ("key for other addresses", 403,
     google(403, "PERMISSION_DENIED", "The provided API key has an IP address restriction.",
            reason="API_KEY_IP_ADDRESS_BLOCKED"), Kind.KEY_DENIED),
    ("denied", 403,
     google(403, "PERMISSION_DENIED", "The caller does not have permission"), Kind.DENIED),
    ("not found, and not said what", 404,
     google(404, "NOT_FOUND", "Requested entity was not found."), Kind.DENIED),
    ("a file that is gone", 404,
     google(404, "NOT_FOUND", "File files/model-1 does not exist."), Kind.FILE_DENIED),
    ("not switched on", 403,
     google(403, "PERMISSION_DENIED",
            "Generative Language API has not been used in project 1 before or it is disabled.",
            reason="SERVICE_DISABLED"), Kind.API_DISABLED),
    ("suspended", 403,
     google(403, "PERMISSION_DENIED", "Permission denied: Consumer 'x' has been suspended.",
            reason="CONSUMER_SUSPENDED"), Kind.PROJECT_DENIED),
    ("project denied", 403,
     google(403, "PERMISSION_DENIED", "Your project has been denied access."),
     Kind.PROJECT_DENIED),
    ("region", 400,
     google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
     Kind.REGION),
    ("gone", 404,
     google(404, "NOT_FOUND",
            "This model models/x is no longer available to new users. Please update your code to "
            "use models/y."), Kind.MODEL_GONE),
    ("not found", 404,
     google(404, "NOT_FOUND",
            "models/x is not found for API version v1beta, or is not supported for "
            "generateContent."), Kind.MODEL_NOT_FOUND),
    ("not found on vertex", 404,
     google(404, "NOT_FOUND", "Publisher Model `projects/p/x` was not found."),
     Kind.MODEL_NOT_FOUND),
    ("not found in interactions", 404,
     b'{"error": {"message": "Model \'x\' not found.", "code": "not_found"}}',
     Kind.MODEL_NOT_FOUND),
    ("a file of others", 403,
     google(403, "PERMISSION_DENIED",
            "You do not have permission to access the File abc or it may not exist."),
     Kind.FILE_DENIED),
    ("role", 400, google(400, "INVALID_ARGUMENT", "Please use a valid role: user, model."),
     Kind.BAD_REQUEST),
    ("no words", 400, google(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
     Kind.BAD_REQUEST),
    ("too large", 400,
     google(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."),
     Kind.TOO_LARGE),
    ("too large for a proxy", 413, PAGE, Kind.TOO_LARGE),
    ("imagen refuses", 400,
     google(400, "INVALID_ARGUMENT",
            "The prompt could not be submitted. It contains words that violate Google's "
            "Responsible AI practices."), Kind.REFUSED),
    ("internal", 500, google(500, "INTERNAL", "An internal error has occurred."), Kind.INTERNAL),
    ("aborted", 409, google(409, "ABORTED", "Aborted."), Kind.INTERNAL),
    ("cancelled", 499, google(499, "CANCELLED", "The operation was cancelled."), Kind.INTERNAL),
    ("deadline", 504, google(504, "DEADLINE_EXCEEDED", "Deadline expired."), Kind.DEADLINE),
]  # fmt: skip

ELSEWHERE: list[tuple[str, int, bytes, Kind]] = [
    ("openai quota", 429, openai(QUOTA, type_="insufficient_quota", code="insufficient_quota"),
     Kind.BILLING_STOPPED),
    ("openai hard limit", 400,
     openai("Billing hard limit has been reached.", code="billing_hard_limit_reached"),
     Kind.SPENDING_CAP),
    ("openai not active", 429,
     openai("Your account is not active.", type_="billing_not_active", code="billing_not_active"),
     Kind.NOT_BILLED),
    ("relay user quota", 403,
     openai("user quota is not enough", type_="one_api_error", code="insufficient_user_quota"),
     Kind.BILLING_STOPPED),
    ("relay token quota", 403,
     openai("令牌额度不足", type_="new_api_error", code="pre_consume_token_quota_failed"),
     Kind.BILLING_STOPPED),
    ("relay balance by words", 403, openai("用户额度不足, 剩余额度: 0", type_="new_api_error"),
     Kind.BILLING_STOPPED),
    ("openai requests", 429,
     openai("Rate limit reached for gpt-image-1 on requests per min (RPM): Limit 5, Used 5. Please "
            "try again in 12s.", type_="requests", code="rate_limit_exceeded"), Kind.RATE_MINUTE),
    ("openai images", 429,
     openai("Rate limit reached on input-images per min (IPM)", code="rate_limit_exceeded"),
     Kind.RATE_MINUTE),
    ("openai days", 429,
     openai("Rate limit reached on requests per day (RPD)", code="rate_limit_exceeded"),
     Kind.RATE_DAY),
    ("openai limit", 429, openai("Too fast.", type_="rate_limit_error"), Kind.RATE_LIMIT),
    ("relay is full", 429, openai("当前分组上游负载已饱和，请稍后再试", type_="new_api_error"),
     Kind.CAPACITY),
    ("openai key", 401, openai("Incorrect API key provided: sk-x.", code="invalid_api_key"),
     Kind.BAD_KEY),
    ("relay key", 401, openai("无效的令牌", type_="new_api_error"), Kind.BAD_KEY),
    ("openai no key", 401, openai("You didn't provide an API key."), Kind.NO_KEY),
    ("some 401", 401, b'{"detail": "Unauthorized"}', Kind.TOKEN_REFUSED),
    ("relay key in English", 401, openai("Invalid token", type_="new_api_error"), Kind.BAD_KEY),
    ("openai deactivated", 401, openai("Off.", code="account_deactivated"), Kind.PROJECT_DENIED),
    ("openai organization", 403,
     openai("Your organization must be verified to use the model `gpt-image-1`."),
     Kind.KEY_DENIED),
    ("openai region", 403,
     openai("Country, region, or territory not supported", type_="request_forbidden",
            code="unsupported_country_region_territory"), Kind.REGION),
    ("openai model", 404, openai("The model `x` does not exist.", code="model_not_found"),
     Kind.MODEL_NOT_FOUND),
    ("relay model", 503,
     openai("No available channel for model x under group default (distributor)",
            type_="new_api_error", code="model_not_found"), Kind.MODEL_NOT_FOUND),
    ("openai address", 404, openai("Invalid URL (POST /v1/v1/images/generations)"),
     Kind.WRONG_ADDRESS),
    ("vllm address", 404, b'{"detail": "Not Found"}', Kind.WRONG_ADDRESS),
    ("not this method", 405, b'{"detail": "Method Not Allowed"}', Kind.WRONG_ADDRESS),
    ("openai policy", 400, openai("No.", code="content_policy_violation"), Kind.REFUSED),
    ("openai moderation", 400,
     openai("Your request was rejected by the safety system.",
            type_="image_generation_user_error", code="moderation_blocked"), Kind.REFUSED),
    ("relay words", 400, openai("No.", type_="new_api_error", code="sensitive_words_detected"),
     Kind.REFUSED),
    ("openai parameter", 400, openai("Unknown parameter: 'x'.", code="unknown_parameter"),
     Kind.BAD_REQUEST),
    ("vllm parameter", 422, b'{"detail": [{"loc": ["body", "n"], "msg": "no"}]}',
     Kind.BAD_REQUEST),
    ("openai broke", 500, openai("Sorry.", type_="server_error"), Kind.INTERNAL),
    ("relay broke", 500, openai("x", type_="new_api_error", code="do_request_failed"),
     Kind.INTERNAL),
    ("overloaded elsewhere", 529, openai("Overloaded", type_="overloaded_error"),
     Kind.OVERLOADED),
    ("google inside of a relay", 500,
     openai("upstream: " + google(429, EXHAUSTED, PREPAID).decode(), type_="upstream_error"),
     Kind.BILLING_STOPPED),
    ("google inside of a relay, by its code", 500,
     json.dumps({"error": {"message": BARE, "code": 429, "type": "upstream_error"}}).encode(),
     Kind.CAPACITY),
    ("a limit with status 200", 200,
     openai("Slow down.", type_="rate_limit_error", code="rate_limit_exceeded"),
     Kind.RATE_LIMIT),
    ("google's error with status 200", 200, google(503, "UNAVAILABLE", "No."), Kind.OVERLOADED),
    ("google's error in a stream", 200, b"data: " + google(503, "UNAVAILABLE", "No."),
     Kind.OVERLOADED),
    ("page 403", 403, PAGE, Kind.BLOCKED_BY_PROXY),
    ("page 401", 401, PAGE, Kind.BLOCKED_BY_PROXY),
    ("proxy wants a login", 407, b"", Kind.BLOCKED_BY_PROXY),
    ("page 404", 404, PAGE, Kind.WRONG_ADDRESS),
    ("page 400", 400, PAGE, Kind.WRONG_ADDRESS),
    ("page 429", 429, PAGE, Kind.RATE_LIMIT),
    ("page 502", 502, PAGE, Kind.BAD_GATEWAY),
    ("page 503", 503, PAGE, Kind.BAD_GATEWAY),
    ("page 504", 504, PAGE, Kind.BAD_GATEWAY),
    ("502 without words", 502, b"", Kind.BAD_GATEWAY),
    *((f"cloudflare {status}", status, PAGE, Kind.ORIGIN_DOWN) for status in (520, 522, 524, 530)),
    ("cloudflare in words", 521, b"error code: 521", Kind.ORIGIN_DOWN),
    ("moved", 301, b"", Kind.REDIRECTED),
    ("moved for now", 307, PAGE, Kind.REDIRECTED),
    ("cut off", 429, google(429, EXHAUSTED, PREPAID)[:80], Kind.BILLING_STOPPED),
    ("cut off before it says anything", 429, b'{"error": {"co', Kind.RATE_LIMIT),
    ("an answer that is none", 200, b'{"ok": true}', Kind.GARBLED),
    ("a pisang that asked itself", 400,
     b'{"error": {"message": "It has come back.", "code": "loop_detected"}}', Kind.LOOP),
]  # fmt: skip

TRANSPORT: list[tuple[Broken, str, Kind]] = [
    (Broken.CONNECT, "No connection to x:80: Connection refused.", Kind.UNREACHABLE),
    (Broken.CONNECT, "No connection to x: Name or service not known.", Kind.NO_SUCH_HOST),
    (Broken.CONNECT, "No connection to x: Temporary failure in name resolution.",
     Kind.NO_SUCH_HOST),
    (Broken.TLS, "The TLS of x is not to be trusted: self-signed certificate.", Kind.TLS),
    (Broken.TIMEOUT, "", Kind.TIMEOUT),
    (Broken.RESET, "", Kind.RESET),
    (Broken.CUT, "The answer stopped after 12 bytes.", Kind.TRUNCATED),
    (Broken.GARBLED, "", Kind.GARBLED),
    (Broken.EMPTY, "", Kind.EMPTY),
    (Broken.UNUSABLE, "", Kind.UNUSABLE),
    (Broken.CREDENTIALS, "", Kind.NO_CREDENTIALS),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), [row[1:] for row in GOOGLE],
                         ids=[row[0] for row in GOOGLE])  # fmt: skip
@pytest.mark.parametrize("wrap", [False, True], ids=["alone", "in a list"])
def test_what_google_says_is_told_apart(status: int, body: bytes, kind: Kind, wrap: bool) -> None:
    body = b"[" + body + b"\n]" if wrap and not body.startswith(b"[") else body

    assert seen(status, body).kind is kind


@pytest.mark.parametrize(("status", "body", "kind"), [row[1:] for row in ELSEWHERE],
                         ids=[row[0] for row in ELSEWHERE])  # fmt: skip
def test_what_others_say_is_told_apart(status: int, body: bytes, kind: Kind) -> None:
    assert seen(status, body, OPENAI).kind is kind


@pytest.mark.parametrize(("broken", "detail", "kind"), TRANSPORT)
def test_a_transport_that_broke_is_told_apart(broken: Broken, detail: str, kind: Kind) -> None:
    assert seen(None, broken=broken, detail=detail).kind is kind


def test_an_error_that_was_cut_counts_as_the_error() -> None:
    body = google(429, EXHAUSTED, PREPAID)[:80]

    assert seen(429, body, broken=Broken.CUT).kind is Kind.BILLING_STOPPED


def test_half_of_a_good_answer_is_a_truncated_one() -> None:
    body = b'{"candidates": [{"content": {"parts": [{"inlineData": {"data": "AAAA'

    assert seen(200, body, broken=Broken.CUT).kind is Kind.TRUNCATED


# The faults that pisang itself can play for those who test against it: name -> what it is.
PLAYED = {
    "rpm": Kind.RATE_MINUTE,
    "rpd": Kind.RATE_DAY,
    "tpm": Kind.RATE_MINUTE,
    "ipm": Kind.RATE_MINUTE,
    "free-tier": Kind.NO_QUOTA,
    "prepay-depleted": Kind.BILLING_STOPPED,
    "spend-cap": Kind.SPENDING_CAP,
    "shared-capacity": Kind.CAPACITY,
    "provisioned-throughput": Kind.PROVISIONED,
    "overloaded": Kind.OVERLOADED,
    "unavailable": Kind.OVERLOADED,
    "internal": Kind.INTERNAL,
    "deadline": Kind.DEADLINE,
    "bad-gateway": Kind.BAD_GATEWAY,
    "invalid-argument": Kind.BAD_REQUEST,
    "bad-aspect-ratio": Kind.BAD_REQUEST,
    "bad-image-size": Kind.BAD_REQUEST,
    "unknown-name": Kind.BAD_REQUEST,
    "payload-too-large": Kind.TOO_LARGE,
    "missing-signature": Kind.BAD_REQUEST,
    "key-invalid": Kind.BAD_KEY,
    "billed-users-only": Kind.NOT_BILLED,
    "user-location": Kind.REGION,
    "billing-required": Kind.NOT_BILLED,
    "unauthenticated": Kind.TOKEN_REFUSED,
    "permission-denied": Kind.DENIED,
    "key-leaked": Kind.BAD_KEY,
    "billing-disabled": Kind.NOT_BILLED,
    "api-disabled": Kind.API_DISABLED,
    "model-gone": Kind.MODEL_NOT_FOUND,
    "model-retired": Kind.MODEL_GONE,
}
ON_VERTEX = {"permission-denied": Kind.KEY_DENIED}  # which says what is denied
# OpenAI's words are fewer: what becomes of a few kinds when a relay tells them.
LESS = {Kind.RATE_MINUTE: Kind.RATE_LIMIT, Kind.TOKEN_REFUSED: Kind.BAD_KEY}


@pytest.mark.parametrize("fault", ERRORS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("vertex", [False, True], ids=["gemini", "vertex"])
def test_the_faults_that_can_be_played_are_what_they_play(fault: ErrorFault, vertex: bool) -> None:
    value = fault.argument.default if fault.argument else None
    call = FailedCall(model="gemini-3-pro-image", vertex=vertex)
    kind = (ON_VERTEX if vertex else PLAYED).get(fault.name, PLAYED[fault.name])

    assert (
        seen(fault.status, fault.page or printed(telling.google(fault, call, value))).kind is kind
    )
    status, told = telling.openai(fault, call, value)
    found = seen(status, fault.page or printed(told), OPENAI).kind
    assert found in (kind, LESS.get(kind), PLAYED[fault.name])


def test_every_kind_of_failure_is_met_by_these_cases() -> None:
    met = {row[-1] for rows in (GOOGLE, ELSEWHERE, TRANSPORT) for row in rows}

    assert {kind for kind, row in TABLE.items() if row.error} == met


@pytest.mark.parametrize("dialect", [GEMINI, IMAGEN, OPENAI])
@pytest.mark.parametrize("status", [402, 429])
def test_an_empty_balance_is_never_asked_again(status: int, dialect: Dialect) -> None:
    found = seen(status, google(status, EXHAUSTED, PREPAID), dialect, headers={"retry-after": "1"})

    assert found.kind is Kind.BILLING_STOPPED
    assert (found.retry, found.out, found.alarm, found.charged) == (False, True, True, False)
    assert (found.delay, found.fail_over, found.scope) == (None, True, Scope.KEY)


@pytest.mark.parametrize(
    "written",
    [
        "API key not valid",
        "prepayment credits are depleted",
        "has been suspended",
        "Imagen API is only accessible to billed users",
        "User location is not supported",
        "models/x is no longer available",
        "has not been used in project",
        "insufficient balance",
    ],
)
def test_no_caller_can_make_an_engine_sick_by_what_they_write(written: str) -> None:
    echoes = (
        google(400, "INVALID_ARGUMENT", f'Invalid JSON payload received. Unknown name "{written}"'),
        openai(f"Unknown parameter: '{written}'."),
        openai(f"Invalid value: '{json.dumps({'error': {'code': 429, 'message': written}})}'"),
    )
    echoes_elsewhere = (
        (403, google(403, "PERMISSION_DENIED", "The caller does not have permission")),
        (403, google(403, "PERMISSION_DENIED",
                     f"You do not have permission to access the File {written}.")),
        (404, google(404, "NOT_FOUND", f"File {written} was not found.")),
        (404, google(404, "NOT_FOUND", f"Requested entity {written} was not found.")),
    )  # fmt: skip
    for status, body in (*((400, body) for body in echoes), *echoes_elsewhere):
        found = seen(status, body)
        assert (found.scope, found.out, found.alarm) == (Scope.REQUEST, False, False)


def test_a_limit_says_its_name_and_how_long() -> None:
    body = json.dumps(
        {
            "error": {
                "code": 429,
                "message": f"{QUOTA}\nPlease retry in 11.769242877s.",
                "status": EXHAUSTED,
                "details": [
                    {
                        "@type": RPC + "QuotaFailure",
                        "violations": [{"quotaId": "RequestsPerMinute", "quotaValue": "9"}],
                    },
                    {"@type": RPC + "RetryInfo", "retryDelay": "11s"},
                ],
            }
        }
    ).encode()

    found = seen(429, body)

    assert (found.kind, found.quota_id, found.delay) == (Kind.RATE_MINUTE, "RequestsPerMinute", 11)
    assert (found.retry, found.fail_over, found.scope) == (True, True, Scope.MODEL)


def test_a_limit_that_an_error_info_names_is_named() -> None:
    info = {
        "@type": RPC + "ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "metadata": {"quota_limit": "GenerateContentRequestsPerDay", "quota_limit_value": "5"},
    }
    error = {"code": 429, "message": "Quota exceeded.", "status": EXHAUSTED, "details": [info]}

    found = seen(429, json.dumps({"error": error}).encode())

    assert (found.kind, found.quota_id) == (Kind.RATE_DAY, "GenerateContentRequestsPerDay")


def test_a_limit_of_a_day_ends_at_midnight_in_california_whatever_google_says() -> None:
    quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}
    body = google(429, EXHAUSTED, f"{QUOTA}\nPlease retry in 2.5s.", quota=quota)

    assert seen(429, body).delay == 12 * 3600
    assert not seen(429, body).retry


def test_of_two_limits_the_days_counts() -> None:
    both = [{"quotaId": "RequestsPerMinute"}, {"quotaId": "RequestsPerDay"}]
    details = [{"@type": RPC + "QuotaFailure", "violations": both}]
    body = json.dumps({"error": {"code": 429, "message": QUOTA, "details": details}}).encode()

    found = seen(429, body)

    assert (found.kind, found.quota_id) == (Kind.RATE_DAY, "RequestsPerDay")


def test_openais_limit_of_a_day_ends_when_openai_says() -> None:
    body = openai("Rate limit reached on requests per day (RPD). Please try again in 1m26.4s.")

    assert seen(429, body, OPENAI).delay == pytest.approx(86.4)


@pytest.mark.parametrize("reason", FinishReason)
def test_every_finish_reason_is_something(reason: FinishReason) -> None:
    found = judge(reason, blocked=False)

    assert (found.retry, found.fail_over, found.scope) == (False, False, Scope.REQUEST)
    assert (found.out, found.alarm) == (False, False)
    assert (found.kind is Kind.FINISHED) is (reason is FinishReason.STOP)


def test_a_prompt_that_is_blocked_is_that_whatever_the_reason() -> None:
    assert judge(FinishReason.SAFETY, blocked=True).kind is Kind.PROMPT_BLOCKED


def test_no_sign_is_hidden_behind_one_that_asks_for_nothing() -> None:
    last = SIGNS[-1]

    assert [sign for sign in SIGNS if sign == type(last)(kind=sign.kind)] == [last]


@given(
    body=st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "status", "details", "violations",
                             "errors", "reason", "type", "retryDelay", "quotaId", "detail"]),
            inner, max_size=5),
    ).map(lambda tree: json.dumps(tree).encode()),
    status=st.none() | st.integers(-1, 1000),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-reset-requests"]),
        st.text(max_size=40)),
    broken=st.none() | st.sampled_from(Broken),
    dialect=st.sampled_from(Dialect),
)  # fmt: skip
def test_it_never_fails_whatever_comes(
    body: bytes, status: int | None, headers: dict[str, str], broken: Broken | None,
    dialect: Dialect,
) -> None:  # fmt: skip
    symptom = Symptom(dialect=dialect, status=status, headers=headers, body=body, broken=broken)

    found = triage(symptom, now=NOON)

    assert TABLE[found.kind].error is not None
    assert found.delay is None or 0 <= found.delay <= 25 * 3600


def recorded() -> list[tuple[str, int, bytes]]:
    """Every error of the recordings; none where they are missing."""
    folder = SHARED / "recordings"
    found = list[tuple[str, int, bytes]]()
    for meta in sorted(folder.rglob("*.meta.json")):
        status = json.loads(meta.read_bytes()).get("status")
        body = meta.with_name(meta.name.replace(".meta.", ".response."))
        if isinstance(status, int) and status >= 400 and body.is_file():
            found.append((meta.parent.name + "/" + meta.stem, status, body.read_bytes()))
    for file in sorted(folder.glob("transcribed/live-probe*/*.json")):
        found += [
            (case["name"], case["http"], json.dumps(case["body"]).encode())
            for case in json.loads(file.read_bytes())["cases"]
        ]
    return found


# What the people who recorded them say that they are; all others are bad requests.
KNOWN = {
    "bad_api_key": Kind.BAD_KEY,
    "no_api_key": Kind.NO_KEY,
    "unknown_model": Kind.MODEL_NOT_FOUND,
    "retired_model": Kind.MODEL_GONE,
    "rpm_quota": Kind.RATE_MINUTE,
    "prepay_depleted": Kind.BILLING_STOPPED,
    "service_unavailable": Kind.OVERLOADED,
    "interactions_unknown_model": Kind.MODEL_NOT_FOUND,
    "invalid_role": Kind.BAD_REQUEST,
    "invalid_temperature": Kind.BAD_REQUEST,
    "missing_model": Kind.MODEL_NOT_FOUND,
    "model_name_suggestion": Kind.MODEL_NOT_FOUND,
    "auth_error": Kind.BAD_KEY,
    "context_length": Kind.RATE_MINUTE,
}
_REFUSALS = {"NO_IMAGE": Kind.NO_IMAGE, "IMAGE_SAFETY": Kind.PICTURE_BLOCKED, "STOP": Kind.FINISHED}


@pytest.mark.skipif(not recorded(), reason="the recordings are not beside this checkout")
def test_every_recorded_error_is_what_it_is() -> None:
    met = set[str]()
    for name, status, body in recorded():
        if status == 200:
            reason = json.loads(body)["candidates"][0]["finishReason"]
            assert judge(FinishReason(reason), blocked=False).kind is _REFUSALS[reason], name
            continue
        hit = max((part for part in KNOWN if part in name), key=len, default=None)
        met.add(hit or "")
        found = seen(status, body)
        assert found.kind is (KNOWN[hit] if hit else Kind.BAD_REQUEST), name
        assert found.out is (found.kind in UNPAID | {Kind.BAD_KEY}), name
    assert met >= set(KNOWN)
