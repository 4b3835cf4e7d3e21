"""What became of one request, and what it costs by the price that holds for its route."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from logging import INFO
from typing import Final

import structlog

from pisang.catalog.locations import GLOBAL
from pisang.catalog.models import Card, Surface
from pisang.catalog.prices import FREE, Cost, book
from pisang.core.caller import Caller
from pisang.core.errors import UnsupportedParameter
from pisang.core.events import FinishReason, Usage
from pisang.core.money import Money, per_million
from pisang.core.request import ServiceTier
from pisang.routing import table
from pisang.routing.table import EngineSpec, Price, Route

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


def cost_of(
    usage: Usage,
    card: Card | None,
    tier: ServiceTier,
    *,
    route: Route,
    engine: EngineSpec,
    surface: Surface = "gemini_api",
    size: str | None = None,
) -> Cost | None:
    """What was used, at the price of its route, else of its engine, else by the list of where it
    was made; None where none of them knows one.

    A refused answer counts no picture, so it costs none (limits contract, section 1.3).
    """
    price = route.price or engine.price
    kind = price.kind if price else table.LIST
    if kind == table.FREE:
        return Cost(input=FREE, text=FREE, images=FREE)
    if price is not None and kind != table.LIST:
        return _own(usage, price)
    if card is None:
        return None
    try:
        return book().cost(
            usage,
            card,
            tier,
            on=datetime.now(UTC).date(),
            surface="vertex" if engine.kind == "vertex" else surface,
            size=size,
            regional=engine.location not in ("", GLOBAL),
        )
    except (UnsupportedParameter, KeyError):
        return None


def served_tier(said: str, otherwise: ServiceTier) -> ServiceTier:
    """The tier that an answer names: ``serviceTier``, or Vertex AI's ``trafficType``."""
    word = said.lower().removeprefix("on_demand_").removeprefix("service_tier_")
    if word in ("on_demand", "provisioned_throughput"):
        return ServiceTier.STANDARD
    return _TIERS.get(word, otherwise)


def _own(usage: Usage, price: Price) -> Cost:
    def tokens(rate: Decimal, count: int) -> Money:
        return Money.of(per_million(rate, count))

    images = Money.of(price.image * usage.images) + tokens(price.image_output, usage.image_output)
    return Cost(
        input=tokens(price.input, usage.prompt),
        text=tokens(price.output, usage.text_output + usage.thoughts),
        images=images,
    )
