"""Several pictures for one request: side by side, all admitted first, all or none."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from pisang.admission.via import Via
from pisang.catalog.models import Card
from pisang.core.caller import Caller
from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import EngineFailed, EngineUnavailable, UnsupportedParameter
from pisang.core.events import Event, Image
from pisang.core.image import Canvas, MediaType
from pisang.core.request import GenerateRequest, ImageConfig, Sampling
from pisang.engines.sketch.engine import SketchEngine
from pisang.gateway import Gateway
from pisang.provenance.encode import encode
from pisang.surfaces.fanout import fan_out, siblings, together
from pisang.testing import ScriptedEngine, plain_pixels, usual

CALLER = Caller("prj_1", "key_1")


def asking(*more: Part, ratio: str | None = None, seed: int | None = None) -> GenerateRequest:
    return GenerateRequest(
        model="gemini-3-pro-image",
        contents=(Content(Role.USER, (Part(text="a red boat on a lake"), *more)),),
        image=ImageConfig(aspect_ratio=ratio),
        sampling=Sampling(seed=seed),
    )


def waiting(hang_up: asyncio.Event | None = None) -> Request:
    """A call whose body was read; the caller hangs up when ``hang_up`` is set."""

    async def receive() -> Message:
        await (hang_up or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


async def others_begin() -> None:
    """Lets everything run that can, once the first picture is begun."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_pictures_are_drawn_side_by_side() -> None:
    engine = ScriptedEngine(hold=True)
    work = asyncio.create_task(
        fan_out(waiting(), Gateway(engine), CALLER, asking(), count=4, via=Via())
    )
    await engine.begun.wait()
    await others_begin()
    assert len(engine.asked) == 4
    assert not work.done()  # four at work, none done: nobody waits for another
    engine.go.set()
    made = await work
    assert len(made) == 4
    assert all(
        any(isinstance(part, Image) for part in result.parts) and answer.card.id
        for answer, result in made
    )
    assert len({request.sampling.seed for request in engine.asked}) == 4


async def test_pictures_of_one_request_differ_and_come_again() -> None:
    gateway = Gateway(SketchEngine(b"k" * 32))

    async def drawn(count: int) -> list[bytes]:
        made = await fan_out(waiting(), gateway, CALLER, asking(), count=count, via=Via())
        blobs = [part.content for _, got in made for part in got.parts if isinstance(part, Image)]
        return [blob.data for blob in blobs if isinstance(blob, Blob)]

    three = await drawn(3)
    assert len(set(three)) == 3
    assert await drawn(1) == three[:1]
    await gateway.close()


def test_seeds_count_up_from_the_callers_own() -> None:
    assert [each.sampling.seed for each in siblings(asking(seed=7), 3)] == [7, 8, 9]
    top = siblings(asking(seed=2**31 - 1), 2)
    assert [each.sampling.seed for each in top] == [2**31 - 1, 0]
    unasked = [each.sampling.seed for each in siblings(asking(), 10)]
    assert unasked[0] is None
    assert len(set(unasked)) == 10


async def test_what_refuses_one_keeps_all_from_being_drawn() -> None:
    engine = ScriptedEngine()
    requests = [asking(), asking(ratio="9:99")]
    with pytest.raises(UnsupportedParameter):
        await together(waiting(), Gateway(engine), CALLER, requests, via=Via())
    assert engine.asked == []


class _SecondBreaks(ScriptedEngine):
    """The second request breaks; the others wait for ever."""

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        if request.sampling.seed == 1:
            yield usual(canvas)[0]
            raise EngineUnavailable("Too much queued.", retry_after=2)
        async for event in super().generate(request, card=card, canvas=canvas):
            yield event


async def test_when_one_breaks_the_others_are_stopped_and_its_error_is_raised_alone() -> None:
    engine = _SecondBreaks(hold=True)
    with pytest.raises(EngineUnavailable) as raised:
        await fan_out(waiting(), Gateway(engine), CALLER, asking(seed=0), count=3, via=Via())
    assert raised.value.retry_after == 2
    assert engine.cancelled == len(engine.asked) > 0


async def test_a_defect_keeps_its_cause_for_the_log() -> None:
    engine = ScriptedEngine([*usual(Canvas(8, 8, "1:1", "1K"))[:2], ZeroDivisionError("x")])
    with pytest.raises(EngineFailed) as raised:
        await fan_out(waiting(), Gateway(engine), CALLER, asking(), count=2, via=Via())
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


async def test_all_stop_when_the_caller_hangs_up() -> None:
    engine, hang_up = ScriptedEngine(hold=True), asyncio.Event()
    work = asyncio.create_task(
        fan_out(waiting(hang_up), Gateway(engine), CALLER, asking(), count=3, via=Via())
    )
    await engine.begun.wait()
    await others_begin()
    assert len(engine.asked) == 3
    hang_up.set()
    with pytest.raises(ClientDisconnect):
        await work
    assert engine.cancelled == 3


class _Library:
    """Counts how often a file is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data, self.loads = data, 0

    async def load(self, caller: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        del caller
        self.loads += len(files)
        return {field: Blob("image/png", self.data) for field in files}


async def test_a_file_is_fetched_once_for_all() -> None:
    library = _Library(encode(plain_pixels(Canvas(32, 32, "1:1", "1K")), MediaType.PNG))
    gateway = Gateway(ScriptedEngine(), references=library)
    request = asking(Part(file=FileRef("gs://b/o.png")))
    assert len(await fan_out(waiting(), gateway, CALLER, request, count=3, via=Via())) == 3
    assert library.loads == 1
