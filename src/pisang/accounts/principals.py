"""Who may change things: a person, a service account, a key, or who sits at the machine itself; and
which role each of them has where.

A principal is named by one text, which members, the audit log and the ledger have alike:
``user:MAIL``, ``serviceAccount:MAIL``, ``key:ID`` or ``local:NAME``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.caller import Allowance, Caller
from pisang.core.roles import Action, Role, may
from pisang.store.schema import members, service_accounts

EVERYWHERE: Final = ""
"""Stands for a project where a role is in all of the server."""

USER: Final = "user:"
ACCOUNT: Final = "serviceAccount:"
KEY: Final = "key:"
_LOCAL: Final = "local:"

_ACCOUNT_ID: Final = "sa_"


@dataclass(frozen=True, slots=True)
class Principal:
    """``roles`` are those in each project, by its id, and ``EVERYWHERE``."""

    name: str
    roles: Mapping[str, Role] = field(default_factory=dict)

    @property
    def is_operator(self) -> bool:
        return self.roles.get(EVERYWHERE) is Role.OPERATOR

    def roles_in(self, project_id: str) -> tuple[Role, ...]:
        """The roles that count in a project: its own, and that in all of the server."""
        found = (self.roles.get(project_id), self.roles.get(EVERYWHERE))
        return tuple(role for role in found if role is not None)

    def may(self, action: Action, project_id: str = EVERYWHERE) -> bool:
        """Whether they may do this there."""
        return any(may(role, action) for role in self.roles_in(project_id))

    def where(self, action: Action) -> frozenset[str] | None:
        """The ids of the projects in which they may do this; None for all there are."""
        if self.may(action):
            return None
        return frozenset(id_ for id_, role in self.roles.items() if may(role, action))


def of_user(email: str) -> str:
    """How a person is named."""
    return USER + email


def of_account(email: str) -> str:
    """How a service account is named."""
    return ACCOUNT + email


def of_key(id_: str) -> str:
    """How a key is named."""
    return KEY + id_


def local(user: str) -> Principal:
    """Who works straight in the data folder: whoever can read it can do everything anyway."""
    return Principal(_LOCAL + user, {EVERYWHERE: Role.OPERATOR})


async def of_caller(connection: AsyncConnection, caller: Caller) -> Principal:
    """The principal of a key or of a service account. A key that may admin is an operator's."""
    if caller.key_id.startswith(_ACCOUNT_ID):
        query = select(service_accounts.c.email).where(service_accounts.c.id == caller.key_id)
        return await named(connection, of_account(str(await connection.scalar(query))))
    name = of_key(caller.key_id)
    if Allowance.ADMIN in caller.allowed:
        return Principal(name, {EVERYWHERE: Role.OPERATOR})
    return await named(connection, name)


async def named(connection: AsyncConnection, name: str) -> Principal:
    """A principal with all its roles."""
    query = select(members.c.project_id, members.c.role).where(members.c.principal == name)
    rows = await connection.execute(query)
    return Principal(name, {row.project_id: Role(row.role) for row in rows})
