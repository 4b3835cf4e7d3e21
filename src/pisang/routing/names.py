"""Is there a model, or an engine, of the name that somebody limits something to?

A limit for a mistyped model would never count, and a key for a mistyped engine would be refused for
each request; neither would ever say why. So a name must be one of the catalog's or of the route
table's, and a pattern must fit one. Only a name that a pattern of a route (``*``) lets through to
an upstream may be right though nobody here knows it: that one passes, with a sentence of warning.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from pisang.catalog.models import Catalog
from pisang.core.errors import MalformedRequest
from pisang.core.names import meant
from pisang.routing import environment
from pisang.routing.plan import IN_PROCESS, is_glob
from pisang.routing.table import Table

ANY: Final = "*"
_LONGEST: Final = 80  # of what somebody wrote and an error repeats
_ALWAYS: Final = frozenset({environment.SKETCH.name, *environment.NAMES})
"""Engines that variables of the environment make. A command may have other variables than the
server, so these names are always taken."""


@dataclass(frozen=True, slots=True)
class Names:
    """``models`` are the ids and patterns of routes to upstreams: an engine of ours draws those of
    the catalog only."""

    engines: frozenset[str]
    models: frozenset[str]


def names_of(table: Table) -> Names:
    """The names that there are in a route table."""
    of_routes = {target.engine for route in table.routes for target in route.targets}
    ours = {name for name, spec in table.engines.items() if spec.kind in IN_PROCESS}
    models = {
        model
        for route in table.routes
        if any(target.engine not in ours for target in route.targets)
        for model in route.models
    }
    return Names(frozenset(table.engines) | of_routes | _ALWAYS, frozenset(models))


def check_model(written: str, names: Names, models: Catalog, *, field: str) -> str:
    """A warning where only an upstream may know the model, else nothing. ``written`` may be a
    pattern of several. Raises ``MalformedRequest``."""
    exact = {*models.names, *(name for name in names.models if not is_glob(name))}
    if written == ANY or written in exact | names.models or _fits(written, exact):
        return ""
    near = meant(written.strip("*?"), exact)
    shown = written[:_LONGEST]
    if any(is_glob(pattern) and _overlap(written, pattern) for pattern in names.models):
        return (
            f"The catalog does not know the model {shown!r}; a route lets it pass to an upstream, "
            f"which may know it by just this name.{near}"
        )
    raise MalformedRequest(
        f"There is no model {shown!r} here{_pattern(written)}.{near} `pisang models` lists those "
        "there are; a route lets others pass to an upstream: pisang routes add MODEL --engine "
        "NAME.",
        field=field,
    )


def check_engine(written: str, names: Names, *, field: str) -> None:
    """Raises ``MalformedRequest`` for an engine that there is not; ``written`` may be a pattern of
    several."""
    if written == ANY or written in names.engines or _fits(written, names.engines):
        return
    raise MalformedRequest(
        f"There is no engine {written[:_LONGEST]!r} here{_pattern(written)}."
        f"{meant(written.strip('*?'), names.engines)} Engines: {', '.join(sorted(names.engines))}. "
        "`pisang routes list` shows them; one is made in the settings: [engines.NAME].",
        field=field,
    )


def _fits(pattern: str, names: Iterable[str]) -> bool:
    return is_glob(pattern) and any(fnmatchcase(name, pattern) for name in names)


def _overlap(one: str, other: str) -> bool:
    """Whether some name fits both of two patterns: both are gone through together, a star for as
    many letters of the other as there may be."""
    begun, seen = [(0, 0)], set[tuple[int, int]]()
    while begun:
        at, to = place = begun.pop()
        if place == (len(one), len(other)):
            return True
        if place in seen:
            continue
        seen.add(place)
        a, b = one[at : at + 1], other[to : to + 1]
        if ANY in (a, b):
            begun += [(at + 1, to)] if a else []
            begun += [(at, to + 1)] if b else []
        elif a and b and (a == b or "?" in (a, b)):
            begun.append((at + 1, to + 1))
    return False


def _pattern(written: str) -> str:
    return ", nor one that fits it" if is_glob(written) else ""
