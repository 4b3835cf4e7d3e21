"""Counts changes of what servers keep in memory, so that each of them sees that its copy is old.

Each kind of thing has a row with a number. Whoever changes such a thing counts in the same
transaction, so nobody can see the new number with the old thing. Before a server uses what it
keeps, it looks at the number: that is one row of a file that is mapped into memory, read in four
microseconds on a connection of its own and without leaving the event loop. (A database that is
reached over a network could not be asked that often: there ``Numbers`` has to be told instead, as
PostgreSQL does with LISTEN and NOTIFY.)
"""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.store.database import sentences
from pisang.store.schema import revisions

CREDENTIALS: Final = "credentials"
"""Who a credential stands for: keys, tokens, accounts, and the projects they belong to."""

ROUTES: Final = "routes"
"""Engines and routes that the admin API made."""

_QUERY: Final = "SELECT number FROM revisions WHERE name = ?"


async def count(connection: AsyncConnection, name: str) -> None:
    """Counts a change. Call it inside the write transaction that makes it."""
    row = revisions.c.name == name
    counted = await connection.execute(
        update(revisions).where(row).values(number=revisions.c.number + 1)
    )
    if not counted.rowcount:
        await connection.execute(insert(revisions).values(name=name, number=1))


class Numbers:
    """The numbers as they are now, for one thread: the first that asks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def now(self, name: str) -> int:
        """How often a kind of thing was changed so far, by whichever process. Raises
        ``StoreError``."""
        with sentences(self._path):
            if self._connection is None:
                address = f"{self._path.absolute().as_uri()}?mode=rw"  # "rwc" would make a new one
                self._connection = sqlite3.connect(address, uri=True, isolation_level=None)
            row = self._connection.execute(_QUERY, (name,)).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
