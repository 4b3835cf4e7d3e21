"""Makes the route table of what a person wrote, or says where that is wrong.

The same tables come from the settings file, from the admin API and from the command line. Each
mistake is a ``SettingsError`` that names the place (``routes[1].engines[0]``) and what would be
right; it never repeats what may be a secret.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, NoReturn, TypeGuard
from urllib.parse import urlsplit

from pisang.core.errors import SettingsError
from pisang.core.request import ServiceTier
from pisang.engines.registry import BUILT_IN
from pisang.routing.table import FREE, LIST, RATES, EngineSpec, Price, Route, Table, Target

KINDS: Final = tuple(BUILT_IN)
SIZES: Final = ("512", "1K", "2K", "4K")
TIERS: Final = tuple(tier.value for tier in ServiceTier)
SURFACES: Final = ("gemini_api", "vertex")

_ENGINE_FIELDS: Final = frozenset(
    {"kind", "api_keys", "base_url", "project", "location", "credentials", "profile", "price"}
)
_CONDITIONS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "size": ("sizes", SIZES),
    "tier": ("tiers", TIERS),
    "project": ("projects", ()),
    "location": ("locations", ()),
    "surface": ("surfaces", SURFACES),
}
"""Name in a table -> field of a ``Route``, and the words there are; none: any word."""
_ROUTE_FIELDS: Final = frozenset({"model", "engines", "upstream_model", "price", *_CONDITIONS})
_TARGET_FIELDS: Final = frozenset({"engine", "weight", "upstream_model"})
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_MOST_WEIGHT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Written:
    """Tables as they were written, and where (for people). ``ids`` are those of the routes; without
    them a route is called by its place, ``routes[0]``. Of what is ``kept`` in the database, a route
    may name an engine that is gone since: it then leads nowhere, and to no other engine either."""

    origin: str
    engines: Mapping[str, object]
    routes: Sequence[object]
    ids: Sequence[str] = ()
    kept: bool = False


def table(
    *written: Written,
    kinds: Collection[str] = KINDS,
    given: Mapping[str, EngineSpec] = MappingProxyType({}),
) -> Table:
    """The table of all that was written: routes in this order, and of two engines with one name the
    last. ``given`` are engines that may be named without being written. Raises ``SettingsError``.
    """
    engines = dict(given) | {
        name: engine(name, value, origin=each.origin, kinds=kinds)
        for each in written
        for name, value in each.engines.items()
    }
    routes = tuple(
        route(
            value,
            id=each.ids[number] if each.ids else f"routes[{number}]",
            place=each.ids[number] if each.ids else f"routes[{number}]",
            engines=None if each.kept else engines,
            origin=each.origin,
        )
        for each in written
        for number, value in enumerate(each.routes)
    )
    return Table(engines, routes)


def engine(
    name: str, value: object, *, origin: str = "", kinds: Collection[str] = KINDS
) -> EngineSpec:
    """One ``[engines.NAME]``. Names that not every kind has are its ``options``: whoever builds it
    says whether they are right. Raises ``SettingsError``."""
    place = f"engines.{name}"
    if not _NAME.fullmatch(name):
        _wrong(
            "engines",
            f"{name[:80]!r} is no name: 1 to 63 letters, digits, points, hyphens and underscores",
        )
    fields = _fields(value, place)
    kind = _text(fields, "kind", place)
    if not kind:
        _wrong(f"{place}.kind", f"is missing: one of {', '.join(kinds)}")
    if kind not in kinds:
        _wrong(f"{place}.kind", f"there is no kind {kind!r}.{_meant(kind, kinds)} {_one_of(kinds)}")
    return EngineSpec(
        name=name,
        kind=kind,
        api_keys=_texts(fields, "api_keys", place, secret=True),
        base_url=_address(_text(fields, "base_url", place), f"{place}.base_url"),
        project=_text(fields, "project", place),
        location=_text(fields, "location", place),
        credentials=_text(fields, "credentials", place),
        profile=_text(fields, "profile", place),
        price=_price(fields, place),
        options={each: fields[each] for each in fields if each not in _ENGINE_FIELDS},
        origin=origin,
    )


def route(
    value: object,
    *,
    id: str,
    engines: Collection[str] | None,
    place: str = "",
    origin: str = "",
) -> Route:
    """One ``[[routes]]``; ``engines`` are the names there are, None for any name. Raises
    ``SettingsError``."""
    fields = _fields(value, place)
    _known(fields, _ROUTE_FIELDS, place)
    models = tuple(
        model.removeprefix("models/").strip() for model in _texts(fields, "model", place)
    )
    if not models:
        _wrong(_at(place, "model"), 'is missing: a model\'s id, an alias, or a glob such as "*"')
    found = {
        field: _condition(fields, name, place, words)
        for name, (field, words) in _CONDITIONS.items()
    }
    return Route(
        id=id,
        models=models,
        targets=_targets(fields, _at(place, "engines"), engines),
        upstream_model=_text(fields, "upstream_model", place),
        price=_price(fields, place),
        origin=origin,
        **found,
    )


def named(value: object) -> frozenset[str]:
    """The engines that a route names, as far as it can be read."""
    given = value.get("engines", ()) if _is_table(value) else ()
    targets = given if isinstance(given, list | tuple) else (given,)
    return frozenset(
        str(each.get("engine") if _is_table(each) else each) for each in targets if each
    )


def _targets(
    fields: Mapping[str, object], place: str, engines: Collection[str] | None
) -> tuple[Target, ...]:
    given = fields.get("engines", [])
    values = [given] if isinstance(given, str) or _is_table(given) else given
    if not isinstance(values, list | tuple) or not values:
        _wrong(place, 'must name one engine or more, as ["studio", "relay"]')
    targets = tuple(
        _target(value, f"{place}[{number}]", engines) for number, value in enumerate(values)
    )
    for number, target in enumerate(targets):
        if target.engine in {before.engine for before in targets[:number]}:
            _wrong(f"{place}[{number}]", f"{target.engine!r} is named twice")
    weighed = [target for target in targets if target.weight is not None]
    if weighed and len(weighed) < len(targets):
        first = next(number for number, each in enumerate(targets) if each.weight is None)
        _wrong(
            f"{place}[{first}]",
            "has no weight and others have: give each one, or none, which keeps the order",
        )
    return targets


def _target(value: object, place: str, engines: Collection[str] | None) -> Target:
    fields = {"engine": value} if isinstance(value, str) else _fields(value, place)
    _known(fields, _TARGET_FIELDS, place)
    name = _text(fields, "engine", place)
    if engines is not None and name not in engines:
        known = f" Engines: {', '.join(engines)}." if engines else " No engine is defined."
        _wrong(place, f"there is no engine {name[:80]!r}.{_meant(name, engines) or known}")
    weight = fields.get("weight")
    if weight is not None and (
        isinstance(weight, bool) or not isinstance(weight, int) or not 0 < weight <= _MOST_WEIGHT
    ):
        _wrong(f"{place}.weight", f"must be a whole number from 1 to {_MOST_WEIGHT}")
    return Target(name, weight, _text(fields, "upstream_model", place))


def _condition(
    fields: Mapping[str, object], name: str, place: str, words: Sequence[str]
) -> tuple[str, ...]:
    given = _texts(fields, name, place)
    by_lower = {word.lower(): word for word in words}
    for number, word in enumerate(given):
        if words and word.lower() not in by_lower:
            at = _at(place, name) + (f"[{number}]" if len(given) > 1 else "")
            _wrong(at, f"there is no {name} {word[:80]!r}.{_meant(word, words)} {_one_of(words)}")
    return tuple(by_lower.get(word.lower(), word) for word in given)


def _price(fields: Mapping[str, object], place: str) -> Price | None:
    given = fields.get("price")
    if given is None:
        return None
    at = _at(place, "price")
    if given in (LIST, FREE):
        return Price(kind=str(given))
    if not _is_table(given) or not given:
        _wrong(
            at,
            f'must be "{LIST}", "{FREE}", or dollars in a table: {{ image = 0.04 }} a picture, or '
            "{ input = 2, output = 12, image_output = 120 } a million tokens",
        )
    _known(given, frozenset(RATES), at)
    rates = {name: _dollars(value, f"{at}.{name}") for name, value in given.items()}
    return Price(kind="own", **rates)


def _dollars(value: object, place: str) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise ValueError
        amount = Decimal(str(value))
        if not amount.is_finite() or amount < 0:
            raise ValueError
    except (ValueError, InvalidOperation):
        _wrong(place, "must be an amount of dollars, as 0.04")
    return amount


def _fields(value: object, place: str) -> Mapping[str, object]:
    if not _is_table(value):
        _wrong(place, "must be a table")
    return value


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def _known(fields: Iterable[str], names: Collection[str], place: str) -> None:
    for name in fields:
        if name not in names:
            meant = _meant(name, names) or f" There are: {', '.join(sorted(names))}."
            _wrong(_at(place, name[:80]), f"there is no such name.{meant}")


def _text(fields: Mapping[str, object], name: str, place: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        _wrong(_at(place, name), "must be a text")
    return value.strip()


def _texts(
    fields: Mapping[str, object], name: str, place: str, *, secret: bool = False
) -> tuple[str, ...]:
    """A list of texts, or one text by itself; an empty text in it is a mistake."""
    given = fields.get(name, [])
    values = [given] if isinstance(given, str) else given
    if not isinstance(values, list | tuple):
        _wrong(_at(place, name), "must be a text, or a list of texts")
    for number, value in enumerate(values):
        if not isinstance(value, str) or not value.strip():
            _wrong(f"{_at(place, name)}[{number}]", "must be a text that is not empty")
        if value in values[:number]:
            said = "it" if secret else repr(value[:80])
            _wrong(f"{_at(place, name)}[{number}]", f"{said} stands there twice")
    return tuple(value.strip() for value in values)


def _address(value: str, place: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right:
        _wrong(place, "must be an address like https://images.example")
    if parts.username is not None or parts.query or parts.fragment:
        _wrong(place, "must have no password, no ? and no #: a key belongs into api_keys")
    return value.rstrip("/")


def _meant(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), list(names), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _one_of(words: Iterable[str]) -> str:
    return f"There are: {', '.join(words)}."


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _wrong(place: str, why: str) -> NoReturn:
    end = "" if why.endswith((".", "?")) else "."
    message = f"{place}: {why}{end}" if place else f"{why}{end}"
    raise SettingsError(message, field=place or None)
