"""Which counters a request has to fit in, by the limits of its terms.

A project's limit on ``*`` holds for each model that has none of its own, counted separately; a
key's limit on ``*`` is one counter for all its requests. A priority request has a counter of its
own beside each rate limit, of three tenths of it. Requests at the same time have no counter: they
are the open holds, whatever limit there was when they were made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pisang.core.scopes import PROJECT, kind_of, of_key, of_project
from pisang.core.terms import ANY_MODEL, Dimension, Limit, Terms
from pisang.ledger.windows import PRIORITY, Shape, shape_of
from pisang.ledger.words import Demand

Key = tuple[str, str, str]
"""A row of ``counters``: subject, model, dimension."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A counter, how much it may hold, and the limit that says so."""

    key: Key
    value: int
    limit: Limit
    shape: Shape


def wanted(demand: Demand, dimension: Dimension) -> int:
    """How much of a dimension a request asks for."""
    if dimension is Dimension.TPM:
        return demand.tokens
    if dimension is Dimension.IPM:
        return demand.images
    return demand.requests


def concurrency_keys(project_id: str, key_id: str, model: str) -> tuple[Key, Key, Key]:
    """The keys under which a request under way is counted: with the others of its project for the
    model, of its key for the model, and of its key for any model."""
    name, key = Dimension.CONCURRENT.value, of_key(key_id)
    return (of_project(project_id), model, name), (key, model, name), (key, ANY_MODEL, name)


def concurrent_requests(holds: Iterable[tuple[str, str, str, int]]) -> dict[Key, int]:
    """How many requests are under way, by each of these keys; ``holds`` says how many there are of
    each project, key and model."""
    found: dict[Key, int] = {}
    for project_id, key_id, model, count in holds:
        for key in concurrency_keys(project_id, key_id, model):
            found[key] = found.get(key, 0) + count
    return found


@lru_cache(maxsize=4096)
def claims_of(terms: Terms, model: str, *, priority: bool = False) -> tuple[Claim, ...]:
    """The counters that a request for a model takes from."""
    claims = []
    own = {(each.scope, each.dimension) for each in terms.limits if each.model == model}
    for limit in terms.limits:
        if limit.model not in (model, ANY_MODEL):
            continue
        counted = limit.model
        if kind_of(limit.scope) == PROJECT:
            if limit.model == ANY_MODEL and (limit.scope, limit.dimension) in own:
                continue
            counted = model
        claims.append(claim_of(limit, counted, priority=priority))
    return tuple(claims)


def claim_of(limit: Limit, model: str, *, priority: bool = False) -> Claim:
    """The counter of a limit for a model, or that of its share for the priority tier."""
    dimension, value = limit.dimension.value, limit.value
    if priority and limit.dimension is not Dimension.CONCURRENT:
        dimension = PRIORITY + dimension
        value = max(value * 3 // 10, min(value, 1))
    return Claim((limit.scope, model, dimension), value, limit, shape_of(dimension))
