"""Says in a few lines who will make pictures and what each will cost: before any money is spent."""

from collections.abc import Iterator, Sequence
from typing import Final

from pisang.catalog.models import Card, catalog
from pisang.core.money import Money
from pisang.explain import Asked, explain, price_of
from pisang.routing import plan as planning
from pisang.routing.environment import BUILT_IN
from pisang.routing.plan import IN_PROCESS
from pisang.routing.table import EngineSpec, Route, Table, Target

EXAMPLES: Final = ("gemini-3-pro-image", "gemini-3.1-flash-image")
"""Whose pictures are priced where a route is for many models: the best, and the usual."""

_MOST_EXAMPLES: Final = 2
FREE: Final = (
    "Pictures are drawn by the built-in engine, at no cost. For Google's own set GEMINI_API_KEY, "
    "or write [[routes]]."
)


def lines(table: Table) -> list[str]:
    """Where requests go: a line for each route, and one for engines that no route leads to."""
    if not table.routes:
        names = ", ".join(table.engines)
        return [f"There is no route, so no picture will be made. Engines: {names}. Add [[routes]]."]
    if [spec.origin for spec in table.engines.values()] == [BUILT_IN] and len(table.routes) == 1:
        return [FREE]
    said = [_line(table, route) for route in table.routes]
    led_to = {target.engine for route in table.routes for target in route.targets}
    idle = [name for name in table.engines if name not in led_to]
    return said + ([f"No route leads to {', '.join(idle)}."] if idle else [])


def of_one(table: Table, model: str, size: str | None = None) -> str:
    """A sentence for who is about to have one picture made; empty where it is made right here."""
    found = explain(Asked(model=model, size=size), table)
    paid = [would for would in found.engines if would.engine.kind not in IN_PROCESS]
    if not paid:
        return ""
    spec, price = paid[0].engine, paid[0].price
    costs = f"costs about {dollars(price)}" if price is not None else "costs what it costs there"
    whose = f", because {spec.origin} is set" if _is_variable(spec.origin) else ""
    return f"The picture is made by {called(spec)}{whose}; it {costs}."


def called(spec: EngineSpec) -> str:
    """An engine for people: its name, and what it is."""
    words = [spec.kind] if spec.kind != spec.name else []
    words += [each for each in (spec.profile, spec.location) if each]
    if spec.base_url:
        words.append(f"at {spec.base_url}")
    return f"{spec.name} ({', '.join(words)})" if words else spec.name


def dollars(price: Money) -> str:
    """A price for people: to a tenth of a cent."""
    return f"${price.dollars:.3f}"


def conditions(route: Route) -> Iterator[str]:
    """The conditions of a route, as words."""
    for word, values in route.conditions.items():
        if values:
            yield f"{word} {' or '.join(values)}"


def _line(table: Table, route: Route) -> str:
    models = "every model" if route.models == ("*",) else ", ".join(route.models)
    only = "".join(f", {words}" for words in conditions(route))
    priced = [(_target(table, target), _costs(table, route, target)) for target in route.targets]
    if len({costs for _, costs in priced}) == 1:
        costs = priced[0][1]
        engines = ", ".join(name for name, _ in priced) + (f": {costs}" if costs else "")
    else:
        engines = ", ".join(f"{name}: {costs}" if costs else name for name, costs in priced)
    verb = "are" if " and " in route.origin else "is"
    because = f"{route.origin} {verb} set: " if _is_variable(route.origin) else ""
    return f"{because}{models}{only} -> {engines}"


def _target(table: Table, target: Target) -> str:
    spec = table.engines.get(target.engine)
    name = called(spec) if spec else f"{target.engine} (missing)"
    return name if target.weight is None else f"{target.weight} x {name}"


def _costs(table: Table, route: Route, target: Target) -> str:
    """What pictures cost by a route at an engine: those that it names, or examples."""
    spec = table.engines.get(target.engine)
    if spec is None:
        return ""
    if spec.kind in IN_PROCESS:
        return "at no cost"
    said = []
    for card in _examples(route):
        price = price_of(card, route, spec)
        if price is not None:
            said.append(f"{dollars(price)} for {card.id} {card.default_size}")
    return ", ".join(said)


def _examples(route: Route) -> Sequence[Card]:
    cards = [catalog().cards[model] for model in EXAMPLES]
    cards += [card for card in catalog().living() if card not in cards]
    served = [card for card in cards if planning.serves(route, catalog().all_names(card))]
    return served[:_MOST_EXAMPLES]


def _is_variable(origin: str) -> bool:
    return origin.replace(" and ", "").isupper()
