"""Limits that an operator set, and how much of each limit is used right now.

What is set here is for a project, a key or a whole tier; ``accounts/terms.py`` makes terms of it.
What is used is read where the desk counts it, so it is the number that the next request is measured
by.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.catalog.models import catalog
from pisang.catalog.tiers import SPEND, UNLIMITED, has_priority, ladder
from pisang.core import scopes
from pisang.core.clock import now
from pisang.core.errors import RequestError
from pisang.core.terms import ANY_MODEL, Dimension, Limit, Terms
from pisang.ledger.claims import Key, claim_of, concurrent_requests
from pisang.ledger.windows import PRIORITY, used_now
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import counters, holds, limits

NAMES: Final = (*(each.value for each in Dimension), *SPEND)
"""What can be limited: dimensions, and spend in nano-dollars."""

MOST: Final = 2**53
"""The highest value of a limit: larger ones would not be exact in JSON."""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit and what is used of it now. ``model`` is the one that counts: a project's limit on
    ``*`` counts each model separately, so it has a use for each that was asked for lately.
    ``priority`` is the same of the share that the priority tier has of it, None where it has none.
    """

    limit: Limit
    model: str
    used: int
    priority: "ShareUse | None" = None

    @property
    def left(self) -> int:
        return max(0, self.limit.value - self.used)


@dataclass(frozen=True, slots=True)
class ShareUse:
    """The share of a limit that the priority tier has, and what is used of it now."""

    value: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.value - self.used)


@dataclass(frozen=True, slots=True)
class Setting:
    """A limit as it was set. ``scope`` is ``project:ID``, ``key:ID`` or ``tier:1``; a ``value`` of
    ``UNLIMITED`` lifts the limit that a tier sets."""

    scope: str
    model: str
    dimension: str
    value: int


async def put(
    connection: AsyncConnection, scope: str, model: str, values: Mapping[str, int]
) -> list[Setting]:
    """Sets limits of a scope on a model (``*``: each without its own), by the names of ``NAMES``;
    others stay as they are. Call it inside a write transaction. Raises ``RequestError``."""
    model = canonical(model)
    for name, value in values.items():
        _check(scope, model, name, value)
    for name, value in values.items():
        row = (limits.c.scope == scope) & (limits.c.model == model) & (limits.c.dimension == name)
        changed = await connection.execute(
            update(limits).where(row).values(value=value, updated_at=now())
        )
        if not changed.rowcount:
            await connection.execute(
                insert(limits).values(
                    scope=scope, model=model, dimension=name, value=value, updated_at=now()
                )
            )
    await count(connection, CREDENTIALS)
    return [each for each in await settings(connection, [scope]) if each.model == model]


async def settings(connection: AsyncConnection, of: Collection[str]) -> list[Setting]:
    """What was set for these scopes."""
    query = (
        select(limits.c.scope, limits.c.model, limits.c.dimension, limits.c.value)
        .where(limits.c.scope.in_(of))
        .order_by(limits.c.scope, limits.c.model, limits.c.dimension)
    )
    return [Setting(*row) for row in await connection.execute(query)]


async def remove(
    connection: AsyncConnection, scope: str, model: str, names: Collection[str] = ()
) -> list[str]:
    """Takes away what was set for a scope on a model, all of it or by name; returns the names of
    what there was. Call it inside a write transaction."""
    model = canonical(model)
    there = [each for each in await settings(connection, [scope]) if canonical(each.model) == model]
    gone = list(dict.fromkeys(each.dimension for each in there))
    gone = [name for name in gone if not names or name in names]
    await connection.execute(
        delete(limits).where(
            limits.c.scope == scope,
            limits.c.model.in_({each.model for each in there}),
            limits.c.dimension.in_(gone),
        )
    )
    await count(connection, CREDENTIALS)
    return gone


async def use(
    connection: AsyncConnection,
    terms: Terms,
    *,
    at: float,
    shared: Mapping[Key, str] | None = None,
) -> list[LimitUse]:
    """Each limit of these terms with what is used of it at a moment (seconds since 1970).
    ``shared`` are the counters where all servers count together (``valkey.py``)."""
    packed = await _counters(connection, terms) if shared is None else shared
    used = {key: used_now(key[2], text, at) for key, text in packed.items()}
    used |= await _concurrent(connection, terms)
    return [each for limit in terms.limits for each in _uses(limit, terms, used)]


async def _concurrent(connection: AsyncConnection, terms: Terms) -> dict[Key, int]:
    """How many requests are under way, where that is limited."""
    limited = [each.scope for each in terms.limits if each.dimension is Dimension.CONCURRENT]
    if not limited:
        return {}
    columns = (holds.c.project_id, holds.c.key_id, holds.c.model)
    names = [scopes.name_of(scope) for scope in limited]
    query = (
        select(*columns, func.sum(holds.c.requests))
        .where(holds.c.project_id.in_(names) | holds.c.key_id.in_(names))
        .group_by(*columns)
    )
    rows = await connection.execute(query)
    return concurrent_requests(
        (project, key, model, int(count)) for project, key, model, count in rows
    )


async def _counters(connection: AsyncConnection, terms: Terms) -> dict[Key, str]:
    subjects = {limit.scope for limit in terms.limits}
    query = select(counters).where(counters.c.subject.in_(subjects))
    return {
        (row.subject, row.model, row.dimension): row.used for row in await connection.execute(query)
    }


def canonical(model: str) -> str:
    """The id that is counted: that of the card which serves a name, or the name itself."""
    return model if model == ANY_MODEL else catalog().counted(model)


def _uses(limit: Limit, terms: Terms, used: Mapping[Key, int]) -> list[LimitUse]:
    shared = has_priority(terms.tier)
    if limit.model != ANY_MODEL or scopes.kind_of(limit.scope) != scopes.PROJECT:
        return [_use(limit, limit.model, used, shared=shared)]
    own = {each.model for each in terms.limits if (each.scope, each.dimension) == _kind(limit)}
    found = {
        model
        for (subject, model, dimension), counted in used.items()
        if (subject, dimension.removeprefix(PRIORITY)) == (limit.scope, limit.dimension.value)
        and counted
        and model not in own
    }
    return [_use(limit, model, used, shared=shared) for model in sorted(found) or [ANY_MODEL]]


def _use(limit: Limit, model: str, used: Mapping[Key, int], *, shared: bool) -> LimitUse:
    claim, share = claim_of(limit, model), claim_of(limit, model, priority=True)
    priority = None
    if shared and share.key != claim.key:
        priority = ShareUse(share.value, used.get(share.key, 0))
    return LimitUse(limit, model, used.get(claim.key, 0), priority)


def _kind(limit: Limit) -> tuple[str, Dimension]:
    return limit.scope, limit.dimension


def _check(scope: str, model: str, name: str, value: int) -> None:
    kind, whose = scopes.kind_of(scope), scopes.name_of(scope)
    if kind == scopes.TIER and whose not in ladder():
        raise RequestError(
            f"There is no tier {whose[:40]!r}. Tiers: {', '.join(ladder())}.", field="tier"
        )
    if not 0 < len(model) <= 128:
        raise RequestError("The name of a model has 1 to 128 letters.", field="model")
    if name not in NAMES:
        raise RequestError(
            f"There is no limit {name[:40]!r}. Limits: {', '.join(NAMES)}.", field="dimension"
        )
    if name in SPEND and (kind == scopes.KEY or model != ANY_MODEL):
        raise RequestError(
            f"{name} is of a project or a tier, for all models together. A key may have a budget.",
            field=name,
        )
    if value != UNLIMITED and not 0 <= value <= MOST:
        raise RequestError(f"{name} must be a number from 0, or unlimited.", field=name)
