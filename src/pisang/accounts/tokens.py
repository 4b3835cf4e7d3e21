"""Access tokens: what a service account gets for a signed request, good for an hour.

A token is ``pst_`` and random letters and digits (``accounts/credentials.py``). It is not a signed
text that carries its own truth: looking it up is what makes a revocation of token, key or account
work at once, in every process.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts.credentials import Valid, digest, new_secret
from pisang.accounts.keys import suspended
from pisang.accounts.service_accounts import account_key, account_keys
from pisang.core.clock import now
from pisang.core.errors import ExpiredToken, InvalidToken
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import access_tokens, service_account_keys

PREFIX: Final = "pst_"
_REMEMBERED: Final = timedelta(days=1)  # an expired token, to be told apart from an unknown one


async def issue(connection: AsyncConnection, key_id: str, *, seconds: int) -> str:
    """Makes a token for the account that signed with this key; returns it, the only time.

    Call it inside a write transaction.
    """
    secret = new_secret(PREFIX)
    await connection.execute(
        access_tokens.insert().values(
            digest=digest(secret), key_id=key_id, expires_at=now() + timedelta(seconds=seconds)
        )
    )
    return secret


async def verify(connection: AsyncConnection, secret: str) -> Valid:
    """Whom a token stands for.

    Raises ``ExpiredToken`` where its time is over or its key or account was revoked,
    ``InvalidToken`` for one that is unknown, or that was itself revoked, and ``ProjectSuspended``.
    """
    query = (
        account_keys()
        .add_columns(access_tokens.c.expires_at)
        .join(access_tokens, access_tokens.c.key_id == service_account_keys.c.id)
        .where(access_tokens.c.digest == digest(secret))
    )
    row = (await connection.execute(query)).first()
    if row is None:
        raise InvalidToken(
            "This server gave out no such access token, or it was revoked. Get a new one: "
            "`pisang token`, or let your client sign in again."
        )
    if row.expires_at <= now():
        raise ExpiredToken(
            "The access token is too old. Get a new one: `pisang token`, or let your client sign "
            "in again."
        )
    key = await account_key(connection, row)
    if key.ended:
        raise ExpiredToken("The service account of this access token, or its key, was revoked.")
    if key.suspended:
        raise suspended(key.caller.project_number)
    return Valid(key.caller, row.expires_at)


async def revoke(connection: AsyncConnection, secret: str) -> bool:
    """Ends a token; False for one that is unknown. Call it inside a write transaction."""
    ended = await connection.execute(
        delete(access_tokens)
        .where(access_tokens.c.digest == digest(secret))
        .returning(access_tokens.c.digest)
    )
    await count(connection, CREDENTIALS)
    return ended.first() is not None


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Forgets the tokens that expired more than a day before ``at`` (UTC without a zone); returns
    how many there were."""
    return await expire(database, blobs, access_tokens, at - _REMEMBERED)
