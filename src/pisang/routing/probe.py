"""Asks engines for something that costs nothing, to see whether address, key and model are right.

An engine that answers is let back in, whatever was held against it: that is how an operator says
that the bill is paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pisang.catalog.models import catalog
from pisang.engines.base import UpstreamFault, is_upstream
from pisang.routing.router import Router
from pisang.routing.table import Table
from pisang.routing.triage import triage

USUAL: Final = "gemini-3.1-flash-image"
"""The model that is asked for where no route to an engine names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What one key of an engine answered. ``kind`` and ``advice`` are empty where all was well,
    ``detail`` is what the upstream said otherwise; ``readmitted`` is whether it had been out."""

    engine: str
    key: int
    model: str
    kind: str = ""
    advice: str = ""
    detail: str = ""
    readmitted: bool = False

    @property
    def ok(self) -> bool:
        return not self.kind


async def probe(router: Router, engine: str, model: str = "") -> Sequence[Probed]:
    """Asks every key of an engine. ``model`` is what the upstream calls it; without it, one that a
    route has."""
    model = model or _model(router.table, engine)
    return [
        await _one(router, engine, number, model) for number in range(len(router.members(engine)))
    ]


async def _one(router: Router, engine: str, number: int, model: str) -> Probed:
    member = router.members(engine)[number]
    if is_upstream(member):
        try:
            await member.probe(model)
        except UpstreamFault as fault:
            found = triage(fault.symptom)
            return Probed(
                engine=engine,
                key=number,
                model=model,
                kind=found.kind.value,
                advice=found.advice,
                detail=fault.symptom.detail,
            )
    back = router.readmit(engine, number)
    return Probed(engine=engine, key=number, model=model, readmitted=back > 0)


def _model(table: Table, engine: str) -> str:
    """What an upstream is asked for by the first route that names one model of it."""
    for route in table.routes:
        for target in route.targets:
            if target.engine != engine:
                continue
            named = target.upstream_model or route.upstream_model
            plain = [model for model in route.models if not set(model) & set("*?[")]
            if named:
                return named
            if plain:
                card = catalog().get(plain[0])
                return card.id if card else plain[0]
    return USUAL
