"""Decides which engines a request goes to, and in which order, before anything is asked of them.

The first route wins whose models name what was asked for and whose conditions all hold. What cannot
serve then is left out of it and said so: an engine where the project's requests may not go, and an
engine of ours for a model that only an upstream may know. Nothing is ever added that the route does
not name, so nobody falls from a paid engine into a free one, or back, by accident.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from pisang.catalog.models import Card, Catalog
from pisang.core.errors import NoRoute
from pisang.core.request import ServiceTier
from pisang.routing.table import EngineSpec, Route, Table, Target

IN_PROCESS: Final = frozenset({"sketch"})
"""Kinds of engines that run inside this server: they are where it is, so that every project's
requests may go there, and they draw no model that the catalog does not know."""

_ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What there is to know of a request. ``asked`` is the id as the caller wrote it, bare;
    ``names`` has it too, and every id and alias of the card that it means; ``known`` is whether the
    catalog has such a card. ``projects`` are the id, name and number of the caller's project,
    ``location`` is that of the address (empty where it names none). ``bound`` are the locations
    that the project's requests may go to (``europe-*``); empty: anywhere.
    """

    asked: str
    names: frozenset[str]
    known: bool
    size: str | None = None
    tier: str = "standard"
    projects: frozenset[str] = frozenset()
    location: str = ""
    surface: str = "gemini_api"
    bound: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One engine to ask. ``upstream_model`` is empty where the route does not say what the upstream
    calls the model."""

    engine: str
    upstream_model: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The route that was chosen, its engines in order, and each that is not asked, with why.
    ``engines`` are those of the table that was asked; it may be replaced while a request runs."""

    route: Route
    steps: tuple[Step, ...]
    left_out: tuple[tuple[str, str], ...]
    engines: Mapping[str, EngineSpec]


def question_of(
    model: str,
    card: Card | None,
    models: Catalog,
    *,
    size: str | None,
    tier: ServiceTier,
    projects: frozenset[str],
    location: str,
    surface: str,
    bound: tuple[str, ...],
) -> Question:
    """What routes look at of a request for ``model``, which means this card of a catalog: the same
    for who asks for a picture and for who asks where it would be made."""
    asked = model.removeprefix("models/")
    names = models.all_names(card) if card else frozenset[str]()
    return Question(
        asked=asked,
        names=names if asked in names else names | {asked},
        known=card is not None,
        size=size or (card.default_size if card else None),
        tier=tier.value,
        projects=projects,
        location=location,
        surface=surface,
        bound=bound,
    )


def plan(question: Question, table: Table, *, choose: Callable[[], float] = random.random) -> Plan:
    """Picks the route. ``choose`` gives numbers from 0 to 1, for engines that share the work by
    weight. Raises ``NoRoute`` with what to change."""
    unmet: list[str] = []
    for route in table.routes:
        if not serves(route, question.names):
            continue
        missing = next(conditions(route, question), None)
        if missing is None:
            return _planned(route, question, table, choose)
        unmet.append(f"route {route.id} is only for {missing}")
    if not unmet:
        raise NoRoute(
            f"No route of this server leads to the model {question.asked}. {_advice(question)}"
        )
    raise NoRoute(
        f"The routes for the model {question.asked} do not take this request: {'; '.join(unmet)}. "
        f"Ask for what one of them takes, or let its operator add a route without that condition."
    )


def serves(route: Route, models: Collection[str]) -> bool:
    """Whether a route is for one of these ids: it has the id itself, or a glob that fits."""
    return any(
        pattern in models
        if not is_glob(pattern)
        else pattern == _ANY or any(fnmatchcase(model, pattern) for model in models)
        for pattern in route.models
    )


def names(route: Route, model: str) -> bool:
    """Whether a route is for this id in particular, and not only for all there are."""
    return any(
        pattern == model or (is_glob(pattern) and pattern != _ANY and fnmatchcase(model, pattern))
        for pattern in route.models
    )


def conditions(route: Route, question: Question) -> Iterator[str]:
    """The conditions of a route that a request does not meet, as words after "only for"."""
    if route.sizes and question.size not in route.sizes:
        yield f"the sizes {', '.join(route.sizes)}"
    if route.tiers and question.tier not in route.tiers:
        yield f"the tiers {', '.join(route.tiers)}"
    if route.projects and question.projects.isdisjoint(route.projects):
        yield "other projects"  # whose names are nobody else's business
    if route.locations and not _is_in(question.location, route.locations):
        yield f"addresses in {', '.join(route.locations)}"
    if route.surfaces and question.surface not in route.surfaces:
        yield f"the surfaces {', '.join(route.surfaces)}"


def _planned(route: Route, question: Question, table: Table, choose: Callable[[], float]) -> Plan:
    steps, left_out = [], []
    for target in _in_order(route.targets, choose):
        spec = table.engines.get(target.engine)
        if why := _unfit(spec, question):
            left_out.append((target.engine, why))
        else:
            steps.append(Step(target.engine, target.upstream_model or route.upstream_model))
    if steps:
        return Plan(route, tuple(steps), tuple(left_out), table.engines)
    reasons = "; ".join(f"{engine} {why}" for engine, why in left_out) or "it names no engine"
    raise NoRoute(
        f"The route {route.id} has no engine for the model {question.asked}: {reasons}. Its "
        "operator can add one to the route that may serve this, or a route before it.",
        metadata={"route": route.id},
    )


def is_drawn(route: Route) -> bool:
    """Whether the engines of a route are put in another order for each request."""
    return _by_lot(route.targets)


def _by_lot(targets: tuple[Target, ...]) -> bool:
    return len(targets) > 1 and any(target.weight is not None for target in targets)


def _in_order(targets: tuple[Target, ...], choose: Callable[[], float]) -> tuple[Target, ...]:
    """Engines with a weight are drawn by lot, heavier ones sooner; those without come after them,
    as written. A weight of 0 waits until every other is used up."""
    if not _by_lot(targets):
        return targets

    def rank(target: Target) -> tuple[int, float]:
        match target.weight:
            case None:
                return 1, 0
            case 0:
                return 2, 0
            case weight:  # Efraimidis and Spirakis: the first is drawn by its share, so is the next
                return 0, -(choose() ** (1 / weight))

    return tuple(sorted(targets, key=rank))


def _unfit(spec: EngineSpec | None, question: Question) -> str:
    """Why an engine cannot serve this request; empty where it can."""
    if spec is None:
        return "is not an engine of this server"
    if spec.kind in IN_PROCESS:
        return "" if question.known else "draws the models of the catalog only"
    if not question.bound or _is_in(spec.location, question.bound):
        return ""
    where = f"works in {spec.location}" if spec.location else "does not say where it works"
    return f"{where}, and the project's requests may only go to {', '.join(question.bound)}"


def _is_in(location: str, wanted: tuple[str, ...]) -> bool:
    """Whether a location is one of those wanted; an unknown one is in none, not even in ``*``."""
    return bool(location) and any(fnmatchcase(location.lower(), each.lower()) for each in wanted)


def is_glob(pattern: str) -> bool:
    """Whether it stands for several names."""
    return "*" in pattern or "?" in pattern or "[" in pattern


def _advice(question: Question) -> str:
    whose = "Its" if question.known else "If it is no typing mistake, its"
    return (
        f'{whose} operator can add one: [[routes]] with model = "{question.asked[:100]}" '
        'and engines = ["NAME"].'
    )
