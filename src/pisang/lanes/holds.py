"""What is set aside for a request before any engine is asked: the most that it may cost, and room
in its limits.

Whoever runs the request settles it (``metering/outcome.py``). An engine of ours tells beforehand
what it will use, where that decides whether there is enough.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pisang.admission import policy
from pisang.catalog.tiers import has_priority
from pisang.core.current import REQUEST
from pisang.core.errors import FailedPrecondition
from pisang.core.events import Usage
from pisang.core.ids import new_id
from pisang.core.money import Money
from pisang.core.request import ServiceTier
from pisang.core.terms import Dimension
from pisang.lanes.admitted import Admitted
from pisang.lanes.events import before, seconds_left
from pisang.ledger.held import Held
from pisang.ledger.words import Demand, Desk, Hold
from pisang.metering import usage
from pisang.metering.bill import is_rehearsal
from pisang.metering.worst import foreseen, most, worst
from pisang.routing.plan import Plan
from pisang.routing.router import Router
from pisang.telemetry.observer import TRACE


@dataclass(frozen=True, slots=True)
class Holds:
    """Asks the desk, where there is one: a command that makes one picture keeps no ledger."""

    desk: Desk | None
    router: Router

    async def of(self, asked: Admitted) -> Held | None:
        """Raises ``RateLimited``, ``BudgetExhausted``, ``BalanceExhausted``, ``LimitsUnavailable``
        or ``StoreError``; then nothing is held and nothing counted. ``FailedPrecondition`` where
        nobody knows what it may cost, and that matters."""
        _tell_trace(asked)
        if (demand := await self._demand(asked)) is None or self.desk is None:
            return None
        hold = self.desk.hold_soon(demand) or await self.desk.hold(demand)
        return Held(self.desk, _at_its_tier(hold, asked))

    async def of_all(self, asked: Sequence[Admitted]) -> list[Held | None]:
        """The same for several that are one request to the caller: all of them, or nothing."""
        if len(asked) == 1:
            return [await self.of(asked[0])]
        for each in asked:
            _tell_trace(each)
        demands = [await self._demand(each) for each in asked]
        known = [demand for demand in demands if demand is not None]
        if self.desk is None or not known:
            return [None] * len(asked)
        holds = await self.desk.hold_all(known)
        return [
            Held(self.desk, _at_its_tier(hold, each))
            for hold, each in zip(holds, asked, strict=True)
        ]

    async def _demand(self, asked: Admitted) -> Demand | None:
        """What a request asks of the desk; None where there is no desk."""
        if self.desk is None:
            return None
        caller, request, card, tier = asked.caller, asked.request, asked.card, _tier(asked)
        used = most(request, card, size=asked.size, images=asked.images, surface=asked.surface)
        amount = worst(
            used,
            card,
            asked.tier,
            plan=asked.plan,
            surface=asked.surface,
            size=asked.size,
            markup=caller.terms.markup,
            foreseen=await self._foreseen(asked),
            ours_at=tier,
            seconds=seconds_left(asked.ends),
        )
        if amount is None and caller.terms.capped:
            raise FailedPrecondition(
                f"Nobody knows what '{request.model}' costs here, and this project may not spend "
                "more than it has. Ask who runs this server to give its engine or route a price.",
                field="model",
            )
        return Demand(
            caller=caller,
            request_id=REQUEST.get() or new_id("req"),
            model=asked.model,
            images=asked.images if used.images else 0,
            tokens=await _tokens(asked),
            amount=amount or Money(0),
            seconds=seconds_left(asked.ends),
            requests=0 if asked.again else 1,
            priority=tier is ServiceTier.PRIORITY,
            rehearsal=_is_rehearsed(asked.plan),
        )

    async def _foreseen(self, asked: Admitted) -> Usage | None:
        """What an engine of ours will use, where a cap makes it matter and the engine can tell."""
        if asked.canvas is None or asked.card is None or not asked.caller.terms.capped:
            return None
        first = self.router.members(asked.plan.steps[0].engine)[0]
        told = foreseen(first, asked.request, card=asked.card, canvas=asked.canvas)
        return await before(asked.ends, told)


def _is_rehearsed(plan: Plan) -> bool:
    """Whether none of its engines asks for money."""
    return all(is_rehearsal(plan.route, plan.engines[step.engine]) for step in plan.steps)


def _tier(asked: Admitted) -> ServiceTier:
    """The tier that serves it, where there is room: priority only in projects that may have it, and
    none that its model lacks."""
    if _may_not_have_priority(asked):
        return ServiceTier.STANDARD
    if asked.canvas is None or asked.card is None:  # an upstream gets it as it is, and judges
        return asked.tier
    return policy.served_tier(asked.request, asked.card, surface=asked.surface)


def _at_its_tier(hold: Hold, asked: Admitted) -> Hold:
    """The hold, which says so where standard serves what asked for priority."""
    return replace(hold, downgraded=True) if _may_not_have_priority(asked) else hold


def _may_not_have_priority(asked: Admitted) -> bool:
    """Whether it asks for priority in a project whose usage tier has none, as at Google."""
    return asked.tier is ServiceTier.PRIORITY and not has_priority(asked.caller.terms.tier)


async def _tokens(asked: Admitted) -> int:
    """What goes in, where a limit counts it. Nobody else waits while a long text is counted."""
    card, terms = asked.card, asked.caller.terms
    if card is None or not any(each.dimension is Dimension.TPM for each in terms.limits):
        return 0
    if asked.prompt is not None:
        return asked.prompt.prompt
    if usage.is_long(asked.request):
        return (await asyncio.to_thread(usage.count_prompt, asked.request, card)).prompt
    return usage.count_prompt(asked.request, card).prompt


def _tell_trace(asked: Admitted) -> None:
    """Tells a trace what is asked for, but nothing of what the picture is about."""
    trace = TRACE.get()
    if trace is None:
        return
    said: dict[str, str | int] = {
        "pisang.project": asked.caller.project_name,
        "pisang.surface": asked.surface,
    }
    if asked.images != 1:
        said["gen_ai.request.choice.count"] = asked.images
    if (seed := asked.request.sampling.seed) is not None:
        said["gen_ai.request.seed"] = seed
    if asked.size:
        said["pisang.size"] = asked.size
    trace.asks(said)
