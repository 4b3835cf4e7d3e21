"""``/admin/v1/service-accounts``: programs that sign in with a key file, as on Google Cloud.

A private key is in one answer only: that to making it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import principals, service_accounts
from pisang.accounts.principals import Principal
from pisang.accounts.service_accounts import Listed, NewAccountKey
from pisang.core.errors import PermissionDenied
from pisang.core.roles import Action, Role, covers
from pisang.surfaces.admin import asking, fields, owned
from pisang.surfaces.admin.records import records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def list_(call: Request) -> Response:
    """The keys of the accounts of a project, or of all that one may see; revoked ones too."""
    query = fields.query(call, ("project", *fields.PAGED))
    size, token = fields.page(query)
    _, where = await asking.reach(call, Action.SERVICE_ACCOUNTS_LIST, fields.text(query, "project"))
    async with records(call).database.read() as connection:
        found = await service_accounts.listed(connection, within=where)
    page, more = owned.paged(found, size, token, _place)
    return asking.listing("service_accounts", [plain(each) for each in page], more)


async def get(call: Request) -> Response:
    """One account with its keys, by its email or id."""
    asks = await asking.principal(call)
    async with records(call).database.read() as connection:
        found = await _granted(connection, asks, Action.SERVICE_ACCOUNTS_LIST, call)
        roles = await principals.named(connection, principals.of_account(found[0].email))
    role = roles.roles.get(found[0].project_id)
    return asking.answer(
        {
            "id": found[0].id,
            "email": found[0].email,
            "name": found[0].name,
            "project": found[0].project,
            "role": role.value if role else None,
            "keys": [plain(each) for each in found],
        }
    )


async def create(call: Request) -> Response:
    """Makes an account with a role in its project and a first key; tells the private key, the only
    time that it is shown."""
    await asking.principal(call)
    sent = await fields.read(call, ("project", "name", "role"))
    asks, project = await asking.authorised(
        call, Action.SERVICE_ACCOUNTS_CREATE, fields.needed(sent, "project")
    )
    role = fields.word(sent, "role", Role) or Role.DEVELOPER
    if role is Role.OPERATOR or not any(covers(own, role) for own in asks.roles_in(project.id)):
        raise PermissionDenied(
            f"{asks.name} cannot give the role {role.value} here: it is above their own.",
            metadata={"role": role.value},
        )
    async with records(call).database.write() as connection:
        made = await service_accounts.create(
            connection, project, name=fields.needed(sent, "name"), role=role
        )
        return await _made(call, connection, made, project.id)


async def add_key(call: Request) -> Response:
    """Makes another key for an account; tells the private key, the only time that it is shown."""
    asks = await asking.principal(call)
    async with records(call).database.write() as connection:
        found = await _granted(connection, asks, Action.SERVICE_ACCOUNTS_CREATE, call)
        own = await principals.named(connection, principals.of_account(found[0].email))
        owned.check_above(asks, own, "This service account")
        made = await service_accounts.add_key(connection, found[0].id)
        return await _made(call, connection, made, found[0].project_id)


async def revoke(call: Request) -> Response:
    """Ends an account with its roles, or one of its keys (by its id)."""
    asks = await asking.principal(call)
    async with records(call).database.write() as connection:
        found = await _granted(connection, asks, Action.SERVICE_ACCOUNTS_REVOKE, call)
        ended = await service_accounts.revoke(connection, _named(call))
        await asking.changed(
            call,
            connection,
            Action.SERVICE_ACCOUNTS_REVOKE,
            target=f"service-accounts/{found[0].email}",
            project_id=found[0].project_id,
            before={"id": ended, "email": found[0].email},
        )
    return asking.answer({"id": ended})


def plain(key: Listed) -> dict[str, Any]:
    """A key of an account for programs."""
    return {
        "id": key.id,
        "key_id": key.key_id,
        "email": key.email,
        "project": key.project,
        "created_at": fields.shown(key.created_at),
        "revoked_at": fields.shown(key.revoked_at),
    }


async def _made(
    call: Request,
    connection: "AsyncConnection",
    made: NewAccountKey,
    project_id: str,
) -> Response:
    told = {
        "id": made.account_id,
        "key_id": made.id,
        "email": made.email,
        "project": made.project,
        "client_id": made.client_id,
    }
    await asking.changed(
        call,
        connection,
        Action.SERVICE_ACCOUNTS_CREATE,
        target=f"service-accounts/{made.email}",
        project_id=project_id,
        after=told,
    )
    return asking.answer(told | {"private_key": made.private_key})


async def _granted(
    connection: "AsyncConnection", asks: Principal, action: Action, call: Request
) -> list[Listed]:
    """The keys of the account that the address names, by its email or id or that of one of them,
    if they may do this to it."""
    named = _named(call)
    everything = await service_accounts.listed(connection, account=named)
    if not everything and (owner := await service_accounts.owner_of(connection, named)):
        everything = await service_accounts.listed(connection, account=owner)
    place = everything[0].project_id if everything else None
    owned.check(asks, action, f"service-accounts/{named}", place)
    return everything


def _place(key: Listed) -> str:
    """Where a key stands in a list: by account, oldest first."""
    return f"{key.id} {key.created_at:%Y%m%d%H%M%S%f} {key.key_id}"


def _named(call: Request) -> str:
    return str(call.path_params["account"])


ONE: Final = "/admin/v1/service-accounts/{account}"

ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/service-accounts", asking.told(list_), methods=("GET",)),
    Route("/admin/v1/service-accounts", asking.told(create), methods=("POST",)),
    Route(f"{ONE}:addKey", asking.told(add_key), methods=("POST",)),
    Route(f"{ONE}:revoke", asking.told(revoke), methods=("POST",)),
    Route(ONE, asking.told(get), methods=("GET",)),
    Route(ONE, asking.told(revoke), methods=("DELETE",), name="delete_service_account"),
)
