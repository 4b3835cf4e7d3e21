"""Projects: what keys belong to, and what limits and money will count for."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import principals
from pisang.core import scopes
from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, FailedPrecondition, NotFound, RequestError
from pisang.core.ids import new_id
from pisang.core.names import meant
from pisang.core.terms import Billing
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import (
    access_tokens,
    audit,
    budgets,
    counters,
    deliveries,
    keys,
    ledger_accounts,
    limits,
    members,
    metadata,
    projects,
    service_account_keys,
    service_accounts,
    spending,
)

DEFAULT = "default"
MAX_NAME = 63
TIERS: Final = ("", "0", "1", "2", "3")
"""Google's usage tiers; "" has no limits."""

MOST_MARKUP: Final = Decimal(100)
_PLACE: Final = re.compile(r"[a-z0-9*?][a-z0-9*?-]{0,62}")


@dataclass(frozen=True, slots=True)
class Project:
    """``name`` and ``number`` (12 digits) are unique: Google's addresses name a project by either.
    ``id`` is what everything else refers to. ``locations`` are where its requests may go (empty:
    anywhere), ``fault`` is one that all of its answers have. ``markup`` is added to what an engine
    costs (0.2 is a fifth). ``audit_content`` lets prompts into the audit log, ``block_dormant``
    blocks keys that are not restricted and were not used for long."""

    id: str
    name: str
    number: str
    locations: tuple[str, ...] = ()
    fault: str = ""
    created_at: datetime | None = None
    billing: Billing = Billing.POSTPAID
    tier: str = ""
    markup: Decimal = Decimal(0)
    audit_content: bool = False
    block_dormant: bool = False
    suspended_at: datetime | None = None

    @property
    def names(self) -> frozenset[str]:
        """All that it may be called."""
        return frozenset({self.id, self.name, self.number})


async def ensure(connection: AsyncConnection, name: str) -> Project:
    """The project of this name, made if it is new. Call it inside a write transaction."""
    return await _get(connection, name) or await _make(connection, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants a project to be; what is None stays as it is."""

    locations: Sequence[str] | None = None
    fault: str | None = None
    billing: Billing | None = None
    tier: str | None = None
    markup: Decimal | str | None = None
    audit_content: bool | None = None
    block_dormant: bool | None = None

    def values(self) -> dict[str, Any]:
        """The columns that it sets. Raises ``RequestError`` for what cannot be."""
        found: dict[str, Any] = {
            "locations": None
            if self.locations is None
            else ",".join(checked_places(self.locations)),
            "fault": self.fault,
            "billing": None if self.billing is None else self.billing.value,
            "tier": None if self.tier is None else checked_tier(self.tier),
            "markup": None if self.markup is None else str(checked_markup(self.markup)),
            "audit_content": self.audit_content,
            "block_dormant": self.block_dormant,
        }
        return {name: value for name, value in found.items() if value is not None}


AS_IT_IS: Final = Wish()


async def create(
    connection: AsyncConnection,
    name: str,
    *,
    wish: Wish = AS_IT_IS,
    locations: Sequence[str] | None = None,
    fault: str | None = None,
) -> Project:
    """Makes a new project. Call it inside a write transaction. Raises ``AlreadyExists`` for a name
    that is taken, and ``RequestError`` for a place that is none. ``locations`` and ``fault`` are
    those of the wish."""
    if await _get(connection, name):
        raise AlreadyExists(
            f"There is a project {name!r} already. `pisang projects update` changes it.",
            field="project",
        )
    values = wish.values() | Wish(locations=locations, fault=fault).values()
    return await _make(connection, name, values=values)


async def change(
    connection: AsyncConnection,
    name: str,
    *,
    wish: Wish = AS_IT_IS,
    locations: Sequence[str] | None = None,
    fault: str | None = None,
) -> Project:
    """Changes a project, from its next request on. Call it inside a write transaction. Raises
    ``NotFound``."""
    found = await find(connection, name)
    values = wish.values() | Wish(locations=locations, fault=fault).values()
    if values:
        await connection.execute(update(projects).where(projects.c.id == found.id).values(**values))
        await count(connection, CREDENTIALS)
    return await find(connection, found.id)


async def suspend(connection: AsyncConnection, name: str) -> Project:
    """Switches a project off: its requests are refused until it is resumed. Nothing of it is lost.
    Call it inside a write transaction. Raises ``NotFound``."""
    return await _suspended(connection, name, at=now())


async def resume(connection: AsyncConnection, name: str) -> Project:
    """Switches it on again; as ``suspend``."""
    return await _suspended(connection, name, at=None)


async def remove(connection: AsyncConnection, name: str) -> Project:
    """Deletes a project with its keys, accounts, members, limits and budgets. Call it inside a
    write transaction.

    Raises ``NotFound``, and ``FailedPrecondition`` where something is left that must not be lost:
    entries of the ledger, files, pictures, conversations; such a project is suspended instead.
    """
    found = await find(connection, name)
    if found.name == DEFAULT:
        raise FailedPrecondition("The default project cannot be deleted; it can be suspended.")
    for table in metadata.sorted_tables:
        if "project_id" not in table.c or table in _GOES_WITH_IT:
            continue
        left = select(func.count()).select_from(table).where(table.c.project_id == found.id)
        if number := await connection.scalar(left):
            raise FailedPrecondition(
                f"Project {found.name!r} still has {number} {table.name.replace('_', ' ')}, which "
                "would be lost. Suspend it instead."
            )
    await _empty(connection, found)
    await connection.execute(delete(projects).where(projects.c.id == found.id))
    await count(connection, CREDENTIALS)
    return found


async def listed(connection: AsyncConnection) -> list[Project]:
    """Every project, oldest first."""
    query = select(projects).order_by(projects.c.id)
    return [_project(row) for row in await connection.execute(query)]


async def find(connection: AsyncConnection, name: str) -> Project:
    """The project of this name, id or number. Raises ``NotFound`` that lists those there are."""
    found = await _get(connection, name)
    if found:
        return found
    names = list(await connection.scalars(select(projects.c.name).order_by(projects.c.name)))
    known = ", ".join(names[:20]) or "none"
    raise NotFound(
        f"There is no project {name!r}.{meant(name, names)} Projects: {known}.", field="project"
    )


def places(kept: str) -> tuple[str, ...]:
    """Where a project's requests may go, as its row has it; empty is anywhere."""
    return tuple(place for place in kept.split(",") if place)


def checked_places(given: Sequence[str]) -> tuple[str, ...]:
    """Places as Google Cloud calls its regions (``europe-west4``), or globs of them (``europe-*``),
    as a project is bound to them. Raises ``RequestError`` for one that can be none."""
    found = tuple(dict.fromkeys(place.strip().lower() for place in given))
    for place in found:
        if not _PLACE.fullmatch(place):
            raise RequestError(
                f"{place[:80]!r} is no place: write it as europe-west4, or europe-* for several.",
                field="locations",
            )
    return found


def checked_tier(given: str) -> str:
    """One of ``TIERS``. Raises ``RequestError``."""
    if given not in TIERS:
        raise RequestError(
            f"{given[:20]!r} is no tier: 0 (free), 1, 2 or 3; empty for no limits.", field="tier"
        )
    return given


def checked_markup(given: Decimal | str) -> Decimal:
    """What is added to a price, as a fraction of it: 0.2 is a fifth. Raises ``RequestError``."""
    try:
        value = Decimal(given)
    except (InvalidOperation, ValueError):
        value = Decimal("NaN")
    if not value.is_finite() or not -1 <= value <= MOST_MARKUP or len(str(value)) > 24:
        raise RequestError(
            f"{str(given)[:24]!r} is no markup: write 0.2 for a fifth more, -0.1 for a tenth less "
            f"(-1 to {MOST_MARKUP}).",
            field="markup",
        )
    return value


def checked_name(name: str, *, what: str) -> str:
    """A name people can read and type. Raises ``RequestError`` for one that is not."""
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        raise RequestError(
            f"The name of a {what} has 1 to {MAX_NAME} letters and no space at its ends.",
            field=what,
        )
    return name


async def _get(connection: AsyncConnection, name: str) -> Project | None:
    query = select(projects).where(
        or_(projects.c.name == name, projects.c.id == name, projects.c.number == name)
    )
    row = (await connection.execute(query)).first()
    return _project(row) if row else None


async def _make(
    connection: AsyncConnection, name: str, *, values: dict[str, Any] | None = None
) -> Project:
    made = {
        "id": new_id("prj"),
        "name": checked_name(name, what="project"),
        "number": _new_number(),
        "created_at": now(),
    }
    await connection.execute(projects.insert().values(**made, **(values or {})))
    return await find(connection, str(made["id"]))


async def _suspended(connection: AsyncConnection, name: str, *, at: datetime | None) -> Project:
    found = await find(connection, name)
    if (found.suspended_at is None) == (at is None):
        return found
    row = projects.c.id == found.id
    await connection.execute(update(projects).where(row).values(suspended_at=at))
    await count(connection, CREDENTIALS)
    return await find(connection, found.id)


async def _empty(connection: AsyncConnection, project: Project) -> None:
    """Deletes what goes with a project, in the order in which it depends on each other."""
    own = {
        table: select(table.c.id).where(table.c.project_id == project.id)
        for table in (keys, service_accounts, budgets)
    }
    account_keys = select(service_account_keys.c.id).where(
        service_account_keys.c.account_id.in_(own[service_accounts])
    )
    await connection.execute(delete(access_tokens).where(access_tokens.c.key_id.in_(account_keys)))
    await connection.execute(
        delete(service_account_keys).where(
            service_account_keys.c.account_id.in_(own[service_accounts])
        )
    )
    await connection.execute(delete(spending).where(spending.c.budget_id.in_(own[budgets])))
    counted = [scopes.of_project(project.id)]
    counted += [scopes.of_key(id_) for id_ in await connection.scalars(own[keys])]
    await connection.execute(delete(limits).where(limits.c.scope.in_(counted)))
    await connection.execute(delete(counters).where(counters.c.subject.in_(counted)))
    emails = select(service_accounts.c.email).where(service_accounts.c.project_id == project.id)
    gone = [principals.of_account(email) for email in await connection.scalars(emails)]
    await connection.execute(delete(members).where(members.c.principal.in_(gone)))
    for table in (budgets, keys, service_accounts, members, ledger_accounts):
        await connection.execute(delete(table).where(table.c.project_id == project.id))


_GOES_WITH_IT: Final = frozenset(
    {keys, service_accounts, budgets, members, ledger_accounts, audit, deliveries}
)
"""What is deleted with a project, or is kept without it (the audit log, what hooks were told)."""


def _project(row: Row[Any]) -> Project:
    return Project(
        row.id,
        row.name,
        row.number,
        places(row.locations),
        row.fault,
        created_at=row.created_at,
        billing=Billing(row.billing),
        tier=row.tier,
        markup=markup_of(row.markup),
        audit_content=row.audit_content,
        block_dormant=row.block_dormant,
        suspended_at=row.suspended_at,
    )


def markup_of(kept: str) -> Decimal:
    """What is added to prices, as a row has it."""
    return Decimal(kept or 0)


def _new_number() -> str:
    """12 digits; two projects with the same are as likely as one chance in 900 billion."""
    return str(10**11 + secrets.randbelow(9 * 10**11))
