"""Counts changes of what servers keep in memory, so that each of them sees that its copy is old.

Each kind of thing has a row with a number. Whoever changes such a thing counts in the same
transaction, so nobody can see the new number with the old thing. Before a server uses what it
keeps, it looks at the number. The number is asked for again whenever anything was written, which
the mark beside the database tells (``store/changes.py``), and else once a second, for what was
written in another way. That takes a fraction of a microsecond, and a few where the row has to be
read, on a connection of its own and without leaving the event loop. (A database that is reached
over a network has no such mark: there ``store/postgres_numbers.py`` asks for the number each time,
once for all who wait. To be told of changes, as by LISTEN and NOTIFY, would be to learn of them too
late.)
"""

import sqlite3
from time import monotonic
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.store.database import Database, sentences
from pisang.store.postgres_numbers import PostgresNumbers
from pisang.store.schema import revisions

CREDENTIALS: Final = "credentials"
"""Who a credential stands for: keys, tokens, accounts, and the projects they belong to."""

ROUTES: Final = "routes"
"""Engines and routes that the admin API made."""

TRUSTED: Final = 1.0
"""Seconds for which a number is the same as long as the mark is."""

_QUERY: Final = "SELECT number FROM revisions WHERE name = ?"


async def count(connection: AsyncConnection, name: str) -> None:
    """Counts a change. Call it inside the write transaction that makes it."""
    row = revisions.c.name == name
    counted = await connection.execute(
        update(revisions).where(row).values(number=revisions.c.number + 1)
    )
    if not counted.rowcount:
        await connection.execute(insert(revisions).values(name=name, number=1))


def numbers(database: Database) -> "Numbers | PostgresNumbers":
    """The numbers of a database, as they are now."""
    return PostgresNumbers(database.postgres) if database.postgres else Numbers(database)


class Numbers:
    """The numbers as they are now, for one thread: the first that asks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._known: dict[str, tuple[bytes, float, int]] = {}  # the mark then, until when, and it

    def now(self, name: str) -> int:
        """How often a kind of thing was changed so far, by whichever process. Raises
        ``StoreError``."""
        mark, at = self._database.changes.mark(), monotonic()  # before the number, never after
        known = self._known.get(name)
        if known is not None and known[0] == mark and at < known[1]:
            return known[2]
        number = self._asked(name)
        self._known[name] = mark, at + TRUSTED, number
        return number

    def _asked(self, name: str) -> int:
        path = self._database.path
        with sentences(path):
            if self._connection is None:
                address = f"{path.absolute().as_uri()}?mode=rw"  # "rwc" would make a new one
                self._connection = sqlite3.connect(address, uri=True, isolation_level=None)
            row = self._connection.execute(_QUERY, (name,)).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
