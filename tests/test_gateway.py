"""The path itself, without HTTP: admission before events, the deadline, and what is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from pisang.core.caller import Caller
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import EngineFailed, EngineTimeout, ModelNotFound, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Image, Started, Usage, fold
from pisang.core.request import GenerateRequest, ImageConfig, ServiceTier
from pisang.gateway import Gateway, Rules
from pisang.testing import ScriptedEngine

CALLER = Caller("prj_1", "key_1")


def asking(model: str = "gemini-3-pro-image", **more: object) -> GenerateRequest:
    turn = Content(Role.USER, (Part(text="a field"),))
    return GenerateRequest(model=model, contents=(turn,), **more)  # type: ignore[arg-type]


async def test_what_cannot_be_made_is_refused_before_the_engine_is_asked() -> None:
    engine = ScriptedEngine()
    gateway = Gateway(engine)
    with pytest.raises(ModelNotFound):
        await gateway.generate(CALLER, asking("no-such-model"))
    with pytest.raises(UnsupportedParameter):
        await gateway.generate(CALLER, asking(image=ImageConfig(aspect_ratio="9:21")))
    assert engine.asked == []


async def test_an_upstreams_finished_file_and_count_are_left_as_they_are() -> None:
    blob, counted = Blob("image/png", b"as it came"), Usage(images=1, image_output=7)
    script = [Started("m"), Image(blob), Finished(FinishReason.STOP, usage=counted)]
    answer = await Gateway(ScriptedEngine(script)).generate(CALLER, asking())
    result = await fold(answer.events)
    assert result.parts == (Image(blob),)
    assert result.finished.usage == counted


async def test_a_tier_the_model_lacks_is_served_as_standard() -> None:
    gateway = Gateway(ScriptedEngine())
    for model, tier in (
        ("gemini-3-pro-image", ServiceTier.FLEX),
        ("gemini-nano-banana-2.1", ServiceTier.STANDARD),
    ):
        answer = await gateway.generate(CALLER, asking(model, service_tier=ServiceTier.FLEX))
        assert answer.tier is tier
    plain = await gateway.generate(CALLER, asking())
    assert plain.tier is ServiceTier.STANDARD
    assert plain.prompt == await gateway.count_tokens(CALLER, asking())


async def test_the_operators_limit_counts_where_the_caller_sets_none() -> None:
    engine = ScriptedEngine(hold=True)
    gateway = Gateway(engine, rules=Rules(timeout=0.05))
    answer = await gateway.generate(CALLER, asking(deadline=60))
    with pytest.raises(EngineTimeout, match="Deadline expired"):
        await fold(answer.events)
    assert engine.cancelled == 1


async def test_closing_the_events_stops_the_engine() -> None:
    engine = ScriptedEngine()
    answer = await Gateway(engine).generate(CALLER, asking())
    async with aclosing(answer.events) as events:
        assert isinstance(await anext(events), Started)
    assert engine.cancelled == 1


async def test_a_timeout_of_the_engines_own_is_not_the_deadline() -> None:
    class Broken(ScriptedEngine):
        async def generate(self, *_: object, **__: object) -> AsyncIterator[Started]:  # type: ignore[override]
            yield Started("m")
            raise TimeoutError("a socket somewhere")

    answer = await Gateway(Broken()).generate(CALLER, asking())
    with pytest.raises(EngineFailed) as caught:
        await fold(answer.events)
    assert isinstance(caught.value.__cause__, TimeoutError)


async def test_cancelling_is_no_error() -> None:
    engine = ScriptedEngine(hold=True)
    answer = await Gateway(engine).generate(CALLER, asking())
    task = asyncio.ensure_future(fold(answer.events))
    await engine.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.cancelled == 1
