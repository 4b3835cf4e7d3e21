"""What is set aside for a request before any engine is asked: money at its worst, room in limits.

Whoever runs the request settles it (``metering/outcome.py``). An engine of ours tells beforehand
what it will use, where that decides whether there is enough.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pisang.core.current import REQUEST
from pisang.core.errors import FailedPrecondition
from pisang.core.events import Usage
from pisang.core.ids import new_id
from pisang.core.money import Money
from pisang.core.request import ServiceTier
from pisang.core.terms import Dimension
from pisang.lanes.admitted import Admitted
from pisang.lanes.events import before, left
from pisang.ledger.held import Held
from pisang.ledger.words import Demand, Desk
from pisang.metering import usage
from pisang.metering.worst import foreseen, most, worst
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
        if (demand := await self._demand(asked)) is None or self.desk is None:
            return None
        return Held(self.desk, self.desk.hold_soon(demand) or await self.desk.hold(demand))

    async def of_all(self, asked: Sequence[Admitted]) -> list[Held | None]:
        """The same for several that are one request to the caller: all of them, or nothing."""
        if len(asked) == 1:
            return [await self.of(asked[0])]
        demands = [await self._demand(each) for each in asked]
        known = [demand for demand in demands if demand is not None]
        if self.desk is None or not known:
            return [None] * len(asked)
        return [Held(self.desk, hold) for hold in await self.desk.hold_all(known)]

    async def _demand(self, asked: Admitted) -> Demand | None:
        """What it asks of the desk; None where there is none."""
        if (trace := TRACE.get()) is not None:
            trace.asks(_told(asked))
        if self.desk is None:
            return None
        caller, request, card = asked.caller, asked.request, asked.card
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
            seconds=left(asked.ends),
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
            seconds=left(asked.ends),
            requests=0 if asked.again else 1,
            priority=asked.tier is ServiceTier.PRIORITY,
        )

    async def _foreseen(self, asked: Admitted) -> Usage | None:
        """What an engine of ours will use, where it matters and can be told."""
        if asked.canvas is None or asked.card is None or not asked.caller.terms.capped:
            return None
        first = self.router.members(asked.plan.steps[0].engine)[0]
        told = foreseen(first, asked.request, card=asked.card, canvas=asked.canvas)
        return await before(asked.ends, told)


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


def _told(asked: Admitted) -> dict[str, str | int]:
    """What a trace has of a request; nothing of what it is about."""
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
    return said
