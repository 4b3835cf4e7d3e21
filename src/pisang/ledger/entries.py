"""Reads the entries of the ledger: what happened to which money, newest first, page by page."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.store.schema import entries


class Kind(StrEnum):
    """What an entry is of."""

    HOLD = "hold"  # money was set aside
    POST = "post"  # a request was charged, and its hold freed
    VOID = "void"  # a hold was freed without a charge
    EXPIRE = "expire"  # the same, because nobody settled it in time
    TOP_UP = "top_up"  # money was added
    ADJUST = "adjust"  # a correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. ``amount`` is what was held, charged, freed or granted, ``cost`` what the engine
    asks for a request, ``absorbed`` what a cap did not let pay; ``components`` sum to the amount
    and what was absorbed, and ``rates`` are those they were computed by (``catalog/charges.py``).
    ``requests`` is how many have ended with it: none with the second and later pictures of one.
    """

    id: str
    project_id: str
    key_id: str
    kind: Kind
    hold_id: str
    resolves: str | None
    request_id: str
    reference: str | None
    amount: Money
    cost: Money
    absorbed: Money
    rehearsal: bool
    requests: int
    model: str
    engine: str
    surface: str
    tier: str
    size: str
    finish: str
    price: str
    usage: Usage | None
    components: Mapping[str, Money]
    rates: Mapping[str, str]
    labels: Mapping[str, str]
    note: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries; what is None or empty is not asked for. ``start`` is the first moment,
    ``end`` the first that is no more wanted, in UTC without a zone."""

    projects: Collection[str] | None = None
    key_id: str = ""
    kinds: Collection[str] = ()
    request_id: str = ""
    model: str = ""
    engine: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries; ``next`` is where those after them begin, None where there are no more."""

    entries: tuple[Entry, ...]
    next: str | None = None


async def listed(
    connection: AsyncConnection, wanted: Filter, *, most: int = 100, before: str | None = None
) -> Page:
    """The newest entries, or those before the ``next`` of a page."""
    query = matching(wanted).order_by(entries.c.id.desc()).limit(most + 1)
    if before:
        query = query.where(entries.c.id < before)
    found = [entry(row) for row in await connection.execute(query)]
    return Page(tuple(found[:most]), found[most - 1].id if len(found) > most else None)


def matching(wanted: Filter) -> Select[Any]:
    """The query for what is wanted, in no order."""
    query = select(entries)
    for column, value in (
        (entries.c.key_id, wanted.key_id),
        (entries.c.request_id, wanted.request_id),
        (entries.c.model, wanted.model),
        (entries.c.engine, wanted.engine),
    ):
        if value:
            query = query.where(column == value)
    if wanted.projects is not None:
        query = query.where(entries.c.project_id.in_(wanted.projects))
    if wanted.kinds:
        query = query.where(entries.c.kind.in_(wanted.kinds))
    if wanted.start is not None:
        query = query.where(entries.c.at >= wanted.start)
    if wanted.end is not None:
        query = query.where(entries.c.at < wanted.end)
    return query


def entry(row: Row[Any]) -> Entry:
    """A row as an entry. Raises ``ValueError`` or ``TypeError`` for one that was not written by
    us."""
    usage = json.loads(row.usage)
    return Entry(
        id=row.id,
        project_id=row.project_id,
        key_id=row.key_id,
        kind=Kind(row.kind),
        hold_id=row.hold_id,
        resolves=row.resolves,
        request_id=row.request_id,
        reference=row.reference,
        amount=Money(row.amount),
        cost=Money(row.cost),
        absorbed=Money(row.absorbed),
        rehearsal=bool(row.rehearsal),
        requests=row.requests,
        model=row.model,
        engine=row.engine,
        surface=row.surface,
        tier=row.tier,
        size=row.size,
        finish=row.finish,
        price=row.price,
        usage=Usage(**usage) if usage else None,
        components={name: Money(value) for name, value in json.loads(row.components).items()},
        rates=json.loads(row.rates),
        labels=json.loads(row.labels),
        note=row.note,
        actor=row.actor,
        at=row.at,
    )
