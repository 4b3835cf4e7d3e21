"""What the desk is asked to do in one transaction, one after another."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.core.current import REQUEST
from pisang.core.money import Money
from pisang.core.terms import Budget, Period
from pisang.ledger.claims import Claim, claims_of
from pisang.ledger.state import Needs, OpenHold
from pisang.ledger.windows import CHARGED, OPEN, SPEND, period_start
from pisang.ledger.words import Bill, Demand, Hold

LATE: Final = ":late"
"""After the id of a hold that had expired, in ``entries.resolves`` of the post that came after."""


@dataclass(slots=True)
class Holding:
    """Hold what a request demands, for at most so many seconds. ``shares`` are the counters of the
    priority tier, empty where the request does not ask for it. ``made`` is a hold that was given
    out before it is written."""

    demand: Demand
    seconds: float
    claims: tuple[Claim, ...]
    shares: tuple[Claim, ...]
    made: Hold | None = None

    @classmethod
    def of(cls, demand: Demand, seconds: float) -> "Holding":
        terms = demand.caller.terms
        if not terms.limits:
            return cls(demand, seconds, (), ())
        claims = claims_of(terms, demand.model)
        shares = claims_of(terms, demand.model, priority=True) if demand.priority else ()
        return cls(demand, seconds, claims, shares)


@dataclass(slots=True)
class HoldingAll:
    """Hold what several demand that belong to one request, or nothing of it. ``whole`` demands all
    of it at once."""

    whole: Holding
    each: tuple[Holding, ...]

    @classmethod
    def of(cls, demands: Sequence[Demand], seconds: float) -> "HoldingAll":
        whole = Holding.of(together(demands), seconds)
        return cls(whole, tuple(Holding.of(demand, seconds) for demand in demands))


def together(demands: Sequence[Demand]) -> Demand:
    """What several demands of one request come to."""
    return replace(
        demands[0],
        images=sum(each.images for each in demands),
        tokens=sum(each.tokens for each in demands),
        amount=Money(sum(each.amount.nanos for each in demands)),
        requests=sum(each.requests for each in demands),
    )


@dataclass(slots=True)
class Posting:
    hold: Hold
    bill: Bill


@dataclass(slots=True)
class Voiding:
    hold: Hold
    finish: str
    counted: bool


@dataclass(slots=True)
class Granting:
    """Add to a project's balance, or take from it. ``reference`` makes it happen only once;
    ``request_id`` is the request that asked for it, as the log has it."""

    project_id: str
    amount: Money
    kind: str  # top_up | adjust
    reference: str | None
    actor: str
    note: str
    request_id: str = field(default_factory=REQUEST.get)


@dataclass(slots=True)
class Sweeping:
    """Free the holds whose time is over, and those of owners that are no more: ``leaving`` is one
    who goes now."""

    leaving: str = ""


@dataclass(slots=True)
class Probing:
    """Write what changes nothing (that this process lives), to see whether a charge could be."""


Operation = Holding | HoldingAll | Posting | Voiding | Granting | Sweeping | Probing


@dataclass(frozen=True, slots=True)
class Warned:
    """A budget of which so many percent are spent now, for the first time in its period."""

    budget: Budget
    percent: int
    spent: Money


@dataclass(frozen=True, slots=True)
class Granted:
    """A top-up or correction that is written. ``repeated`` is whether it was before."""

    entry_id: str
    amount: Money
    repeated: bool


Answer = Hold | list[Hold] | Granted | tuple[Warned, ...] | int | Exception | None
"""Of a hold, several, a top-up, a post (budgets to warn of), a sweep (how many were freed), or why
not."""


def spend_key(budget: Budget) -> tuple[str, str, str]:
    """The counter of a ten-minute budget."""
    return f"budget:{budget.id}", "", SPEND


def charged_key(budget: Budget) -> tuple[str, str, str]:
    """The counter of what is charged to one that warns."""
    return f"budget:{budget.id}", "", CHARGED


def needs_of(operations: list[Operation], due: list[OpenHold], at: float) -> Needs:
    """What has to be loaded for these operations; ``due`` are the holds that a sweep found."""
    needs = Needs()
    new = set[str]()
    for operation in operations:
        match operation:
            case Holding(made=made):
                _need_room(needs, operation, at)
                if made is not None:
                    new.add(made.id)
            case HoldingAll(whole=whole):
                _need_room(needs, whole, at)
            case Posting(hold=hold):
                needs.holds.add(hold.id)
                needs.take(hold.project_id, hold.takes)
            case Voiding(hold=hold, counted=counted):
                needs.holds.add(hold.id)
                needs.take(hold.project_id, hold.takes, counted=counted)
            case Granting(project_id=project_id, reference=reference):
                needs.projects.add(project_id)
                if reference is not None:
                    needs.references.add((project_id, reference))
    needs.holds -= new
    for each in due:
        needs.holds.add(each.id)
        needs.take(each.project_id, each.takes)
    return needs


def _need_room(needs: Needs, operation: Holding, at: float) -> None:
    caller = operation.demand.caller
    needs.projects.add(caller.project_id)
    for claim in (*operation.claims, *operation.shares):
        if claim.shape is OPEN:
            needs.concurrent.add(caller.project_id)
        else:
            needs.counters.add(claim.key)
    for budget in caller.terms.budgets:
        if budget.period is Period.TEN_MINUTES:
            needs.counters.add(spend_key(budget))
        else:
            needs.spending.add((budget.id, period_start(budget.period, at)))
