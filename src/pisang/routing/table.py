"""The route table as plain values: engines by name, and which of them serve which models.

``routing/read.py`` makes it of the settings file, the admin API and the environment. First match
wins; how a route is matched and its engines are put in order is ``routing/plan.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

LIST: Final = "list"
FREE: Final = "free"

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

RATES: Final = ("image", "input", "output", "image_output")
"""What a price of one's own may have, as it is written and as ``Price`` calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a picture costs the project: ``list`` (Google's price list), ``free``, or ``own``, whose
    rates are dollars: ``image`` a picture, the others a million tokens."""

    kind: str = LIST
    image: Decimal = Decimal(0)
    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    image_output: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSpec:
    """``[engines.NAME]``. ``api_keys`` and ``credentials`` are as they were written (a literal,
    ``env:NAME``, ``file:PATH``, ``adc``): ``routing/secrets.py`` reads them. ``options`` are what
    only this kind of engine knows. ``location`` is where it works, for projects bound to places.
    """

    name: str
    kind: str
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    base_url: str = ""
    project: str = ""
    location: str = ""
    credentials: str = field(default="", repr=False)
    profile: str = ""
    price: Price | None = None
    options: Mapping[str, object] = field(default_factory=lambda: NOTHING, repr=False)
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One engine of a route; a weight shares the work instead of keeping an order."""

    engine: str
    weight: int | None = None
    upstream_model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """``[[routes]]``: ``models`` are ids, aliases or globs. An empty condition always holds.
    ``origin`` says where it was written, for people: a file, the admin API, a variable."""

    id: str
    models: tuple[str, ...]
    targets: tuple[Target, ...]
    upstream_model: str = ""
    sizes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    price: Price | None = None
    origin: str = ""

    @property
    def conditions(self) -> Mapping[str, tuple[str, ...]]:
        """Its conditions, by the names under which they are written."""
        return {
            "size": self.sizes,
            "tier": self.tiers,
            "project": self.projects,
            "location": self.locations,
            "surface": self.surfaces,
        }


@dataclass(frozen=True, slots=True)
class Table:
    engines: Mapping[str, EngineSpec]
    routes: tuple[Route, ...]
