"""Explains where a request would go, why, and what its picture would cost. Sends nothing.

It asks the same planner as a request does. Where engines share the work by weight, the order that
is shown is the likeliest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast, get_args

from pisang.admission import shape, successor
from pisang.catalog.models import Card, Catalog, Resolution, Surface, catalog
from pisang.catalog.prices import quote
from pisang.core.errors import MalformedRequest, ModelNotFound, NoRoute, UnsupportedParameter
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.request import GenerateRequest, ImageConfig, ServiceTier
from pisang.metering.bill import cost_of, is_rehearsal
from pisang.routing import plan as planning
from pisang.routing import shown
from pisang.routing.plan import Plan, Question
from pisang.routing.table import EngineSpec, Route, Table

WORDS: Final = ("model", "size", "tier", "location", "surface")
_LIKELIEST: Final = 0.5
SECONDS: Final = 10
"""How long a picture is supposed to take, where an engine is paid by the second."""

_UNKNOWN: Final = Usage(images=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as far as routes look at it. ``bound`` are the places of its project."""

    model: str
    size: str | None = None
    tier: ServiceTier = ServiceTier.STANDARD
    projects: frozenset[str] = frozenset()
    location: str = ""
    surface: Surface = "gemini_api"
    bound: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """One route that was looked at; ``why`` says why it was not taken, empty for the one that
    was."""

    route: Route
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Would:
    """One engine that would be asked. ``price`` is that of one picture, None where none is known.
    ``rehearsal`` is whether nobody has to pay that. ``share`` is its part of the work where engines
    share it, in percent."""

    engine: EngineSpec
    upstream_model: str
    price: Money | None
    rehearsal: bool
    share: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """``card`` is what the model's name means, None where the catalog has no such model;
    ``notice`` a sentence where it is not the model that was asked for; ``refusal`` why no engine
    would be asked. ``left_out`` are engines of the route that would not be, with why."""

    asked: Asked
    card: Card | None
    notice: str | None
    looked: tuple[Looked, ...]
    engines: tuple[Would, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    refusal: str = ""


def read(
    fields: Mapping[str, str],
    *,
    projects: frozenset[str] = frozenset(),
    bound: tuple[str, ...] = (),
) -> Asked:
    """A question in words: ``model``, and perhaps ``size``, ``tier``, ``location``, ``surface``.

    Raises ``MalformedRequest`` for a word that there is not.
    """
    words = {name: fields.get(name, "") for name in WORDS}
    if not words["model"]:
        raise MalformedRequest("Say which model: its id, an alias, or any name.", field="model")
    for name, known in (("tier", tuple(ServiceTier)), ("surface", get_args(Surface))):
        if words[name] and words[name] not in known:
            there = ", ".join(str(word) for word in known)
            message = f"There is no {name} {words[name][:80]!r}. There are: {there}."
            raise MalformedRequest(message, field=name)
    return Asked(
        model=words["model"],
        size=words["size"] or None,
        tier=ServiceTier(words["tier"] or ServiceTier.STANDARD),
        projects=projects,
        location=words["location"],
        surface=cast(Surface, words["surface"] or "gemini_api"),
        bound=bound,
    )


def explain(
    asked: Asked, table: Table, *, strict: bool = False, models: Catalog | None = None
) -> Explanation:
    """Where the request would go. ``strict`` is the ``compatibility`` setting."""
    models = models or catalog()
    found = _resolved(asked, models, strict=strict)
    card = found.card if found else None
    question = planning.question_of(
        asked.model,
        card,
        models,
        size=asked.size,
        tier=asked.tier,
        projects=asked.projects,
        location=asked.location,
        surface=asked.surface,
        bound=asked.bound,
    )
    notice = found.notice if found else None
    looked = tuple(_looked(table, question))
    try:
        _check_size(asked, card)
        plan = planning.plan(question, table, choose=lambda: _LIKELIEST)
    except (NoRoute, UnsupportedParameter) as error:
        return Explanation(
            asked=asked, card=card, notice=notice, looked=looked, refusal=error.message
        )
    if card is not None and plan.steps[0].engine in _elsewhere(table):
        notice = successor.notice(card, successor.heir(card, models)) or notice
    return Explanation(
        asked=asked,
        card=card,
        notice=notice,
        looked=looked,
        engines=tuple(_would(asked, plan, table, card, models)),
        left_out=plan.left_out,
    )


def price_of(
    card: Card | None,
    route: Route,
    spec: EngineSpec,
    *,
    size: str | None = None,
    tier: ServiceTier = ServiceTier.STANDARD,
    surface: Surface = "gemini_api",
) -> Money | None:
    """What one picture costs by this route at this engine, with a typical amount of thinking and
    no prompt to speak of, taking ``SECONDS``; None where no price is known."""
    at: Surface = "vertex" if spec.kind == "vertex" else surface
    usage = _UNKNOWN
    if card is not None:
        try:
            usage = quote(card, size=size, tier=tier, surface=at).usage
        except UnsupportedParameter:
            usage = _UNKNOWN
            card = None if route.price is None and spec.price is None else card
    cost = cost_of(
        replace(usage, engine_ms=SECONDS * 1_000),
        card,
        tier,
        route=route,
        engine=spec,
        surface=surface,
        size=size or (card.default_size if card else None),
    )
    return cost.total if cost else None


def plain(
    found: Explanation, health: Mapping[str, Sequence[object]] | None = None
) -> dict[str, Any]:
    """An explanation for programs. ``health`` has the troubles of engines, where they are known."""
    asked = found.asked
    taken = next((each.route for each in found.looked if not each.why), None)
    return {
        "model": asked.model,
        "means": found.card.id if found.card else None,
        "notice": found.notice,
        "size": asked.size or (found.card.default_size if found.card else None),
        "tier": asked.tier.value,
        "route": shown.route(taken) if taken else None,
        "looked_at": [
            {"route": each.route.id, "origin": each.route.origin, "why_not": each.why or None}
            for each in found.looked
        ],
        "engines": [
            {
                "engine": would.engine.name,
                "kind": would.engine.kind,
                "upstream_model": would.upstream_model,
                "price_usd": None if would.price is None else f"{would.price.dollars:f}",
                "rehearsal": would.rehearsal,
                "share_percent": would.share,
                **({} if health is None else {"troubles": health.get(would.engine.name, [])}),
            }
            for would in found.engines
        ],
        "left_out": [{"engine": name, "why": why} for name, why in found.left_out],
        "refusal": found.refusal or None,
    }


def troubles(snapshot: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """What is wrong with each engine, with any of its keys, by a router's snapshot."""
    return {
        each["engine"]: [
            *each["troubles"],
            *({"key": key["key"], **one} for key in each["keys"] for one in key["troubles"]),
        ]
        for each in snapshot
    }


def _resolved(asked: Asked, models: Catalog, *, strict: bool) -> Resolution | None:
    card = models.get(asked.model)
    method = "predict" if card and card.family == "imagen" else "generateContent"
    try:
        return models.resolve(asked.model, strict=strict, surface=asked.surface, method=method)
    except ModelNotFound:
        return None


def _check_size(asked: Asked, card: Card | None) -> None:
    """Raises ``UnsupportedParameter`` for a size that the model has not: such a request is refused
    before any engine is asked."""
    if card is not None and card.pixels and asked.size:
        image = ImageConfig(image_size=asked.size)
        shape.choose(GenerateRequest(model=card.id, contents=(), image=image), card)


def _looked(table: Table, question: Question) -> Sequence[Looked]:
    """The routes up to the one that is taken."""
    found: list[Looked] = []
    for route in table.routes:
        if not planning.serves(route, question.names):
            found.append(Looked(route, "is for other models"))
            continue
        unmet = next(planning.conditions(route, question), None)
        found.append(Looked(route, f"is only for {unmet}" if unmet else ""))
        if unmet is None:
            break
    return found


def _elsewhere(table: Table) -> frozenset[str]:
    """The engines that are somebody else's server."""
    return frozenset(
        name for name, spec in table.engines.items() if spec.kind not in planning.IN_PROCESS
    )


def _would(
    asked: Asked, plan: Plan, table: Table, card: Card | None, models: Catalog
) -> Sequence[Would]:
    weights: Mapping[str, int | None] = {
        target.engine: target.weight for target in plan.route.targets
    }
    whole = sum(weights[step.engine] or 0 for step in plan.steps)
    found = []
    for step in plan.steps:
        spec = table.engines[step.engine]
        drawn = card
        if card is not None and spec.name in _elsewhere(table):
            drawn = successor.heir(card, models)
        name = drawn.id if drawn else asked.model.removeprefix("models/")
        weight = weights[step.engine]
        found.append(
            Would(
                engine=spec,
                upstream_model=step.upstream_model or name,
                price=price_of(
                    drawn,
                    plan.route,
                    spec,
                    size=asked.size,
                    tier=asked.tier,
                    surface=asked.surface,
                ),
                rehearsal=is_rehearsal(plan.route, spec),
                share=round(100 * weight / whole) if weight and whole else None,
            )
        )
    return found
