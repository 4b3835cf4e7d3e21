"""Sessions: what a person who signed in carries instead of their password, until they sign out.

A token is ``pss_`` and random letters and digits (``accounts/credentials.py``). It is looked up
each time, so that signing out, a new password and a disabled user end it at once everywhere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import users
from pisang.accounts.credentials import digest, new_secret
from pisang.accounts.users import User
from pisang.core.clock import now
from pisang.core.errors import ExpiredToken, InvalidToken
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.schema import sessions

PREFIX: Final = "pss_"
MAX_LENGTH: Final = 256  # of a token that is looked at
_REMEMBERED: Final = timedelta(days=1)  # an expired one, to be told apart from an unknown one


@dataclass(frozen=True, slots=True, repr=False)
class NewSession:
    """A session at the only moment when its token is known."""

    token: str
    user: User
    expires_at: datetime

    def __repr__(self) -> str:  # a token must never reach a log
        return f"NewSession({self.user.email!r})"


async def start(connection: AsyncConnection, user: User, *, lasts: timedelta) -> NewSession:
    """Signs a user in, who has shown who they are. Call it inside a write transaction."""
    secret, at = new_secret(PREFIX), now()
    made = NewSession(secret, user, at + lasts)
    await connection.execute(
        sessions.insert().values(
            digest=digest(secret), user_id=user.id, created_at=at, expires_at=made.expires_at
        )
    )
    await users.signed_in(connection, user)
    return made


async def verify(connection: AsyncConnection, secret: str) -> User:
    """Who signed in. Raises ``InvalidToken`` for a token that is unknown or was signed out, or
    whose user is disabled, and ``ExpiredToken``."""
    query = select(sessions.c.user_id, sessions.c.expires_at)
    row = (await connection.execute(query.where(sessions.c.digest == digest(secret)))).first()
    if row is None:
        raise InvalidToken("This sign-in has ended. Sign in again: pisang login.")
    if row.expires_at <= now():
        raise ExpiredToken("This sign-in is too old. Sign in again: pisang login.")
    user = await users.find(connection, row.user_id)
    if user.disabled_at is not None:
        raise InvalidToken("This sign-in has ended. Sign in again: pisang login.")
    return user


async def end(connection: AsyncConnection, secret: str) -> bool:
    """Signs out; False for a token that is unknown. Call it inside a write transaction."""
    ended = await connection.execute(
        delete(sessions).where(sessions.c.digest == digest(secret)).returning(sessions.c.digest)
    )
    return ended.first() is not None


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Forgets the sessions that expired more than a day before ``at`` (UTC without a zone); returns
    how many there were."""
    return await expire(database, blobs, sessions, at - _REMEMBERED)
