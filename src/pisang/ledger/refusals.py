"""Why a request is refused, in sentences: which limit, how much of it, until when, what to do."""

from datetime import UTC, datetime
from typing import Final

from pisang.core import scopes
from pisang.core.errors import BalanceExhausted, BudgetExhausted, RateLimited
from pisang.core.money import Money
from pisang.core.terms import ANY_MODEL, Budget, Dimension, Period
from pisang.ledger.claims import Claim, wanted
from pisang.ledger.state import Account
from pisang.ledger.windows import PACIFIC
from pisang.ledger.words import Demand

_UNITS: Final = {
    Dimension.RPM: ("request", "requests", " a minute"),
    Dimension.TPM: ("input token", "input tokens", " a minute"),
    Dimension.IPM: ("image", "images", " a minute"),
    Dimension.RPD: ("request", "requests", " a day"),
    Dimension.CONCURRENT: ("request", "requests", " at the same time"),
}

_PERIODS: Final = {
    Period.TEN_MINUTES: "in any ten minutes",
    Period.DAY: "a day",
    Period.WEEK: "a week",
    Period.MONTH: "a month",
    Period.TOTAL: "in all",
}

_FREE: Final = (
    " This is a rehearsal, not a bill: what this server draws itself costs nobody anything."
)
_SOON: Final = 1.0  # when one of the requests under way may have ended


def rate_limited(
    claim: Claim, demand: Demand, *, used: int, room_at: float | None, now: float
) -> RateLimited:
    """The refusal of a request that does not fit into a limit."""
    limit = claim.limit
    scope = scopes.kind_of(limit.scope)
    asked = wanted(demand, limit.dimension)
    wait = _wait(room_at, now)
    if limit.dimension is Dimension.CONCURRENT and asked <= claim.value:
        wait = _SOON
    metadata = {
        "dimension": limit.dimension.value,
        "model": demand.model,
        "limit": str(claim.value),
        "scope": scope,
    }
    if limit.origin.startswith("tier"):
        metadata["tier"] = limit.origin.removeprefix("tier").strip(" :")
    return RateLimited(
        f"{_limit_of(claim, demand, scope)} {_used_up(claim, asked, used)} "
        f"{_next(claim, asked, room_at, now)}",
        retry_after=wait,
        metadata=metadata,
    )


def budget_exhausted(
    budget: Budget, demand: Demand, *, left: int, resets: float | None, now: float
) -> BudgetExhausted:
    """The refusal of a request that may cost more than is left of a budget."""
    whose = scopes.kind_of(budget.scope)
    kind = "spend limit" if budget.period is Period.TEN_MINUTES else "budget"
    when = (
        f"There is room again at {_clock(resets)}"
        if resets is not None
        else "It does not reset by itself"
    )
    wait = _wait(resets, now)
    said = f" (in {_seconds(wait)})" if wait is not None else ""
    return BudgetExhausted(
        f"The {kind} {budget.name!r} of this {whose}, {budget.amount} "
        f"{_PERIODS[budget.period]}, does not cover this request: it may cost up to "
        f"{demand.amount}, and {Money(max(left, 0))} are left. {when}{said}. Ask for fewer or "
        "smaller images, or ask who runs this server for a higher one (pisang budgets)."
        + (_FREE if demand.rehearsal else ""),
        retry_after=wait,
        metadata={"budget": budget.name, "resets": _clock(resets) if resets is not None else ""},
    )


def balance_exhausted(account: Account, demand: Demand) -> BalanceExhausted:
    """The refusal of a request that may cost more than the prepaid balance."""
    held = f", and {Money(account.held)} are set aside for requests under way" * (account.held > 0)
    return BalanceExhausted(
        f"The prepaid balance of this project does not cover this request: it may cost up to "
        f"{demand.amount}, and {Money(max(account.available, 0))} are available{held}. Ask who "
        "runs this server to top it up (pisang ledger top-up)."
        + (_FREE if demand.rehearsal else "")
    )


def _limit_of(claim: Claim, demand: Demand, scope: str) -> str:
    one, many, per = _UNITS[claim.limit.dimension]
    unit = one if claim.value == 1 else many
    whose = (
        "this key on all models"
        if scope == "key" and claim.limit.model == ANY_MODEL
        else f"this {scope} for {demand.model}"
    )
    return f"The limit of {claim.value} {unit}{per} ({claim.limit.dimension}) of {whose}"


def _used_up(claim: Claim, asked: int, used: int) -> str:
    if asked > claim.value:
        return f"does not allow this request, which asks for {asked}."
    if claim.limit.dimension is Dimension.CONCURRENT:
        return f"is reached: {used} {'is' if used == 1 else 'are'} under way."
    return f"is used up: {used} counted, and this request asks for {asked} more."


def _next(claim: Claim, asked: int, room_at: float | None, now: float) -> str:
    higher = "ask who runs this server for a higher limit (pisang limits set)"
    if asked > claim.value:
        fewer = "Ask for less at once, or " if claim.value else "Waiting does not help: "
        return f"{fewer}{higher}."
    if claim.limit.dimension is Dimension.CONCURRENT:
        return f"Wait until one of them has ended, or {higher}."
    wait = _wait(room_at, now)
    if room_at is None or wait is None:
        return f"To get more, {higher}."
    return f"There is room again in {_seconds(wait)}, at {_clock(room_at)}. Wait, or {higher}."


def _wait(until: float | None, now: float) -> float | None:
    return None if until is None else max(until - now, 0.0)


def _seconds(wait: float) -> str:
    whole = int(-(-wait // 1))
    return f"{whole} second" if whole == 1 else f"{whole} seconds"


def _clock(at: float) -> str:
    """A moment for people: UTC, and in Los Angeles, where days begin."""
    utc = datetime.fromtimestamp(-(-at // 1), UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC ({utc.astimezone(PACIFIC):%H:%M} Pacific time)"
