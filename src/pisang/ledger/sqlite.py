"""The ledger's transactions on SQLite: one connection, one transaction for a batch, done in the
event loop where nothing has to be waited for.

Not through SQLAlchemy: this is on the path of every request. Handing a batch to a thread and back
costs as much as doing it, and in the thread each step of a statement lets go of the interpreter's
lock and has to wait for it. So a batch is done in the event loop. What takes time is done in a
thread: it waits for the disk and for other processes that write, and carries the log over to the
database (a checkpoint). Every table is read in one step, as one row of JSON, unless it is known
from the batch before (``remembered.py``), and many rows are written with each statement.

A batch that charges or grants is on the disk before it is answered. One that only holds and frees
may be lost in a power cut: whoever held is gone then as well. SQLite knows the first as
``synchronous = FULL`` and the second as ``NORMAL``; going from one to the other costs more than
all else of a small batch, so it stays at the second, and the write-ahead log is synced here.
"""

import asyncio
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import structlog

from pisang.ledger import rows
from pisang.ledger.decide import decide
from pisang.ledger.operations import (
    LATE,
    Answer,
    Operation,
    Sweeping,
    needs_of,
)
from pisang.ledger.owners import FileOwner
from pisang.ledger.remembered import Remembered
from pisang.ledger.state import Account, Needs, OpenHold, Row, Spending, State, stamped
from pisang.store.database import BUSY_SECONDS, sentences

_CHUNKS: Final = (64, 16, *range(8, 0, -1))  # rows that one statement writes, the most first
_STATEMENTS: Final = 128  # that stay compiled
_ROWS: Final = 4_000  # that are changed until the log is carried over to the database
_LONG: Final = 64_000_000  # bytes of the log, which is carried over then, whoever wrote it
_CARRIER_SECONDS: Final = 0.1  # for which it waits for others, who wait for it meanwhile

_ALL_HOLDS: Final = (
    "SELECT json_group_array(json_array(id, project_id, key_id, request_id, model, amount,"
    " requests, takes)) FROM holds "
)
_HOLDS: Final = f"{_ALL_HOLDS} WHERE id IN (SELECT value FROM json_each(?))"
_DUE: Final = f"{_ALL_HOLDS} WHERE expires_at <= ? OR owner IN (SELECT value FROM json_each(?))"
_RESOLVED: Final = (
    "SELECT json_group_array(json_array(resolves, kind)) FROM entries"
    " WHERE resolves IN (SELECT value FROM json_each(?))"
)
_ACCOUNTS: Final = (
    "SELECT json_group_array(json_array(project_id, granted, posted, held)) FROM ledger_accounts"
    " WHERE project_id IN (SELECT value FROM json_each(?))"
)
_SPENDING: Final = (
    "SELECT json_group_array(json_array(s.budget_id, s.period_start, s.posted, s.held, s.warned))"
    " FROM json_each(?) AS k CROSS JOIN spending AS s"
    " ON s.budget_id = k.value ->> 0 AND s.period_start = k.value ->> 1"
)
_COUNTERS: Final = (
    "SELECT json_group_array(json_array(c.subject, c.model, c.dimension, c.used))"
    " FROM json_each(?) AS k CROSS JOIN counters AS c"
    " ON c.subject = k.value ->> 0 AND c.model = k.value ->> 1 AND c.dimension = k.value ->> 2"
)
_REFERENCES: Final = (
    "SELECT json_group_array(json_array(e.project_id, e.reference, e.id, e.amount))"
    " FROM json_each(?) AS k CROSS JOIN entries AS e"
    " ON e.project_id = k.value ->> 0 AND e.reference = k.value ->> 1"
)
_CONCURRENT: Final = (
    "SELECT json_group_array(json_array(project_id, key_id, model, requests)) FROM"
    " (SELECT project_id, key_id, model, sum(requests) AS requests FROM holds"
    " WHERE project_id IN (SELECT value FROM json_each(?)) GROUP BY project_id, key_id, model)"
)
_FREE: Final = "DELETE FROM holds WHERE id IN (SELECT value FROM json_each(?))"
_FREE_ONE: Final = "DELETE FROM holds WHERE id = ?"
_FORGET_OWNERS: Final = "DELETE FROM owners WHERE id IN (SELECT value FROM json_each(?))"

_to_disk: Final = getattr(os, "fdatasync", os.fsync)

log = structlog.get_logger("pisang.ledger")

Answered = Callable[[list[Answer] | Exception], None]


class SQLiteWriter:
    """Does batches one after another: in the event loop, or else in a thread of its own."""

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._log_path = path.with_name(f"{path.name}-wal")
        self.owner = FileOwner(path)
        self._connection: sqlite3.Connection | None = None
        self._log: int | None = None
        self._remembered = Remembered()
        self._version = 0  # of the database: it changes when others have written
        self._durable = False  # whether the last batch has to be on the disk
        self._carrier: sqlite3.Connection | None = None
        self._carried = 0  # how many rows were changed when the log was last carried over
        self._begins = False  # whether the next commit begins the log again
        self._todo: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    def submit(self, operations: list[Operation], answered: Answered) -> None:
        """Does a batch in one transaction; ``answered`` is called in the event loop, at once where
        nothing has to be waited for. One batch at a time."""
        answers = self._done_here(operations)
        if answers is None:
            self._todo.put(partial(self._do, operations, answered))
            return
        if self._durable:
            self._todo.put(partial(self._confirm, answers, answered))
        else:
            answered(answers)
        if self._changed_many():
            self._todo.put(self._carry)

    async def close(self) -> None:
        self._todo.put(None)
        await asyncio.to_thread(self._thread.join)
        self.owner.close()

    def _changed_many(self) -> bool:
        """Whether so many rows were changed that the log is to be carried over."""
        changed = self._connection.total_changes if self._connection is not None else 0
        if changed - self._carried < _ROWS:
            return False
        self._carried = changed
        return True

    def _done_here(self, operations: list[Operation]) -> list[Answer] | None:
        """Does a batch in the event loop. None where it has to wait, or where anything is wrong
        with it: then nothing was done."""
        if self._connection is None or self._begins or any(map(_sweeps, operations)):
            return None
        try:
            return self._transaction(operations)
        except Exception:
            return None  # the thread can wait, and has words for what is wrong

    def _work(self) -> None:
        while (task := self._todo.get()) is not None:
            task()
        for connection in (self._connection, self._carrier):
            if connection is not None:
                connection.close()
        if self._log is not None:
            os.close(self._log)

    def _do(self, operations: list[Operation], answered: Answered) -> None:
        """Does a batch in the thread."""
        answers: list[Answer] | Exception
        self._begins = False
        try:
            with sentences(self._path), self._patient():
                answers = self._done(operations)
        except Exception as error:  # whatever it is, those who wait have to hear of it
            answers = error
        self._confirm(answers, answered)
        if self._changed_many() or (any(map(_sweeps, operations)) and self._log_is_long()):
            self._carry()

    def _confirm(self, answers: list[Answer] | Exception, answered: Answered) -> None:
        """Answers from the thread, when all is on the disk that has to be."""
        try:
            if self._durable:
                self._sync()
        except Exception as error:
            answers = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(answered, answers)

    def _done(self, operations: list[Operation]) -> list[Answer]:
        """A batch, or, where one of its operations breaks a rule of the database, each alone."""
        try:
            return self._transaction(operations)
        except sqlite3.IntegrityError:
            if len(operations) == 1:
                raise
        answers: list[Answer] = []
        for operation in operations:
            try:
                with sentences(self._path):
                    answers += self._transaction([operation])
            except Exception as error:
                answers.append(error)
        return answers

    def _transaction(self, operations: list[Operation]) -> list[Answer]:
        connection = self._connection
        assert connection is not None
        due: list[OpenHold] = []
        dead: list[str] = []
        for operation in operations:
            if isinstance(operation, Sweeping):
                dead = [operation.leaving] if operation.leaving else self.owner.dead(connection)
                due = self._due(connection, dead)
        if all(map(_sweeps, operations)) and not due and not dead:
            return [0] * len(operations)
        connection.execute("BEGIN IMMEDIATE")
        try:
            state = self._begun(connection)
            needs = self._remembered.missing(needs_of(operations, due, state.now))
            _load(connection, state, needs)
            self._remembered.learned(state, needs)
            answers = decide(state, operations, due)
            if dead:
                connection.execute(_FORGET_OWNERS, (json.dumps(dead),))
            heartbeat = self.owner.to_write(state)
            if heartbeat:
                _insert(connection, rows.OWNERS, [(state.owner, self.owner.place, state.stamp)])
            _write(connection, state)
            connection.execute("COMMIT")
        except BaseException:
            self._remembered.forget()
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if heartbeat:
            self.owner.heartbeat(state.now)
        self._durable |= state.changes.durable
        self.owner.forget(dead)
        return answers

    def _begun(self, connection: sqlite3.Connection) -> State:
        """What a transaction begins with: what is remembered, unless others have written since
        or it is too much."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or self._remembered.full:
            self._version = version
            self._remembered.forget()
        return self._remembered.state(now=self._clock(), owner=self.owner.id)

    def _sync(self) -> None:
        """Waits until all that was committed is on the disk. The log stays where it is as long as
        a connection is open."""
        self._durable = False
        if self._log is None:
            self._log = os.open(self._log_path, os.O_RDWR)
            if hasattr(os, "O_DIRECTORY"):  # its name has to last as well
                folder = os.open(self._path.parent, os.O_DIRECTORY)
                os.fsync(folder)
                os.close(folder)
        _to_disk(self._log)

    def _log_is_long(self) -> bool:
        with suppress(OSError):
            return self._log_path.stat().st_size > _LONG
        return False

    def _carry(self) -> None:
        """Carries what is in the log over to the database, in the thread, because that waits for
        the disk; SQLite by itself would do it in the middle of a commit. First most of it, while
        others go on writing; then what they wrote in that time, while nobody may. Only when nothing
        is left in the log does it begin again; without that it would grow forever."""
        try:
            if self._carrier is None:
                self._carrier = _connected(self._path, seconds=_CARRIER_SECONDS)
            if _carried(self._carrier, "PASSIVE"):  # else somebody reads it: waiting does not help
                self._begins = True  # from now on: batches wait for this thread, not for the lock
                self._begins = _carried(self._carrier, "RESTART")
        except sqlite3.Error as error:
            log.warning("the ledger's log was not carried over", error=str(error))

    @contextmanager
    def _patient(self) -> Iterator[None]:
        """Lets the connection wait while another process writes; in the event loop it must not."""
        if self._connection is None:
            self._connection = _connected(self._path)
        self._connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA busy_timeout = 0")

    def _due(self, connection: sqlite3.Connection, dead: list[str]) -> list[OpenHold]:
        """The holds whose time is over, and those of the dead."""
        found = _all(connection, _DUE, stamped(self._clock()), json.dumps(dead))
        return [OpenHold(*row) for row in found]


def _sweeps(operation: Operation) -> bool:
    return isinstance(operation, Sweeping)


def _carried(connection: sqlite3.Connection, how: str) -> bool:
    """Carries the log over to the database; returns whether all of it."""
    busy, pages, carried = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    return not busy and bool(pages == carried)


def _connected(path: Path, *, seconds: float = 0) -> sqlite3.Connection:
    """A connection that waits so long for others. Threads may use it, one at a time."""
    address = f"{path.absolute().as_uri()}?mode=rw"  # "rwc" would make a new one
    connection = sqlite3.connect(
        address,
        uri=True,
        timeout=seconds,
        isolation_level=None,
        cached_statements=_STATEMENTS,
        check_same_thread=False,
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # see _carry
    connection.execute(f"PRAGMA journal_size_limit = {_LONG}")  # once it begins again
    return connection


def _load(connection: sqlite3.Connection, state: State, needs: Needs) -> None:
    """Reads what is needed, each table in one step."""
    if needs.holds:
        for row in _all(connection, _HOLDS, json.dumps(list(needs.holds))):
            state.holds[row[0]] = OpenHold(*row)
        if gone := [id for id in needs.holds if id not in state.holds]:
            gone += [id + LATE for id in gone]
            state.resolved = dict(_all(connection, _RESOLVED, json.dumps(gone)))
    if needs.projects:
        for id, *sums in _all(connection, _ACCOUNTS, json.dumps(list(needs.projects))):
            state.accounts[id] = Account(*sums)
    if needs.spending:
        for id, start, *sums in _all(connection, _SPENDING, json.dumps(list(needs.spending))):
            state.spending[id, start] = Spending(*sums)
    if needs.counters:
        for *key, used in _all(connection, _COUNTERS, json.dumps(list(needs.counters))):
            state.packed[key[0], key[1], key[2]] = used
    if needs.references:
        found = _all(connection, _REFERENCES, json.dumps(list(needs.references)))
        for project_id, reference, id, amount in found:
            state.references[project_id, reference] = (id, amount)
    if needs.concurrent:
        found = _all(connection, _CONCURRENT, json.dumps(list(needs.concurrent)))
        state.load_concurrent(needs.concurrent, found)


def _write(connection: sqlite3.Connection, state: State) -> None:
    """Writes what was changed."""
    freed = state.changes.freed
    if len(freed) == 1:
        connection.execute(_FREE_ONE, freed)
    elif freed:
        connection.execute(_FREE, (json.dumps(freed),))
    for table, changed in rows.changed(state):
        _insert(connection, table, changed)


def _all(connection: sqlite3.Connection, query: str, *values: str) -> list[Any]:
    """All rows of a query that gives them as one text of JSON."""
    found: list[Any] = json.loads(connection.execute(query, values).fetchone()[0])
    return found


def _insert(connection: sqlite3.Connection, table: rows.Into, new: Sequence[Row]) -> None:
    """Writes rows, many with each step."""
    begin = 0
    for size in _CHUNKS:
        while len(new) - begin >= size:
            values = [value for row in new[begin : begin + size] for value in row]
            connection.execute(_statement(table, size), values)
            begin += size


@lru_cache(maxsize=64)
def _statement(table: rows.Into, size: int) -> str:
    row = f"({','.join('?' * len(table.columns))})"
    head = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES "
    return f"{head}{','.join([row] * size)} {table.conflict}"
