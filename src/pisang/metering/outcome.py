"""What became of one request, as the meter of a server learns it."""

from collections.abc import Callable
from dataclasses import dataclass
from logging import INFO
from typing import Final

import structlog

from pisang.catalog.charges import Cost
from pisang.catalog.models import Card
from pisang.core.caller import Caller
from pisang.core.events import FinishReason, Usage
from pisang.core.request import ServiceTier
from pisang.metering.bill import cost_of

__all__ = ["Meter", "Outcome", "cost_of", "served_tier", "told"]

log = structlog.get_logger("pisang.requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One request that an engine answered. ``card`` is that of the model that drew, None for one
    that the catalog does not know; ``usage`` is None where the answer did not tell and showed no
    picture, ``cost`` where no price is known. ``whole`` is whether the caller could get all of
    it, ``rehearsal`` whether the cost is what Google would charge and here nobody does."""

    caller: Caller
    model: str
    card: Card | None
    engine: str
    tier: ServiceTier
    reason: FinishReason | None
    usage: Usage | None
    cost: Cost | None
    whole: bool = True
    rehearsal: bool = False


_TIERS: Final = {tier.value: tier for tier in ServiceTier}

Meter = Callable[[Outcome], None]
"""Whoever wants to know what became of requests."""


def told(outcome: Outcome) -> None:
    """The meter of a server: a line in the log for each answer."""
    if not log.is_enabled_for(INFO):
        return  # nobody reads it, so nothing is written out for it
    used = outcome.usage
    cost = str(outcome.cost.total.dollars) if outcome.cost else None
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
        **{"rehearsed_usd" if outcome.rehearsal else "cost_usd": cost},
    )


def served_tier(said: str, otherwise: ServiceTier) -> ServiceTier:
    """The tier that an answer names: ``serviceTier``, or Vertex AI's ``trafficType``."""
    word = said.lower().removeprefix("on_demand_").removeprefix("service_tier_")
    if word in ("on_demand", "provisioned_throughput"):
        return ServiceTier.STANDARD
    return _TIERS.get(word, otherwise)
