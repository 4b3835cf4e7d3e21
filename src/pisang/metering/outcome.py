"""What became of one request, as the meter of a server learns it."""

from collections.abc import Callable
from dataclasses import dataclass
from logging import INFO
from typing import Final

import structlog

from pisang.catalog.models import Card
from pisang.core.caller import Caller
from pisang.core.events import FinishReason, Usage
from pisang.core.money import Money
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.ledger.held import Held
from pisang.ledger.words import Bill
from pisang.metering.bill import UNKNOWN
from pisang.telemetry.observer import Made, ObservedAttempt

log = structlog.get_logger("pisang.requests")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One request that an engine answered. ``request`` may lack the bytes of its pictures.
    ``model`` is what was asked for, ``card`` that of the model that drew, None for one that the
    catalog does not know; ``bill`` is what it used and costs, ``whole`` whether the caller could
    get all of it; ``observed`` is the attempt, where somebody watches, and ``response_id`` what the
    upstream calls its answer."""

    caller: Caller
    request: GenerateRequest
    model: str
    card: Card | None
    tier: ServiceTier
    reason: FinishReason | None
    bill: Bill
    whole: bool = True
    observed: ObservedAttempt | None = None
    response_id: str = ""

    @property
    def engine(self) -> str:
        return self.bill.engine

    @property
    def usage(self) -> Usage | None:
        """None where the answer did not tell and showed no picture."""
        return self.bill.usage

    @property
    def cost(self) -> Money | None:
        """What the engine asks for it; None where no price is known."""
        return None if self.bill.price == UNKNOWN or self.usage is None else self.bill.cost


_TIERS: Final = {tier.value: tier for tier in ServiceTier}

Meter = Callable[[Outcome], None]
"""Is told what became of each request."""


def both(first: Meter, second: Meter) -> Meter:
    """A meter that tells two others."""

    def tell(outcome: Outcome) -> None:
        first(outcome)
        second(outcome)

    return tell


async def settle(outcome: Outcome, held: Held | None, meter: Meter | None) -> None:
    """Posts what a request used, then tells the observer and the meter. Raises ``StoreError``."""
    if held is not None:
        await held.post(outcome.bill)
    if outcome.observed is not None:
        outcome.observed.used(_made(outcome, held))
    if meter is not None:
        meter(outcome)


def _made(outcome: Outcome, held: Held | None) -> Made:
    """The same, as metrics and traces have it."""
    made = outcome.bill
    return Made(
        model=outcome.model,
        drawn_by=outcome.card.id if outcome.card else "",
        project=outcome.caller.project_name,
        surface=made.surface,
        tier=outcome.tier.value,
        size=made.size,
        finish=made.finish,
        usage=outcome.usage,
        cost=outcome.cost,
        charged=made.amount,
        rehearsal=made.rehearsal,
        hold=held.hold.id if held else "",
        response_id=outcome.response_id,
    )


def told(outcome: Outcome) -> None:
    """The meter of a server: a line in the log for each answer."""
    if not log.is_enabled_for(INFO):
        return  # nobody reads it, so nothing is written out for it
    used = outcome.usage
    cost = None if outcome.cost is None else str(outcome.cost.dollars)
    log.info(
        "answered",
        model=outcome.card.id if outcome.card else outcome.model,
        engine=outcome.engine,
        tier=outcome.tier.value,
        finish=outcome.reason.value if outcome.reason else None,
        whole=outcome.whole,
        prompt_tokens=used.prompt if used else None,
        text_tokens=used.text_output + used.thoughts if used else None,
        image_tokens=used.image_output if used else None,
        **{"rehearsed_usd" if outcome.bill.rehearsal else "cost_usd": cost},
    )


def served_tier(said: str, otherwise: ServiceTier) -> ServiceTier:
    """The tier that an answer names: ``serviceTier``, or Vertex AI's ``trafficType``."""
    word = said.lower().removeprefix("on_demand_").removeprefix("service_tier_")
    if word in ("on_demand", "provisioned_throughput"):
        return ServiceTier.STANDARD
    return _TIERS.get(word, otherwise)
