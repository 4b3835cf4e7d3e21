"""``/admin/v1/budgets``: how much projects and keys may spend in a time, what is spent of it, and
who is warned."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import keys
from pisang.accounts.projects import Project
from pisang.core.errors import MalformedRequest, NotFound
from pisang.core.roles import Action
from pisang.core.terms import Period
from pisang.hooks.signing import new_secret
from pisang.ledger import budgets
from pisang.ledger.budgets import BudgetUse, KeptBudget
from pisang.store.keyring import Keyring
from pisang.store.sealing import HOOK, identity, opened_keyring
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.records import Records, records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_FIELDS: Final = ("project", "key_id", "name", "amount_usd", "period", "enforced", "warn", "hook")
_MOST_ADDRESS: Final = 2_000


async def list_(call: Request) -> Response:
    """Budgets of a `project`, or of all that they may see, with what is spent, held and left;
    `rehearsal_usd` of what is spent is a rehearsal, not a bill."""
    asked = fields.query(call, ("project",))
    _, where = await asking.reach(call, Action.BUDGETS_LIST, fields.text(asked, "project"))
    async with records(call).database.read() as connection:
        found = await budgets.listed(connection, where)
        return asking.listing("budgets", await _plain(connection, found))


async def get(call: Request) -> Response:
    """One budget, with what is spent, held and left of it."""
    found = await _theirs(call, Action.BUDGETS_LIST)
    async with records(call).database.read() as connection:
        return asking.answer((await _plain(connection, [found]))[0])


async def put(call: Request) -> Response:
    """Makes a budget of a `project` (or one `key_id` of it), or changes the one of this `name`:
    `amount_usd` in a `period` (10m, day, week, month, total). One that is not `enforced` only
    warns, at the percents of `warn`, by the web `hook`; its secret is shown when it is made."""
    sent = await fields.read(call, _FIELDS)
    _, project = await asking.authorised(
        call, Action.BUDGETS_UPDATE, fields.needed(sent, "project")
    )
    period = fields.word(sent, "period", Period) or Period.MONTH
    amount, warn = fields.amount(sent, "amount_usd"), _percents(sent)
    name = fields.text(sent, "name") or period.value
    hook, inside = _address(fields.text(sent, "hook", most=_MOST_ADDRESS)), records(call)
    keyring = await _keyring(inside) if hook else None
    secret, sealed = "", None if hook else ""
    async with inside.database.write() as connection:
        key_id = await _key_id(connection, fields.text(sent, "key_id"), project)
        before = await _named(connection, project.id, key_id, name)
        if keyring and (before is None or before.hook != hook):
            await keyring.refresh(connection)
            secret = new_secret()
            sealed = keyring.seal(secret, identity=identity(HOOK, project.id))
        made = await budgets.put(
            connection,
            project_id=project.id,
            key_id=key_id,
            name=name,
            period=period,
            amount=amount,
            enforced=fields.truth(sent, "enforced", otherwise=True),
            thresholds=warn,
            hook=hook,
            hook_secret=sealed,
        )
        await asking.changed(
            call,
            connection,
            Action.BUDGETS_UPDATE,
            target=f"budgets/{made.id}",
            project_id=project.id,
            before=_set(before) if before else {},
            after=_set(made),
        )
        shown = (await _plain(connection, [made]))[0]
    told = {"hook_secret": secret} if secret else {}
    return asking.answer(shown | told, 200 if before else 201)


async def delete(call: Request) -> Response:
    """Takes a budget away; what was spent stays in the entries."""
    found = await _theirs(call, Action.BUDGETS_UPDATE)
    async with records(call).database.write() as connection:
        await budgets.remove(connection, found.id)
        await asking.changed(
            call,
            connection,
            Action.BUDGETS_UPDATE,
            target=f"budgets/{found.id}",
            project_id=found.project_id,
            before=_set(found),
        )
    return asking.answer({})


async def _theirs(call: Request, action: Action) -> KeptBudget:
    """The budget of the address, if they may do this to it; else the same answer as for none."""
    asks, id_ = await asking.principal(call), str(call.path_params["budget"])
    async with records(call).database.read() as connection:
        try:
            found = await budgets.find(connection, id_)
        except NotFound:
            if asks.may(action):
                raise
            raise asking.denied(asks, action, f"budgets/{id_}") from None
    if not asks.may(action, found.project_id):
        raise asking.denied(asks, action, f"budgets/{id_}")
    return found


async def _key_id(connection: "AsyncConnection", named: str, project: Project) -> str:
    """The key that a budget is kept with: of those that took over from each other the newest, since
    its budgets count for all of them. Empty for a budget of the whole project."""
    if not named:
        return ""
    return await keys.newest(connection, await keys.find(connection, named, project))


async def _named(
    connection: "AsyncConnection", project_id: str, key_id: str, name: str
) -> KeptBudget | None:
    there = await budgets.listed(connection, [project_id])
    return next((each for each in there if (each.key_id, each.name) == (key_id, name)), None)


async def _keyring(inside: Records) -> Keyring:
    return await opened_keyring(inside.settings, inside.folder, inside.database)


def _percents(sent: Mapping[str, Any]) -> tuple[int, ...]:
    value = sent.get("warn", [])
    if not isinstance(value, list) or not all(type(each) is int for each in value):
        raise MalformedRequest("warn must be a list of percents, as [50, 80, 100].", field="warn")
    return tuple(value)


def _address(hook: str) -> str:
    if not hook:
        return ""
    try:
        parts = urlsplit(hook)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise MalformedRequest("hook must be an address of the web: https://...", field="hook")
    return hook


async def _plain(
    connection: "AsyncConnection", found: Sequence[KeptBudget]
) -> list[dict[str, Any]]:
    """Budgets for programs, with what is spent of each now."""
    names = await asking.names(connection)
    at = time.time()
    uses = await budgets.use(connection, [each.budget for each in found], at=at)
    return [
        {
            "id": kept.id,
            "project": names.get(kept.project_id, kept.project_id),
            "key_id": kept.key_id or None,
            **_set(kept),
            **_used(use),
            "rehearsal_usd": fields.usd(
                await budgets.rehearsed(
                    connection, use, kept.project_id, at=at, since=kept.created_at
                )
            ),
        }
        for kept, use in zip(found, uses, strict=True)
    ]


def _set(kept: KeptBudget) -> dict[str, Any]:
    return {
        "name": kept.name,
        "period": kept.period.value,
        "amount_usd": fields.usd(kept.amount),
        "enforced": kept.enforced,
        "warn": list(kept.thresholds),
        "hook": kept.hook or None,
    }


def _used(use: BudgetUse) -> dict[str, Any]:
    return {
        "spent_usd": fields.usd(use.posted),
        "held_usd": fields.usd(use.held),
        "left_usd": fields.usd(use.left),
        "resets_at": fields.shown(use.resets_at),
    }


_ALL: Final = "/admin/v1/budgets"
_ONE: Final = "/admin/v1/budgets/{budget}"

ROUTES: Final[Sequence[Route]] = (
    Route(_ALL, asking.told(list_), methods=("GET",)),
    Route(_ALL, asking.told(put), methods=("PUT",)),
    Route(_ONE, asking.told(get), methods=("GET",)),
    Route(_ONE, asking.told(delete), methods=("DELETE",)),
)
