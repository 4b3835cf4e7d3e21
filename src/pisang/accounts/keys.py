"""API keys: made once, shown once, kept only as a digest.

A key is ``psk_`` and random letters and digits (``accounts/credentials.py``). It is looked up by
its digest, in one indexed read; ``accounts/known.py`` keeps what was found until one is changed.
A key that is found on the street is reported as leaked, which blocks it at once; one that is to be
replaced without a pause is rotated (``accounts/rotation.py``).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import restrictions as limited
from pisang.accounts.credentials import Valid, digest, new_secret
from pisang.accounts.projects import Project, checked_name, places
from pisang.accounts.terms import terms_of
from pisang.core.caller import UNRESTRICTED, Allowance, Caller, ChatImages, Restrictions
from pisang.core.clock import now
from pisang.core.errors import (
    FailedPrecondition,
    InvalidKey,
    KeyBlocked,
    NotFound,
    ProjectSuspended,
    RequestError,
)
from pisang.core.ids import new_id
from pisang.core.terms import Billing
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import keys, projects

PREFIX = "psk_"
MAX_LENGTH = 256  # of any credential that is looked at; a longer one is not ours
DORMANT: Final = timedelta(days=90)
_MOST_SUCCESSORS: Final = (
    20  # of keys that were rotated again and again while the first still lives
)


_OF_PROJECT: Final = (
    "name",
    "number",
    "locations",
    "fault",
    "tier",
    "billing",
    "markup",
    "block_dormant",
    "suspended_at",
    "audit_content",
)


class State(StrEnum):
    """What became of a key; the first that is so counts."""

    REVOKED = "revoked"
    LEAKED = "leaked"
    EXPIRED = "expired"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A key at the only moment when it is known."""

    id: str
    key: str

    def __repr__(self) -> str:  # a key must never reach a log
        return f"NewKey({self.id!r})"


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key; ``replaces`` is the id of the one that it took over from."""

    id: str
    project: str
    name: str
    last4: str
    created_at: datetime
    revoked_at: datetime | None
    chat_images: ChatImages
    allowed: frozenset[Allowance] = frozenset()
    restrictions: Restrictions = UNRESTRICTED
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    leaked_at: datetime | None = None
    replaces: str | None = None
    project_id: str = ""

    def state(self, at: datetime) -> State:
        """What it is at a time."""
        if self.revoked_at is not None:
            return State.REVOKED
        if self.leaked_at is not None:
            return State.LEAKED
        if self.expires_at is not None and self.expires_at <= at:
            return State.EXPIRED
        return State.ACTIVE


async def create(
    connection: AsyncConnection,
    project: Project,
    *,
    name: str,
    chat_images: ChatImages = ChatImages.IMAGES,
    allowed: Collection[Allowance] = (),
    restrictions: Restrictions = UNRESTRICTED,
    expires_at: datetime | None = None,
    replaces: str | None = None,
) -> NewKey:
    """Makes a key for a project. Call it inside a write transaction. Raises ``RequestError`` for a
    name that is none, and for an end that lies behind us."""
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
            restrictions=limited.written(restrictions),
            expires_at=checked_end(expires_at),
            replaces=replaces,
            created_at=now(),
            revoked_at=None,
        )
    )
    return made


async def listed(
    connection: AsyncConnection,
    project: Project | None = None,
    *,
    within: Collection[str] | None = None,
    after: str = "",
    most: int | None = None,
) -> list[Key]:
    """Every key, revoked ones too, oldest first; of one project or of all, or ``within`` those with
    these ids. ``most`` of them, beginning ``after`` an id."""
    query = _rows().order_by(keys.c.id).limit(most)
    if project is not None:
        query = query.where(keys.c.project_id == project.id)
    if within is not None:
        query = query.where(keys.c.project_id.in_(within))
    if after:
        query = query.where(keys.c.id > after)
    return [_key(row) for row in await connection.execute(query)]


async def get(connection: AsyncConnection, given: str, project: Project | None = None) -> Key:
    """One key, named by its id or by the key itself. Raises ``NotFound``."""
    found = await find(connection, given, project)
    return _key((await connection.execute(_rows().where(keys.c.id == found))).one())


async def any_made(connection: AsyncConnection) -> bool:
    """Whether any key was ever made; if not, this is the first start."""
    return (await connection.execute(select(keys.c.id).limit(1))).first() is not None


async def revoke(connection: AsyncConnection, given: str, project: Project | None = None) -> str:
    """Ends a key, named by its id or by the key itself; returns its id.

    Revoking twice is fine and keeps the first time. Raises ``NotFound``.
    """
    found = await find(connection, given, project)
    ended = update(keys).where(keys.c.id == found, keys.c.revoked_at.is_(None))
    await connection.execute(ended.values(revoked_at=now()))
    await count(connection, CREDENTIALS)
    return found


async def report_leaked(
    connection: AsyncConnection, given: str, project: Project | None = None
) -> str:
    """Blocks a key that somebody found where it should not be, at once and for good; named as in
    ``revoke``. Returns its id. Raises ``NotFound``."""
    found = await find(connection, given, project)
    marked = update(keys).where(keys.c.id == found, keys.c.leaked_at.is_(None))
    await connection.execute(marked.values(leaked_at=now()))
    await count(connection, CREDENTIALS)
    return found


async def change(
    connection: AsyncConnection,
    given: str,
    project: Project | None = None,
    *,
    name: str | None = None,
    chat_images: ChatImages | None = None,
    allowed: Collection[Allowance] | None = None,
    restrictions: Restrictions | None = None,
    expires_at: datetime | None = None,
    never_expires: bool = False,
) -> str:
    """Changes how a key is served, from its next request on; named as in ``revoke``. What is None
    stays as it is.

    Returns the key's id. Raises ``NotFound``, and ``FailedPrecondition`` for a key without an end
    beside the one that took over from it.
    """
    found = await find(connection, given, project)
    if never_expires and (successor := await newest(connection, found)) != found:
        raise FailedPrecondition(
            f"This key was rotated, to {successor}, so it has to end: give it a later end.",
            field="never_expires",
        )
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = checked_name(name, what="key")
    if chat_images is not None:
        values["chat_images"] = chat_images.value
    if allowed is not None:
        values["allowed"] = ",".join(sorted(allowed))
    if restrictions is not None:
        values["restrictions"] = limited.written(restrictions)
    if expires_at is not None or never_expires:
        values["expires_at"] = checked_end(expires_at)
    if values:
        await connection.execute(update(keys).where(keys.c.id == found).values(**values))
        await count(connection, CREDENTIALS)
    return found


def allowances(kept: str) -> frozenset[Allowance]:
    """What a key may do, as its row has it."""
    return frozenset(Allowance(name) for name in kept.split(",") if name)


def checked_end(expires_at: datetime | None) -> datetime | None:
    """When a key is to expire, which has to lie ahead. Raises ``RequestError``."""
    if expires_at is not None and expires_at <= now():
        raise RequestError("A key cannot expire in the past: revoke it.", field="expires_at")
    return expires_at


async def verify(
    connection: AsyncConnection, secret: str, *, dormant: timedelta = DORMANT
) -> Valid | None:
    """Whom a key stands for; None for a key that is unknown or revoked. ``dormant`` is how long one
    without restrictions may lie unused in a project that blocks such keys.

    Raises ``InvalidKey`` for a key that has expired, ``KeyBlocked`` and ``ProjectSuspended``.
    """
    query = (
        select(keys, *(projects.c[name].label(f"project_{name}") for name in _OF_PROJECT))
        .join(projects, projects.c.id == keys.c.project_id)
        .where(keys.c.digest == digest(secret), keys.c.revoked_at.is_(None))
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    restrictions = limited.read(row.restrictions)
    sleeps = row.project_block_dormant and restrictions == UNRESTRICTED
    dormant_at = (row.last_used_at or row.created_at) + dormant if sleeps else None
    _check(row, dormant_at)
    terms = await terms_of(
        connection,
        row.project_id,
        row.project_tier,
        Billing(row.project_billing),
        row.project_markup,
        await newest(connection, row.id) if row.expires_at else row.id,
    )
    caller = Caller(
        project_id=row.project_id,
        key_id=row.id,
        project_name=row.project_name,
        project_number=row.project_number,
        chat_images=ChatImages(row.chat_images),
        allowed=allowances(row.allowed),
        locations=places(row.project_locations),
        fault=row.project_fault,
        restrictions=restrictions,
        terms=terms,
        audits_prompts=row.project_audit_content,
    )
    return Valid(caller, _first(row.expires_at, dormant_at))


async def find(connection: AsyncConnection, given: str, project: Project | None = None) -> str:
    """The id of a key. The error never repeats what was given, because that may be a key."""
    column = keys.c.digest == digest(given) if given.startswith(PREFIX) else keys.c.id == given
    query = select(keys.c.id).where(column)
    if project is not None:
        query = query.where(keys.c.project_id == project.id)
    found = await connection.scalar(query)
    if found is None:
        raise NotFound("There is no such key. `pisang keys list` shows the ids.", field="key")
    return str(found)


def suspended(project: str) -> ProjectSuspended:
    """What every request of a suspended project is answered; Google's own words come first."""
    return ProjectSuspended(
        f"Permission denied: Consumer 'projects/{project}' has been suspended. Whoever runs this "
        "server can let it in again: pisang projects resume.",
        metadata={"consumer": f"projects/{project}"},
    )


def _check(row: Row[Any], dormant_at: datetime | None) -> None:
    at = now()
    if row.leaked_at is not None:
        raise KeyBlocked("Your API key was reported as leaked. Please use another API key.")
    if row.expires_at is not None and row.expires_at <= at:
        raise InvalidKey("API key expired. Please renew the API key.")
    if dormant_at is not None and dormant_at <= at:
        raise KeyBlocked(
            "This API key has no restrictions and was not used for long, so its project blocks it. "
            "Restrict it (pisang keys update), or make another one."
        )
    if row.project_suspended_at is not None:
        raise suspended(row.project_number)


async def newest(connection: AsyncConnection, key_id: str) -> str:
    """The id of the key that took over from this one, which has what both may use and spend; its
    own where none did."""
    for _ in range(_MOST_SUCCESSORS):
        query = select(keys.c.id).where(keys.c.replaces == key_id).order_by(keys.c.id.desc())
        found = await connection.scalar(query.limit(1))
        if found is None:
            break
        key_id = str(found)
    return key_id


def _first(*times: datetime | None) -> datetime | None:
    there: Iterable[datetime] = (time for time in times if time is not None)
    return min(there, default=None)


def _rows() -> Select[Any]:
    return select(keys, projects.c.name.label("project")).join(
        projects, projects.c.id == keys.c.project_id
    )


def _key(row: Row[Any]) -> Key:
    return Key(
        id=row.id,
        project=row.project,
        name=row.name,
        last4=row.last4,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        chat_images=ChatImages(row.chat_images),
        allowed=allowances(row.allowed),
        restrictions=limited.read(row.restrictions),
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        leaked_at=row.leaked_at,
        replaces=row.replaces,
        project_id=row.project_id,
    )
