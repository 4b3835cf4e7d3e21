"""What each operation does to the state of one transaction, or why it is refused; pure.

A hold has to fit into every limit, every budget and the balance at once, or takes nothing. What it
took is noted with it, so that it can be given back exactly. A post may always charge as much as was
held, and more only as far as every cap still has room; the rest is absorbed: nobody pays it.
"""

from collections.abc import Mapping

from pisang.core.errors import AlreadyExists, LedgerError, PisangError
from pisang.core.ids import new_id
from pisang.core.money import Money
from pisang.core.terms import WARNED, Budget, Period
from pisang.ledger.claims import wanted
from pisang.ledger.operations import (
    LATE,
    Answer,
    Granted,
    Granting,
    Holding,
    HoldingAll,
    Operation,
    Posting,
    Probing,
    Sweeping,
    Voiding,
    Warned,
    charged_key,
    spend_key,
)
from pisang.ledger.room import bucket_to_charge, chargeable, check_money, fitting
from pisang.ledger.rows import (
    count_bill,
    count_failures,
    entry_of_grant,
    entry_of_hold,
    entry_of_post,
    row_of_hold,
)
from pisang.ledger.state import GIVEN_BACK, OpenHold, State, Takes
from pisang.ledger.windows import CHARGED, OPEN, TEN_MINUTES, compact, period_start
from pisang.ledger.words import Hold


def decide(state: State, operations: list[Operation], due: list[OpenHold]) -> list[Answer]:
    """Does all of it, in order; ``due`` are the holds that a sweep found."""
    answers: list[Answer] = []
    for operation in operations:
        try:
            match operation:
                case Holding():
                    answers.append(_hold(state, operation))
                case HoldingAll():
                    answers.append(_hold_all(state, operation))
                case Posting():
                    answers.append(_post(state, operation))
                case Voiding():
                    _void(state, operation)
                    answers.append(None)
                case Granting():
                    answers.append(_grant(state, operation))
                case Sweeping():
                    answers.append(sum(_expire(state, hold) for hold in due))
                case Probing():
                    state.changes.seen = state.changes.durable = True
                    answers.append(None)
        except PisangError as refusal:
            answers.append(refusal)
    return answers


def _hold(state: State, operation: Holding) -> Hold:
    demand = operation.demand
    caller, amount = demand.caller, demand.amount.nanos
    claims, downgraded = fitting(state, operation)
    check_money(state, demand)
    takes = Takes()
    for claim in claims:
        count, bucket = wanted(demand, claim.limit.dimension), claim.shape.bucket(state.now)
        if not count or claim.shape is OPEN:
            continue
        state.window(claim.key).add(bucket, count)
        takes.counted.append((*claim.key, bucket, count))
    for budget in caller.terms.budgets:
        _take_budget(state, budget, amount, takes)
    state.changed_account(caller.project_id).held += amount
    hold = OpenHold(
        id=operation.made.id if operation.made else new_id("hold", now=state.now),
        project_id=caller.project_id,
        key_id=caller.key_id,
        request_id=demand.request_id[:64],
        model=demand.model[:128],
        amount=amount,
        requests=demand.requests,
        takes=takes.packed(),
    )
    state.holds[hold.id] = hold
    state.count_concurrent(hold, hold.requests)
    state.changes.holds[hold.id] = row_of_hold(state, hold, operation.seconds)
    entry_of_hold(state, hold, "hold")
    return operation.made or Hold(
        id=hold.id,
        project_id=hold.project_id,
        key_id=hold.key_id,
        request_id=hold.request_id,
        model=hold.model,
        amount=demand.amount,
        requests=hold.requests,
        downgraded=downgraded,
        takes=hold.takes,
        terms=caller.terms,
    )


def _hold_all(state: State, operation: HoldingAll) -> list[Hold]:
    """Holds for each of several, if there is room for all together: then there is for each."""
    fitting(state, operation.whole)
    check_money(state, operation.whole.demand)
    return [_hold(state, each) for each in operation.each]


def _take_budget(state: State, budget: Budget, amount: int, takes: Takes) -> None:
    if budget.period is Period.TEN_MINUTES:
        key, bucket = spend_key(budget), TEN_MINUTES.bucket(state.now)
        state.window(key).add(bucket, amount)
        takes.counted.append((*key, bucket, amount))
        if budget.thresholds:  # so that it is there when this is charged
            takes.counted.append((*charged_key(budget), bucket, 0))
        return
    at = (budget.id, period_start(budget.period, state.now))
    state.spent(at).held += amount
    state.changes.spending.add(at)
    takes.budgets.append(at)


def _free(state: State, hold: OpenHold, *, counted: bool) -> Takes:
    """Gives back what a hold took, and forgets it; what it took of rates only if not ``counted``:
    otherwise the request stays counted there."""
    takes = Takes.of(hold.takes)
    for subject, model, dimension, bucket, count in takes.counted:
        if not counted or dimension in GIVEN_BACK:
            state.window((subject, model, dimension)).add(bucket, -count)
    for at in takes.budgets:
        state.spent(at).held -= hold.amount
        state.changes.spending.add(at)
    state.changed_account(hold.project_id).held -= hold.amount
    if state.changes.holds.pop(hold.id, None) is None:  # else it has never been written
        state.changes.freed.append(hold.id)
    state.count_concurrent(hold, -hold.requests)
    del state.holds[hold.id]
    return takes


def _post(state: State, operation: Posting) -> tuple[Warned, ...]:
    """Charges a hold once, also one that has expired meanwhile; returns the budgets to warn of."""
    made, bill = operation.hold, operation.bill
    hold = state.holds.get(made.id)
    if hold is not None:
        resolves, takes = made.id, _free(state, hold, counted=True)
    elif state.resolved.get(made.id) == "post" or made.id + LATE in state.resolved:
        return ()
    else:
        hold = _expired(state, made)
        resolves, takes = made.id + LATE, Takes.of(made.takes)
        count_failures(state, hold, -hold.requests)  # it was counted as one when it expired
    state.resolved[resolves] = "post"
    charged = bill.amount.nanos
    if charged > hold.amount:
        charged = min(charged, max(hold.amount, chargeable(state, made, takes, charged)))
    state.changed_account(hold.project_id).posted += charged
    entry_of_post(state, hold, bill, charged=charged, resolves=resolves)
    count_bill(state, hold, bill, charged)
    state.changes.durable = True
    return _spend(state, made, takes, charged, held=hold.amount)


def _expired(state: State, made: Hold) -> OpenHold:
    """A hold that has expired, with nothing held any more, so that it can be charged late. Raises
    ``LedgerError`` for one that was voided or never was."""
    ended = state.resolved.get(made.id)
    if ended != "expire":
        raise LedgerError(
            f"The hold {made.id} of request {made.request_id} cannot be posted: "
            + ("there is none." if ended is None else "it was voided.")
        )
    return OpenHold(
        id=made.id,
        project_id=made.project_id,
        key_id=made.key_id,
        request_id=made.request_id,
        model=made.model,
        amount=0,
        requests=made.requests,
        takes=made.takes,
    )


def _spend(
    state: State, hold: Hold, takes: Takes, charged: int, *, held: int
) -> tuple[Warned, ...]:
    """Counts a charge in all budgets of a hold; returns those to warn of."""
    before: dict[str, int] = {}
    for subject, model, dimension, bucket, _ in takes.counted:
        if dimension in GIVEN_BACK:
            window = state.window((subject, model, dimension))
            if dimension == CHARGED:
                before[subject] = window.lately
                window.add(bucket_to_charge(bucket, window.now), charged)
                continue
            window.add(bucket, min(charged, held))
            window.add(bucket_to_charge(bucket, window.now), max(charged - held, 0))
    for at in takes.budgets:
        state.spent(at).posted += charged
        state.changes.spending.add(at)
    warnings = []
    periods = dict(takes.budgets)
    for budget in hold.terms.budgets:
        if not budget.thresholds:
            continue
        if budget.id in periods:
            warning = _passed(state, budget, periods[budget.id])
        else:
            warning = _passed_lately(state, budget, before)
        if warning is not None:
            warnings.append(warning)
    return tuple(warnings)


def _passed(state: State, budget: Budget, period: int) -> Warned | None:
    """The warning of a threshold that is passed for the first time in its period."""
    spent = state.spent((budget.id, period))
    reached = _reached(budget, spent.posted)
    if reached <= spent.warned:
        return None
    spent.warned = reached
    return Warned(budget, reached, Money(spent.posted))


def _passed_lately(state: State, budget: Budget, before: Mapping[str, int]) -> Warned | None:
    """The warning of a threshold that was passed in no ten minutes that ended within the last ten:
    so it is told once, however often the sliding sum falls below it and rises above it again."""
    key = charged_key(budget)
    if key[0] not in before:
        return None
    spent = state.window(key).lately
    reached, known = _reached(budget, spent), _reached(budget, before[key[0]])
    if reached <= known:
        return None
    for each in budget.thresholds:
        if known < each <= reached:
            state.changes.warned[key[0], str(each), WARNED] = compact([int(state.now), spent])
    return Warned(budget, reached, Money(spent))


def _reached(budget: Budget, spent: int) -> int:
    """The highest threshold that is reached, in percent; 0 where none is."""
    full = budget.amount.nanos
    percent = spent * 100 // full if full else 100 * (spent > 0)
    return max((each for each in budget.thresholds if each <= percent), default=0)


def _void(state: State, operation: Voiding) -> None:
    hold = state.holds.get(operation.hold.id)
    if hold is None:
        return
    _free(state, hold, counted=operation.counted)
    state.resolved[hold.id] = "void"
    failed = hold.requests if operation.counted else 0
    entry_of_hold(state, hold, "void", requests=failed, finish=operation.finish)
    count_failures(state, hold, failed)


def _expire(state: State, due: OpenHold) -> int:
    hold = state.holds.get(due.id)
    if hold is None:
        return 0
    _free(state, hold, counted=True)
    state.resolved[hold.id] = "expire"
    entry_of_hold(state, hold, "expire", requests=hold.requests)
    count_failures(state, hold, hold.requests)
    return 1


def _grant(state: State, operation: Granting) -> Granted:
    amount, reference = operation.amount.nanos, operation.reference
    if reference is not None:
        before = state.references.get((operation.project_id, reference))
        if before is not None:
            if before[1] != amount:
                raise AlreadyExists(
                    f"The reference {reference!r} belongs to an entry of {Money(before[1])} "
                    "already. Give this one another reference."
                )
            return Granted(before[0], operation.amount, repeated=True)
    state.changed_account(operation.project_id).granted += amount
    id = entry_of_grant(state, operation)
    if reference is not None:
        state.references[operation.project_id, reference] = (id, amount)
    state.changes.durable = True
    return Granted(id, operation.amount, repeated=False)
