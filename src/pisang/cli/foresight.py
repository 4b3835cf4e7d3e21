"""What an engine of ours would use for a prompt, to the token, and what that would be billed at.

The prompt is read as the server reads it before it holds money; nothing is drawn. It is only known
where a route leads to such an engine: what an upstream will think, nobody can tell.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pisang import local
from pisang.admission import policy
from pisang.catalog.charges import Cost
from pisang.catalog.models import Card
from pisang.cli import asking
from pisang.core.errors import RequestError
from pisang.core.events import Usage
from pisang.core.request import ServiceTier
from pisang.explain import SECONDS, Asked, explain
from pisang.local import Staff
from pisang.metering.bill import is_rehearsal, markup_of, rates_of
from pisang.metering.worst import foreseen
from pisang.routing.plan import IN_PROCESS
from pisang.routing.read import Written
from pisang.routing.table import EngineSpec, Route
from pisang.settings import Settings
from pisang.store.folder import Folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What one request will use and cost by this engine; ``tier`` is the one that serves
    it, ``rehearsal`` whether nobody has to pay that."""

    engine: str
    usage: Usage
    cost: Cost
    tier: ServiceTier
    rehearsal: bool


async def foresee(
    prompt: str,
    cards: Iterable[Card],
    settings: Settings,
    *,
    size: str | None,
    tier: ServiceTier,
) -> Mapping[str, Foreseen]:
    """By the ids of those cards whose requests an engine of ours would serve and can foresee."""
    kept = await _kept(settings)
    table = local.table(settings, kept=kept).table
    asked = {card.id: explain(Asked(model=card.id, size=size, tier=tier), table) for card in cards}
    ours = {
        model: (each.card, each.looked[-1].route, each.engines[0].engine)
        for model, each in asked.items()
        if each.card and each.engines and each.engines[0].engine.kind in IN_PROCESS
    }
    found: dict[str, Foreseen] = {}
    if not ours:
        return found
    async with _staff(settings, kept) as staff:
        for model, (card, route, spec) in ours.items():
            usage = await _used(staff, spec, prompt, card, size=size)
            if usage is not None:
                served = tier if tier in card.tiers.get("gemini_api", ()) else ServiceTier.STANDARD
                found[model] = _billed(usage, card, route, spec, size=size, tier=served)
    return found


async def _used(
    staff: Staff, spec: EngineSpec, prompt: str, card: Card, *, size: str | None
) -> Usage | None:
    request = asking.request((asking.user_turn(prompt, ()),), model=card.id, size=size)
    try:
        canvas = policy.admit(request, card)
    except RequestError:  # it would be refused, and that is told when it is made
        return None
    members = staff.members.get(spec.name, ())
    return await foreseen(members[0], request, card=card, canvas=canvas) if members else None


def _billed(
    usage: Usage, card: Card, route: Route, spec: EngineSpec, *, size: str | None, tier: ServiceTier
) -> Foreseen:
    named = size or card.default_size
    priced = rates_of(card, tier, route=route, engine=spec, size=named)
    assert priced is not None  # a model of the catalog has a price
    usage = priced.rates.timed(usage, SECONDS)
    cost = priced.rates.cost(usage).marked_up(markup_of(route, spec))
    return Foreseen(
        engine=spec.name,
        usage=usage,
        cost=cost,
        tier=tier,
        rehearsal=is_rehearsal(route, spec),
    )


@asynccontextmanager
async def _staff(settings: Settings, kept: Written | None) -> AsyncIterator[Staff]:
    """The engines, for a look at what they would do: nothing is written, so any key will do."""
    key = secrets.token_bytes(32)
    made = local.staff(settings, Folder(settings.data), key, kept=kept, forgiving=True)
    try:
        yield made
    finally:
        for members in made.members.values():
            for engine in members:
                await engine.close()


async def _kept(settings: Settings) -> Written | None:
    """What the admin API made, as far as there is a data folder."""
    if not settings.postgres and not Folder(settings.data).database.is_file():
        return None
    from pisang.routing import kept  # with a database, which most machines that estimate have not
    from pisang.store.open import opened

    at = opened(settings.data, settings.postgres)
    async with at as (_, database), database.read() as connection:
        return (await kept.outline(connection)).written
