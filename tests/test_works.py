"""Works: stopped before they begin, by another process, while they end; nobody waits for good."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from pisang import works
from pisang.accounts import projects
from pisang.catalog.models import catalog
from pisang.conversations.store import Conversations
from pisang.core.caller import Caller
from pisang.core.clock import now
from pisang.core.errors import StoreError
from pisang.core.events import Event, Finished, FinishReason, Started, Text, Usage
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.gateway import Answer
from pisang.lanes.events import Run
from pisang.settings import Settings
from pisang.store.blobs import Blobs
from pisang.store.open import opened
from pisang.wire.interactions.response import Interaction
from pisang.wire.interactions.schema import Status
from pisang.works import KIND, Plan, Work, Works

MODEL = "gemini-3.1-flash-image"
END = Finished(FinishReason.STOP, usage=Usage())


@pytest.fixture
async def plan(tmp_path: Path) -> AsyncIterator[Plan]:
    async with opened(tmp_path / "data") as (folder, database):
        async with database.write() as connection:
            project = await projects.ensure(connection, "mine")
        yield Plan(
            database=database,
            blobs=Blobs(folder.blobs),
            settings=Settings(data=tmp_path / "data"),
            project_id=project.id,
            store=True,
            by_link=False,
        )


def work_of(plan: Plan) -> Work:
    shown = Interaction(
        id="v1_x", model=MODEL, status=Status.IN_PROGRESS, created=now(), updated=now()
    )
    return Work(shown, plan)


def answer(
    *events: Event, wait: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
) -> Answer:
    async def told() -> AsyncGenerator[Event, None]:
        for event in events:
            yield event
            await wait()

    card = catalog().get(MODEL)
    assert card is not None
    run = Run(
        caller=Caller("prj_1", "key_1"),
        request=GenerateRequest(model=MODEL, contents=()),
        plan=cast(Any, None),  # nothing is planned: the events are there
        surface="gemini_api",
        card=card,
        canvas=card.canvas("1:1"),
        ends=0,
        tier=ServiceTier.STANDARD,
        notice=None,
    )
    return Answer(run, Usage(), told())


async def stored_status(plan: Plan) -> str:
    found = await Conversations(plan.database, plan.blobs).find(plan.project_id, "v1_x", KIND)
    assert found is not None
    return found.status


async def test_a_work_that_is_stopped_before_it_begins_ends(plan: Plan) -> None:
    work, running = work_of(plan), Works()
    await work.keep()
    running.begin(work, answer(Started("m"), Text("x"), END), plan.project_id)
    work.stop()
    await asyncio.wait_for(work.finished(), 10)
    assert work.shown.status is Status.CANCELLED
    assert await stored_status(plan) == "cancelled"
    assert running.find(plan.project_id, "v1_x") is None


async def test_a_work_learns_that_another_process_cancelled_it(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "RENEWED", 0.01)
    work, never = work_of(plan), asyncio.Event()
    await work.keep()
    Works().begin(work, answer(Started("m"), END, wait=never.wait), plan.project_id)
    record = Conversations(plan.database, plan.blobs)
    await record.change(plan.project_id, "v1_x", KIND, status="cancelled")
    await asyncio.wait_for(work.finished(), 10)
    assert work.shown.status is Status.CANCELLED


async def test_a_work_that_goes_on_renews_its_row(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "RENEWED", 0.01)
    work, go = work_of(plan), asyncio.Event()
    await work.keep()
    Works().begin(work, answer(Started("m"), END, wait=go.wait), plan.project_id)
    record = Conversations(plan.database, plan.blobs)
    first = await record.find(plan.project_id, "v1_x", KIND)
    for _ in range(500):
        later = await record.find(plan.project_id, "v1_x", KIND)
        assert first
        assert later
        if later.updated_at > first.updated_at:
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("the row was never renewed")
    go.set()
    await asyncio.wait_for(work.finished(), 10)
    assert await stored_status(plan) == "completed"


async def test_a_record_that_cannot_be_written_is_told_without_its_folder(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> bool:
        raise StoreError(f"The folder {plan.blobs.folder} cannot be used: the disk is full.")

    work = work_of(plan)
    await work.keep()
    monkeypatch.setattr(Conversations, "change", full)
    Works().begin(work, answer(Started("m"), Text("x"), END), plan.project_id)
    await asyncio.wait_for(work.finished(), 10)
    assert work.shown.status is Status.FAILED
    assert isinstance(work.error, StoreError)
    assert "its log" in str(work.shown.errors[0]["message"])
    assert str(plan.blobs.folder) not in str(work.shown.errors)


@pytest.mark.parametrize("room", ["for the reason", "for nothing"])
async def test_what_could_not_be_kept_has_failed_in_the_record_too(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    put, least = Blobs.put, 400 if room == "for the reason" else 0

    async def full(blobs: Blobs, data: bytes) -> str:
        if len(data) > least:
            raise StoreError("The folder cannot be used: the disk is full.")
        return await put(blobs, data)

    work = work_of(plan)
    await work.keep()
    monkeypatch.setattr(Blobs, "put", full)
    Works().begin(work, answer(Started("m"), Text("x" * 400), END), plan.project_id)
    await asyncio.wait_for(work.finished(), 10)
    record = Conversations(plan.database, plan.blobs)
    found = await record.find(plan.project_id, "v1_x", KIND)
    assert found is not None
    shown = await works.standing(record, found)
    assert shown.status is Status.FAILED
    assert bool(shown.errors) == (room == "for the reason")


async def test_a_reader_that_comes_late_is_told_everything(plan: Plan) -> None:
    work, go = work_of(plan), asyncio.Event()
    Works().begin(work, answer(Started("m"), Text("a"), Text("b"), END, wait=go.wait), "p")
    await asyncio.sleep(0.01)
    readers = [asyncio.create_task(said(work)) for _ in range(3)]
    go.set()
    assert await asyncio.gather(*readers) == ["ab"] * 3
    assert await said(work) == "ab"


async def said(work: Work) -> str:
    return "".join([op.text async for op in work.follow()])
