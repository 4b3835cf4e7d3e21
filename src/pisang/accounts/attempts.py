"""Attempts to sign in, counted in the database, so that all servers and processes count together: a
few for one person from one address, more for one address, more again for one person from
everywhere.

An attempt is counted before the password is looked at, so that many at once are no way around. The
slow digest of passwords makes guessing hopeless, and the count keeps it cheap for us: an attempt
that is refused computes no such digest and writes nothing. Emails and addresses are kept as digests
only, because people type passwords into the wrong field.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import TooManyAttempts
from pisang.core.ids import new_id
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.schema import sign_in_attempts as attempts

SECONDS: Final = 300.0
MOST: Final[Mapping[str, int]] = {"both": 5, "address": 30, "email": 60}
"""Attempts in ``SECONDS``: of one person from one address, from one address, of one person."""


async def check(connection: AsyncConnection, address: str, email: str = "") -> None:
    """Raises ``TooManyAttempts`` where there is no room for one more. Without an ``email`` (the
    issuer is still to say whose it is) only the address counts."""
    at, most = now(), _subjects(address, email)
    query = (
        select(attempts.c.subject, func.count(), func.min(attempts.c.expires_at))
        .where(attempts.c.subject.in_(most), attempts.c.expires_at > at)
        .group_by(attempts.c.subject)
    )
    found = (await connection.execute(query)).all()
    # Never more are counted than fit, so the oldest one's end is when there is room again.
    if ends := [end for subject, count, end in found if count >= most[bytes(subject)]]:
        raise TooManyAttempts(
            "Too many attempts to sign in. Wait a few minutes, then try again.",
            retry_after=(max(ends) - at).total_seconds(),
        )


async def admit(connection: AsyncConnection, address: str, email: str = "") -> str:
    """Counts an attempt, which gets an id. Call it inside a write transaction. Raises
    ``TooManyAttempts``, and then counts none."""
    await check(connection, address, email)
    id_, ends = new_id("att"), now() + timedelta(seconds=SECONDS)
    rows = [
        {"id": id_, "subject": subject, "expires_at": ends} for subject in _subjects(address, email)
    ]
    await connection.execute(insert(attempts), rows)
    return id_


async def passed(connection: AsyncConnection, id_: str, address: str, email: str = "") -> None:
    """Forgets what somebody tried who has signed in: all attempts of this person from this address,
    and this one (``id_``) where it counts for others too. Call it inside a write transaction."""
    own = attempts.c.subject == _digest("both", address, email)
    await connection.execute(delete(attempts).where(or_(attempts.c.id == id_, own)))


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Forgets the attempts that count no more at ``at`` (UTC without a zone); returns how many rows
    there were."""
    return await expire(database, blobs, attempts, at)


def _subjects(address: str, email: str) -> Mapping[bytes, int]:
    """What an attempt counts for, and the most that each takes."""
    counted = {"both": (address, email), "address": (address,), "email": (email,)}
    names = counted if email else ("address",)
    return {_digest(name, *counted[name]): MOST[name] for name in names}


def _digest(*words: str) -> bytes:
    return hashlib.sha256("\0".join(words).encode(errors="replace")).digest()
