"""``/admin/v1/limits``: how much projects, keys and tiers may ask for, and what is used of it now.

An operator limits projects and tiers; who may change a key of a project may limit it too, because a
key's limits count beside those of its project.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import keys
from pisang.accounts.projects import Project
from pisang.accounts.terms import shipped, terms_of
from pisang.catalog.tiers import SPEND, UNLIMITED, ladder
from pisang.core import scopes
from pisang.core.errors import MalformedRequest
from pisang.core.money import Money
from pisang.core.roles import Action
from pisang.core.terms import ANY_MODEL, Dimension
from pisang.ledger import budgets, limits
from pisang.ledger.budgets import BudgetUse
from pisang.ledger.claims import Key
from pisang.ledger.limits import LimitUse, Setting, ShareUse
from pisang.ledger.shared_limits import counted_together
from pisang.surfaces.admin import asking, fields, names
from pisang.surfaces.admin.records import records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_WHOSE: Final = ("project", "key_id", "tier", "model")
_UNLIMITED: Final = "unlimited"
_NUMBERS: Final = tuple(each.value for each in Dimension)
_AMOUNTS: Final[Mapping[str, str]] = {f"{name}_usd": name for name in SPEND}
_ORDER: Final = (*_NUMBERS, *SPEND)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose limits: of a tier, a project, or one of its keys."""

    scope: str
    name: str
    project: Project | None = None


async def list_(call: Request) -> Response:
    """The limits that count for a `project` (or one `key_id` of it), with what is `used` and `left`
    of each right now, and of the share that the `priority` tier has; or those of a `tier`.
    `rehearsal_usd` of dollars that are used is a rehearsal, not a bill."""
    asked = fields.query(call, _WHOSE)
    whose = await _whose(call, asked, Action.LIMITS_GET, Action.LIMITS_GET)
    model = fields.text(asked, "model", most=128)
    shared = None
    if whose.project is not None:
        shared = await counted_together(records(call).settings.valkey, whose.project.id)
    async with records(call).database.read() as connection:
        found = await _counting(connection, whose, shared) if whose.project else []
        found = found or await _set(connection, whose)
    if model:
        wanted = {limits.canonical(model), ANY_MODEL}
        if wanted.isdisjoint(each["model"] for each in found):
            await _warnings(call, model)  # which refuses what was mistyped
        found = [each for each in found if each["model"] in wanted]
    return asking.listing("limits", found)


async def put(call: Request) -> Response:
    """Sets limits of a `project`, a `key_id` of it, or a `tier`, on a `model` (`*`: each without
    its own): `rpm`, `tpm`, `ipm`, `rpd`, `concurrent`; `spend_10m_usd`, `spend_month_usd`. A
    number, or `unlimited`; those that are not sent stay."""
    sent = await fields.read(call, (*_WHOSE, *_NUMBERS, *_AMOUNTS))
    whose = await _whose(call, sent, Action.LIMITS_UPDATE, Action.KEYS_UPDATE)
    model, wanted = fields.text(sent, "model", most=128) or ANY_MODEL, values(sent)
    if not wanted:
        raise MalformedRequest(f"Say which limit: {', '.join((*_NUMBERS, *_AMOUNTS))}.")
    notices = await _warnings(call, model)
    async with records(call).database.write() as connection:
        before = await limits.settings(connection, [whose.scope])
        after = await limits.put(connection, whose.scope, model, wanted)
        await asking.changed(
            call,
            connection,
            Action.LIMITS_UPDATE,
            target=f"limits/{whose.scope}/{model}",
            project_id=whose.project.id if whose.project else "",
            before=_logged(before, limits.canonical(model)),
            after=_logged(after, limits.canonical(model)),
        )
    return asking.answer(
        {"limits": [_setting(each, whose) for each in after], **names.told(notices)}
    )


async def delete(call: Request) -> Response:
    """Takes away what was set for a `project`, `key_id` or `tier` on a `model`: all of it, or one
    `dimension` (several with commas)."""
    asked = fields.query(call, (*_WHOSE, "dimension"))
    whose = await _whose(call, asked, Action.LIMITS_UPDATE, Action.KEYS_UPDATE)
    model = fields.text(asked, "model", most=128) or ANY_MODEL
    chosen = [name for name in fields.text(asked, "dimension").split(",") if name]
    for name in chosen:
        fields.one_of({"dimension": name}, "dimension", limits.NAMES)
    async with records(call).database.write() as connection:
        before = await limits.settings(connection, [whose.scope])
        removed = await limits.remove(connection, whose.scope, model, chosen)
        await asking.changed(
            call,
            connection,
            Action.LIMITS_UPDATE,
            target=f"limits/{whose.scope}/{model}",
            project_id=whose.project.id if whose.project else "",
            before={
                name: value
                for name, value in _logged(before, limits.canonical(model)).items()
                if name in removed
            },
        )
    if not removed:
        await _warnings(call, model)  # which refuses what was mistyped
    return asking.answer({"removed": removed})


async def _warnings(call: Request, model: str) -> list[str]:
    """What to know of the model of a limit. Raises ``MalformedRequest`` for a mistyped one."""
    return [] if model == ANY_MODEL else names.of_limit(model, await names.known(call))


async def _whose(
    call: Request, sent: Mapping[str, Any], of_project: Action, of_key: Action
) -> Subject:
    """Whose limits are meant, once it is clear that they may do this."""
    tier, named = fields.text(sent, "tier"), fields.text(sent, "project")
    key = fields.text(sent, "key_id")
    if bool(tier) == bool(named) or (tier and key):
        raise MalformedRequest(
            "Say whose limits: project, perhaps with key_id, or tier.",
            field="project" if not named else "tier",
        )
    if tier:
        await asking.allowed(call, of_project)
        return Subject(scopes.of_tier(fields.one_of(sent, "tier", tuple(ladder()))), tier)
    _, project = await asking.authorised(call, of_key if key else of_project, named)
    if not key:
        return Subject(scopes.of_project(project.id), project.name, project)
    async with records(call).database.read() as connection:
        found = await keys.find(connection, key, project)
        found = await keys.newest(connection, found)  # which has what counts for both
    return Subject(scopes.of_key(found), found, project)


def values(sent: Mapping[str, Any]) -> dict[str, int]:
    """The limits that were sent, by name. Raises ``MalformedRequest``."""
    found = dict[str, int]()
    for name in (*_NUMBERS, *_AMOUNTS):
        if name not in sent:
            continue
        if sent[name] == _UNLIMITED:
            found[_AMOUNTS.get(name, name)] = UNLIMITED
        else:
            found[_AMOUNTS.get(name, name)] = _value(sent, name)
    return found


def _value(sent: Mapping[str, Any], name: str) -> int:
    try:
        if name in _AMOUNTS:
            return fields.amount(sent, name).nanos
        return fields.whole(sent, name, most=limits.MOST) or 0
    except MalformedRequest as error:
        told = f'{error.message} Or say "{_UNLIMITED}", which lifts what a tier sets.'
        raise MalformedRequest(told, field=name) from error


async def _counting(
    connection: "AsyncConnection", whose: Subject, shared: Mapping[Key, str] | None
) -> list[dict[str, Any]]:
    """What counts for a project or key, with what is used of it."""
    assert whose.project is not None
    project, scope = whose.project, whose.scope
    terms = await terms_of(
        connection,
        project.id,
        project.tier,
        project.billing,
        str(project.markup),
        scopes.name_of(scope) if scopes.kind_of(scope) == scopes.KEY else "",
    )
    spend = [each for each in terms.budgets if each.id.startswith(f"{project.id}:")]
    at = time.time()
    uses = await limits.use(connection, terms, at=at, shared=shared)
    used = [_used(each, whose) for each in uses]
    spent = [
        _spent(each, whose, await budgets.rehearsed(connection, each, project.id, at=at))
        for each in await budgets.use(connection, spend, at=at)
    ]
    return [*used, *spent]


async def _set(connection: "AsyncConnection", whose: Subject) -> list[dict[str, Any]]:
    """What a tier says: as shipped, and as an operator set it."""
    if whose.project is not None:
        return []
    rows = await limits.settings(connection, [whose.scope])
    mine = {(each.model, each.dimension) for each in rows}
    others = [
        Setting(whose.scope, model, name, value)
        for (model, name), (value, _) in shipped(whose.name).items()
        if (model, name) not in mine
    ]
    found = sorted([*rows, *others], key=lambda each: (each.model, _ORDER.index(each.dimension)))
    return [
        {**_setting(each, whose), "origin": "set" if each in rows else "shipped"} for each in found
    ]


def _used(use: LimitUse, whose: Subject) -> dict[str, Any]:
    return {
        "scope": use.limit.scope,
        "name": _name(use.limit.scope, whose),
        "model": use.model,
        "dimension": use.limit.dimension.value,
        "value": use.limit.value,
        "used": use.used,
        "left": use.left,
        "priority": _share(use.priority),
        "origin": use.limit.origin,
    }


def _share(use: ShareUse | None) -> dict[str, int] | None:
    return None if use is None else {"value": use.value, "used": use.used, "left": use.left}


def _spent(use: BudgetUse, whose: Subject, rehearsed: Money) -> dict[str, Any]:
    name = next(name for name, period in SPEND.items() if period is use.budget.period)
    return {
        "scope": use.budget.scope,
        "name": _name(use.budget.scope, whose),
        "model": ANY_MODEL,
        "dimension": f"{name}_usd",
        "value": fields.usd(use.budget.amount),
        "used": fields.usd(use.posted + use.held),
        "left": fields.usd(max(use.left, Money())),
        "rehearsal_usd": fields.usd(rehearsed),
        "priority": None,
        "origin": use.budget.origin,
    }


def _name(scope: str, whose: Subject) -> str:
    if whose.project and scopes.kind_of(scope) == scopes.PROJECT:
        return whose.project.name
    return scopes.name_of(scope)


def _setting(setting: Setting, whose: Subject) -> dict[str, Any]:
    is_spend = setting.dimension in SPEND
    value = fields.usd(Money(setting.value)) if is_spend else setting.value
    return {
        "scope": setting.scope,
        "name": whose.name,
        "model": setting.model,
        "dimension": f"{setting.dimension}_usd" if is_spend else setting.dimension,
        "value": _UNLIMITED if setting.value == UNLIMITED else value,
    }


def _logged(settings: Collection[Setting], model: str) -> dict[str, int]:
    return {each.dimension: each.value for each in settings if each.model == model}


_PATH: Final = "/admin/v1/limits"

ROUTES: Final[Sequence[Route]] = (
    Route(_PATH, asking.told(list_), methods=("GET",)),
    Route(_PATH, asking.told(put), methods=("PUT",)),
    Route(_PATH, asking.told(delete), methods=("DELETE",)),
)
