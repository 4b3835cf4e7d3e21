"""``/admin/v1/users``: people who sign in here. What they may do is at ``/admin/v1/members``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import passwords, users
from pisang.accounts.users import User
from pisang.core.roles import Action
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.records import records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def list_(call: Request) -> Response:
    """All users, oldest first."""
    await asking.allowed(call, Action.USERS_LIST)
    size, token = fields.page(fields.query(call, fields.PAGED))
    async with records(call).database.read() as connection:
        found = await users.listed(connection, after=token, most=size + 1)
    more = found[size - 1].id if len(found) > size else ""
    return asking.listing("users", [plain(each) for each in found[:size]], more)


async def get(call: Request) -> Response:
    """One user, by email or id."""
    await asking.allowed(call, Action.USERS_LIST)
    async with records(call).database.read() as connection:
        return asking.answer(plain(await users.find(connection, _named(call))))


async def create(call: Request) -> Response:
    """Makes a user, who may do nothing until they are a member. Without a password they sign in by
    the issuer of the operator's choice only."""
    await asking.allowed(call, Action.USERS_UPDATE)
    sent = await fields.read(call, ("email", "name", "password"))
    email, name = fields.needed(sent, "email"), fields.text(sent, "name")
    kept = await _hashed(sent)
    async with records(call).database.write() as connection:
        made = await users.create(connection, email, name=name, password=kept)
        await asking.changed(
            call,
            connection,
            Action.USERS_UPDATE,
            target=f"users/{made.email}",
            after=plain(made),
        )
    return asking.answer(plain(made))


async def update(call: Request) -> Response:
    """Changes a user's name or password; a new password signs them out everywhere."""
    await asking.allowed(call, Action.USERS_UPDATE)
    sent = await fields.read(call, ("name", "password"))
    name = fields.text(sent, "name") if "name" in sent else None
    work = partial(users.change, name=name, password=await _hashed(sent))
    return await _changed(call, work)


async def disable(call: Request) -> Response:
    """Lets a user in no more, and ends their sessions."""
    await asking.allowed(call, Action.USERS_UPDATE)
    return await _changed(call, users.disable)


async def enable(call: Request) -> Response:
    """Lets a user in again."""
    await asking.allowed(call, Action.USERS_UPDATE)
    return await _changed(call, users.enable)


async def delete(call: Request) -> Response:
    """Deletes a user who is a member of nothing."""
    await asking.allowed(call, Action.USERS_UPDATE)
    async with records(call).database.write() as connection:
        gone = await users.remove(connection, _named(call))
        await asking.changed(
            call,
            connection,
            Action.USERS_UPDATE,
            target=f"users/{gone.email}",
            before=plain(gone),
        )
    return asking.answer({})


def plain(user: User) -> dict[str, Any]:
    """A user for programs; never a password."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "principal": user.principal,
        "signs_in_by": [
            *(["password"] if user.has_password else []),
            *([user.subject.partition(" ")[0]] if user.subject else []),
        ],
        "created_at": fields.shown(user.created_at),
        "last_sign_in_at": fields.shown(user.last_sign_in_at),
        "disabled_at": fields.shown(user.disabled_at),
    }


async def _changed(
    call: Request, work: Callable[["AsyncConnection", str], Awaitable[User]]
) -> Response:
    async with records(call).database.write() as connection:
        before = await users.find(connection, _named(call))
        after = await work(connection, before.id)
        await asking.changed(
            call,
            connection,
            Action.USERS_UPDATE,
            target=f"users/{after.email}",
            before=plain(before),
            after=plain(after),
        )
    return asking.answer(plain(after))


async def _hashed(sent: Mapping[str, Any]) -> str | None:
    """What is kept of the password that was sent; None where none was."""
    if "password" not in sent:
        return None
    password = passwords.checked(str(sent["password"]))
    return await asyncio.to_thread(passwords.hashed, password)


def _named(call: Request) -> str:
    return str(call.path_params["user"])


ONE: Final = "/admin/v1/users/{user}"

ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/users", asking.told(list_), methods=("GET",)),
    Route("/admin/v1/users", asking.told(create), methods=("POST",)),
    Route(f"{ONE}:disable", asking.told(disable), methods=("POST",)),
    Route(f"{ONE}:enable", asking.told(enable), methods=("POST",)),
    Route(ONE, asking.told(get), methods=("GET",)),
    Route(ONE, asking.told(update), methods=("PATCH",)),
    Route(ONE, asking.told(delete), methods=("DELETE",)),
)
