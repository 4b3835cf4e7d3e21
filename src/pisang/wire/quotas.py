"""A limit of ours that is used up, in Google's words: ``QuotaFailure``, ``Help``, ``RetryInfo``.

Ids and metrics are Google's where one was seen (limits contract, section 3), and formed like them
where none was: for images a minute, for requests at the same time, and for the limit of one key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pisang.core.errors import RateLimited
from pisang.core.services import TYPE
from pisang.core.terms import Dimension
from pisang.wire.payload import Written

FREE_TIER: Final = "0"
_SENTENCE: Final = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
_HELP: Final[Mapping[str, Written]] = {
    "@type": TYPE + "Help",
    "links": [
        {
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Name:
    """What Google calls a limit; ``{tier}`` stands for a paid usage tier."""

    metric: str
    id: str
    tiered: tuple[str, str] | None = None  # metric and id where the usage tier is known


NAMES: Final[Mapping[Dimension, Name]] = {
    Dimension.RPM: Name(
        "generate_requests_per_model", "GenerateRequestsPerMinutePerProjectPerModel"
    ),
    Dimension.RPD: Name(
        "generate_requests_per_model_per_day", "GenerateRequestsPerDayPerProjectPerModel"
    ),
    Dimension.TPM: Name(
        "generate_content_paid_tier_input_token_count",
        "GenerateContentPaidTierInputTokensPerModelPerMinute",
        (
            "generate_content_paid_tier_{tier}_input_token_count",
            "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier{tier}",
        ),
    ),
    Dimension.IPM: Name("generate_images_per_model", "GenerateImagesPerMinutePerProjectPerModel"),
    Dimension.CONCURRENT: Name(
        "generate_concurrent_requests_per_model", "GenerateConcurrentRequestsPerProjectPerModel"
    ),
}


def is_quota(error: RateLimited) -> bool:
    """Whether the error names a limit; one that was read from elsewhere may not."""
    return error.metadata.get("dimension") in {each.value for each in NAMES}


def message(error: RateLimited, service: str) -> str:
    """Google's sentences, and behind them what ours adds."""
    metric, _ = _named(error)
    lines = [
        _SENTENCE,
        f"* Quota exceeded for metric: {service}/{metric}, limit: {_limit(error)}, "
        f"model: {_model(error)}",
    ]
    if error.retry_after is not None:
        lines.append(f"Please retry in {error.retry_after:.11g}s.")
    return "\n".join(lines) + f"\n{error.message}"


def details(error: RateLimited, service: str) -> list[Written]:
    """What Google puts before ``RetryInfo``."""
    metric, quota = _named(error)
    violation: dict[str, Written] = {
        "quotaMetric": f"{service}/{metric}",
        "quotaId": quota,
        "quotaDimensions": {"location": "global", "model": _model(error)},
    }
    if _limit(error) != "0":  # Google leaves a limit of 0 out
        violation["quotaValue"] = _limit(error)
    return [
        {"@type": TYPE + "QuotaFailure", "violations": [violation]},
        dict(_HELP),
    ]


def never_helps(error: RateLimited) -> bool:
    """Whether the limit is 0, so that no retry helps: what Google has instead of a free tier for
    models that make images."""
    return _limit(error) == "0"


def _named(error: RateLimited) -> tuple[str, str]:
    name = NAMES[Dimension(error.metadata["dimension"])]
    tier = error.metadata.get("tier", "")
    if tier == FREE_TIER:
        return "generate_content_free_tier_requests", f"{name.id}-FreeTier"
    metric, quota = name.metric, name.id
    if tier and name.tiered:
        metric, quota = (each.format(tier=tier) for each in name.tiered)
    if error.metadata.get("scope") == "key":
        metric, quota = f"{metric}_per_key", quota.replace("PerProject", "PerKey")
    return metric, quota


def _limit(error: RateLimited) -> str:
    return error.metadata.get("limit", "0")


def _model(error: RateLimited) -> str:
    return error.metadata.get("model", "*")
