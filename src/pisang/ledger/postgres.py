"""The ledger's transactions on PostgreSQL: one connection, and one message for a whole batch.

Everything that the ledger changes belongs to one project, so it locks the accounts of the projects
in a batch, in the order of their ids, and has then all else of them for itself. Only after that it
reads: a statement that waits for a lock still sees what was there before it waited. That takes five
messages, and a busy event loop looks for answers seldom.

Every change writes the account of its project, too. So where the transaction that wrote an account
last was one of this process, all that is remembered of the project is still true: a batch is then
decided on before anything is asked, and one statement locks, looks whether that is so, and writes.
While several processes write for a project, that goes wrong, and the five messages follow: until
one of them finds again what it had written itself.

The connection also keeps the lock that shows that this process lives (``owners.py``): PostgreSQL
lets go of it when the process ends, wherever it ran.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from pisang.ledger import rows
from pisang.ledger.decide import decide
from pisang.ledger.operations import (
    LATE,
    Answer,
    Granting,
    Operation,
    Posting,
    Probing,
    Sweeping,
    needs_of,
)
from pisang.ledger.owners import Owner
from pisang.ledger.remembered import Remembered
from pisang.ledger.state import Account, Needs, OpenHold, Spending, State
from pisang.ledger.windows import compact
from pisang.store.postgres import connect, sentences

_BEGIN: Final = "BEGIN"
_BEGIN_LIGHT: Final = "BEGIN; SET LOCAL synchronous_commit = off"
_LOCK: Final = (
    "SELECT a.project_id, a.xmin::text AS writer, a.granted, a.posted, a.held"
    " FROM ledger_accounts AS a WHERE a.project_id = ANY($1::text[])"
    " ORDER BY a.project_id FOR UPDATE"
)
_OPEN: Final = (
    "INSERT INTO ledger_accounts (project_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
)
_HOLD: Final = (
    "json_build_array(id, project_id, key_id, request_id, model, amount, requests, takes)"
)
_LOAD: Final = f"""
SELECT
 (SELECT json_agg({_HOLD}) FROM holds WHERE id = ANY($1::text[])),
 (SELECT json_agg(json_build_array(resolves, kind)) FROM entries WHERE resolves = ANY($2::text[])),
 (SELECT json_agg(json_build_array(s.budget_id, s.period_start, s.posted, s.held, s.warned))
  FROM unnest($3::text[], $4::bigint[]) AS k (budget_id, period_start)
  JOIN spending AS s USING (budget_id, period_start)),
 (SELECT json_agg(json_build_array(c.subject, c.model, c.dimension, c.used))
  FROM unnest($5::text[], $6::text[], $7::text[]) AS k (subject, model, dimension)
  JOIN counters AS c USING (subject, model, dimension)),
 (SELECT json_agg(json_build_array(e.project_id, e.reference, e.id, e.amount))
  FROM unnest($8::text[], $9::text[]) AS k (project_id, reference)
  JOIN entries AS e USING (project_id, reference)),
 (SELECT json_agg(json_build_array(project_id, key_id, model, requests)) FROM
  (SELECT project_id, key_id, model, sum(requests) AS requests FROM holds
   WHERE cardinality($10::text[]) > 0 AND project_id = ANY($10::text[])
   GROUP BY project_id, key_id, model) AS p)
"""
_DUE: Final = (
    f"SELECT json_agg({_HOLD}) FROM holds"
    " WHERE expires_at <= $1::text::timestamp OR owner = ANY($2::text[])"
)
_LIVE: Final = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
_DEAD: Final = (
    "SELECT id FROM owners WHERE id <> $1 AND pg_try_advisory_xact_lock(hashtextextended(id, 0))"
)

_TABLES: Final = (
    rows.HOLDS,
    rows.ENTRIES,
    rows.ACCOUNTS,
    rows.SPENDING,
    rows.COUNTERS,
    rows.USAGE,
    rows.OWNERS,
)


_WRITER: Final = "pg_current_xact_id()::xid::text"


def _writing(*, alone: str = "true") -> list[str]:
    """What writes all tables, from one list of rows for each, if ``alone`` holds."""
    parts = []
    for number, table in enumerate(_TABLES, start=1):
        values = (f"(r ->> {at})::{type}" for at, type in enumerate(table.types))
        parts.append(
            f"t{number} AS (INSERT INTO {table.name} ({', '.join(table.columns)}) "
            f"SELECT {', '.join(values)} FROM jsonb_array_elements(${number}::text::jsonb) AS r "
            f"WHERE {alone} {table.conflict})"
        )
    freed, dead = len(_TABLES) + 1, len(_TABLES) + 2
    parts.append(f"freed AS (DELETE FROM holds WHERE id = ANY(${freed}::text[]) AND {alone})")
    parts.append(f"dead AS (DELETE FROM owners WHERE id = ANY(${dead}::text[]) AND {alone})")
    return parts


def _at_once() -> str:
    """Locks accounts and writes all tables, if each was written last by whom we know. Gives whether
    it was, and the transaction that has written them now; without waiting for the disk where
    nothing has to survive its server's end."""
    projects, writers, durable = (len(_TABLES) + number for number in (3, 4, 5))
    locked = f"locked AS MATERIALIZED ({_LOCK.replace('$1', f'${projects}')})"
    known = f"unnest(${projects}::text[], ${writers}::text[]) AS known (project_id, writer)"
    alone = (
        f"alone AS MATERIALIZED (SELECT count(*) = cardinality(${projects}::text[]) AS yes"
        f" FROM locked JOIN {known} USING (project_id, writer))"
    )
    parts = ", ".join((locked, alone, *_writing(alone="(SELECT yes FROM alone)")))
    sync = f"CASE WHEN NOT ${durable} THEN set_config('synchronous_commit', 'off', true) END"
    return f"WITH {parts} SELECT yes, {_WRITER}, {sync} FROM alone"


_WRITE: Final = f"WITH {', '.join(_writing())} SELECT {_WRITER}"
_AT_ONCE: Final = _at_once()

Answered = Callable[[list[Answer] | Exception], None]


class PostgresWriter:
    """Does batches one after another, over a connection of its own."""

    def __init__(self, address: str, *, clock: Callable[[], float]) -> None:
        self._address, self._clock = address, clock
        self.owner = Owner()
        self._connection: Any = None
        self._lives = False
        self._remembered = Remembered()
        self._writers: dict[str, str] = {}  # of the accounts, when we last had them: transactions
        self._alone = True  # whether nobody else seems to write for these projects
        self._task: asyncio.Task[None] | None = None

    def submit(self, operations: list[Operation], answered: Answered) -> None:
        """Does a batch in one transaction; the desk submits one at a time."""
        self._task = asyncio.create_task(self._work(operations, answered))

    async def close(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._disconnect()

    async def _work(self, operations: list[Operation], answered: Answered) -> None:
        answers: list[Answer] | Exception
        try:
            answers = await self._done(operations)
        except Exception as error:  # whatever it is, those who wait have to hear of it
            answers = error
        answered(answers)

    async def _done(self, operations: list[Operation]) -> list[Answer]:
        """A batch, or, where one of its operations breaks a rule of the database, each alone."""
        try:
            return await self._transaction(operations)
        except Exception as error:
            if not _is_of_one(error) or len(operations) == 1:
                with sentences(self._address):
                    raise
        answers: list[Answer] = []
        for operation in operations:
            try:
                with sentences(self._address):
                    answers += await self._transaction([operation])
            except Exception as error:
                answers.append(error)
        return answers

    async def _transaction(self, operations: list[Operation]) -> list[Answer]:
        if self._remembered.full:
            self._forget()
        try:
            connection = await self._connected()
            answers = await self._at_once(connection, operations)
            return answers or await self._in_steps(connection, operations)
        except BaseException as error:
            self._forget()
            await self._undo(error)
            raise

    async def _at_once(self, connection: Any, operations: list[Operation]) -> list[Answer] | None:
        """Decides by what is remembered. None where that is not enough or not true any more: then
        nothing was done."""
        state = self._remembered.state(now=self._clock(), owner=self.owner.id)
        needs = needs_of(operations, [], state.now)
        known = self._alone and needs.projects <= self._writers.keys()
        if not known or any(map(_sweeps, operations)) or self._remembered.missing(needs):
            return None
        answers = decide(state, operations, [])
        heartbeat = self.owner.to_write(state)
        projects = sorted(needs.projects)
        yes, writer, _ = await connection.fetchrow(
            _AT_ONCE,
            *self._texts(state, heartbeat=heartbeat),
            state.changes.freed,
            [],
            projects,
            [self._writers[id] for id in projects],
            state.changes.durable,
        )
        if not yes:
            self._forget()
            self._alone = False
            return None
        self._written(state, writer, heartbeat=heartbeat)
        return answers

    async def _in_steps(self, connection: Any, operations: list[Operation]) -> list[Answer]:
        """Locks, reads, decides and writes."""
        due, dead = await self._swept(connection, operations)
        if all(map(_sweeps, operations)) and not due and not dead:
            return [0] * len(operations)
        durable = any(isinstance(each, (Posting, Granting, Probing)) for each in operations)
        await connection.execute(_BEGIN if durable else _BEGIN_LIGHT)
        await self._lock(connection, needs_of(operations, due, self._clock()).projects)
        state = self._remembered.state(now=self._clock(), owner=self.owner.id)
        needs = self._remembered.missing(needs_of(operations, due, state.now))
        await _load(connection, state, needs)
        self._remembered.learned(state, needs)
        answers = decide(state, operations, due)
        heartbeat = self.owner.to_write(state)
        changed = self._texts(state, heartbeat=heartbeat)
        writer = await connection.fetchval(_WRITE, *changed, state.changes.freed, dead)
        await connection.execute("COMMIT")
        self._written(state, writer, heartbeat=heartbeat)
        return answers

    async def _lock(self, connection: Any, projects: set[str]) -> None:
        """Locks the accounts of projects, and reads them; one that is missing is made. What is
        remembered of them is forgotten if somebody else has written since."""
        wanted = sorted(projects)
        if not wanted:
            return
        found = await connection.fetch(_LOCK, wanted)
        if len(found) < len(wanted):
            await connection.execute(_OPEN, wanted)
            found = await connection.fetch(_LOCK, wanted)
        writers = {id: writer for id, writer, *_ in found}
        before = {id: self._writers.get(id, writers[id]) for id in wanted}
        if before != writers:
            self._forget()
            self._alone = False
        elif writers.items() <= self._writers.items():
            self._alone = True
        self._writers |= writers
        for id, _, *sums in found:
            self._remembered.accounts[id] = Account(*sums)

    def _written(self, state: State, writer: str, *, heartbeat: bool) -> None:
        """That a transaction has been committed."""
        self._writers |= dict.fromkeys(state.changes.accounts, writer)
        if heartbeat:
            self.owner.heartbeat(state.now)

    def _forget(self) -> None:
        self._remembered.forget()
        self._writers.clear()

    async def _undo(self, error: BaseException) -> None:
        """Takes a transaction back; a connection that may be in the middle of something is
        dropped, and a new one is made for the next."""
        if self._connection is None:
            return
        try:
            if not getattr(error, "sqlstate", None):
                raise error
            await self._connection.execute("ROLLBACK")
        except BaseException:
            connection, self._connection, self._lives = self._connection, None, False
            connection.terminate()

    async def _connected(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection, self._lives = await connect(self._address), False
            self.owner.lost()  # while it was gone, others may have taken this one for dead
        if not self._lives:  # that of a connection that broke may not be let go of yet
            self._lives = await self._connection.fetchval(_LIVE, self.owner.id)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            await connection.close()

    async def _swept(
        self, connection: Any, operations: Iterable[Operation]
    ) -> tuple[list[OpenHold], list[str]]:
        """What a sweep in the batch has to free: the holds whose time is over, and those of dead
        owners; and these."""
        for operation in operations:
            if isinstance(operation, Sweeping):
                dead = [operation.leaving]
                if not operation.leaving:
                    dead = [row[0] for row in await connection.fetch(_DEAD, self.owner.id)]
                stamp = State(now=self._clock(), owner="").stamp
                found = json.loads(await connection.fetchval(_DUE, stamp, dead) or "[]")
                return [OpenHold(*row) for row in found], dead
        return [], []

    def _texts(self, state: State, *, heartbeat: bool) -> list[str]:
        """The rows of each table that are to be written."""
        changed = dict(rows.changed(state))
        if heartbeat:
            changed[rows.OWNERS] = [(state.owner, self.owner.place, state.stamp)]
        return [compact(changed[table]) if table in changed else "[]" for table in _TABLES]


async def _load(connection: Any, state: State, needs: Needs) -> None:
    """Reads what is needed in one statement."""
    holds, spending, counters = list(needs.holds), list(needs.spending), list(needs.counters)
    references, concurrent = list(needs.references), list(needs.concurrent)
    if not (holds or spending or counters or references or concurrent):
        return
    row = await connection.fetchrow(
        _LOAD,
        holds,
        [*holds, *(id + LATE for id in holds)],
        [id for id, _ in spending],
        [start for _, start in spending],
        *([key[at] for key in counters] for at in range(3)),
        *([key[at] for key in references] for at in range(2)),
        concurrent,
    )
    held, resolved, spent, used, granted, taken = (json.loads(text or "[]") for text in row)
    for each in held:
        state.holds[each[0]] = OpenHold(*each)
    state.resolved = dict(resolved)
    for id, start, *sums in spent:
        state.spending[id, start] = Spending(*sums)
    for subject, model, dimension, packed in used:
        state.packed[subject, model, dimension] = packed
    for project_id, reference, id, amount in granted:
        state.references[project_id, reference] = (id, amount)
    if concurrent:
        state.load_concurrent(needs.concurrent, taken)


def _sweeps(operation: Operation) -> bool:
    return isinstance(operation, Sweeping)


def _is_of_one(error: Exception) -> bool:
    """Whether the values of one operation are to blame: 22 is data, 23 a rule that is broken."""
    return str(getattr(error, "sqlstate", None) or "").startswith(("22", "23"))
