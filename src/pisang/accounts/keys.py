"""API keys: made once, shown once, kept only as a digest.

A key is ``psk_`` and random letters and digits (``accounts/credentials.py``). It is looked up by
its digest, in one indexed read; ``accounts/known.py`` keeps what was found until one is changed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts.credentials import digest, new_secret
from pisang.accounts.projects import Project, checked_name, places
from pisang.core.caller import Allowance, Caller, ChatImages
from pisang.core.clock import now
from pisang.core.errors import NotFound
from pisang.core.ids import new_id
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import keys, projects

PREFIX = "psk_"
MAX_LENGTH = 256  # of any credential that is looked at; a longer one is not ours


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A key at the only moment when it is known."""

    id: str
    key: str

    def __repr__(self) -> str:  # a key must never reach a log
        return f"NewKey({self.id!r})"


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key."""

    id: str
    project: str
    name: str
    last4: str
    created_at: datetime
    revoked_at: datetime | None
    chat_images: ChatImages
    allowed: frozenset[Allowance] = frozenset()


async def create(
    connection: AsyncConnection,
    project: Project,
    *,
    name: str,
    chat_images: ChatImages = ChatImages.IMAGES,
    allowed: Collection[Allowance] = (),
) -> NewKey:
    """Makes a key for a project. Call it inside a write transaction."""
    secret = new_secret(PREFIX)
    made = NewKey(new_id("key"), secret)
    await connection.execute(
        keys.insert().values(
            id=made.id,
            project_id=project.id,
            name=checked_name(name, what="key"),
            digest=digest(secret),
            last4=secret[-4:],
            chat_images=chat_images.value,
            allowed=",".join(sorted(allowed)),
            created_at=now(),
            revoked_at=None,
        )
    )
    return made


async def listed(connection: AsyncConnection, project: Project | None = None) -> list[Key]:
    """Every key, revoked ones too, oldest first; of one project or of all."""
    query = (
        select(
            keys.c.id,
            projects.c.name.label("project"),
            keys.c.name,
            keys.c.last4,
            keys.c.created_at,
            keys.c.revoked_at,
            keys.c.chat_images,
            keys.c.allowed,
        )
        .join(projects, projects.c.id == keys.c.project_id)
        .order_by(keys.c.id)
    )
    if project is not None:
        query = query.where(keys.c.project_id == project.id)
    rows = await connection.execute(query)
    return [
        Key(*row[:-2], chat_images=ChatImages(row.chat_images), allowed=allowances(row.allowed))
        for row in rows
    ]


async def any_made(connection: AsyncConnection) -> bool:
    """Whether any key was ever made; if not, this is the first start."""
    return (await connection.execute(select(keys.c.id).limit(1))).first() is not None


async def revoke(connection: AsyncConnection, given: str, project: Project | None = None) -> str:
    """Ends a key, named by its id or by the key itself; returns its id.

    Revoking twice is fine and keeps the first time. Raises ``NotFound``.
    """
    found = await _find(connection, given, project)
    ended = update(keys).where(keys.c.id == found, keys.c.revoked_at.is_(None))
    await connection.execute(ended.values(revoked_at=now()))
    await count(connection, CREDENTIALS)
    return found


async def change(
    connection: AsyncConnection,
    given: str,
    project: Project | None = None,
    *,
    chat_images: ChatImages | None = None,
    allowed: Collection[Allowance] | None = None,
) -> str:
    """Changes how a key is served, from its next request on; named as in ``revoke``. What is None
    stays as it is.

    Returns the key's id. Raises ``NotFound``.
    """
    found = await _find(connection, given, project)
    values: dict[str, str] = {}
    if chat_images is not None:
        values["chat_images"] = chat_images.value
    if allowed is not None:
        values["allowed"] = ",".join(sorted(allowed))
    if values:
        await connection.execute(update(keys).where(keys.c.id == found).values(**values))
        await count(connection, CREDENTIALS)
    return found


def allowances(kept: str) -> frozenset[Allowance]:
    """What a key may do, as its row has it."""
    return frozenset(Allowance(name) for name in kept.split(",") if name)


async def verify(connection: AsyncConnection, secret: str) -> Caller | None:
    """The caller a key stands for; None for a key that is unknown or revoked."""
    query = (
        select(
            keys.c.id,
            keys.c.project_id,
            keys.c.chat_images,
            keys.c.allowed,
            projects.c.name,
            projects.c.number,
            projects.c.locations,
            projects.c.fault,
        )
        .join(projects, projects.c.id == keys.c.project_id)
        .where(keys.c.digest == digest(secret), keys.c.revoked_at.is_(None))
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Caller(
        project_id=row.project_id,
        key_id=row.id,
        project_name=row.name,
        project_number=row.number,
        chat_images=ChatImages(row.chat_images),
        allowed=allowances(row.allowed),
        locations=places(row.locations),
        fault=row.fault,
    )


async def _find(connection: AsyncConnection, given: str, project: Project | None) -> str:
    """The id of a key. The error never repeats what was given, because that may be a key."""
    column = keys.c.digest == digest(given) if given.startswith(PREFIX) else keys.c.id == given
    query = select(keys.c.id).where(column)
    if project is not None:
        query = query.where(keys.c.project_id == project.id)
    found = await connection.scalar(query)
    if found is None:
        raise NotFound("There is no such key. `pisang keys list` shows the ids.", field="key")
    return str(found)
