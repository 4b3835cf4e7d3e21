"""Puts the route table together: what the admin API made, the settings file, the environment.

Routes of the admin API come first, so that an operator can act without touching a file. What the
environment has a key for stands last, as long as the file has no routes. The built-in engine draws
only where there is no route at all and no engine in the file, or where a route names it: whoever
has set up an engine must never get sketches because of a mistake.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pisang.routing import environment, read
from pisang.routing.environment import NO_DEFAULTS, SKETCH, Defaults
from pisang.routing.read import KINDS, Written
from pisang.routing.table import Table

ORIGIN: Final = "the settings"


@dataclass(frozen=True, slots=True)
class Assembled:
    """The table, and what was left aside of the environment, as sentences."""

    table: Table
    notes: tuple[str, ...] = ()


def assemble(
    engines: Mapping[str, object],
    routes: Sequence[object],
    *,
    environ: Mapping[str, str],
    kept: Written | None = None,
    kinds: Collection[str] = KINDS,
    defaults: Defaults | None = None,
) -> Assembled:
    """``engines`` and ``routes`` are the settings, ``kept`` is of the admin API; ``defaults`` stand
    in for the environment.

    A route may name ``sketch``, and ``google`` or ``vertex`` where the environment has them, though
    no engine of that name was written anywhere. Raises ``SettingsError``.
    """
    written = [each for each in (kept, Written(ORIGIN, engines, routes)) if each]
    named = frozenset[str]().union(*(read.named(each) for one in written for each in one.routes))
    wanted = not routes or not named.isdisjoint(environment.NAMES)
    if defaults is None:
        defaults = environment.defaults(environ) if wanted else NO_DEFAULTS
    offered = {SKETCH.name: SKETCH, **defaults.table.engines}
    found = read.table(*written, kinds=kinds, given=offered)
    standing = defaults.table.routes
    if routes or (defaults.sketches and (engines or found.routes)):
        standing = ()
    used = named.union(target.engine for route in standing for target in route.targets)
    kept_or_used = {
        name: spec
        for name, spec in found.engines.items()
        if name in used or spec is not offered.get(name)
    }
    return Assembled(
        Table(kept_or_used, (*found.routes, *standing)), () if routes else defaults.notes
    )
