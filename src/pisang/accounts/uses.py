"""When each key was last used: noted in memory, written once a minute, for all keys together.

A request only puts a name into a set. What is not written yet is lost where a server is killed;
that is a minute at most, and nothing but what people see and the dormant rule depend on it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import StoreError
from pisang.store.database import Database
from pisang.store.schema import keys

log = structlog.get_logger("pisang.uses")

OFTEN: Final = 60.0  # seconds between two writes


class Uses:
    """The keys that were used since they were last written down."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[str] = set()

    def note(self, key_id: str) -> None:
        """A key was used just now."""
        self._used.add(key_id)

    async def write(self) -> int:
        """Writes down what was noted; returns how many keys that were. Raises ``StoreError``, and
        then forgets nothing."""
        used, self._used = self._used, set()
        if not used:
            return 0
        try:
            async with self._database.write() as connection:
                await written(connection, used, at=now())
        except BaseException:
            self._used |= used
            raise
        return len(used)

    @asynccontextmanager
    async def writing(self, *, often: float = OFTEN) -> AsyncIterator[None]:
        """Writes in the background until the block is left, and once more at its end."""

        async def work() -> None:
            while True:
                await asyncio.sleep(often)
                await self._tried()

        task = asyncio.create_task(work(), name="uses")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self._tried()

    async def _tried(self) -> None:
        try:
            await self.write()
        except StoreError as error:
            log.error("last uses", why=error.message)


async def written(connection: AsyncConnection, used: set[str], *, at: datetime) -> None:
    """Sets when these keys were last used; never to an earlier time than another server did."""
    query = update(keys).where(
        keys.c.id == bindparam("key"),
        or_(keys.c.last_used_at.is_(None), keys.c.last_used_at < at),
    )
    rows = [{"key": key_id} for key_id in sorted(used)]  # in one order, so that none wait in a ring
    await connection.execute(query.values(last_used_at=at), rows)
