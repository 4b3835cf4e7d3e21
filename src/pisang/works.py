"""Interactions in the making: each is a task of the server, which readers follow or leave.

A foreground caller's work ends when they leave; a background one goes on and is kept. Both are the
same task here, and their readers read the same list of changes from its beginning.

What is stored must never stay "in progress" for good. A work renews the time of its row every few
seconds; a row that nobody renews belongs to a server that is no more, and whoever asks for it finds
it failed (``standing``). The same renewal tells a work that another process cancelled it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal

import structlog

from pisang.assets import library
from pisang.conversations.store import Conversation, Conversations
from pisang.core.clock import now
from pisang.core.content import Blob
from pisang.core.errors import EngineFailed, EngineUnavailable, PisangError, StoreError
from pisang.core.events import Event, Finished, FinishReason, Image, Preview, Started
from pisang.gateway import Answer
from pisang.settings import Settings
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.wire.interactions import stored
from pisang.wire.interactions.response import Interaction, ended, written_usage
from pisang.wire.interactions.schema import Status
from pisang.wire.interactions.timeline import Op, Timeline

log = structlog.get_logger("pisang.interactions")

Again = Callable[[], Awaitable[Answer]]

KIND: Final[Literal["interaction"]] = "interaction"
RENEWED: Final = 5.0
"""Seconds between two renewals of a row."""

ABANDONED: Final = 60.0
"""Seconds after which a row that nobody renews has no work any more."""

_RUNNING: Final = (Status.IN_PROGRESS.value,)
_STORE: Final = "The server cannot use its data folder or database; its log says why."
_STOPPED: Final = "The server was stopped before the interaction was complete. Send it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a work is to do besides drawing: whose it is, where it is kept, how pictures leave.

    ``again`` asks for the answer once more, where the engine had no room: a background caller is
    not there to do that.
    """

    database: Database
    blobs: Blobs
    settings: Settings
    project_id: str
    store: bool
    by_link: bool
    again: Again | None = None


class Work:
    """One interaction that is being made; ``shown`` is how it stands, ``ops`` what was said."""

    def __init__(self, shown: Interaction, plan: Plan) -> None:
        self.shown = shown
        self.ops: list[Op] = []
        self.error: PisangError | None = None
        self.done = False
        self.task: asyncio.Task[None] | None = None
        self._plan = plan
        self._timeline = Timeline()
        self._news = asyncio.Event()
        self._begun = False
        self._why_stopped: str | None = None
        self._stopped = False
        self._running = False
        self._ending = False
        self._record = Conversations(plan.database, plan.blobs)

    async def keep(self) -> None:
        """Puts the row into the record before the work begins, so that it can be asked for."""
        await self._add_row(self.shown, await asyncio.to_thread(stored.dump, self.shown))
        self._begun = True

    async def run(self, answer: Answer) -> None:
        """Draws, and keeps what came of it; never raises."""
        renewing = asyncio.create_task(self._renew()) if self._begun else None
        try:
            end = await self._end(answer)
            self._ending = True  # from here on nobody stops it
            if renewing is not None:
                renewing.cancel()
            self.shown = await self._kept(end)
        finally:
            self.done = True
            self._tell()

    def stop(self, why: str | None = None) -> None:
        """Ends the work: cancelled by its caller, or failed where there is another reason."""
        if self._stopped or self._ending:
            return
        self._stopped, self._why_stopped = True, why
        if self.task is not None and self._running:  # else it ends where it would begin
            self.task.cancel()

    async def finished(self) -> None:
        """Waits for the end."""
        async with aclosing(self.follow()) as ops:
            async for _ in ops:
                pass

    async def follow(self) -> AsyncGenerator[Op, None]:
        """Every change from the first on, until the work is done."""
        told = 0
        while True:
            news = self._news
            while told < len(self.ops):
                told += 1
                yield self.ops[told - 1]
            if self.done:
                return
            if not news.is_set():
                await news.wait()

    async def first_word(self, seconds: float) -> None:
        """Waits until something was said or the work is done, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.ops and not self.done:
                    await self._news.wait()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _end(self, answer: Answer) -> Interaction:
        """How the interaction stands at its end, whatever that is."""
        self._running = True
        try:
            if self._stopped:
                raise asyncio.CancelledError
            finished = await self._drawn(answer)
        except asyncio.CancelledError:
            if self._why_stopped is None:
                return self._now(Status.CANCELLED)
            error: dict[str, Any] = {"code": "UNAVAILABLE", "message": self._why_stopped}
            return replace(self._now(Status.FAILED), errors=[error])
        except PisangError as error:
            return self._failed(error)
        except Exception as error:
            log.exception("interaction", id=self.shown.id)
            return self._failed(EngineFailed(f"A defect of pisang: {type(error).__name__}."))
        status, errors = ended(finished)
        usage = written_usage(finished.usage)
        return replace(self._now(status), usage=usage, errors=errors)

    async def _drawn(self, answer: Answer) -> Finished:
        clock = asyncio.get_running_loop().time
        ends = clock() + self._plan.settings.request_timeout
        while True:
            try:
                return await self._once(answer)
            except EngineUnavailable as error:
                again, wait = self._plan.again, error.retry_after
                if again is None or wait is None or self.ops or clock() + wait > ends:
                    raise
            await asyncio.sleep(wait)
            answer = await again()

    async def _once(self, answer: Answer) -> Finished:
        end = Finished(FinishReason.OTHER)
        async with aclosing(answer.events) as events:
            async for event in events:
                if isinstance(event, Finished):
                    end = event
                else:
                    await self._add(event, answer.card.id)
        return end

    async def _add(self, event: Event, model: str) -> None:
        if isinstance(event, Started | Preview | Finished):
            return
        asset = None
        if self._plan.by_link and isinstance(event, Image) and isinstance(event.content, Blob):
            asset = await self._asset(event.content, model)
        self.ops += self._timeline.add(event, asset=asset)
        self._tell()

    async def _asset(self, picture: Blob, model: str) -> str:
        plan = self._plan
        kept = await library.keep(
            plan.database,
            plan.blobs,
            plan.project_id,
            picture,
            model=model,
            days=plan.settings.asset_days,
        )
        return kept.id

    def _now(self, status: Status) -> Interaction:
        self.ops += self._timeline.close()
        steps = self._timeline.steps
        return replace(self.shown, status=status, updated=now(), steps=steps)

    def _failed(self, error: PisangError) -> Interaction:
        self.error = error
        if error.__cause__ is not None or isinstance(error, StoreError):
            log.error("interaction", id=self.shown.id, why=error.message, exc_info=error.__cause__)
        message = _STORE if isinstance(error, StoreError) else error.message
        told: dict[str, Any] = {"code": error.code.value, "message": message}
        return replace(self._now(Status.FAILED), errors=[told])

    async def _kept(self, end: Interaction) -> Interaction:
        """Writes the end down. What nobody knows the id of is kept only if something came of it."""
        came = self.error is None and end.status is not Status.CANCELLED
        if not self._plan.store or not (self._begun or came):
            return end
        try:
            body = await asyncio.to_thread(stored.dump, end)
            if not self._begun:
                await self._add_row(end, body)
                return end
            changed = await self._record.change(
                self._plan.project_id,
                end.id,
                KIND,
                status=end.status,
                body=body,
                only_from=_RUNNING,
            )
        except PisangError as error:
            failed = self._failed(error)
            if self._begun:
                await self._note_failure(replace(failed, steps=[]))
            return failed
        return end if changed else replace(end, status=Status.CANCELLED, errors=[])

    async def _note_failure(self, failed: Interaction) -> None:
        """Says in the row that what was made could not be kept: with the reason, and on a disk that
        has no room for that either, without."""
        for body in (stored.dump(failed), None):
            with suppress(PisangError):
                await self._record.change(
                    self._plan.project_id,
                    failed.id,
                    KIND,
                    status=failed.status,
                    body=body,
                    only_from=_RUNNING,
                )
                return

    async def _add_row(self, shown: Interaction, body: bytes) -> None:
        await self._record.keep(
            project_id=self._plan.project_id,
            kind=KIND,
            status=shown.status,
            model=shown.model,
            body=body,
            days=self._plan.settings.conversation_days,
            id=shown.id,
            previous_id=shown.previous_id,
        )

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            with suppress(PisangError):
                alive = await self._record.change(
                    self._plan.project_id, self.shown.id, KIND, only_from=_RUNNING
                )
                if not alive:
                    self.stop()


class Works:
    """The works of this process. Close it before the engine closes."""

    def __init__(self) -> None:
        self._works: dict[tuple[str, str], Work] = {}

    def begin(self, work: Work, answer: Answer, project_id: str) -> None:
        """Starts a work. It can be found until it is done."""
        key = (project_id, work.shown.id)
        self._works[key] = work
        work.task = asyncio.create_task(work.run(answer))
        work.task.add_done_callback(lambda _: self._works.pop(key, None))

    def find(self, project_id: str, interaction_id: str) -> Work | None:
        """The work on an interaction of this project, where it is done here."""
        return self._works.get((project_id, interaction_id))

    async def close(self) -> None:
        """Stops all that is still being made, and waits until that is written down."""
        tasks = [work.task for work in self._works.values() if work.task is not None]
        for work in list(self._works.values()):
            work.stop(_STOPPED)
        await asyncio.gather(*tasks, return_exceptions=True)


async def standing(record: Conversations, found: Conversation) -> Interaction:
    """A stored interaction as it stands; one whose server is no more has failed."""
    shown = await asyncio.to_thread(
        stored.load,
        found.body,
        id=found.id,
        model=found.model,
        status=found.status,
        created=found.created_at,
        updated=found.updated_at,
        previous_id=found.previous_id,
    )
    running = shown.status is Status.IN_PROGRESS
    if not running or found.updated_at > now() - timedelta(seconds=ABANDONED):
        return shown
    error: dict[str, Any] = {"code": "UNAVAILABLE", "message": _STOPPED}
    failed = replace(shown, status=Status.FAILED, updated=now(), errors=[error])
    body = await asyncio.to_thread(stored.dump, failed)
    changed = await record.change(
        found.project_id, found.id, KIND, status=failed.status, body=body, only_from=_RUNNING
    )
    return failed if changed else shown
