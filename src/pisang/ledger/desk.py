"""The desk: where holds are made, posted and voided, many at a time in one transaction.

What is asked for while a transaction runs is done in the next one, all of it together: the more
there is to do, the cheaper each is, and one alone waits for nobody. The database's transaction is
the only authority, so several processes and servers may have a desk each on the same ledger.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

import structlog

from pisang.core.errors import LedgerError, StoreError
from pisang.core.ids import new_id
from pisang.core.money import Money
from pisang.core.terms import Budget
from pisang.ledger.operations import (
    Answer,
    Granted,
    Granting,
    Holding,
    HoldingAll,
    Operation,
    Posting,
    Probing,
    Sweeping,
    Voiding,
    Warned,
)
from pisang.ledger.postgres import PostgresWriter
from pisang.ledger.sqlite import SQLiteWriter
from pisang.ledger.words import Bill, Demand, Hold
from pisang.store.database import Database
from pisang.telemetry.observer import Observer

log = structlog.get_logger("pisang.ledger")

SWEEP_SECONDS: Final = 3.0
GRACE_SECONDS: Final = 60.0
"""How long after its request's deadline a hold is freed at the latest, by the sweep that comes
after its own time is over (``_lasts``)."""

_MOST: Final = 128  # operations in one transaction: the event loop does nothing else meanwhile
_SOON: Final = 0.02  # seconds until a hold is written that nobody waits for
_LATER: Final = 1.0  # the same, where nothing can be written just now
_FRESH: Final = 1.0  # seconds for which it counts that something could be written

Warn = Callable[[Budget, int, Money], None]
"""Is told that so many percent of a budget are spent now, and how much that is."""


class Writer(Protocol):
    """Does a batch of operations in one transaction, and calls back in the event loop: before
    ``submit`` returns, where nothing has to be waited for."""

    def submit(
        self, operations: list[Operation], answered: Callable[[list[Answer] | Exception], None]
    ) -> None: ...

    async def close(self) -> None: ...


class LedgerDesk:
    """The desk of one process; made by ``opened``."""

    def __init__(
        self,
        writer: Writer,
        *,
        owner: str,
        warn: Warn | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.owner = owner
        self._writer, self._warn, self._observer = writer, warn, observer
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._waiting: list[tuple[Operation, asyncio.Future[Answer] | None]] = []
        self._busy = False
        self._scheduled = False
        self._unwritten: dict[str, Holding] = {}  # holds that were given out, by their ids
        self._timer: asyncio.TimerHandle | None = None  # until those are written
        self._failed = False  # whether the last batch did
        self._probe: asyncio.Future[Answer] | None = None
        self._probed = -_FRESH  # when it was last seen that something could be written
        self._closed = False

    async def hold(self, demand: Demand) -> Hold:
        """Sets aside what a request demands (``words.Desk``)."""
        answer = await self._ask(Holding.of(demand, _lasts(demand)))
        assert isinstance(answer, Hold)
        return answer

    async def hold_all(self, demands: Sequence[Demand]) -> list[Hold]:
        """Sets aside what several demand, or nothing (``words.Desk``)."""
        answer = await self._ask(HoldingAll.of(demands, _lasts(demands[0])))
        assert isinstance(answer, list)
        return answer

    def hold_soon(self, demand: Demand) -> Hold | None:
        """Sets aside what is counted nowhere (``words.Desk``)."""
        caller = demand.caller
        if caller.terms.counted or self._failed or self._closed:
            return None
        hold = Hold(
            id=new_id("hold"),
            project_id=caller.project_id,
            key_id=caller.key_id,
            request_id=demand.request_id[:64],
            model=demand.model[:128],
            amount=demand.amount,
            requests=demand.requests,
            terms=caller.terms,
        )
        self._unwritten[hold.id] = Holding(demand, _lasts(demand), (), (), made=hold)
        if self._timer is None:
            self._timer = self._loop.call_later(_SOON, self._write_holds)
        return hold

    async def post(self, hold: Hold, bill: Bill) -> None:
        """Charges what was used (``words.Desk``)."""
        answer = await self._ask(Posting(hold, bill))
        assert isinstance(answer, tuple)

    def void(self, hold: Hold, *, finish: str = "", counted: bool = True) -> None:
        """Frees a hold (``words.Desk``). May be called from any thread: memory that is collected
        somewhere else voids what it held."""
        operation = Voiding(hold, finish, counted)
        if threading.get_ident() == self._thread:
            self._queue(operation, None)
        else:
            with suppress(RuntimeError):  # the loop is closed: a sweep frees it
                self._loop.call_soon_threadsafe(self._queue, operation, None)

    async def top_up(
        self,
        project_id: str,
        amount: Money,
        *,
        actor: str,
        reference: str | None = None,
        note: str = "",
    ) -> Granted:
        """Adds to a project's balance; the same reference adds once. Raises ``AlreadyExists`` for
        a reference that was used with another amount."""
        if amount.nanos <= 0:
            raise LedgerError(f"A top-up has to be more than nothing, not {amount}.")
        return await self._grant(Granting(project_id, amount, "top_up", reference, actor, note))

    async def adjust(
        self,
        project_id: str,
        amount: Money,
        *,
        actor: str,
        reference: str | None = None,
        note: str = "",
    ) -> Granted:
        """Corrects a project's balance, up or down."""
        return await self._grant(Granting(project_id, amount, "adjust", reference, actor, note))

    async def sweep(self) -> int:
        """Frees the holds whose time is over or whose process has ended; returns how many."""
        answer = await self._ask(Sweeping())
        assert isinstance(answer, int)
        return answer

    async def probe(self) -> None:
        """Raises ``StoreError`` where nothing could be charged (``words.Desk``). All who ask at the
        same time share one write, and it is not repeated while its answer is fresh."""
        if not self._failed and self._loop.time() - self._probed < _FRESH:
            return
        if self._probe is None or self._probe.done():
            self._probe = self._ask(Probing())
        await asyncio.wait((self._probe,))
        self._probe.result()
        self._probed = self._loop.time()

    async def close(self) -> None:
        """Writes what is still to be written, and frees the holds of this process."""
        if self._closed:
            return
        self._write_holds()
        before = self._ask(Sweeping())  # done once everything is that was asked for before it
        self._closed = True
        leaving: asyncio.Future[Answer] = self._loop.create_future()
        try:
            await before
            self._waiting.append((Sweeping(leaving=self.owner), leaving))
            self._submit()
            await leaving
        except StoreError as error:
            log.error("holds not freed", error=error.message)
        await self._writer.close()

    async def _grant(self, operation: Granting) -> Granted:
        answer = await self._ask(operation)
        assert isinstance(answer, Granted)
        return answer

    def _ask(self, operation: Operation) -> "asyncio.Future[Answer]":
        future: asyncio.Future[Answer] = self._loop.create_future()
        if self._closed:
            future.set_exception(StoreError("The ledger is closed: this server is stopping."))
        else:
            self._queue(operation, future)
        return future

    def _queue(self, operation: Operation, future: "asyncio.Future[Answer] | None") -> None:
        if self._closed:
            return
        if isinstance(operation, Posting | Voiding):
            made = self._unwritten.pop(operation.hold.id, None)
            if made is not None:
                self._waiting.append((made, None))
        self._waiting.append((operation, future))
        if not self._busy:
            self._submit_soon()

    def _write_holds(self) -> None:
        """Writes the holds that were given out before, and are not resolved yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        holds, self._unwritten = self._unwritten, {}
        for operation in holds.values():
            self._queue(operation, None)

    def _submit_soon(self) -> None:
        """In the next turn of the loop: all who ask in this one go together, and whatever else is
        to be done comes between two batches."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._submit)

    def _submit(self) -> None:
        self._scheduled = False
        if self._busy:
            return
        batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        if not batch:
            return
        self._busy, began = True, time.perf_counter()

        def answered(answers: list[Answer] | Exception) -> None:
            self._busy = False
            if self._observer is not None and self._observer.meters is not None:
                seconds, failed = time.perf_counter() - began, isinstance(answers, Exception)
                self._observer.meters.batch(len(batch), seconds, failed=failed)
            if self._waiting:
                self._submit_soon()
            self._answer(batch, answers)

        self._writer.submit([operation for operation, _ in batch], answered)

    def _answer(
        self,
        batch: list[tuple[Operation, "asyncio.Future[Answer] | None"]],
        answers: list[Answer] | Exception,
    ) -> None:
        self._failed = isinstance(answers, Exception)
        if isinstance(answers, Exception):
            self._keep(batch)
            answers = [answers] * len(batch)
        for (operation, future), answer in zip(batch, answers, strict=True):
            if isinstance(operation, Posting) and isinstance(answer, tuple):
                self._tell(answer)
            if future is None or future.cancelled():
                self._left(operation, answer)
            elif isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _keep(self, batch: list[tuple[Operation, "asyncio.Future[Answer] | None"]]) -> None:
        """Holds that were given out have to be written all the same, after a batch that failed: a
        little later."""
        for operation, _ in batch:
            if isinstance(operation, Holding) and operation.made is not None and not self._closed:
                self._unwritten[operation.made.id] = operation
        if self._unwritten and self._timer is None:
            self._timer = self._loop.call_later(_LATER, self._write_holds)

    def _left(self, operation: Operation, answer: Answer) -> None:
        """Deals with an answer that nobody waits for: a hold is freed, a failure is logged."""
        given_out = isinstance(operation, Holding) and operation.made is not None
        made = [answer] if isinstance(answer, Hold) else answer
        if isinstance(made, list):
            for hold in () if given_out else made:
                self.void(hold, finish="CANCELLED", counted=False)
        elif isinstance(answer, Exception) and (
            given_out or not isinstance(operation, Holding | HoldingAll)
        ):
            what = type(operation).__name__.lower()
            log.error("not written to the ledger", operation=what, error=str(answer))

    def _tell(self, warnings: tuple[Warned, ...]) -> None:
        for each in warnings:
            if self._warn is not None:
                try:
                    self._warn(each.budget, each.percent, each.spent)
                except Exception:
                    log.exception("a budget's warning was not told")


def _lasts(demand: Demand) -> float:
    """The seconds after which a hold is over: the sweep that then frees it may come late."""
    return demand.seconds + GRACE_SECONDS - SWEEP_SECONDS


@asynccontextmanager
async def opened(
    database: Database,
    *,
    clock: Callable[[], float] = time.time,
    warn: Warn | None = None,
    observer: Observer | None = None,
    sweep_seconds: float | None = SWEEP_SECONDS,
) -> AsyncIterator[LedgerDesk]:
    """A desk on this database. Holds that a dead process left are freed at once, and then every
    few seconds; never, where ``sweep_seconds`` is None (a command that asks for one thing)."""
    writer: SQLiteWriter | PostgresWriter
    if database.postgres:
        writer = PostgresWriter(database.postgres, clock=clock)
    else:
        writer = SQLiteWriter(database.path, clock=clock)
    desk = LedgerDesk(writer, owner=writer.owner.id, warn=warn, observer=observer)
    sweeping: asyncio.Task[None] | None = None
    try:
        if sweep_seconds is not None:
            await desk.sweep()
            sweeping = asyncio.create_task(_sweep(desk, sweep_seconds))
        yield desk
    finally:
        if sweeping is not None:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
        await desk.close()


async def _sweep(desk: LedgerDesk, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            if freed := await desk.sweep():
                log.warning("holds freed that nobody settled", holds=freed)
        except StoreError as error:
            log.error("holds not swept", error=error.message)
