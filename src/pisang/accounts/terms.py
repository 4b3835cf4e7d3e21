"""On which terms a key of a project is served: its tier, and what was set beside it, in one value.

Three places say how much: the shipped tiers (``catalog/tiers.py``), rows that an operator set for
a tier, and rows of the project. The nearest word counts, and ``*`` in a nearer place is over all
that a farther one says of single models. What a key is limited to counts beside that of its
project, never instead of it. Who changes any of it counts the revision of credentials, because
terms are kept with the caller (``accounts/known.py``).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.catalog.tiers import SPEND, UNLIMITED, ladder
from pisang.core import scopes
from pisang.core.money import Money
from pisang.core.terms import ANY_MODEL, FREELY, Billing, Budget, Dimension, Limit, Period, Terms
from pisang.store.schema import budgets, limits

_SPEND_NAMES: Final[Mapping[Period, str]] = {
    Period.TEN_MINUTES: "10-minute spend limit",
    Period.MONTH: "monthly spend cap",
}

_Values = dict[tuple[str, str], tuple[int, str]]
"""Model and dimension -> value, and where it is written."""


async def terms_of(
    connection: AsyncConnection,
    project_id: str,
    tier: str,
    billing: Billing,
    markup: str,
    key_id: str,
) -> Terms:
    """All that counts for the requests of one key; ``tier`` and ``markup`` are as the project's row
    has them."""
    project, key = scopes.of_project(project_id), scopes.of_key(key_id)
    of_tier = scopes.of_tier(tier)
    query = select(limits.c.scope, limits.c.model, limits.c.dimension, limits.c.value).where(
        limits.c.scope.in_((project, key, of_tier))
    )
    rows: dict[str, _Values] = {project: {}, key: {}, of_tier: {}}
    for scope, model, dimension, value in await connection.execute(query):
        rows[scope][model, dimension] = value, scopes.kind_of(scope)
    tiers = {
        name: (value, f"tier {tier}")
        for name, (value, _) in _over(rows[of_tier], shipped(tier)).items()
    }
    of_project = _over(rows[project], tiers)
    terms = Terms(
        billing=billing,
        tier=tier,
        markup=Decimal(markup or 0),
        limits=(*_limits(project, of_project), *_limits(key, rows[key])),
        budgets=(
            *_spend_limits(project_id, of_project),
            *await _budgets(connection, project_id, key_id),
        ),
    )
    return FREELY if terms == FREELY else terms


def shipped(tier: str) -> _Values:
    """The limits of a tier as pisang ships them, spend in nano-dollars; none for no tier."""
    found = ladder().get(tier)
    if found is None:
        return {}
    origin = f"tier {tier}"
    values = {(model, each.value): (value, origin) for (model, each), value in found.limits.items()}
    spend = {
        (ANY_MODEL, name): (found.spend[period].nanos, origin)
        for name, period in SPEND.items()
        if period in found.spend
    }
    return values | spend


def spend_limit_id(project_id: str, period: Period) -> str:
    """What a project's spend limit is called among budgets: the same in every tier, so that what
    was spent counts on when the project rises."""
    return f"{project_id}:{period.value}"


def _over(near: _Values, far: _Values) -> _Values:
    """What a nearer place says, and of a farther one what is left."""
    whole = {dimension for model, dimension in near if model == ANY_MODEL}
    return {name: value for name, value in far.items() if name[1] not in whole} | near


def _limits(scope: str, values: Mapping[tuple[str, str], tuple[int, str]]) -> Iterator[Limit]:
    for (model, dimension), (value, origin) in sorted(values.items()):
        if dimension not in SPEND and value != UNLIMITED:
            yield Limit(scope, model, Dimension(dimension), value, origin)


def _spend_limits(project_id: str, values: _Values) -> Iterator[Budget]:
    for name, period in SPEND.items():
        value, origin = values.get((ANY_MODEL, name), (UNLIMITED, ""))
        if value != UNLIMITED:
            yield Budget(
                id=spend_limit_id(project_id, period),
                name=_SPEND_NAMES[period],
                scope=scopes.of_project(project_id),
                period=period,
                amount=Money(value),
                origin=origin,
            )


async def _budgets(connection: AsyncConnection, project_id: str, key_id: str) -> list[Budget]:
    query = (
        select(budgets)
        .where(budgets.c.project_id == project_id, budgets.c.key_id.in_(("", key_id)))
        .order_by(budgets.c.id)
    )
    return [
        Budget(
            id=row.id,
            name=row.name,
            scope=scopes.of_key_or_project(row.key_id, project_id),
            period=Period(row.period),
            amount=Money(row.amount),
            enforced=row.enforced,
            thresholds=tuple(map(int, filter(None, row.thresholds.split(",")))),
            origin=scopes.KEY if row.key_id else scopes.PROJECT,
        )
        for row in await connection.execute(query)
    ]
