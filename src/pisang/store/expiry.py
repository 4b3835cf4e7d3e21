"""Forgets rows whose time is over, and the blobs that they name: the same for every table.

Rows go first: a blob without a row wastes room, a row without its blob would be a promise that
cannot be kept. They go in small transactions, so that nobody waits long for the write lock, and
mostly in none: reading shows that nothing has expired.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from pisang.store.blobs import Blobs
from pisang.store.database import Database

FEW: Final = 500
"""Rows in one transaction."""


async def expire(
    database: Database,
    blobs: Blobs,
    table: Table,
    at: datetime,
    *,
    naming: tuple[ColumnElement[str | None], ...] = (),
) -> int:
    """Deletes the rows whose ``expires_at`` is not after ``at`` (UTC without a zone), then the
    blobs in their columns ``naming`` (an empty one names none); returns how many rows there were.

    Raises ``StoreError``.
    """
    over = table.c.expires_at <= at
    key = tuple_(*table.primary_key.columns)
    some = select(*table.primary_key.columns).where(over).limit(FEW)
    gone = 0
    while True:
        async with database.read() as connection:
            if (await connection.execute(some)).first() is None:
                return gone
        query = delete(table).where(over, key.in_(some))
        async with database.write() as connection:
            rows = (await connection.execute(query.returning(table.c.expires_at, *naming))).all()
        await blobs.delete(*(blob for _, *named in rows for blob in named if blob))
        gone += len(rows)
