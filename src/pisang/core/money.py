"""An amount of US dollars, kept as whole nano-dollars so that sums are exact.

A micro-dollar would be too coarse: at $0.125 per million, one token costs 125 nano-dollars. Rates
stay exact decimals; only an amount that is to be charged is rounded, and only in ``Money.of``.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

NANOS = 1_000_000_000
_EXACT = Context(prec=60)  # enough that no product of a count and a rate is cut before rounding


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """Whole nano-dollars; may be negative. Adds, subtracts, compares, multiplies by whole numbers.

    There is no division and no multiplication by a fraction: those need a rounding, so compute in
    ``Decimal`` and call ``Money.of`` once.
    """

    nanos: int = 0

    @classmethod
    def of(cls, dollars: Decimal | int | str) -> "Money":
        """The one place that rounds: to the nearest nano-dollar, a half to the even neighbour.

        Half-even because it favours nobody over many charges. Floats are not taken: they have
        lost the exact amount already. Raises ValueError for text that is no finite number.
        """
        try:
            exact = _EXACT.multiply(Decimal(dollars), NANOS)
            return cls(int(exact.to_integral_value(ROUND_HALF_EVEN, _EXACT)))
        except (ArithmeticError, ValueError):
            raise ValueError(f"not an amount of dollars: {dollars!r}") from None

    @property
    def dollars(self) -> Decimal:
        """The exact amount, with no zeros at its end beyond the decimal point."""
        whole, part = divmod(abs(self.nanos), NANOS)
        text = f"{whole}.{part:09d}".rstrip("0").rstrip(".")
        return Decimal(f"-{text}" if self.nanos < 0 else text)

    @property
    def usd(self) -> str:
        """For programs: ``0.0672``, exact, at least two decimals, no zeros after those."""
        whole, part = divmod(abs(self.nanos), NANOS)
        decimals = f"{part:09d}".rstrip("0").ljust(2, "0")
        return f"{'-' if self.nanos < 0 else ''}{whole}.{decimals}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.nanos + other.nanos)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.nanos - other.nanos)

    def __neg__(self) -> "Money":
        return Money(-self.nanos)

    def __mul__(self, count: int) -> "Money":
        if not isinstance(count, int):
            return NotImplemented
        return Money(self.nanos * count)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.nanos != 0

    def __str__(self) -> str:
        """For people: ``$0.0672``."""
        return f"-${(-self).usd}" if self.nanos < 0 else f"${self.usd}"


def per_million(rate: Decimal | int, count: int) -> Decimal:
    """The exact dollars for ``count`` units at ``rate`` dollars per million."""
    return _EXACT.divide(_EXACT.multiply(Decimal(rate), count), 1_000_000)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a million units cost, for charging: as exact as ``per_million``, and faster for nearly
    every rate there is, where one unit costs whole nano-dollars (``nanos``)."""

    dollars: Decimal
    nanos: int | None

    @classmethod
    def of(cls, dollars: Decimal | int) -> "Rate":
        each = _EXACT.multiply(Decimal(dollars), NANOS // 1_000_000)
        return cls(Decimal(dollars), int(each) if each == each.to_integral_value() else None)

    def times(self, count: int) -> Money:
        """The amount for ``count`` units, rounded once."""
        if self.nanos is not None:
            return Money(self.nanos * count)
        return Money.of(per_million(self.dollars, count))
