"""How a failure of an upstream is recognised: one table, read from top to bottom, first match wins.

What callers write can come back to us in an upstream's message ("Unknown name ..."). So where a
status is one that requests of callers can bring about (400), a sign that makes somebody sick looks
at codes or at how the message *begins*, never at what stands somewhere in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pisang.core.upstream import Broken
from pisang.routing.diagnosis import Kind

_REFUSED_MONEY: Final = (401, 402, 403, 429)
_NOT_ALLOWED: Final = (401, 403)
_PROXY: Final = (502, 503, 504)
_MODEL: Final = ("model", "the model", "this model", "publisher model", "unknown model", "no model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """All that is given must hold; of several phrases or codes one is enough.

    ``statuses`` are HTTP statuses. ``codes`` are words that machines read; ``begins`` is how the
    message starts and ``says`` what stands in it (all lower case). ``quotas`` are pieces of the
    names of limits, ``zero`` a limit of none. ``page`` is whether the body is no JSON.
    """

    kind: Kind
    broken: Broken | None = None
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()
    zero: bool = False
    page: bool | None = None


def _between(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


_TRANSPORT: Final = (
    Sign(kind=Kind.NO_CREDENTIALS, broken=Broken.CREDENTIALS),
    Sign(kind=Kind.TLS, broken=Broken.TLS),
    Sign(
        kind=Kind.NO_SUCH_HOST,
        broken=Broken.CONNECT,
        says=(
            "dns error",
            "name or service not known",
            "name resolution",
            "no such host",
            "nodename nor servname",
            "no address associated",
        ),
    ),
    Sign(kind=Kind.UNREACHABLE, broken=Broken.CONNECT),
    Sign(kind=Kind.TIMEOUT, broken=Broken.TIMEOUT),
    Sign(kind=Kind.RESET, broken=Broken.RESET),
    Sign(kind=Kind.TRUNCATED, broken=Broken.CUT),
    Sign(kind=Kind.GARBLED, broken=Broken.GARBLED),
    Sign(kind=Kind.EMPTY, broken=Broken.EMPTY),
    Sign(kind=Kind.UNUSABLE, broken=Broken.UNUSABLE),
)

# Before all else that looks into messages, because the rest of these is the caller's own.
_FILES: Final = (
    Sign(
        kind=Kind.FILE_DENIED,
        statuses=(403, 404),
        begins=("you do not have permission to access the file", "cachedcontent ", "file "),
    ),
    Sign(kind=Kind.FILE_DENIED, statuses=(403, 404), says=("storage.objects.get",)),
)

_MONEY: Final = (
    Sign(
        kind=Kind.BILLING_STOPPED,
        statuses=_REFUSED_MONEY,
        says=(
            "prepayment credits are depleted",
            "insufficient credit",
            "insufficient balance",
            "credit balance is too low",
            "quota is not enough",
            "额度不足",
            "余额不足",
            "额度已用尽",
        ),
    ),
    Sign(kind=Kind.SPENDING_CAP, codes=("billing_hard_limit_reached",)),
    Sign(
        kind=Kind.SPENDING_RATE,
        statuses=(429,),
        says=("10-minute spend", "10 minute spend", "ten-minute spend", "spend in the last 10"),
    ),
    Sign(
        kind=Kind.SPENDING_CAP,
        statuses=(402, 403, 429),
        says=("spending cap", "spend cap", "spending limit", "spend limit", "monthly spend"),
    ),
    Sign(kind=Kind.BILLING_STOPPED, statuses=(402,)),
    Sign(kind=Kind.NOT_BILLED, codes=("billing_disabled", "billing_not_active")),
    Sign(
        kind=Kind.NOT_BILLED,
        begins=(
            "imagen api is only accessible to billed users",
            "gemini api free tier is not available in your country",
        ),
    ),
    Sign(
        kind=Kind.NOT_BILLED,
        statuses=(403,),
        says=("requires billing to be enabled", "billing is disabled", "enable billing on"),
    ),
    Sign(kind=Kind.NO_QUOTA, statuses=(429,), zero=True),
    # Last, because relays give these codes to all of the above.
    Sign(
        kind=Kind.BILLING_STOPPED,
        codes=(
            "insufficient_quota",
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
            "insufficient_balance",
            "insufficient_credits",
            "engine_billing_stopped",
        ),
    ),
)

_LIMITS: Final = (
    Sign(kind=Kind.RATE_DAY, statuses=(429,), quotas=("perday", "per_day")),
    Sign(
        kind=Kind.RATE_DAY,
        statuses=(429,),
        says=("requests per day", "tokens per day", "images per day", "per_day", "(rpd)", "(tpd)"),
    ),
    Sign(kind=Kind.RATE_MINUTE, statuses=(429,), quotas=("perminute", "per_minute")),
    Sign(kind=Kind.RATE_LIMIT, statuses=(429,), quotas=("",)),
    Sign(
        kind=Kind.RATE_MINUTE,
        statuses=(429,),
        says=(
            "requests per min",
            "tokens per min",
            "images per min",
            "per_minute",
            "(rpm)",
            "(tpm)",
            "(ipm)",
            "input_token_count",
            "online_prediction_requests_per_base_model",
        ),
    ),
    Sign(kind=Kind.PROVISIONED, statuses=(429,), says=("provisioned throughput",)),
    Sign(kind=Kind.PROVISIONED, codes=("provisioned_throughput_exhausted",)),
    Sign(
        kind=Kind.CAPACITY,
        statuses=(429,),
        says=(
            "resource exhausted",
            "resource has been exhausted",
            "out of capacity",
            "overloaded",
            "负载已饱和",
        ),
    ),
    Sign(kind=Kind.CAPACITY, statuses=(429,), codes=("ratelimitexceeded", "engine_overloaded")),
    Sign(kind=Kind.RATE_LIMIT, statuses=(429,)),
)

_ACCESS: Final = (
    Sign(kind=Kind.LOOP, codes=("loop_detected",)),
    # Another pisang, whose own upstream is set up wrong: our key there is fine.
    Sign(kind=Kind.INTERNAL, codes=("engine_misconfigured", "no_route")),
    Sign(
        kind=Kind.PROJECT_DENIED,
        codes=("consumer_suspended", "account_deactivated", "project_denied"),
    ),
    Sign(
        kind=Kind.PROJECT_DENIED,
        statuses=_NOT_ALLOWED,
        says=(
            "has been suspended",
            "project has been denied",
            "account has been deactivated",
            "organization has been disabled",
        ),
    ),
    Sign(kind=Kind.BAD_KEY, codes=("api_key_invalid", "invalid_api_key", "api_key_expired")),
    Sign(kind=Kind.BAD_KEY, begins=("api key not valid", "api key expired")),
    Sign(
        kind=Kind.BAD_KEY,
        statuses=_NOT_ALLOWED,
        says=(
            "reported as leaked",
            "incorrect api key",
            "invalid api key",
            "invalid token",
            "无效的令牌",
        ),
    ),
    Sign(
        kind=Kind.NO_KEY,
        statuses=_NOT_ALLOWED,
        begins=(
            "method doesn't allow unregistered callers",
            "the request is missing a valid api key",
            "request is missing required authentication credential",
            "you didn't provide an api key",
        ),
    ),
    Sign(
        kind=Kind.TOKEN_REFUSED,
        statuses=(401,),
        codes=(
            "unauthenticated",
            "access_token_expired",
            "access_token_type_unsupported",
            "credentials_missing",
        ),
    ),
    Sign(
        kind=Kind.KEY_DENIED,
        codes=(
            "api_key_service_blocked",
            "api_key_http_referrer_blocked",
            "api_key_ip_address_blocked",
            "api_key_android_app_blocked",
            "api_key_ios_app_blocked",
            "iam_permission_denied",
        ),
    ),
    Sign(kind=Kind.API_DISABLED, codes=("service_disabled", "accessnotconfigured")),
    Sign(kind=Kind.API_DISABLED, statuses=(403,), says=("has not been used in project",)),
    Sign(kind=Kind.REGION, codes=("unsupported_country_region_territory",)),
    Sign(kind=Kind.REGION, begins=("user location is not supported",)),
    Sign(kind=Kind.REGION, statuses=(403,), says=("region, or territory not supported",)),
)

_NAMES: Final = (
    Sign(kind=Kind.WRONG_ADDRESS, statuses=(404,), begins=("invalid url", "unknown request url")),
    Sign(
        kind=Kind.MODEL_GONE,
        statuses=(404, 410),
        begins=_MODEL,
        says=(
            "no longer available",
            "has been shut down",
            "has been discontinued",
            "has been retired",
            "has been deprecated",
        ),
    ),
    Sign(kind=Kind.MODEL_NOT_FOUND, codes=("model_not_found",)),
    Sign(kind=Kind.MODEL_NOT_FOUND, statuses=(404,), page=False, begins=_MODEL),
    Sign(kind=Kind.DENIED, statuses=(404,), codes=("not_found",)),
    Sign(kind=Kind.BLOCKED_BY_PROXY, statuses=(401, 403, 407), page=True),
    Sign(kind=Kind.BLOCKED_BY_PROXY, statuses=(407,)),
    Sign(kind=Kind.TOKEN_REFUSED, statuses=(401,)),
    Sign(
        kind=Kind.KEY_DENIED,
        statuses=(403,),
        begins=("permission '", "your organization", "the provided api key", "requests "),
    ),
    Sign(kind=Kind.DENIED, statuses=(403,)),
    Sign(kind=Kind.WRONG_ADDRESS, statuses=(404, 405, 410, 501)),
)

_REQUESTS: Final = (
    Sign(kind=Kind.TOO_LARGE, statuses=(413, 414, 431)),
    Sign(kind=Kind.TOO_LARGE, statuses=(400,), begins=("request payload size exceeds",)),
    Sign(
        kind=Kind.REFUSED,
        codes=(
            "content_policy_violation",
            "moderation_blocked",
            "sensitive_words_detected",
            "prompt_blocked",
            "content_filter",
            "picture_refused",
        ),
    ),
    Sign(
        kind=Kind.REFUSED,
        statuses=(400,),
        says=("responsible ai practices", "safety system", "content policy", "usage guidelines"),
    ),
    Sign(kind=Kind.WRONG_ADDRESS, statuses=(400,), page=True),
)

_TROUBLE: Final = (
    Sign(kind=Kind.DEADLINE, codes=("deadline_exceeded",)),
    Sign(kind=Kind.ORIGIN_DOWN, statuses=(*_between(520, 527), 530)),
    Sign(kind=Kind.BAD_GATEWAY, statuses=_PROXY, page=True),
    Sign(kind=Kind.DEADLINE, statuses=(408, 504)),
    Sign(kind=Kind.BAD_GATEWAY, statuses=(502,)),
    Sign(kind=Kind.OVERLOADED, statuses=(503, 529)),
    Sign(kind=Kind.OVERLOADED, codes=("overloaded_error", "unavailable")),
    Sign(kind=Kind.RATE_LIMIT, codes=("rate_limit_exceeded", "rate_limit_error")),
    Sign(kind=Kind.INTERNAL, codes=("aborted", "cancelled", "internal", "server_error")),
    Sign(kind=Kind.INTERNAL, statuses=(499, *_between(500, 599))),
    Sign(kind=Kind.REDIRECTED, statuses=_between(300, 399)),
    Sign(kind=Kind.BAD_REQUEST, codes=("invalid_request_error",)),
    Sign(kind=Kind.BAD_REQUEST, statuses=_between(400, 499)),
    Sign(kind=Kind.GARBLED),
)

SIGNS: Final = (*_TRANSPORT, *_FILES, *_MONEY, *_LIMITS, *_ACCESS, *_NAMES, *_REQUESTS, *_TROUBLE)


def told(sign: Sign) -> Iterator[str]:
    """The conditions of a sign in words, for the documentation."""
    if sign.broken:
        yield f"no whole answer: `{sign.broken}`"
    if sign.statuses:
        yield f"HTTP {_ranges(sign.statuses)}"
    if sign.page is not None:
        yield "a page, no JSON" if sign.page else "JSON"
    if sign.codes:
        yield "code " + " or ".join(f"`{code}`" for code in sign.codes)
    if sign.begins:
        yield "begins " + " or ".join(f'"{phrase}"' for phrase in sign.begins)
    if sign.says:
        yield "says " + " or ".join(f'"{phrase}"' for phrase in sign.says)
    if sign.zero:
        yield "the limit is 0"
    if sign.quotas == ("",):
        yield "names a limit"
    elif sign.quotas:
        yield "names a limit with " + " or ".join(f"`{piece}`" for piece in sign.quotas)


def _ranges(statuses: tuple[int, ...]) -> str:
    """``300 to 399`` for a run of numbers, ``401, 403`` for others."""
    runs: list[list[int]] = []
    for status in statuses:
        if runs and status == runs[-1][-1] + 1:
            runs[-1].append(status)
        else:
            runs.append([status])
    return ", ".join(
        f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )
