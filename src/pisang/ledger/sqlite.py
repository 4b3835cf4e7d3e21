"""The ledger's transactions on SQLite: one connection, one thread, one transaction for a batch.

Not through SQLAlchemy: this is on the way of every request. The trap is the interpreter's lock,
which is let go of at each step of a statement and then has to be waited for: so every table is read
in one step, as one row of JSON, and written in as few as rows of unlike number allow.

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
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from pisang.ledger import rows
from pisang.ledger.claims import taken_places
from pisang.ledger.decide import decide
from pisang.ledger.operations import (
    LATE,
    Answer,
    Operation,
    Sweeping,
    needs_of,
)
from pisang.ledger.owners import FileOwner
from pisang.ledger.state import Account, Needs, OpenHold, Row, Spending, State, stamped
from pisang.store.database import BUSY_SECONDS, sentences

_CHUNKS: Final = (64, 16, 4, 2, 1)
_STATEMENTS: Final = 64  # that stay compiled

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
_PLACES: Final = (
    "SELECT json_group_array(json_array(project_id, key_id, model, requests)) FROM"
    " (SELECT project_id, key_id, model, sum(requests) AS requests FROM holds"
    " WHERE project_id IN (SELECT value FROM json_each(?)) GROUP BY project_id, key_id, model)"
)
_FREE: Final = "DELETE FROM holds WHERE id IN (SELECT value FROM json_each(?))"
_FORGET_OWNERS: Final = "DELETE FROM owners WHERE id IN (SELECT value FROM json_each(?))"

_to_disk: Final = getattr(os, "fdatasync", os.fsync)

Answered = Callable[[list[Answer] | Exception], None]


class SQLiteWriter:
    """Does batches one after another, in a thread of its own."""

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self.owner = FileOwner(path)
        self._connection: sqlite3.Connection | None = None
        self._log: int | None = None
        self._batches: SimpleQueue[tuple[list[Operation], Answered] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    def submit(self, operations: list[Operation], answered: Answered) -> None:
        """Does a batch in one transaction; ``answered`` is called in the event loop."""
        self._batches.put((operations, answered))

    async def close(self) -> None:
        self._batches.put(None)
        await asyncio.to_thread(self._thread.join)
        self.owner.close()

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            operations, answered = batch
            answers: list[Answer] | Exception
            try:
                with sentences(self._path):
                    answers = self._done(operations)
            except Exception as error:  # whatever it is, those who wait have to hear of it
                answers = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(answered, answers)
        if self._log is not None:
            os.close(self._log)
        if self._connection is not None:
            self._connection.close()

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
        connection = self._connection or self._connect()
        due: list[OpenHold] = []
        dead: list[str] = []
        for operation in operations:
            if isinstance(operation, Sweeping):
                dead = [operation.leaving] if operation.leaving else self.owner.dead(connection)
                due = self._due(connection, dead)
        if all(isinstance(each, Sweeping) for each in operations) and not due and not dead:
            return [0] * len(operations)
        connection.execute("BEGIN IMMEDIATE")
        try:
            state = State(now=self._clock(), owner=self.owner.id)
            needs = needs_of(operations, due, state.now)
            _load(connection, state, needs)
            answers = decide(state, operations, due)
            if dead:
                connection.execute(_FORGET_OWNERS, (json.dumps(dead),))
            heartbeat = bool(state.changes.holds) and self.owner.heartbeat_due(state.now)
            if heartbeat:
                _insert(connection, rows.OWNERS, [(state.owner, self.owner.place, state.stamp)])
            _write(connection, state)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if heartbeat:
            self.owner.heartbeat(state.now)
        if state.changes.durable:
            self._sync()
        self.owner.forget(dead)
        return answers

    def _sync(self) -> None:
        """Waits until all that was committed is on the disk. The log stays where it is as long as
        a connection is open."""
        if self._log is None:
            place = self._path.with_name(f"{self._path.name}-wal")
            self._log = os.open(place, os.O_RDWR)
            if hasattr(os, "O_DIRECTORY"):  # its name has to last as well
                folder = os.open(place.parent, os.O_DIRECTORY)
                os.fsync(folder)
                os.close(folder)
        _to_disk(self._log)

    def _connect(self) -> sqlite3.Connection:
        address = f"{self._path.absolute().as_uri()}?mode=rw"  # "rwc" would make a new one
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, cached_statements=_STATEMENTS
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        self._connection = connection
        return connection

    def _due(self, connection: sqlite3.Connection, dead: list[str]) -> list[OpenHold]:
        """The holds whose time is over, and those of the dead."""
        found = _all(connection, _DUE, stamped(self._clock()), json.dumps(dead))
        return [OpenHold(*row) for row in found]


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
    if needs.places:
        state.places = taken_places(_all(connection, _PLACES, json.dumps(list(needs.places))))


def _write(connection: sqlite3.Connection, state: State) -> None:
    """Writes what was changed."""
    if state.changes.freed:
        connection.execute(_FREE, (json.dumps(state.changes.freed),))
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
