"""Reads what a handler of the admin API was sent: each field by its name and kind, or a sentence
that says what would be right.

Amounts of money are decimal texts (``"5.00"``), because a JSON number loses the exact amount in
many clients; times are RFC 3339.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from starlette.requests import Request

from pisang.core.clock import rfc3339
from pisang.core.errors import MalformedRequest
from pisang.core.money import NANOS, Money
from pisang.core.names import meant
from pisang.surfaces.admin import asking

Word = TypeVar("Word", bound=StrEnum)

MOST_WHOLE: Final = 10**15
MOST_DOLLARS: Final = 10**9  # a thousand millions: as nano-dollars it fits the column
PAGE: Final = 100
MOST_PAGE: Final = 1_000
_AMOUNT: Final = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,30}))?")
_LONGEST: Final = 80


async def read(
    call: Request, known: Collection[str], *, most: int = asking.MOST_BYTES
) -> dict[str, Any]:
    """The JSON object of a body, all of whose names are known; null is as if not sent. Raises
    ``MalformedRequest``."""
    fields = await asking.sent(call, most=most)
    check(fields, known)
    return {name: value for name, value in fields.items() if value is not None}


def query(call: Request, known: Collection[str]) -> dict[str, str]:
    """The parameters of an address, all of whose names are known. Raises ``MalformedRequest``."""
    named = set(call.query_params) - {"key", "access_token", "oauth_token", "alt", "prettyPrint"}
    check(named, known)
    return {name: call.query_params[name] for name in known if name in call.query_params}


def check(fields: Collection[str], known: Collection[str]) -> None:
    """Raises ``MalformedRequest`` for a name that means nothing here."""
    for name in fields:
        if name not in known:
            raise MalformedRequest(
                f"{name[:_LONGEST]!r} is not known here.{meant(name, known)} "
                f"There are: {', '.join(known) or 'none'}.",
                field=name[:_LONGEST],
            )


def text(fields: Mapping[str, Any], name: str, *, most: int = 300) -> str:
    """A text; empty where it is not there."""
    value = asking.text(fields, name)
    if len(value) > most:
        raise MalformedRequest(f"{name} has at most {most} letters.", field=name)
    if not value.isprintable():
        raise MalformedRequest(f"{name} must be one line without control characters.", field=name)
    return value


def needed(fields: Mapping[str, Any], name: str, *, most: int = 300) -> str:
    """A text that must be there."""
    value = text(fields, name, most=most)
    if not value:
        raise MalformedRequest(f"{name} is missing.", field=name)
    return value


def exact(fields: Mapping[str, Any], name: str) -> str:
    """A text that must be there, with the spaces at its ends: whoever takes it as a name says that
    names have none."""
    needed(fields, name)
    return str(fields[name])


def texts(fields: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of texts, or one text; None where it is not there."""
    value = fields.get(name)
    if value is None:
        return None
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each.isprintable() for each in found):
        raise MalformedRequest(f"{name} must be a list of texts.", field=name)
    return [each.strip() for each in found]


def truth(fields: Mapping[str, Any], name: str, *, otherwise: bool = False) -> bool:
    """True or false."""
    value = fields.get(name, otherwise)
    if isinstance(value, str) and value.lower() in ("true", "false"):  # in an address
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise MalformedRequest(f"{name} must be true or false.", field=name)
    return value


def whole(
    fields: Mapping[str, Any], name: str, *, least: int = 0, most: int = MOST_WHOLE
) -> int | None:
    """A whole number; None where it is not there."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise MalformedRequest(f"{name} must be a whole number from {least} to {most}.", field=name)
    return value


def amount(fields: Mapping[str, Any], name: str, *, signed: bool = False) -> Money:
    """An amount of dollars that must be there, exact to the nano-dollar; not negative unless
    ``signed``."""
    value = fields.get(name)
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise MalformedRequest(
            f'{name} must be an amount of dollars as a text, as "5.00".', field=name
        )
    sign, dollars, part = found[1], int(found[2]), (found[3] or "").rstrip("0")
    if len(part) > 9:
        raise MalformedRequest(
            f"{name} has more than nine decimals: a nano-dollar is the least there is.", field=name
        )
    if dollars >= MOST_DOLLARS:
        raise MalformedRequest(f"{name} must be less than {MOST_DOLLARS} dollars.", field=name)
    nanos = dollars * NANOS + int(part.ljust(9, "0"))
    if sign and not signed and nanos:
        raise MalformedRequest(f"{name} must not be negative.", field=name)
    return Money(-nanos if sign else nanos)


def word(fields: Mapping[str, Any], name: str, words: type[Word]) -> Word | None:
    """One of some words; None where it is not there."""
    value = one_of(fields, name, [each.value for each in words])
    return words(value) if value else None


def one_of(fields: Mapping[str, Any], name: str, words: Collection[str]) -> str:
    """One of some words; empty where it is not there."""
    value = text(fields, name)
    if value and value not in words:
        raise MalformedRequest(
            f"There is no {name} {value[:_LONGEST]!r}.{meant(value, words)} There are: "
            f"{', '.join(words)}.",
            field=name,
        )
    return value


def time(fields: Mapping[str, Any], name: str) -> datetime | None:
    """A time (RFC 3339) or a day (2026-11-21, its beginning in UTC), as UTC without a zone."""
    value = text(fields, name)
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            return found
        return found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise MalformedRequest(
            f"{name} must be a time as 2026-11-21T08:30:00Z, or a day as 2026-11-21.", field=name
        ) from None


def page(fields: Mapping[str, Any]) -> tuple[int, str]:
    """How many a page has, and the token of the page that is asked for; empty for the first."""
    size = whole(fields, "page_size", least=1, most=MOST_PAGE)
    return size or PAGE, text(fields, "page_token")


def usd(value: Money | None) -> str | None:
    """An amount as the admin API writes it: exact, with at least two decimals."""
    return None if value is None else value.usd


def shown(value: datetime | None) -> str | None:
    """A time as the admin API writes it: RFC 3339 in UTC."""
    return rfc3339(value) if value else None


PAGED: Final[Sequence[str]] = ("page_size", "page_token")
