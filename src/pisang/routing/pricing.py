"""Reads and shows what an engine asks for a picture, and what is put on that.

``price = "list"``, ``"free"``, a table of dollars, or a list of such tables, each for a tier or
from a day on; ``markup = 0.2`` adds a fifth.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pisang.core.names import meant
from pisang.core.request import ServiceTier
from pisang.routing.table import ANY_SIZE, FREE, LIST, RATES, Price, PriceLine
from pisang.routing.written import (
    check_names,
    dollars_of,
    is_table,
    one_of,
    spot,
    text_of,
    wrong,
)

SIZES: Final = ("512", "1K", "2K", "4K", ANY_SIZE)
_TIERS: Final = tuple(tier.value for tier in ServiceTier)
_MOST_MARKUP: Final = 100
_NAMES: Final = frozenset({*RATES, "tier", "from"})


def price(fields: Mapping[str, object], place: str) -> Price | None:
    """The ``price`` of an engine or a route; None where it has none. Raises ``SettingsError``."""
    given = fields.get("price")
    if given is None:
        return None
    at = spot(place, "price")
    if given in (LIST, FREE):
        return Price(str(given))
    if is_table(given) and given:
        lines: tuple[PriceLine, ...] = (_line(given, at),)
    elif isinstance(given, list | tuple) and given:
        lines = tuple(_line(line, f"{at}[{number}]") for number, line in enumerate(given))
    else:
        wrong(
            at,
            f'must be "{LIST}", "{FREE}", or dollars in a table: {{ image = 0.04 }} a picture, or '
            "{ input = 2, output = 12, image_output = 120 } a million tokens, { second = 0.0004 } "
            "a second that the engine takes",
        )
    if all(line.tier for line in lines):
        wrong(at, "needs a line without a tier, for all tiers that have none of their own")
    for number, line in enumerate(lines):
        if (line.tier, line.start) in {(each.tier, each.start) for each in lines[:number]}:
            wrong(f"{at}[{number}]", "is for the same tier and day as a line before it")
    return Price("own", lines)


def markup(fields: Mapping[str, object], place: str) -> Decimal | None:
    """The ``markup`` of an engine or a route; None where it has none. Raises ``SettingsError``."""
    given = fields.get("markup")
    if given is None:
        return None
    try:
        if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
            raise ValueError
        share = Decimal(str(given))
        if not share.is_finite() or not -1 <= share <= _MOST_MARKUP:
            raise ValueError
    except (ValueError, InvalidOperation):
        wrong(
            spot(place, "markup"),
            f"must be a share from -1 to {_MOST_MARKUP}: 0.2 adds a fifth, -0.1 takes a tenth off",
        )
    return share


def free_searches(fields: Mapping[str, object], place: str) -> bool:
    """Whether an engine's searches are not charged. Raises ``SettingsError``."""
    given = fields.get("free_searches", False)
    if not isinstance(given, bool):
        wrong(spot(place, "free_searches"), "must be true or false")
    return given


def shown(found: Price | None) -> Any:
    """A price as it was written; amounts are exact decimals as text."""
    if found is None:
        return None
    if found.kind != "own":
        return found.kind
    lines = [_shown(line) for line in found.lines]
    return lines[0] if len(lines) == 1 else lines


def _line(given: object, place: str) -> PriceLine:
    if not is_table(given) or not given:
        wrong(place, "must be a table of dollars, as { image = 0.04 }")
    check_names(given, _NAMES, place)
    tier = text_of(given, "tier", place)
    if tier and tier not in _TIERS:
        wrong(
            spot(place, "tier"),
            f"there is no tier {tier[:80]!r}.{meant(tier, _TIERS)} {one_of(_TIERS)}",
        )
    rates = {
        name: dollars_of(given[name], spot(place, name))
        for name in RATES
        if name in given and name != "image"
    }
    return PriceLine(
        image=_by_size(given.get("image"), spot(place, "image")),
        tier=tier,
        start=_day(given.get("from"), spot(place, "from")),
        **rates,
    )


def _by_size(given: object, place: str) -> tuple[tuple[str, Decimal], ...]:
    if given is None:
        return ()
    if not is_table(given):
        return ((ANY_SIZE, dollars_of(given, place)),)
    check_names(given, SIZES, place)
    return tuple((size, dollars_of(given[size], spot(place, size))) for size in given)


def _day(given: object, place: str) -> date:
    if given is None:
        return date.min
    try:
        if isinstance(given, date) and not isinstance(given, datetime):
            return given
        return date.fromisoformat(str(given))
    except ValueError:
        wrong(place, "must be a day, as 2026-12-01")


def _shown(line: PriceLine) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if line.start != date.min:
        fields["from"] = line.start.isoformat()
    if line.tier:
        fields["tier"] = line.tier
    sizes = {size: f"{rate:f}" for size, rate in line.image}
    if sizes:
        fields["image"] = sizes[ANY_SIZE] if len(sizes) == 1 and ANY_SIZE in sizes else sizes
    for name in RATES:
        if name != "image" and (rate := getattr(line, name)):
            fields[name] = f"{rate:f}"
    return fields if set(fields) - {"from", "tier"} else fields | {"image": "0"}
