"""A limit of ours that is used up reads as Google's does, and as OpenAI's."""

import json

import pytest

from pisang.core.errors import BalanceExhausted, BudgetExhausted, RateLimited
from pisang.core.terms import Dimension
from pisang.wire import faults
from pisang.wire.openai.faults import openai
from pisang.wire.quotas import NAMES

_MODEL = "gemini-3-pro-image"


def _limited(dimension: str = "rpm", limit: int = 5, **more: str) -> RateLimited:
    return RateLimited(
        "The project has used its 5 requests a minute.",
        metadata={"dimension": dimension, "model": _MODEL, "limit": str(limit), **more},
        retry_after=12.5,
    )


def _detail(body: dict[str, object], kind: str) -> dict[str, object]:
    details = body["error"]["details"]  # type: ignore[index]
    return next(each for each in details if each["@type"].endswith(kind))


def test_a_limit_reads_as_googles_429() -> None:
    status, body = faults.google(_limited())
    assert status == 429
    error = body["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["message"].startswith("You exceeded your current quota, please check your plan")
    assert (
        "* Quota exceeded for metric: generativelanguage.googleapis.com/"
        f"generate_requests_per_model, limit: 5, model: {_MODEL}\nPlease retry in 12.5s."
    ) in error["message"]
    assert error["message"].endswith("The project has used its 5 requests a minute.")
    assert _detail(body, "QuotaFailure")["violations"] == [
        {
            "quotaMetric": "generativelanguage.googleapis.com/generate_requests_per_model",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
            "quotaDimensions": {"location": "global", "model": _MODEL},
            "quotaValue": "5",
        }
    ]
    assert _detail(body, "RetryInfo")["retryDelay"] == "13s"
    assert _detail(body, "Help")


@pytest.mark.parametrize("dimension", list(Dimension))
def test_every_dimension_has_a_quota_id(dimension: Dimension) -> None:
    _, body = faults.google(_limited(dimension.value))
    (violation,) = _detail(body, "QuotaFailure")["violations"]
    assert violation["quotaId"] == NAMES[dimension].id


def test_the_usage_tier_stands_in_the_quota_id_of_tokens() -> None:
    _, body = faults.google(_limited("tpm", tier="2"))
    (violation,) = _detail(body, "QuotaFailure")["violations"]
    assert violation["quotaId"] == "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2"
    assert violation["quotaMetric"].endswith("/generate_content_paid_tier_2_input_token_count")


def test_the_free_tier_has_a_limit_of_none_and_openais_callers_read_that_money_is_missing() -> None:
    error = _limited("ipm", 0, tier="0")
    _, body = faults.google(error)
    (violation,) = _detail(body, "QuotaFailure")["violations"]
    assert violation["quotaId"].endswith("-FreeTier")
    assert "quotaValue" not in violation
    assert openai(error)[1]["error"]["code"] == "insufficient_quota"


def test_a_limit_of_a_key_says_so() -> None:
    _, body = faults.google(_limited(scope="key"))
    (violation,) = _detail(body, "QuotaFailure")["violations"]
    assert violation["quotaId"] == "GenerateRequestsPerMinutePerKeyPerModel"


def test_on_vertex_ai_the_service_has_its_own_name() -> None:
    _, body = faults.google(_limited(), vertex=True)
    (violation,) = _detail(body, "QuotaFailure")["violations"]
    assert violation["quotaMetric"].startswith("aiplatform.googleapis.com/")


def test_an_empty_balance_says_what_clients_of_google_look_for() -> None:
    status, body = faults.google(BalanceExhausted("Ask the operator for a top-up."))
    assert status == 429
    assert body["error"]["message"].startswith("Your prepayment credits are depleted.")
    assert body["error"]["message"].endswith("Ask the operator for a top-up.")


@pytest.mark.parametrize("kind", [BalanceExhausted, BudgetExhausted])
def test_openais_callers_read_that_money_is_missing(kind: type[Exception]) -> None:
    status, body = openai(kind("None left."))  # type: ignore[arg-type]
    assert status == 429
    assert body["error"]["type"] == body["error"]["code"] == "insufficient_quota"


@pytest.mark.parametrize(
    ("dimension", "kind"), [("rpm", "requests"), ("tpm", "tokens"), ("ipm", "images")]
)
def test_openais_callers_read_which_limit_it_was(dimension: str, kind: str) -> None:
    status, body = openai(_limited(dimension))
    assert status == 429
    assert body["error"]["type"] == kind
    assert body["error"]["code"] == "rate_limit_exceeded"


def test_what_our_client_reads_back_is_the_same_limit() -> None:

    status, body = faults.google(_limited())
    error = faults.from_google(status, json.dumps(body).encode())
    assert isinstance(error, RateLimited)
    assert error.metadata["limit"] == "5"
    assert error.retry_after == 13
