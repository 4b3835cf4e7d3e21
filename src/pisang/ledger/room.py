"""Whether a request fits into its limits, its budgets and its balance; and how much a post may be.

Of several that it does not fit into, the one is named that it has to wait for longest: whoever
comes back when that error says finds room in all of them.
"""

from typing import Final

from pisang.core.errors import PisangError
from pisang.core.terms import Billing, Budget, Period
from pisang.ledger.claims import Claim, wanted
from pisang.ledger.operations import Holding, spend_key
from pisang.ledger.refusals import balance_exhausted, budget_exhausted, rate_limited
from pisang.ledger.state import State, Takes
from pisang.ledger.windows import OPEN, TEN_MINUTES, period_end, period_start
from pisang.ledger.words import Demand, Hold

_NEVER: Final = float("inf")

Refusal = tuple[float, PisangError]
"""When there is room, and the error that says so."""


def fitting(state: State, operation: Holding) -> tuple[tuple[Claim, ...], bool]:
    """The counters to take from: those of the priority tier where it has room. The second value is
    whether it was asked for and has none. Raises ``RateLimited``."""
    demand = operation.demand
    if operation.shares and not _too_much(state, operation.shares, demand):
        return operation.shares, False
    if refusals := _too_much(state, operation.claims, demand):
        raise _latest(refusals)
    return operation.claims, bool(operation.shares)


def check_money(state: State, demand: Demand) -> None:
    """Raises ``BudgetExhausted`` or ``BalanceExhausted`` where a request may cost more than is
    left."""
    terms = demand.caller.terms
    found = [_over(state, budget, demand) for budget in terms.budgets if budget.enforced]
    if refusals := [each for each in found if each is not None]:
        raise _latest(refusals)
    if terms.billing is Billing.PREPAID:
        account = state.account(demand.caller.project_id)
        if demand.amount.nanos > account.available:
            raise balance_exhausted(account, demand)


def chargeable(state: State, hold: Hold, takes: Takes, wish: int) -> int:
    """How much of an amount may be charged to what a hold was made on, when nothing of it is held
    any more."""
    rooms = [wish]
    if hold.terms.billing is Billing.PREPAID:
        rooms.append(state.account(hold.project_id).available)
    periods = dict(takes.budgets)
    for budget in hold.terms.budgets:
        if not budget.enforced:
            continue
        if budget.period is Period.TEN_MINUTES:
            window = state.window(spend_key(budget))
            taken = next((each[3] for each in takes.counted if each[:3] == spend_key(budget)), 0)
            peak = window.peak(bucket_to_charge(taken, window.now))
            rooms.append(budget.amount.nanos - peak)
        elif budget.id in periods:
            spent = state.spent((budget.id, periods[budget.id]))
            rooms.append(budget.amount.nanos - spent.posted - spent.held)
    return max(min(rooms), 0)


def bucket_to_charge(taken: int, now: int) -> int:
    """Where a ten-minute budget counts what is charged beyond the hold: with the hold, or now where
    nobody knows any more what else was spent then: so long ago, or before the clock jumped back."""
    return taken if now - TEN_MINUTES.span < taken <= now + TEN_MINUTES.ahead else now


def _too_much(state: State, claims: tuple[Claim, ...], demand: Demand) -> list[Refusal]:
    """The limits that a request does not fit into."""
    refusals: list[Refusal] = []
    for claim in claims:
        asked = wanted(demand, claim.limit.dimension)
        window = None if claim.shape is OPEN else state.window(claim.key)
        used = state.concurrent.get(claim.key, 0) if window is None else window.used
        if not asked or used + asked <= claim.value:
            continue
        room_at = window.room_at(claim.value, asked) if window else None
        wait = _NEVER if room_at is None else room_at
        if window is None and asked <= claim.value:
            wait = state.now  # nobody knows, but it is soon
        error = rate_limited(claim, demand, used=used, room_at=room_at, now=state.now)
        refusals.append((wait, error))
    return refusals


def _over(state: State, budget: Budget, demand: Demand) -> Refusal | None:
    """Why a request does not fit into a budget, where it does not."""
    asked, full = demand.amount.nanos, budget.amount.nanos
    if budget.period is Period.TEN_MINUTES:
        window = state.window(spend_key(budget))
        left = full - window.used
        resets = window.room_at(full, asked) if asked > left else None
    else:
        spent = state.spent((budget.id, period_start(budget.period, state.now)))
        left = full - spent.posted - spent.held
        resets = period_end(budget.period, state.now) if asked <= full else None
    if asked <= left:
        return None
    error = budget_exhausted(budget, demand, left=left, resets=resets, now=state.now)
    return (_NEVER if resets is None else resets), error


def _latest(refusals: list[Refusal]) -> PisangError:
    return max(refusals, key=lambda refusal: refusal[0])[1]
