"""``/admin/v1/keys``: API keys, which belong to projects.

The key itself is in one answer only: that to making or rotating it. Who makes or rotates one gets a
secret, so they must be allowed all that it is.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import keys, principals, rotation
from pisang.accounts import restrictions as limited
from pisang.accounts.keys import Key
from pisang.accounts.principals import Principal
from pisang.core.caller import Allowance, ChatImages
from pisang.core.clock import now
from pisang.core.errors import MalformedRequest, NotFound, PermissionDenied
from pisang.core.roles import Action
from pisang.surfaces.admin import asking, caps, fields, names, owned
from pisang.surfaces.admin.records import records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_SET: Final = ("name", "chat_images", "allowed", "restrictions", "expires_at")
_SECONDS_OF_A_YEAR: Final = 365 * 86_400


async def list_(call: Request) -> Response:
    """The keys of a project, or of all that one may see; revoked ones too, oldest first."""
    query = fields.query(call, ("project", *fields.PAGED))
    size, token = fields.page(query)
    _, where = await asking.reach(call, Action.KEYS_LIST, fields.text(query, "project"))
    async with records(call).database.read() as connection:
        found = await keys.listed(connection, within=where, after=token, most=size + 1)
    more = found[size - 1].id if len(found) > size else ""
    return asking.listing("keys", [plain(each) for each in found[:size]], more)


async def get(call: Request) -> Response:
    """One key."""
    asks = await asking.principal(call)
    async with records(call).database.read() as connection:
        return asking.answer(plain(await _granted(connection, asks, Action.KEYS_LIST, call)))


async def lookup(call: Request) -> Response:
    """Which key this is, for who has it in hand: an address with a key in it would be logged."""
    asks = await asking.principal(call)
    secret = fields.needed(await fields.read(call, ("key",)), "key")
    async with records(call).database.read() as connection:
        found = await _found(connection, secret)
        owned.check(asks, Action.KEYS_LIST, "keys/...", found.project_id if found else None)
    assert found is not None
    return asking.answer(plain(found))


async def create(call: Request) -> Response:
    """Makes a key and tells it: the only time that it is shown. With `budget_usd` (in each
    `budget_period`) or `rpm` it is capped from its first request on."""
    await asking.principal(call)
    sent = await fields.read(call, ("project", *_SET, *caps.FIELDS))
    named, cap = fields.needed(sent, "project"), caps.read(sent)
    asks, project = await asking.authorised(call, Action.KEYS_CREATE, named)
    await caps.check(call, cap, named)
    wanted = _values(sent)
    _check_allowed(asks, wanted.get("allowed", ()))
    only = wanted.get("restrictions")
    notices = names.of_key(only, await names.known(call)) if only else []
    async with records(call).database.write() as connection:
        made = await keys.create(connection, project, **{"name": "key"} | wanted)
        found = await keys.get(connection, made.id)
        await asking.changed(
            call,
            connection,
            Action.KEYS_CREATE,
            target=f"keys/{made.id}",
            project_id=project.id,
            after=plain(found),
        )
        await caps.put(call, connection, cap, project_id=project.id, key_id=made.id)
    return asking.answer({**plain(found), "key": made.key, **names.told(notices)})


async def update(call: Request) -> Response:
    """Changes what is sent of a key, from its next request on; what was revoked stays so."""
    asks = await asking.principal(call)
    sent = await fields.read(call, (*_SET, "never_expires"))
    never = fields.truth(sent, "never_expires")
    there = await names.known(call) if sent.get("restrictions") else None
    async with records(call).database.write() as connection:
        before = await _granted(connection, asks, Action.KEYS_UPDATE, call)
        wanted = _values(sent, before)
        if not wanted and not never:
            raise MalformedRequest(f"Say what to change: {', '.join(_SET)}.")
        _check_allowed(asks, set(wanted.get("allowed", ())) - before.allowed)
        only = wanted.get("restrictions")
        notices = names.of_key(only, there, before.restrictions) if only and there else []
        await keys.change(connection, before.id, **wanted, never_expires=never)
        after = await _logged(call, connection, Action.KEYS_UPDATE, before)
    return asking.answer({**after, **names.told(notices)})


async def rotate(call: Request) -> Response:
    """Makes a key that takes over from this one, which ends after the overlap; tells the new key,
    the only time that it is shown."""
    asks = await asking.principal(call)
    sent = await fields.read(call, ("overlap_seconds",))
    seconds = fields.whole(sent, "overlap_seconds", most=_SECONDS_OF_A_YEAR)
    overlap = rotation.OVERLAP if seconds is None else timedelta(seconds=seconds)
    async with records(call).database.write() as connection:
        before = await _granted(connection, asks, Action.KEYS_CREATE, call)
        _check_allowed(asks, before.allowed)
        own = await principals.named(connection, principals.of_key(before.id))
        owned.check_above(asks, own, "This key")
        made, old = await rotation.rotate(connection, before.id, overlap=overlap)
        after = await keys.get(connection, made.id)
        await asking.changed(
            call,
            connection,
            Action.KEYS_CREATE,
            target=f"keys/{made.id}",
            project_id=before.project_id,
            before=plain(before),
            after=plain(after),
        )
    return asking.answer(plain(after) | {"key": made.key, "replaced": plain(old)})


async def revoke(call: Request) -> Response:
    """Ends a key: from now on it is refused."""
    return await _ended(call, leaked=False)


async def report_leaked(call: Request) -> Response:
    """Blocks a key at once that was found where it should not be, and says so to who uses it."""
    return await _ended(call, leaked=True)


def plain(key: Key) -> dict[str, Any]:
    """A key for programs; never the key itself."""
    return {
        "id": key.id,
        "project": key.project,
        "name": key.name,
        "last4": key.last4,
        "state": key.state(now()).value,
        "chat_images": key.chat_images.value,
        "allowed": sorted(key.allowed),
        "restrictions": limited.plain(key.restrictions),
        "created_at": fields.shown(key.created_at),
        "expires_at": fields.shown(key.expires_at),
        "last_used_at": fields.shown(key.last_used_at),
        "leaked_at": fields.shown(key.leaked_at),
        "revoked_at": fields.shown(key.revoked_at),
        "replaces": key.replaces,
    }


async def _ended(call: Request, *, leaked: bool) -> Response:
    asks = await asking.principal(call)
    end = keys.report_leaked if leaked else keys.revoke
    async with records(call).database.write() as connection:
        before = await _granted(connection, asks, Action.KEYS_REVOKE, call)
        await end(connection, before.id)
        after = await _logged(call, connection, Action.KEYS_REVOKE, before)
    return asking.answer(after)


async def _logged(
    call: Request, connection: "AsyncConnection", action: Action, before: Key
) -> dict[str, Any]:
    """The key as it is now, after a line in the audit log."""
    after = await keys.get(connection, before.id)
    await asking.changed(
        call,
        connection,
        action,
        target=f"keys/{before.id}",
        project_id=before.project_id,
        before=plain(before),
        after=plain(after),
    )
    return plain(after)


async def _granted(
    connection: "AsyncConnection", asks: Principal, action: Action, call: Request
) -> Key:
    """The key of the address, if they may do this to it."""
    named = str(call.path_params["key"])
    found = None if named.startswith(keys.PREFIX) else await _found(connection, named)
    resource = "keys/..." if named.startswith(keys.PREFIX) else f"keys/{named}"
    owned.check(asks, action, resource, found.project_id if found else None)
    assert found is not None
    return found


async def _found(connection: "AsyncConnection", given: str) -> Key | None:
    try:
        return await keys.get(connection, given)
    except NotFound:
        return None


def _values(sent: Mapping[str, Any], before: Key | None = None) -> dict[str, Any]:
    """What was sent of a key, as ``keys.create`` and ``keys.change`` take it."""
    found: dict[str, Any] = {}
    if "name" in sent:
        found["name"] = fields.exact(sent, "name")
    if chat_images := fields.word(sent, "chat_images", ChatImages):
        found["chat_images"] = chat_images
    if "allowed" in sent:
        given = fields.texts(sent, "allowed") or []
        words = [fields.word({"allowed": one}, "allowed", Allowance) for one in given]
        found["allowed"] = [word for word in words if word is not None]
    if "restrictions" in sent:
        if not isinstance(sent["restrictions"], dict):
            raise MalformedRequest("restrictions must be an object.", field="restrictions")
        found["restrictions"] = (
            limited.checked(sent["restrictions"], before.restrictions)
            if before
            else limited.checked(sent["restrictions"])
        )
    if "expires_at" in sent:
        found["expires_at"] = fields.time(sent, "expires_at")
    return found


def _check_allowed(asks: Principal, allowed: Any) -> None:
    """Only an operator may make another one."""
    if Allowance.ADMIN in allowed and not asks.is_operator:
        raise PermissionDenied(
            f"{asks.name} is no operator of this server, so no key of theirs can be one.",
            metadata={"role": "operator"},
        )


ONE: Final = "/admin/v1/keys/{key}"

ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/keys", asking.told(list_), methods=("GET",)),
    Route("/admin/v1/keys", asking.told(create), methods=("POST",)),
    Route("/admin/v1/keys:lookup", asking.told(lookup), methods=("POST",)),
    Route(f"{ONE}:rotate", asking.told(rotate), methods=("POST",)),
    Route(f"{ONE}:revoke", asking.told(revoke), methods=("POST",)),
    Route(f"{ONE}:reportLeaked", asking.told(report_leaked), methods=("POST",)),
    Route(ONE, asking.told(get), methods=("GET",)),
    Route(ONE, asking.told(update), methods=("PATCH",)),
    Route(ONE, asking.told(revoke), methods=("DELETE",), name="delete_key"),
)
