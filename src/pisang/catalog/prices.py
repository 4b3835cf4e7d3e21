"""What an image costs: Google's list prices by model, tier, surface and day.

Tokens times rate is what is billed. The price per image that Google prints beside its rates is
rounded ($0.067 for an exact $0.0672) and is only shown. A rate that no source states is marked
``inferred`` wherever it is used, so that nobody takes it for Google's word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from pisang.catalog.cards import Card, Surface
from pisang.catalog.charges import Cost, Rates
from pisang.catalog.load import tables
from pisang.catalog.tokens import TOKENS_PER_IMAGE
from pisang.core.errors import UnsupportedParameter
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.request import ServiceTier

TYPICAL_THOUGHTS = 180
"""Thinking tokens of one image for an estimate; a recorded answer of gemini-3-pro-image had 179."""

_PLACES = {"gemini_api": "the Gemini API", "vertex": "Vertex AI"}
_BOTH: tuple[Surface, ...] = ("gemini_api", "vertex")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """The rates of one model at one tier from one day on, in US dollars per million tokens.

    ``text`` is for output text and thoughts. ``each_image`` (by size) replaces token rates where
    images are billed by piece. ``inferred`` names rates that no source states. ``published`` is
    Google's rounded price per image, never billed.
    """

    tier: ServiceTier
    start: date = date.min
    surfaces: tuple[Surface, ...] = _BOTH
    input: Decimal | int | None = None
    text: Decimal | int | None = None
    image: Decimal | int | None = None
    each_image: Mapping[str, Decimal | int] | None = None
    published: Mapping[str, Decimal | int] = field(default_factory=dict)
    cache_read: Decimal | int | None = None
    cache_read_surfaces: tuple[Surface, ...] = ("vertex",)
    long_prompt: Mapping[str, Any] | None = None
    inferred: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """An estimate for ``count`` images: the cost of all, and what to know about it."""

    card: Card
    size: str
    count: int
    tier: ServiceTier
    usage: Usage
    each: Cost
    published: Money | None
    notes: tuple[str, ...]

    @property
    def total(self) -> Money:
        return self.each.total * self.count


@dataclass(frozen=True, slots=True)
class Priced:
    """The rates of a row, regional factor and all, and what the ledger calls them: model, first
    day, tier and surface (``gemini-3-pro-image 2025-11-20 standard gemini_api``)."""

    name: str
    rates: Rates


_MOST_FOUND = 1_000  # rows that are looked up in a day, and then some


@dataclass(frozen=True)
class PriceBook:
    """Price rows by model id, and the factor on Vertex regional endpoints where there is one."""

    rows: Mapping[str, tuple[PriceRow, ...]]
    uplifts: Mapping[str, Decimal | int]
    _found: dict[tuple[str, ServiceTier, date, Surface], PriceRow] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _rates: dict[tuple[str, ServiceTier, date, Surface, str | None, bool], Priced] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def row(
        self,
        card: Card,
        tier: ServiceTier,
        *,
        on: date,
        surface: Surface = "gemini_api",
    ) -> PriceRow:
        """The rates that hold on a day: the newest row not after it, else the oldest there is.

        A model with prices on one surface only has the same ones on the other. Raises
        UnsupportedParameter when the model has no price at this tier.
        """
        key = card.id, tier, on, surface
        if key not in self._found:
            if len(self._found) > _MOST_FOUND:  # days go by
                self._found.clear()
            self._found[key] = self._look_up(card, tier, on=on, surface=surface)
        return self._found[key]

    def _look_up(self, card: Card, tier: ServiceTier, *, on: date, surface: Surface) -> PriceRow:
        rows = [row for row in self.rows[card.id] if row.tier is tier]
        if not rows:
            tiers = ", ".join(dict.fromkeys(row.tier.value for row in self.rows[card.id]))
            raise UnsupportedParameter(
                f"'{card.id}' has no price at the {tier.value} tier. It has: {tiers}.",
                field="service_tier",
            )
        here = [row for row in rows if surface in row.surfaces] or rows
        begun = [row for row in here if row.start <= on]
        newest = (
            max(begun, key=lambda row: row.start) if begun else min(here, key=lambda row: row.start)
        )
        return self._with_image_rate(newest, card, on=on, surface=surface)

    def priced(
        self,
        card: Card,
        tier: ServiceTier,
        *,
        on: date,
        surface: Surface = "gemini_api",
        size: str | None = None,
        regional: bool = False,
    ) -> Priced:
        """The rates for one kind of request. ``size`` matters only where images are billed by
        piece, ``regional`` is for Vertex endpoints other than ``global``. Raises
        UnsupportedParameter where no price is known.
        """
        key = card.id, tier, on, surface, size, regional
        found = self._rates.get(key)
        if found is None:
            row = self.row(card, tier, on=on, surface=surface)
            found = self._priced(row, card, surface=surface, size=size, regional=regional)
            if len(self._rates) > _MOST_FOUND:  # days go by
                self._rates.clear()
            self._rates[key] = found
        return found

    def cost(
        self,
        usage: Usage,
        card: Card,
        tier: ServiceTier,
        *,
        on: date,
        surface: Surface = "gemini_api",
        size: str | None = None,
        regional: bool = False,
    ) -> Cost:
        """Prices what was used, by the rates of ``priced``."""
        found = self.priced(card, tier, on=on, surface=surface, size=size, regional=regional)
        return found.rates.cost(usage)

    def price(
        self,
        usage: Usage,
        card: Card,
        tier: ServiceTier,
        *,
        on: date,
        surface: Surface = "gemini_api",
        size: str | None = None,
    ) -> Money:
        """The total of ``cost``, for those who do not need its lines."""
        return self.cost(usage, card, tier, on=on, surface=surface, size=size).total

    def _priced(
        self, row: PriceRow, card: Card, *, surface: Surface, size: str | None, regional: bool
    ) -> Priced:
        uplift = self.uplifts.get(card.id) if regional and surface == "vertex" else None
        name = f"{card.id} {_since(row)} {row.tier.value} {surface}"
        each, factor = Decimal(0), uplift or 1
        if row.each_image is not None:
            each = _each(row.each_image, card, size)
            name += f" {size or card.default_size}"
        rates = Rates.of(
            input=Decimal(row.input or 0) * factor,
            text=Decimal(row.text or 0) * factor,
            image=Decimal(row.image or 0) * factor,
            each=each,
            search=Decimal(card.grounding.usd_per_1000_queries or 0),
            inferred=row.inferred,
        )
        return Priced(name if uplift is None else f"{name} regional", rates)

    def _with_image_rate(
        self, row: PriceRow, card: Card, *, on: date, surface: Surface
    ) -> PriceRow:
        """No source has the image rate at priority: take standard's, raised as the text rate is."""
        if row.image is not None or row.each_image is not None or row.text is None:
            return row
        standard = self.row(card, ServiceTier.STANDARD, on=on, surface=surface)
        guess = Decimal(standard.image or 0) * Decimal(row.text) / Decimal(standard.text or 1)
        return replace(row, image=guess, inferred=(*row.inferred, "image"))


@cache
def book() -> PriceBook:
    """The price book that ships with pisang, read once."""
    models = tables()["models"]
    return PriceBook(
        rows={model: tuple(map(_row, row["prices"])) for model, row in models.items()},
        uplifts={
            model: row["regional_uplift"]
            for model, row in models.items()
            if "regional_uplift" in row
        },
    )


def price(
    usage: Usage,
    card: Card,
    tier: ServiceTier,
    *,
    on: date,
    surface: Surface = "gemini_api",
) -> Money:
    """What this usage costs by the shipped price book; see ``PriceBook.cost``."""
    return book().price(usage, card, tier, on=on, surface=surface)


def quote(
    card: Card,
    *,
    size: str | None = None,
    count: int = 1,
    tier: ServiceTier = ServiceTier.STANDARD,
    prompt_tokens: int = 0,
    references: int = 0,
    thoughts: int | None = None,
    on: date | None = None,
    surface: Surface = "gemini_api",
    regional: bool = False,
) -> Quote:
    """Estimates ``count`` requests of one image each, all alike.

    ``prompt_tokens`` is the text, ``references`` the number of input images, of one request.
    ``thoughts`` defaults to a typical number for a model that thinks. Raises UnsupportedParameter
    for a size or tier that the model does not have.
    """
    size = size or card.default_size
    if card.pixels and size not in card.pixels:
        sizes = ", ".join(card.pixels)
        raise UnsupportedParameter(f"'{card.id}' has no size {size}. It has: {sizes}.")
    if thoughts is None:
        thoughts = TYPICAL_THOUGHTS if card.thinking.supported else 0
    usage = Usage(
        prompt_text=prompt_tokens,
        prompt_image=references * (card.tokens_per_reference or TOKENS_PER_IMAGE),
        image_output=card.image_tokens.get(size, 0),
        thoughts=thoughts,
        images=1,
    )
    on = on or datetime.now(UTC).date()
    row = book().row(card, tier, on=on, surface=surface)
    each = book().cost(usage, card, tier, on=on, surface=surface, size=size, regional=regional)
    published = row.published.get(size)
    return Quote(
        card=card,
        size=size,
        count=count,
        tier=tier,
        usage=usage,
        each=each,
        published=None if published is None else Money.of(published),
        notes=tuple(_notes(card, row, size=size, surface=surface)),
    )


def _notes(card: Card, row: PriceRow, *, size: str, surface: Surface) -> Iterable[str]:
    for name in row.inferred:
        yield f"The {name} rate at the {row.tier.value} tier is inferred; no source states it."
    if card.tiers and row.tier not in card.tiers.get(surface, ()):
        yield f"No source lists the {row.tier.value} tier for {card.id} on {_PLACES[surface]}."
    if size in card.other_image_tokens:
        yield (
            f"{size} counts as {card.image_tokens[size]} tokens here; another page of Google's "
            f"says {card.other_image_tokens[size]}."
        )
    if "price" in card.unverified:
        yield f"The price of {card.id} is unverified."
    if row.note:
        yield row.note


def _since(row: PriceRow) -> str:
    return "undated" if row.start == date.min else row.start.isoformat()


def _each(prices: Mapping[str, Decimal | int], card: Card, size: str | None) -> Decimal:
    """The price of one image; ``default`` stands for a model without sizes."""
    for key in (size or card.default_size, "default"):
        if key in prices:
            return Decimal(prices[key])
    raise UnsupportedParameter(f"The price of '{card.id}' is not known.")


def _row(table: Mapping[str, Any]) -> PriceRow:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    values["tier"] = ServiceTier(values["tier"])
    values["start"] = values.pop("from", date.min)
    return PriceRow(**values)
