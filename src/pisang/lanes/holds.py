"""What is set aside for a request before any engine is asked: money at its worst, room in limits.

Whoever runs the request settles it (``metering/outcome.py``). An engine of ours tells beforehand
what it will use, where that decides whether there is enough.
"""

from dataclasses import dataclass

from pisang.catalog.models import Card, Surface
from pisang.core.caller import Caller
from pisang.core.current import REQUEST
from pisang.core.errors import FailedPrecondition
from pisang.core.events import Usage
from pisang.core.ids import new_id
from pisang.core.image import Canvas
from pisang.core.money import Money
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.lanes.events import before, left
from pisang.ledger.held import Held
from pisang.ledger.words import Demand, Desk
from pisang.metering import usage
from pisang.metering.worst import foreseen, most, worst
from pisang.routing.plan import Plan
from pisang.routing.router import Router
from pisang.telemetry.watch import TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """An admitted request, and where it may go. ``canvas`` is given where it is to be drawn as
    events, ``images`` how many it wants; ``again`` is one that belongs to a request that was
    counted already."""

    caller: Caller
    request: GenerateRequest
    card: Card | None
    plan: Plan
    ends: float
    surface: Surface
    canvas: Canvas | None = None
    images: int = 1
    again: bool = False

    @property
    def size(self) -> str | None:
        return self.canvas.image_size if self.canvas else self.request.image.image_size

    @property
    def tier(self) -> ServiceTier:
        return self.request.service_tier or ServiceTier.STANDARD


@dataclass(frozen=True, slots=True)
class Holds:
    """Asks the desk, where there is one: a command that makes one picture keeps no ledger."""

    desk: Desk | None
    router: Router

    async def of(self, needs: Needs) -> Held | None:
        """Raises ``RateLimited``, ``BudgetExhausted``, ``BalanceExhausted``, ``LimitsUnavailable``
        or ``StoreError``; then nothing is held and nothing counted. ``FailedPrecondition`` where
        nobody knows what it may cost, and that matters."""
        if (trace := TRACE.get()) is not None:
            trace.asks(_told(needs))
        if self.desk is None:
            return None
        caller, request, card = needs.caller, needs.request, needs.card
        used = most(request, card, size=needs.size, images=needs.images, surface=needs.surface)
        amount = worst(
            used,
            card,
            needs.tier,
            plan=needs.plan,
            surface=needs.surface,
            size=needs.size,
            markup=caller.terms.markup,
            foreseen=await self._foreseen(needs),
        )
        if amount is None and caller.terms.capped:
            raise FailedPrecondition(
                f"Nobody knows what '{request.model}' costs here, and this project may not spend "
                "more than it has. Ask who runs this server to give its engine or route a price.",
                field="model",
            )
        demand = Demand(
            caller=caller,
            request_id=REQUEST.get() or new_id("req"),
            model=card.id if card else request.model,
            images=needs.images if used.images else 0,
            tokens=usage.count_prompt(request, card).prompt if card and caller.terms.limits else 0,
            amount=amount or Money(0),
            seconds=left(needs.ends),
            requests=0 if needs.again else 1,
            priority=needs.tier is ServiceTier.PRIORITY,
        )
        return Held(self.desk, self.desk.hold_soon(demand) or await self.desk.hold(demand))

    async def _foreseen(self, needs: Needs) -> Usage | None:
        """What an engine of ours will use, where it matters and can be told."""
        if needs.canvas is None or needs.card is None or not needs.caller.terms.capped:
            return None
        first = self.router.members(needs.plan.steps[0].engine)[0]
        told = foreseen(first, needs.request, card=needs.card, canvas=needs.canvas)
        return await before(needs.ends, told)


def _told(needs: Needs) -> dict[str, str | int]:
    """What a trace has of a request; nothing of what it is about."""
    said: dict[str, str | int] = {
        "pisang.project": needs.caller.project_name,
        "pisang.surface": needs.surface,
    }
    if needs.images != 1:
        said["gen_ai.request.choice.count"] = needs.images
    if (seed := needs.request.sampling.seed) is not None:
        said["gen_ai.request.seed"] = seed
    if needs.size:
        said["pisang.size"] = needs.size
    return said
