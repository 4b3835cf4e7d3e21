"""The numbers of ``store/revisions.py`` in PostgreSQL: asked for, once for all who wait.

A number must not be older than the request that it is for, so each needs a query that began after
the request came. Requests that come while a query runs wait together for the next one: under load
that is one query for many, on a connection that does nothing else.
"""

import asyncio
from typing import Final

from pisang.store.postgres import Connection, connect, sentences

_QUERY: Final = "SELECT name, number FROM revisions"


class PostgresNumbers:
    """The numbers as they are now, for one event loop."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: Connection | None = None
        self._waiting: list[tuple[str, asyncio.Future[int]]] = []
        self._task: asyncio.Task[None] | None = None

    def now(self, name: str) -> "asyncio.Future[int]":
        """How often a kind of thing was changed so far, by whichever process. The future has it
        soon, or a ``StoreError``."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((name, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._ask())
        return answer

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _ask(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                try:
                    numbers = await self._read()
                except Exception as error:
                    _fail(waiting, error)
                    continue
                for name, answer in waiting:
                    if not answer.done():  # whoever waited may have left
                        answer.set_result(numbers.get(name, 0))
        finally:
            self._task = None

    async def _read(self) -> dict[str, int]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._address)
        with sentences(self._address):
            rows = await self._connection.fetch(_QUERY)
        return {row["name"]: row["number"] for row in rows}


def _fail(waiting: list[tuple[str, "asyncio.Future[int]"]], error: Exception) -> None:
    for _, answer in waiting:
        if not answer.done():
            answer.set_exception(error)
