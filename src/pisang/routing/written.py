"""Reads single values of what a person wrote as a table, or says what is wrong there.

Each mistake is a ``SettingsError`` that names the place and what would be right.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeGuard

from pisang.core.errors import SettingsError
from pisang.core.names import meant


def dollars_of(value: object, place: str) -> Decimal:
    """An amount that is exact where it was written as a text."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise ValueError
        amount = Decimal(str(value))
        if not amount.is_finite() or amount < 0:
            raise ValueError
    except (ValueError, InvalidOperation):
        wrong(place, "must be an amount of dollars, as 0.04")
    return amount


def table_of(value: object, place: str) -> Mapping[str, object]:
    """A table, under any names."""
    if not is_table(value):
        wrong(place, "must be a table")
    return value


def is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether it is a table, and not a list or a single value."""
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def check_names(fields: Iterable[str], names: Collection[str], place: str) -> None:
    """Sees that a table has no other names than these."""
    for name in fields:
        if name not in names:
            cure = meant(name, names) or f" There are: {', '.join(sorted(names))}."
            wrong(spot(place, name[:80]), f"there is no such name.{cure}")


def text_of(fields: Mapping[str, object], name: str, place: str) -> str:
    """A text; empty where there is none."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        wrong(spot(place, name), "must be a text")
    return value.strip()


def texts_of(
    fields: Mapping[str, object], name: str, place: str, *, secret: bool = False
) -> tuple[str, ...]:
    """A list of texts, or one text by itself; an empty text in it is a mistake."""
    given = fields.get(name, [])
    values = [given] if isinstance(given, str) else given
    if not isinstance(values, list | tuple):
        wrong(spot(place, name), "must be a text, or a list of texts")
    for number, value in enumerate(values):
        if not isinstance(value, str) or not value.strip():
            wrong(f"{spot(place, name)}[{number}]", "must be a text that is not empty")
        if value in values[:number]:
            said = "it" if secret else repr(value[:80])
            wrong(f"{spot(place, name)}[{number}]", f"{said} stands there twice")
    return tuple(value.strip() for value in values)


def one_of(words: Iterable[str]) -> str:
    """The words that there are, as a sentence."""
    return f"There are: {', '.join(words)}."


def spot(place: str, name: str) -> str:
    """Where a field of a table stands."""
    return f"{place}.{name}" if place else name


def wrong(place: str, why: str) -> NoReturn:
    """Raises the mistake."""
    end = "" if why.endswith((".", "?")) else "."
    message = f"{place}: {why}{end}" if place else f"{why}{end}"
    raise SettingsError(message, field=place or None)
