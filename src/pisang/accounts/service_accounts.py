"""Service accounts: programs that sign in with a key pair, as on Google Cloud.

The program holds the private half, in a file; only the public half is kept here, so nothing in the
data folder can sign in as the account. An account may have several keys, so that one is replaced
without a pause. Whether account and key still count is read anew for each request: a revocation
works at once, in every process.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import ColumnElement, Row, Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import members, principals
from pisang.accounts.projects import Project, places
from pisang.accounts.terms import terms_of
from pisang.core.caller import Caller
from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, NotFound, RequestError
from pisang.core.ids import new_id
from pisang.core.roles import Action, Role
from pisang.core.terms import Billing
from pisang.store import schema
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import projects, service_account_keys, service_accounts

DOMAIN: Final = "iam.pisang.internal"
"""``.internal`` is reserved for private use: no such address can ever be somebody else's."""

MAX_NAME: Final = 30
_NAME: Final = re.compile(r"[a-z](?:[-a-z0-9]{0,28}[a-z0-9])?")
_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_RSA_BITS: Final = 2048
_MOST_KEYS: Final = 10  # that count at a time, as at Google's


@dataclass(frozen=True, slots=True, repr=False)
class NewAccountKey:
    """A key pair at the only moment when its private half is known (PKCS8, PEM)."""

    id: str
    account_id: str
    email: str
    project: str
    private_key: str

    @property
    def client_id(self) -> str:
        """21 digits, as Google's have; always the same for one account."""
        digest = hashlib.sha256(self.account_id.encode()).digest()
        return str(10**20 + int.from_bytes(digest) % (9 * 10**20))

    def __repr__(self) -> str:  # a private key must never reach a log
        return f"NewAccountKey({self.id!r}, {self.email!r})"


@dataclass(frozen=True, slots=True)
class AccountKey:
    """What is kept of a key; ``ended`` says that the key, or its account, was revoked,
    ``suspended`` that its project is switched off."""

    id: str
    public_key: str
    ended: bool
    caller: Caller
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One key of one account, as a person sees it."""

    id: str
    key_id: str
    email: str
    project: str
    created_at: datetime
    revoked_at: datetime | None
    project_id: str = ""
    name: str = ""


async def create(
    connection: AsyncConnection,
    project: Project,
    *,
    name: str,
    role: Role | None = Role.DEVELOPER,
) -> NewAccountKey:
    """Makes an account with a first key, and a role in its project; without one it may do nothing.
    Call it inside a write transaction.

    Raises ``RequestError`` for a name that cannot stand in an address, ``AlreadyExists`` for one
    that was taken before, be it by an account that is revoked: a name means one account for ever.
    """
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"The name of a service account has 1 to {MAX_NAME} lower-case letters, digits and "
            "hyphens, and begins with a letter.",
            field="name",
        )
    label = project.name if _LABEL.fullmatch(project.name) else project.number
    account_id, email = new_id("sa"), f"{name}@{label}.{DOMAIN}"
    taken = select(service_accounts.c.revoked_at).where(service_accounts.c.email == email)
    if row := (await connection.execute(taken)).first():
        cure = (
            f"Give it another key with `pisang service-accounts add-key {email}`."
            if row.revoked_at is None
            else "It was revoked; choose another name."
        )
        raise AlreadyExists(f"There is a service account {email} already. {cure}", field="name")
    await connection.execute(
        service_accounts.insert().values(
            id=account_id,
            project_id=project.id,
            name=name,
            email=email,
            created_at=now(),
            revoked_at=None,
        )
    )
    if role is not None:
        await members.put(connection, principals.of_account(email), role, project)
    return await _new_key(connection, account_id, email=email, project=project.name)


async def add_key(
    connection: AsyncConnection, account: str, project: Project | None = None
) -> NewAccountKey:
    """Makes another key for an account, named by its email or id. Call it inside a write
    transaction. Raises ``NotFound``, and ``RequestError`` where it has as many as it may have."""
    query = (
        select(service_accounts.c.id, service_accounts.c.email, projects.c.name)
        .join(projects, projects.c.id == service_accounts.c.project_id)
        .where(_named(account), service_accounts.c.revoked_at.is_(None))
    )
    if project is not None:
        query = query.where(service_accounts.c.project_id == project.id)
    row = (await connection.execute(query)).first()
    if row is None:
        raise _unknown()
    counting = select(service_account_keys.c.id).where(
        service_account_keys.c.account_id == row.id, service_account_keys.c.revoked_at.is_(None)
    )
    if len((await connection.execute(counting)).all()) >= _MOST_KEYS:
        raise RequestError(f"{row.email} has {_MOST_KEYS} keys already: revoke one first.")
    return await _new_key(connection, row.id, email=row.email, project=row.name)


async def listed(
    connection: AsyncConnection,
    project: Project | None = None,
    *,
    within: Collection[str] | None = None,
    account: str | None = None,
) -> list[Listed]:
    """Every key of every account, revoked ones too, oldest first; of one project or of all, or
    ``within`` those with these ids; or of one ``account``, named by its email or id."""
    query = (
        select(service_accounts, service_account_keys, projects.c.name.label("project"))
        .select_from(service_accounts)
        .join(projects, projects.c.id == service_accounts.c.project_id)
        .join(service_account_keys, service_account_keys.c.account_id == service_accounts.c.id)
        .order_by(service_accounts.c.id, service_account_keys.c.created_at)
    )
    if project is not None:
        query = query.where(service_accounts.c.project_id == project.id)
    if within is not None:
        query = query.where(service_accounts.c.project_id.in_(within))
    if account is not None:
        query = query.where(_named(account))
    return [
        Listed(
            id=row[service_accounts.c.id],
            key_id=row[service_account_keys.c.id],
            email=row[service_accounts.c.email],
            project=row["project"],
            created_at=row[service_account_keys.c.created_at],
            revoked_at=_earlier(
                row[service_accounts.c.revoked_at], row[service_account_keys.c.revoked_at]
            ),
            project_id=row[service_accounts.c.project_id],
            name=row[service_accounts.c.name],
        )
        for row in (await connection.execute(query)).mappings()
    ]


async def revoke(connection: AsyncConnection, given: str, project: Project | None = None) -> str:
    """Ends an account (named by email or id) or one of its keys (by its id); returns what ended.

    Tokens that it got end with it. Revoking twice is fine and keeps the first time. Raises
    ``NotFound``.
    """
    accounts = select(service_accounts.c.id).where(_named(given))
    keys = (
        select(service_account_keys.c.id)
        .join(service_accounts, service_accounts.c.id == service_account_keys.c.account_id)
        .where(service_account_keys.c.id == given)
    )
    for query, table in ((accounts, service_accounts), (keys, service_account_keys)):
        if project is not None:
            query = query.where(service_accounts.c.project_id == project.id)
        found = await connection.scalar(query)
        if found is not None:
            await connection.execute(
                update(table)
                .where(table.c.id == found, table.c.revoked_at.is_(None))
                .values(revoked_at=now())
            )
            await _forget_roles(connection, str(found))
            await count(connection, CREDENTIALS)
            return str(found)
    raise _unknown()


async def owner_of(connection: AsyncConnection, key_id: str) -> str | None:
    """The id of the account that a key belongs to."""
    query = select(service_account_keys.c.account_id).where(service_account_keys.c.id == key_id)
    found = await connection.scalar(query)
    return None if found is None else str(found)


async def keys_of(
    connection: AsyncConnection, email: str, key_id: str | None = None
) -> list[AccountKey]:
    """The keys by which an account may have signed: those that count, then revoked ones.

    With ``key_id`` at most that one. Empty for an account, or a key of it, that is unknown.
    """
    query = (
        account_keys()
        .where(service_accounts.c.email == email)
        .order_by(
            service_account_keys.c.revoked_at.is_not(None),
            service_account_keys.c.created_at.desc(),
        )
    )
    if key_id is not None:
        query = query.where(service_account_keys.c.id == key_id)
    rows = (await connection.execute(query.limit(2 * _MOST_KEYS))).all()
    return [await account_key(connection, row) for row in rows]


def account_keys() -> Select[Any]:
    """All keys with the caller each stands for; ``account_key`` reads its rows."""
    return (
        select(
            service_account_keys.c.id.label("key_id"),
            service_account_keys.c.public_key,
            service_account_keys.c.revoked_at.label("key_revoked_at"),
            service_accounts.c.id.label("account_id"),
            service_accounts.c.email,
            service_accounts.c.revoked_at.label("account_revoked_at"),
            projects.c.id.label("project_id"),
            projects.c.name.label("project_name"),
            projects.c.number.label("project_number"),
            projects.c.locations,
            projects.c.fault,
            projects.c.tier,
            projects.c.billing,
            projects.c.markup,
            projects.c.suspended_at,
            projects.c.audit_content,
        )
        .select_from(service_account_keys)
        .join(service_accounts, service_accounts.c.id == service_account_keys.c.account_id)
        .join(projects, projects.c.id == service_accounts.c.project_id)
    )


async def account_key(connection: AsyncConnection, row: Row[Any]) -> AccountKey:
    """A row of ``account_keys``."""
    asks = await principals.named(connection, principals.of_account(row.email))
    terms = await terms_of(
        connection,
        row.project_id,
        row.tier,
        Billing(row.billing),
        row.markup,
        row.account_id,
    )
    return AccountKey(
        id=row.key_id,
        public_key=row.public_key,
        ended=row.key_revoked_at is not None or row.account_revoked_at is not None,
        caller=Caller(
            project_id=row.project_id,
            key_id=row.account_id,
            project_name=row.project_name,
            project_number=row.project_number,
            locations=places(row.locations),
            fault=row.fault,
            terms=terms,
            audits_prompts=row.audit_content,
            may_generate=asks.may(Action.IMAGES_GENERATE, row.project_id),
        ),
        suspended=row.suspended_at is not None,
    )


async def _forget_roles(connection: AsyncConnection, account_id: str) -> None:
    """An account that was revoked is a member of nothing (a key of one is no account)."""
    email = select(service_accounts.c.email).where(service_accounts.c.id == account_id)
    if found := await connection.scalar(email):
        await connection.execute(
            delete(schema.members).where(schema.members.c.principal == principals.of_account(found))
        )


async def _new_key(
    connection: AsyncConnection, account_id: str, *, email: str, project: str
) -> NewAccountKey:
    pair = generate_private_key(public_exponent=65537, key_size=_RSA_BITS)  # about 0.1 s
    public = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_id = secrets.token_hex(20)  # the form that Google's have
    await connection.execute(
        service_account_keys.insert().values(
            id=key_id,
            account_id=account_id,
            public_key=public.decode(),
            created_at=now(),
            revoked_at=None,
        )
    )
    return NewAccountKey(key_id, account_id, email, project, private.decode())


def _named(account: str) -> ColumnElement[bool]:
    return or_(service_accounts.c.email == account, service_accounts.c.id == account)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((time for time in (one, other) if time is not None), default=None)


def _unknown() -> NotFound:
    return NotFound(
        "There is no such service account. `pisang service-accounts list` shows the accounts and "
        "the ids of their keys.",
        field="account",
    )
