"""Whose rates count for a request, and the bill that what it used makes by them.

The price of the route goes before that of its engine, and both before the list of where the picture
was made. A tier without a price of its own has that of standard. Markups add up: that of the route
(else of its engine) and that of the project are one share, put on each component. The formula
itself is ``catalog/charges.py``, and nothing multiplies elsewhere.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from pisang.catalog.charges import FREELY, NO_COST, Cost, Rates
from pisang.catalog.locations import GLOBAL
from pisang.catalog.models import Card, Surface
from pisang.catalog.prices import Priced, book
from pisang.core.errors import UnsupportedParameter
from pisang.core.events import Usage
from pisang.core.request import ServiceTier
from pisang.ledger.words import Bill
from pisang.routing import table
from pisang.routing.plan import IN_PROCESS
from pisang.routing.table import ANY_SIZE, EngineSpec, Price, PriceLine, Route

UNKNOWN: Final = "unknown"
"""The price of what nobody knows a price of."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_MARKUP: Final = Decimal(0)
_FREE: Final = Priced(table.FREE, FREELY)


def rates_of(
    card: Card | None,
    tier: ServiceTier,
    *,
    route: Route,
    engine: EngineSpec,
    surface: Surface = "gemini_api",
    size: str | None = None,
) -> Priced | None:
    """By which rates a picture is billed that this engine made for this route; None where nobody
    knows any."""
    price = route.price or engine.price
    kind = price.kind if price else table.LIST
    if kind == table.FREE:
        return _FREE
    if price is not None and kind != table.LIST:
        whose = f"route:{route.id}" if route.price else f"engine:{engine.name}"
        return _own(price, whose, tier.value, datetime.now(UTC).date(), size)
    if card is None:
        return None
    listed = _listed(
        card,
        tier,
        on=datetime.now(UTC).date(),
        surface="vertex" if engine.kind == "vertex" else surface,
        size=size,
        regional=engine.location not in ("", GLOBAL),
    )
    return _without_searches(listed) if listed and engine.free_searches else listed


def markup_of(route: Route, engine: EngineSpec, project: Decimal = _NO_MARKUP) -> Decimal:
    """What is put on the cost, as a share: that of the route, else of the engine, and that of the
    project."""
    share = engine.markup if route.markup is None else route.markup
    return project if share is None else share + project


def bill(
    usage: Usage | None,
    card: Card | None,
    tier: ServiceTier,
    *,
    route: Route,
    engine: EngineSpec,
    surface: Surface = "gemini_api",
    size: str | None = None,
    model: str = "",
    markup: Decimal = _NO_MARKUP,
    seconds: float = 0.0,
    finish: str = "",
    labels: Mapping[str, str] = _NOTHING,
) -> Bill:
    """What a request used and costs. ``tier`` is the one that served it, ``markup`` the project's,
    ``model`` what to call a model that the catalog does not know, ``seconds`` how long the engine
    took. Without usage it costs nothing; at an ``UNKNOWN`` price neither, and the ledger shows
    which those are."""
    priced = rates_of(card, tier, route=route, engine=engine, surface=surface, size=size)
    share = markup_of(route, engine, markup)
    if priced and usage:
        usage = priced.rates.timed(usage, seconds)
    cost = priced.rates.cost(usage) if priced and usage else NO_COST
    charged = cost.marked_up(share)
    return Bill(
        amount=charged.total,
        cost=cost.total,
        components=charged.components,
        rates=_rates(priced, share),
        usage=usage,
        price=priced.name if priced else UNKNOWN,
        model=card.id if card else model,
        engine=engine.name,
        surface=surface,
        tier=tier.value,
        size=size or "",
        finish=finish,
        rehearsal=is_rehearsal(route, engine),
        labels=labels,
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
    """What the engine asks for what was used, without markup; None where no price is known.

    A refused answer counts no picture, so it costs none (limits contract, section 1.3).
    """
    priced = rates_of(card, tier, route=route, engine=engine, surface=surface, size=size)
    return priced.rates.cost(usage) if priced else None


def _rates(priced: Priced | None, markup: Decimal) -> Mapping[str, str]:
    if priced is None:
        return _NOTHING
    return _written(priced.rates, markup) if markup else priced.rates.written


def is_rehearsal(route: Route, engine: EngineSpec) -> bool:
    """Whether a bill is what Google would charge, for an engine of ours that costs nothing."""
    price = route.price or engine.price
    return engine.kind in IN_PROCESS and (price is None or price.kind == table.LIST)


def _listed(
    card: Card,
    tier: ServiceTier,
    *,
    on: date,
    surface: Surface,
    size: str | None,
    regional: bool,
) -> Priced | None:
    for each in (tier, ServiceTier.STANDARD):
        try:
            return book().priced(card, each, on=on, surface=surface, size=size, regional=regional)
        except (UnsupportedParameter, KeyError):
            continue
    return None


@lru_cache(maxsize=1_000)
def _own(price: Price, whose: str, tier: str, on: date, size: str | None) -> Priced:
    lines = [line for line in price.lines if line.tier == tier] or [
        line for line in price.lines if not line.tier
    ]
    begun = [line for line in lines if line.start <= on]
    if begun:
        line = max(begun, key=lambda each: each.start)
    else:
        line = min(lines, key=lambda each: each.start)
    rates = Rates.of(
        input=line.input,
        text=line.output,
        image=line.image_output,
        each=_of_size(line, size),
        search=line.search,
        second=line.second,
    )
    return Priced(whose, rates)


def _of_size(line: PriceLine, size: str | None) -> Decimal:
    """The price of a picture of this size; of one whose size is not named, the highest."""
    by_size = dict(line.image)
    if size in by_size:
        return by_size[size]
    return by_size.get(ANY_SIZE, max(by_size.values(), default=Decimal(0)))


@lru_cache(maxsize=1_000)
def _without_searches(listed: Priced) -> Priced:
    rates = listed.rates
    return Priced(
        f"{listed.name} free_searches",
        Rates(
            input=rates.input,
            text=rates.text,
            image=rates.image,
            each=rates.each,
            inferred=rates.inferred,
        ),
    )


@lru_cache(maxsize=1_000)
def _written(rates: Rates, markup: Decimal) -> Mapping[str, str]:
    """The rates of a bill and the share that was put on them, as the ledger keeps them."""
    return MappingProxyType({**rates.written, "markup": f"{markup.normalize():f}"})
