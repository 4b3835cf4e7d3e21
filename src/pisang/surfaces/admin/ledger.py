"""``/admin/v1/ledger``: what projects have and were charged; top-ups, corrections, and whether the
books are right."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts.projects import Project
from pisang.accounts.terms import terms_of
from pisang.core.errors import MalformedRequest
from pisang.core.money import Money
from pisang.core.roles import Action
from pisang.core.terms import Billing
from pisang.ledger import balance as balances
from pisang.ledger import budgets, desk, entries
from pisang.ledger.balance import RunningHold
from pisang.ledger.entries import Entry, Filter, Kind
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.records import records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_FILTERS: Final = ("project", "key_id", "kind", "request", "model", "engine", "from", "to")
_GRANT: Final = ("project", "amount_usd", "note", "reference")


async def balance(call: Request) -> Response:
    """What a project has: `available_usd` (null where nothing caps it), `held_usd`, `posted_usd`;
    `rehearsal_usd` of what is posted is a rehearsal, not a bill."""
    asked = fields.query(call, ("project",))
    _, project = await asking.authorised(call, Action.LEDGER_GET, fields.needed(asked, "project"))
    async with records(call).database.read() as connection:
        return asking.answer(await _balance(connection, project))


async def list_entries(call: Request) -> Response:
    """Entries, newest first: of a `project`, `key_id`, `request`, `model`, `engine` or `kind`, and
    of a time (`from`, `to`)."""
    asked = fields.query(call, (*_FILTERS, *fields.PAGED))
    _, where = await asking.reach(call, Action.LEDGER_GET, fields.text(asked, "project"))
    size, token = fields.page(asked)
    kind = fields.word(asked, "kind", Kind)
    wanted = Filter(
        projects=where,
        key_id=fields.text(asked, "key_id"),
        kinds=(kind.value,) if kind else (),
        request_id=fields.text(asked, "request"),
        model=fields.text(asked, "model"),
        engine=fields.text(asked, "engine"),
        start=fields.time(asked, "from"),
        end=fields.time(asked, "to"),
    )
    async with records(call).database.read() as connection:
        page = await entries.listed(connection, wanted, most=size, before=token or None)
        names = await asking.names(connection)
    found = [_entry(each, names) for each in page.entries]
    return asking.listing("entries", found, page.next or "")


async def list_holds(call: Request) -> Response:
    """Money that is set aside now for requests that run, oldest first."""
    asked = fields.query(call, ("project",))
    _, where = await asking.reach(call, Action.LEDGER_GET, fields.text(asked, "project"))
    async with records(call).database.read() as connection:
        found = await balances.running(connection, where)
        names = await asking.names(connection)
    return asking.listing("holds", [_hold(each, names) for each in found])


async def top_up(call: Request) -> Response:
    """Adds `amount_usd` to a project's balance; the same `reference` counts only once."""
    return await _granted(call, Kind.TOP_UP)


async def adjust(call: Request) -> Response:
    """Corrects a project's balance by `amount_usd`, up or down; `note` says why."""
    return await _granted(call, Kind.ADJUST)


async def _granted(call: Request, kind: Kind) -> Response:
    sent = await fields.read(call, _GRANT)
    asks, project = await asking.authorised(
        call, Action.LEDGER_TOP_UP, fields.needed(sent, "project")
    )
    amount = fields.amount(sent, "amount_usd", signed=kind is Kind.ADJUST)
    note = fields.text(sent, "note", most=500)
    reference = fields.text(sent, "reference", most=120) or None
    if kind is Kind.ADJUST and not note:
        raise MalformedRequest("note is missing: say why the balance is corrected.", field="note")
    if not amount:
        raise MalformedRequest("amount_usd must not be 0.", field="amount_usd")
    inside = records(call)
    least = Money.of(inside.settings.least_top_up)
    if kind is Kind.TOP_UP and amount < least:
        raise MalformedRequest(
            f"A top-up is {least} at least here: the setting least_top_up says so.",
            field="amount_usd",
        )
    async with desk.opened(inside.database, sweep_seconds=None) as opened:
        grant = opened.top_up if kind is Kind.TOP_UP else opened.adjust
        done = await grant(project.id, amount, actor=asks.name, reference=reference, note=note)
    async with inside.database.write() as connection:
        if not done.repeated:
            await asking.changed(
                call,
                connection,
                Action.LEDGER_TOP_UP,
                target=f"entries/{done.entry_id}",
                project_id=project.id,
                after={"kind": kind.value, "amount_usd": fields.usd(amount), "note": note},
            )
        left = await _balance(connection, project)
    return asking.answer(
        {
            "id": done.entry_id,
            "kind": kind.value,
            "project": project.name,
            "amount_usd": fields.usd(done.amount),
            "repeated": done.repeated,
            "balance": left,
        },
        200 if done.repeated else 201,
    )


async def _balance(connection: "AsyncConnection", project: Project) -> dict[str, Any]:
    found = await balances.balance(connection, project.id)
    return {
        "project": project.name,
        "billing": project.billing.value,
        "available_usd": fields.usd(await _available(connection, project, found.available)),
        "held_usd": fields.usd(found.held),
        "posted_usd": fields.usd(found.posted),
        "granted_usd": fields.usd(found.granted),
        "rehearsal_usd": fields.usd(found.rehearsal),
    }


async def _available(
    connection: "AsyncConnection", project: Project, balance: Money
) -> Money | None:
    """What a project may still spend: its balance, or what is left of its tightest budget; None
    where it pays afterwards and nothing caps it."""
    if project.billing is Billing.PREPAID:
        return balance
    terms = await terms_of(
        connection, project.id, project.tier, project.billing, str(project.markup), ""
    )
    caps = [each for each in terms.budgets if each.enforced]
    left = [each.left for each in await budgets.use(connection, caps, at=time.time())]
    return min(left, default=None)


def _entry(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": fields.shown(entry.at),
        "kind": entry.kind.value,
        "project": names.get(entry.project_id, entry.project_id),
        "key_id": entry.key_id or None,
        "request_id": entry.request_id or None,
        "hold_id": entry.hold_id or None,
        "amount_usd": fields.usd(entry.amount),
        "cost_usd": fields.usd(entry.cost),
        "absorbed_usd": fields.usd(entry.absorbed),
        "rehearsal": entry.rehearsal,
        "requests": entry.requests,
        "model": entry.model or None,
        "engine": entry.engine or None,
        "surface": entry.surface or None,
        "tier": entry.tier or None,
        "size": entry.size or None,
        "finish": entry.finish or None,
        "price": entry.price or None,
        "usage": _used(entry),
        "components_usd": {name: fields.usd(value) for name, value in entry.components.items()},
        "rates": dict(entry.rates),
        "labels": dict(entry.labels),
        "reference": entry.reference,
        "note": entry.note or None,
        "actor": entry.actor or None,
    }


def _used(entry: Entry) -> dict[str, int] | None:
    if entry.usage is None:
        return None
    return {name: getattr(entry.usage, name) for name in entry.usage.__dataclass_fields__}


def _hold(hold: RunningHold, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": hold.id,
        "project": names.get(hold.project_id, hold.project_id),
        "key_id": hold.key_id,
        "request_id": hold.request_id,
        "model": hold.model,
        "amount_usd": fields.usd(hold.amount),
        "created_at": fields.shown(hold.created_at),
        "expires_at": fields.shown(hold.expires_at),
    }


ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/ledger/balance", asking.told(balance), methods=("GET",)),
    Route("/admin/v1/ledger/entries", asking.told(list_entries), methods=("GET",)),
    Route("/admin/v1/ledger/holds", asking.told(list_holds), methods=("GET",)),
    Route("/admin/v1/ledger/top-ups", asking.told(top_up), methods=("POST",)),
    Route("/admin/v1/ledger/adjustments", asking.told(adjust), methods=("POST",)),
)
