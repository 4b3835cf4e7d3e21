"""Connections and transactions: SQLite in WAL mode, so that readers never wait for a writer; or
PostgreSQL (``store/postgres.py``).

The trap is SQLite's deferred transaction: one that reads first and writes later fails at once, with
no waiting, when another process wrote in between. ``write`` therefore takes the write lock at its
start (``BEGIN IMMEDIATE``) and waits its turn. Every failure of the database leaves as a
``StoreError`` with a sentence for the operator.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from pisang.core.errors import StoreError, StoreUnavailable
from pisang.core.obstacles import Obstacle
from pisang.store import postgres as on_postgres
from pisang.store.changes import Changes

BUSY_SECONDS = 10
_IMMEDIATE = "pisang_immediate"

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # in WAL mode a power cut loses the last commits, never the file
    "PRAGMA foreign_keys = ON",
)

# What SQLite says, what an operator can do about it, and what others are told.
_REMEDIES: Final[Sequence[tuple[str, str, Obstacle | None]]] = (
    ("readonly", "it is read-only. Give this user the right to write to it.", Obstacle.READ_ONLY),
    ("disk is full", "the disk is full. Free some space and try again.", Obstacle.DISK_FULL),
    ("unable to open", "it cannot be opened. Look at the rights of the data folder.", None),
    ("not a database", "the file is no SQLite database. Restore it from a backup.", None),
    ("malformed", "the file is damaged. Restore it from a backup.", None),
    ("disk i/o", "the disk reports an error. Look at the system's log.", None),
    (
        "locked",
        f"another process held it for more than {BUSY_SECONDS} seconds. Try again.",
        Obstacle.HELD,
    ),
)
_PASSING = ("disk is full", "locked")  # it will go again, without anything to be repaired


class Database:
    """The open database; ``read`` and ``write`` give a connection inside a transaction.

    ``path`` is the file of SQLite. Where ``postgres`` is the address of a PostgreSQL, that is used
    instead, and there is no such file.
    """

    def __init__(self, path: Path, postgres: str | None = None) -> None:
        self.path = path
        self.postgres = postgres
        self.changes = Changes(path)
        self._engine = on_postgres.engine(postgres) if postgres else _on_sqlite(path)

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that sees one state of the database and changes nothing."""
        return self._begin(writes=False)

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may change things; it commits at the end, or not at all."""
        return self._begin(writes=True)

    async def check(self) -> None:
        """Raises ``StoreError`` unless the database answers."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1 FROM projects LIMIT 1"))

    async def close(self) -> None:
        await self._engine.dispose()
        self.changes.close()

    @asynccontextmanager
    async def _begin(self, *, writes: bool) -> AsyncIterator[AsyncConnection]:
        if self.postgres:
            engine = self._engine.execution_options(**on_postgres.options(writes=writes))
            with on_postgres.sentences(self.postgres):
                async with engine.begin() as connection:
                    if writes:
                        await on_postgres.take_turn(connection)
                    yield connection
            return
        engine = self._engine.execution_options(**{_IMMEDIATE: writes})
        with sentences(self.path):
            try:
                async with engine.begin() as connection:
                    yield connection
            finally:
                if writes:
                    self.changes.made()


def _on_sqlite(path: Path) -> AsyncEngine:
    engine = create_async_engine(address(path, driver="sqlite+aiosqlite"))
    prepare(engine.sync_engine)
    return engine


def address(path: Path, *, driver: str = "sqlite") -> URL:
    return URL.create(driver, database=str(path))


def prepare(engine: Engine) -> None:
    """Sets up every connection of an engine, and takes over ``BEGIN`` from the driver."""

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver's own BEGIN is always a deferred one
        try:
            cursor = dbapi.cursor()
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            cursor.close()
        except Exception:
            dbapi.close()  # nobody else knows of it yet
            raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_IMMEDIATE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def immediate(engine: Engine) -> Engine:
    """The same engine, whose transactions take the write lock at their start."""
    return engine.execution_options(**{_IMMEDIATE: True})


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns whatever the database raises into a ``StoreError`` that says what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        said = str(cause).lower()
        known = ((remedy, obstacle) for words, remedy, obstacle in _REMEDIES if words in said)
        remedy, obstacle = next(known, (f"{cause}.", None))
        kind = StoreUnavailable if any(words in said for words in _PASSING) else StoreError
        failed = kind(f"The database {path} cannot be used: {remedy}")
        failed.obstacle = obstacle
        raise failed from error
