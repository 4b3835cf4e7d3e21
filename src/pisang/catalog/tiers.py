"""Google's usage tiers: what a project of each tier may spend and ask for, as shipped.

The numbers are data (``catalog/data/limits.toml``), and rows of the database can change each of
them; ``accounts/terms.py`` puts both together for a project.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pisang.catalog.load import tables
from pisang.core.money import Money
from pisang.core.terms import Dimension, Period

SPEND: Final[Mapping[str, Period]] = MappingProxyType(
    {"spend_10m": Period.TEN_MINUTES, "spend_month": Period.MONTH}
)
"""The spend limits of a tier, by the names under which they are written."""

UNLIMITED: Final = -1
"""The value of a limit that lifts one which another place sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One tier. ``limits`` are by model (``*`` for each of the others) and dimension, ``spend`` by
    how long it counts; ``placeholders`` are the dimensions whose numbers are not Google's."""

    id: str
    name: str
    qualifies: str
    limits: Mapping[tuple[str, Dimension], int]
    spend: Mapping[Period, Money]
    priority: bool
    placeholders: frozenset[Dimension]


@cache
def ladder() -> Mapping[str, Tier]:
    """The tiers by their ids, ``0`` to ``3``, lowest first."""
    return MappingProxyType({id_: _tier(id_, row) for id_, row in tables()["tiers"].items()})


def has_priority(tier: str) -> bool:
    """Whether the priority tier serves projects of a usage tier; those without one it does."""
    found = ladder().get(tier)
    return found is None or found.priority


def _tier(id_: str, row: Mapping[str, Any]) -> Tier:
    return Tier(
        id=id_,
        name=row["name"],
        qualifies=row["qualifies"],
        limits=MappingProxyType(
            {
                (model, Dimension(name)): value
                for model, values in row["limits"].items()
                for name, value in values.items()
            }
        ),
        spend=MappingProxyType(
            {period: Money.of(row[name]) for name, period in SPEND.items() if name in row}
        ),
        priority=row.get("priority", False),
        placeholders=frozenset(map(Dimension, row.get("placeholders", ()))),
    )
