"""What a key may be limited to, as its row keeps it and as people write it.

An empty list limits nothing. What is written is checked here once, so that whoever compares a
request with it later needs no doubts.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from pisang.core.caller import UNRESTRICTED, Restrictions
from pisang.core.errors import RequestError

SURFACES: Final = ("gemini_api", "vertex", "openai", "admin")
"""What a key may be limited to: the surfaces that settings name, and the admin API."""

NAMES: Final = tuple(each.name for each in fields(Restrictions))

_MOST: Final = 200  # of one kind
_ID: Final = re.compile(r"[\w.:@+*?/-]{1,128}", re.ASCII)
_REFERRER: Final = re.compile(
    r"(?:(?:https?|\*)://)?"
    r"(?:\*|(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]+\])"
    r"(?::(?:[0-9]{1,5}|\*))?"
    r"(?:/[!-~]{0,500})?"
)


def read(kept: str) -> Restrictions:
    """Restrictions as a row has them."""
    if kept in ("", "{}"):
        return UNRESTRICTED
    found = json.loads(kept)
    return Restrictions(**{name: tuple(found.get(name, ())) for name in NAMES})


def written(restrictions: Restrictions) -> str:
    """The same for a row: only what limits."""
    return json.dumps(plain(restrictions), separators=(",", ":"))


def plain(restrictions: Restrictions) -> dict[str, list[str]]:
    """Restrictions for programs: only what limits."""
    values = {name: list(getattr(restrictions, name)) for name in NAMES}
    return {name: value for name, value in values.items() if value}


def checked(given: Mapping[str, Any], before: Restrictions = UNRESTRICTED) -> Restrictions:
    """What somebody wrote; a kind that they left out stays as it was ``before``.

    Raises ``RequestError`` that names the field.
    """
    for name in given:
        if name not in NAMES:
            raise RequestError(
                f"A key cannot be limited to {name[:40]!r}. It can be to: {', '.join(NAMES)}.",
                field="restrictions",
            )
    values = {name: getattr(before, name) for name in NAMES}
    for name, value in given.items():
        values[name] = _several(name, value)
    return Restrictions(**values)


def _several(name: str, value: Any) -> tuple[str, ...]:
    field = f"restrictions.{name}"
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise RequestError(f"{name} must be a list of texts.", field=field)
    if len(value) > _MOST:
        raise RequestError(f"A key has at most {_MOST} {name}.", field=field)
    try:
        return tuple(dict.fromkeys(_CHECKS[name](one.strip()) for one in value))
    except ValueError as error:
        raise RequestError(str(error), field=field) from None


def _model(text: str) -> str:
    text = text.removeprefix("models/")
    if not _ID.fullmatch(text):
        raise ValueError(
            f"{text[:80]!r} is no model: write an id as `pisang models` lists it, or a pattern of "
            "several (gemini-3*)."
        )
    return text


def _surface(text: str) -> str:
    if text not in SURFACES:
        raise ValueError(f"{text[:40]!r} is no surface. Surfaces: {', '.join(SURFACES)}.")
    return text


def _engine(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no engine: write a name, or a pattern of several.")
    return text


def _referrer(text: str) -> str:
    text = _lower_host(text)
    if not _REFERRER.fullmatch(text):
        raise ValueError(
            f"{text[:80]!r} is no pattern of web pages: write it as Google has them, e.g. "
            "https://example.com/* or *.example.com/*."
        )
    return text


def _lower_host(text: str) -> str:
    """The pattern with its scheme and host in lower case; a path keeps its letters."""
    scheme, found, rest = text.rpartition("://") if "://" in text else ("", "", text)
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{found}{host.lower()}{slash}{path}"


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(
            f"{text[:60]!r} is no network: write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32."
        ) from None


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "models": _model,
    "surfaces": _surface,
    "engines": _engine,
    "referrers": _referrer,
    "addresses": _address,
}
