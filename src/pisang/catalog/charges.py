"""The one formula: what was used, by rates, is what it costs.

Estimates, holds, bills and the check of the ledger all multiply here, so none of them can say
another amount than the rest. Each component is rounded once, to the nano-dollar; markup is put on
each component and rounded once more; the total is their sum and nothing else.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from pisang.core.events import Usage
from pisang.core.money import Money, Rate, per_million

FREE: Final = Money(0)

COMPONENTS: Final = (
    "input_text",
    "input_image",
    "output_text",
    "output_image",
    "search",
    "engine_time",
)
"""What a bill is split into; thinking is in ``output_text``."""

_EXACT: Final = Context(prec=60)
_NOTHING: Final = Rate.of(0)
_MILLION: Final = 1_000_000
_THOUSAND: Final = 1_000


@dataclass(slots=True, kw_only=True)
class Cost:
    """What one request costs, split by what it is for; each line is rounded once, then summed.
    ``inferred`` names rates that no source states."""

    input_text: Money = FREE
    input_image: Money = FREE
    text: Money = FREE
    images: Money = FREE
    search: Money = FREE
    engine_time: Money = FREE
    inferred: tuple[str, ...] = ()

    @property
    def input(self) -> Money:
        return self.input_text + self.input_image

    @property
    def total(self) -> Money:
        return Money(
            self.input_text.nanos
            + self.input_image.nanos
            + self.text.nanos
            + self.images.nanos
            + self.search.nanos
            + self.engine_time.nanos
        )

    @property
    def components(self) -> dict[str, Money]:
        """The lines by the names under which the ledger has them; those of nothing are left out."""
        of_tokens = (self.input_text, self.input_image, self.text, self.images)
        lines = (*of_tokens, self.search, self.engine_time)
        return {name: line for name, line in zip(COMPONENTS, lines, strict=True) if line}

    def marked_up(self, markup: Decimal) -> "Cost":
        """The same with a share put on each line: 0.2 adds a fifth."""
        if not markup:
            return self
        factor = _factor(markup)
        return Cost(
            input_text=_times(self.input_text, factor),
            input_image=_times(self.input_image, factor),
            text=_times(self.text, factor),
            images=_times(self.images, factor),
            search=_times(self.search, factor),
            engine_time=_times(self.engine_time, factor),
            inferred=self.inferred,
        )


NO_COST: Final = Cost()


@dataclass(frozen=True, kw_only=True, eq=False)  # equal when they are the same: kept, and looked up
class Rates:
    """What a million of each costs: tokens that go in, text and thinking that come out, tokens of
    pictures, pictures by piece, searches, and milliseconds of the engine (``second``)."""

    input: Rate = _NOTHING
    text: Rate = _NOTHING
    image: Rate = _NOTHING
    each: Rate = _NOTHING
    search: Rate = _NOTHING
    second: Rate = _NOTHING
    inferred: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        input: Decimal | int = 0,
        text: Decimal | int = 0,
        image: Decimal | int = 0,
        each: Decimal | int = 0,
        search: Decimal | int = 0,
        second: Decimal | int = 0,
        inferred: tuple[str, ...] = (),
    ) -> "Rates":
        """Of dollars as they are written: for a million tokens, for one picture (``each``), for a
        thousand searches, and for a second."""
        return cls(
            input=Rate.of(input),
            text=Rate.of(text),
            image=Rate.of(image),
            each=Rate.of(_EXACT.multiply(Decimal(each), _MILLION)),
            search=Rate.of(_EXACT.multiply(Decimal(search), _THOUSAND)),
            second=Rate.of(_EXACT.multiply(Decimal(second), _THOUSAND)),
            inferred=inferred,
        )

    @classmethod
    def read(cls, written: Mapping[str, str]) -> "Rates":
        """Of what ``written`` gave. Raises ``ValueError`` or ``ArithmeticError`` for what is no
        number."""

        def rate(name: str) -> Decimal:
            return Decimal(written.get(name, 0))

        return cls.of(
            input=rate("input"),
            text=rate("output"),
            image=rate("image_output"),
            each=rate("image"),
            search=rate("search"),
            second=rate("second"),
        )

    def cost(self, usage: Usage) -> Cost:
        """What was used, by these rates."""
        return Cost(
            input_text=self.input.times(usage.prompt_text),
            input_image=self.input.times(usage.prompt_image) if usage.prompt_image else FREE,
            text=self.text.times(usage.text_output + usage.thoughts),
            images=self._images(usage),
            search=self.search.times(usage.searches) if usage.searches else FREE,
            engine_time=self.second.times(usage.engine_ms) if usage.engine_ms else FREE,
            inferred=self.inferred,
        )

    def timed(self, usage: Usage, seconds: float) -> Usage:
        """What was used, with how long the engine took where that is paid for. A millisecond that
        was begun counts."""
        if not self.second.dollars:
            return usage
        return replace(usage, engine_ms=math.ceil(max(0.0, seconds) * _THOUSAND))

    @cached_property
    def written(self) -> Mapping[str, str]:
        """The rates as the ledger keeps them, exact decimals in the words of a price table, so that
        a bill can be computed again long after prices have changed."""
        dollars = {
            "input": self.input.dollars,
            "output": self.text.dollars,
            "image_output": self.image.dollars,
            "image": _EXACT.divide(self.each.dollars, _MILLION),
            "search": _EXACT.divide(self.search.dollars, _THOUSAND),
            "second": _EXACT.divide(self.second.dollars, _THOUSAND),
        }
        return MappingProxyType({name: _plain(rate) for name, rate in dollars.items() if rate})

    def _images(self, usage: Usage) -> Money:
        if self.each is _NOTHING or not self.each.dollars:
            return self.image.times(usage.image_output)
        if self.each.nanos is None and self.image.nanos is None:  # rounded once all the same
            return Money.of(
                per_million(self.image.dollars, usage.image_output)
                + per_million(self.each.dollars, usage.images)
            )
        return self.image.times(usage.image_output) + self.each.times(usage.images)


FREELY: Final = Rates()


@lru_cache(maxsize=1_000)
def _factor(markup: Decimal) -> tuple[int, int]:
    """What to multiply by, as a fraction: whole numbers are as exact, and faster."""
    return _EXACT.add(1, markup).as_integer_ratio()


def _times(amount: Money, factor: tuple[int, int]) -> Money:
    """Rounded as ``Money.of`` rounds: to the nearest, a half to the even neighbour."""
    numerator, denominator = factor
    whole, rest = divmod(amount.nanos * numerator, denominator)
    over = 2 * rest - denominator
    return Money(whole + (over > 0 or (over == 0 and whole % 2)))


def _plain(number: Decimal) -> str:
    """A decimal without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
