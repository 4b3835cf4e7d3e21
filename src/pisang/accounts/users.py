"""Users: people who sign in, by a password of this server or by an issuer of the operator's choice.

What a user may do is not here but in ``members.py``: a person may be a member before they ever
signed in, because both name them by their email.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts.members import checked_email
from pisang.accounts.principals import of_user
from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, FailedPrecondition, NotFound, RequestError
from pisang.core.ids import new_id
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import members, sessions, users

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class User:
    """``subject`` is the issuer and whom it calls so, where the person signs in there."""

    id: str
    email: str
    name: str
    created_at: datetime
    last_sign_in_at: datetime | None
    disabled_at: datetime | None
    has_password: bool
    subject: str | None

    @property
    def principal(self) -> str:
        return of_user(self.email)


async def create(
    connection: AsyncConnection,
    email: str,
    *,
    name: str = "",
    password: str | None = None,
    subject: str | None = None,
) -> User:
    """Makes a user; ``password`` is what ``passwords.hashed`` made of theirs. Call it inside a
    write transaction. Raises ``RequestError`` and ``AlreadyExists``."""
    email = checked_email(email)
    taken = select(users.c.id).where(users.c.email == email)
    if await connection.scalar(taken) is not None:
        raise AlreadyExists(f"There is a user {email} already.", field="email")
    made = new_id("usr")
    await connection.execute(
        users.insert().values(
            id=made,
            email=email,
            name=_checked_name(name),
            password=password,
            subject=subject,
            created_at=now(),
        )
    )
    return await find(connection, made)


async def find(connection: AsyncConnection, given: str) -> User:
    """A user, named by email or id. Raises ``NotFound``."""
    row = (await connection.execute(select(users).where(_named(given)))).first()
    if row is None:
        raise NotFound("There is no such user. `pisang users list` shows them.", field="user")
    return _user(row)


async def by_subject(connection: AsyncConnection, subject: str) -> User | None:
    """Whom an issuer knows by this subject."""
    row = (await connection.execute(select(users).where(users.c.subject == subject))).first()
    return _user(row) if row else None


async def listed(
    connection: AsyncConnection, *, after: str = "", most: int | None = None
) -> list[User]:
    """All users, oldest first; ``most`` of them, beginning ``after`` an id."""
    query = select(users).where(users.c.id > after).order_by(users.c.id).limit(most)
    return [_user(row) for row in await connection.execute(query)]


async def password_of(connection: AsyncConnection, email: str) -> tuple[User, str | None] | None:
    """A user and what is kept of the password; None for nobody."""
    row = (await connection.execute(select(users).where(users.c.email == email))).first()
    return (_user(row), row.password) if row else None


async def change(
    connection: AsyncConnection,
    given: str,
    *,
    name: str | None = None,
    password: str | None = None,
    subject: str | None = None,
) -> User:
    """Changes a user; what is None stays. A new password ends all of their sessions. Call it inside
    a write transaction. Raises ``NotFound``."""
    found = await find(connection, given)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _checked_name(name)
    if password is not None:
        values["password"] = password
        await _sign_out(connection, found)
    if subject is not None:
        values["subject"] = subject
    if values:
        await connection.execute(update(users).where(users.c.id == found.id).values(**values))
    return await find(connection, found.id)


async def signed_in(connection: AsyncConnection, user: User) -> None:
    """Notes that they did."""
    await connection.execute(
        update(users).where(users.c.id == user.id).values(last_sign_in_at=now())
    )


async def disable(connection: AsyncConnection, given: str) -> User:
    """Lets a user in no more and ends their sessions. Raises ``NotFound``."""
    found = await find(connection, given)
    kept = users.c.id == found.id, users.c.disabled_at.is_(None)
    await connection.execute(update(users).where(*kept).values(disabled_at=now()))
    await _sign_out(connection, found)
    await count(connection, CREDENTIALS)
    return await find(connection, found.id)


async def enable(connection: AsyncConnection, given: str) -> User:
    """Lets a user in again. Raises ``NotFound``."""
    found = await find(connection, given)
    await connection.execute(update(users).where(users.c.id == found.id).values(disabled_at=None))
    await count(connection, CREDENTIALS)
    return await find(connection, found.id)


async def remove(connection: AsyncConnection, given: str) -> User:
    """Deletes a user and their sessions. Roles are taken away first, so that nobody who comes later
    under the same email has them.

    Raises ``NotFound``, and ``FailedPrecondition`` for who is still a member.
    """
    found = await find(connection, given)
    still = select(members.c.project_id).where(members.c.principal == found.principal)
    if (await connection.execute(still.limit(1))).first() is not None:
        raise FailedPrecondition(
            f"{found.email} is still a member: `pisang members remove` first, or disable them.",
            field="user",
        )
    await _sign_out(connection, found)
    await connection.execute(delete(users).where(users.c.id == found.id))
    return found


async def _sign_out(connection: AsyncConnection, user: User) -> None:
    await connection.execute(delete(sessions).where(sessions.c.user_id == user.id))


def _named(given: str) -> ColumnElement[bool]:
    return or_(users.c.email == given.strip().lower(), users.c.id == given)


def _checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise RequestError(f"A name has at most {_LONGEST_NAME} letters in one line.", field="name")
    return name


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
        disabled_at=row.disabled_at,
        has_password=row.password is not None,
        subject=row.subject,
    )
