"""Makes the route table of what a person wrote, or says where that is wrong.

The same tables come from the settings file, from the admin API and from the command line. Each
mistake is a ``SettingsError`` that names the place (``routes[1].engines[0]``) and what would be
right; it never repeats what may be a secret.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from pisang.core.names import meant
from pisang.core.request import ServiceTier
from pisang.engines.registry import BUILT_IN
from pisang.routing import pricing
from pisang.routing.table import EngineSpec, Route, Table, Target
from pisang.routing.written import (
    check_names,
    is_table,
    one_of,
    spot,
    table_of,
    text_of,
    texts_of,
    wrong,
)

KINDS: Final = tuple(BUILT_IN)
SIZES: Final = ("512", "1K", "2K", "4K")
TIERS: Final = tuple(tier.value for tier in ServiceTier)
SURFACES: Final = ("gemini_api", "vertex")

_ENGINE_FIELDS: Final = frozenset(
    {
        "kind",
        "api_keys",
        "base_url",
        "project",
        "location",
        "credentials",
        "profile",
        "price",
        "markup",
        "free_searches",
    }
)
_CONDITIONS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "size": ("sizes", SIZES),
    "tier": ("tiers", TIERS),
    "project": ("projects", ()),
    "location": ("locations", ()),
    "surface": ("surfaces", SURFACES),
}
"""Name in a table -> field of a ``Route``, and the words there are; none: any word."""
_ROUTE_FIELDS: Final = frozenset(
    {"model", "engines", "upstream_model", "price", "markup", *_CONDITIONS}
)
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
        wrong(
            "engines",
            f"{name[:80]!r} is no name: 1 to 63 letters, digits, points, hyphens and underscores",
        )
    fields = table_of(value, place)
    kind = text_of(fields, "kind", place)
    if not kind:
        wrong(f"{place}.kind", f"is missing: one of {', '.join(kinds)}")
    if kind not in kinds:
        wrong(f"{place}.kind", f"there is no kind {kind!r}.{meant(kind, kinds)} {one_of(kinds)}")
    return EngineSpec(
        name=name,
        kind=kind,
        api_keys=texts_of(fields, "api_keys", place, secret=True),
        base_url=_address(text_of(fields, "base_url", place), f"{place}.base_url"),
        project=text_of(fields, "project", place),
        location=text_of(fields, "location", place),
        credentials=text_of(fields, "credentials", place),
        profile=text_of(fields, "profile", place),
        price=pricing.price(fields, place),
        markup=pricing.markup(fields, place),
        free_searches=pricing.free_searches(fields, place),
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
    fields = table_of(value, place)
    check_names(fields, _ROUTE_FIELDS, place)
    models = tuple(
        model.removeprefix("models/").strip() for model in texts_of(fields, "model", place)
    )
    if not models:
        wrong(spot(place, "model"), 'is missing: a model\'s id, an alias, or a glob such as "*"')
    found = {
        field: _condition(fields, name, place, words)
        for name, (field, words) in _CONDITIONS.items()
    }
    return Route(
        id=id,
        models=models,
        targets=_targets(fields, spot(place, "engines"), engines),
        upstream_model=text_of(fields, "upstream_model", place),
        price=pricing.price(fields, place),
        markup=pricing.markup(fields, place),
        origin=origin,
        **found,
    )


def named(value: object) -> frozenset[str]:
    """The engines that a route names, as far as it can be read."""
    given = value.get("engines", ()) if is_table(value) else ()
    targets = given if isinstance(given, list | tuple) else (given,)
    return frozenset(
        str(each.get("engine") if is_table(each) else each) for each in targets if each
    )


def _targets(
    fields: Mapping[str, object], place: str, engines: Collection[str] | None
) -> tuple[Target, ...]:
    given = fields.get("engines", [])
    values = [given] if isinstance(given, str) or is_table(given) else given
    if not isinstance(values, list | tuple) or not values:
        wrong(place, 'must name one engine or more, as ["studio", "relay"]')
    targets = tuple(
        _target(value, f"{place}[{number}]", engines) for number, value in enumerate(values)
    )
    for number, target in enumerate(targets):
        if target.engine in {before.engine for before in targets[:number]}:
            wrong(f"{place}[{number}]", f"{target.engine!r} is named twice")
    weighed = [target for target in targets if target.weight is not None]
    if weighed and len(weighed) < len(targets):
        first = next(number for number, each in enumerate(targets) if each.weight is None)
        wrong(
            f"{place}[{first}]",
            "has no weight and others have: give each one, or none, which keeps the order",
        )
    return targets


def _target(value: object, place: str, engines: Collection[str] | None) -> Target:
    fields = {"engine": value} if isinstance(value, str) else table_of(value, place)
    check_names(fields, _TARGET_FIELDS, place)
    name = text_of(fields, "engine", place)
    if engines is not None and name not in engines:
        known = f" Engines: {', '.join(engines)}." if engines else " No engine is defined."
        wrong(place, f"there is no engine {name[:80]!r}.{meant(name, engines) or known}")
    weight = fields.get("weight")
    if weight is not None and (
        isinstance(weight, bool) or not isinstance(weight, int) or not 0 < weight <= _MOST_WEIGHT
    ):
        wrong(f"{place}.weight", f"must be a whole number from 1 to {_MOST_WEIGHT}")
    return Target(name, weight, text_of(fields, "upstream_model", place))


def _condition(
    fields: Mapping[str, object], name: str, place: str, words: Sequence[str]
) -> tuple[str, ...]:
    given = texts_of(fields, name, place)
    by_lower = {word.lower(): word for word in words}
    for number, word in enumerate(given):
        if words and word.lower() not in by_lower:
            at = spot(place, name) + (f"[{number}]" if len(given) > 1 else "")
            wrong(at, f"there is no {name} {word[:80]!r}.{meant(word, words)} {one_of(words)}")
    return tuple(by_lower.get(word.lower(), word) for word in given)


def _address(value: str, place: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right:
        wrong(place, "must be an address like https://images.example")
    if parts.username is not None or parts.query or parts.fragment:
        wrong(place, "must have no password, no ? and no #: a key belongs into api_keys")
    return value.rstrip("/")
