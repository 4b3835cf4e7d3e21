"""The route table as plain values: engines by name, and which of them serve which models.

``routing/read.py`` makes it of the settings file, the admin API and the environment. First match
wins; how a route is matched and its engines are put in order is ``routing/plan.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

LIST: Final = "list"
FREE: Final = "free"

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

RATES: Final = ("image", "input", "output", "image_output", "search", "second")
"""What a price of one's own may have, as it is written and as ``PriceLine`` calls it."""

ANY_SIZE: Final = "default"
"""Each size that a price by size does not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One line of a price of one's own, in dollars: ``image`` a picture, by size (``default`` for
    each that is not named), ``search`` a thousand searches, ``second`` a second that the engine
    takes, the others a million tokens. It holds for one ``tier``, or for each that has no line of
    its own, from a day on."""

    image: tuple[tuple[str, Decimal], ...] = ()
    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    image_output: Decimal = Decimal(0)
    search: Decimal = Decimal(0)
    second: Decimal = Decimal(0)
    tier: str = ""
    start: date = date.min


@dataclass(frozen=True, slots=True)
class Price:
    """What an engine asks for a picture: ``list`` (Google's price list), ``free``, or ``own``,
    which has ``lines``."""

    kind: str = LIST
    lines: tuple[PriceLine, ...] = ()

    def __hash__(self) -> int:  # for each request: the lines would take longer than all the rest
        return hash((self.kind, len(self.lines)))


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSpec:
    """``[engines.NAME]``. ``api_keys`` and ``credentials`` are as they were written (a literal,
    ``env:NAME``, ``file:PATH``, ``adc``): ``routing/secrets.py`` reads them. ``options`` are what
    only this kind of engine knows. ``location`` is where it works, for projects bound to places.
    ``markup`` is put on what it costs (0.2 adds a fifth); with ``free_searches``, searches are not
    charged by Google's list.
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
    markup: Decimal | None = None
    free_searches: bool = False
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
    ``price`` and ``markup`` go before those of its engines. ``origin`` says where it was written,
    for people: a file, the admin API, a variable."""

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
    markup: Decimal | None = None
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
