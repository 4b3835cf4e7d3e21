"""The sketch engine as the gateway sees it: events in order, honest words, no invented picture."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from pisang.catalog.models import Card, catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import EngineFailed, EngineUnavailable, MalformedRequest
from pisang.core.events import Event, Finished, FinishReason, Image, Preview, Started, Text, Thought
from pisang.core.image import Pixels
from pisang.core.request import GenerateRequest, ImageConfig, Modality, Sampling
from pisang.engines.sketch import engine as sketch
from pisang.engines.sketch.engine import SketchEngine
from pisang.engines.sketch.signature import unpack

KEY = b"k" * 32
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def card() -> Card:
    return catalog().cards["gemini-3.1-flash-image"]


def user(*parts: str | bytes) -> Content:
    made = [
        Part(text=part) if isinstance(part, str) else Part(blob=Blob("image/png", part))
        for part in parts
    ]
    return Content(Role.USER, tuple(made))


def request(*contents: Content, **fields: object) -> GenerateRequest:
    return GenerateRequest(model=card().id, contents=contents, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def engine() -> AsyncIterator[SketchEngine]:
    made = SketchEngine(KEY, workers=1, queue=1)
    yield made
    await made.close()


async def events(engine: SketchEngine, asked: GenerateRequest) -> list[Event]:
    canvas = card().canvas("1:1", "512")
    return [event async for event in engine.generate(asked, card=card(), canvas=canvas)]


def kinds(found: Sequence[Event]) -> list[type]:
    return [type(event) for event in found if not isinstance(event, Thought)]


async def test_a_picture_comes_with_its_plan_a_sentence_and_a_signature(
    engine: SketchEngine,
) -> None:
    found = await events(engine, request(user("a red cat")))
    assert kinds(found) == [Started, Text, Image, Finished]
    assert any(isinstance(event, Thought) for event in found)
    started, text, image = found[0], found[-3], found[-2]
    assert isinstance(started, Started)
    assert started.model_version == "gemini-3.1-flash-image+pisang-sketch-1"
    assert isinstance(text, Text)
    assert "cat" in text.text
    assert isinstance(image, Image)
    assert isinstance(image.content, Pixels)
    memory = unpack(image.signature, KEY)
    assert memory is not None
    assert memory.scene.things[0].drawing == "cat"


async def test_only_text_draws_nothing(engine: SketchEngine) -> None:
    found = await events(engine, request(user("a cat"), modalities=frozenset({Modality.TEXT})))
    assert kinds(found) == [Started, Text, Finished]


@pytest.mark.parametrize("words", ["What is your name?", "", "2+2?"])
async def test_a_prompt_for_no_picture_ends_in_no_image(engine: SketchEngine, words: str) -> None:
    found = await events(engine, request(user(words)))
    assert kinds(found) == [Started, Text, Finished]
    finished = found[-1]
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.NO_IMAGE
    assert found[-2] == Text(finished.message or "")


async def said(engine: SketchEngine, asked: GenerateRequest) -> str:
    return "".join(event.text for event in await events(engine, asked) if isinstance(event, Text))


async def test_it_says_what_it_did_not_understand_and_that_it_draws(engine: SketchEngine) -> None:
    words = await said(engine, request(user("A photo of a zorblike horse")))
    assert "zorblike" in words
    assert "not a photo" in words


async def test_letters_without_a_font_are_said_and_not_drawn_as_boxes(
    engine: SketchEngine,
) -> None:
    words = await said(engine, request(user("a card that says 'ᚠᚢᚦ'")))
    assert "ᚠᚢᚦ" in words
    assert "pisang fonts add" in words


async def test_an_undecodable_picture_is_the_callers_fault(engine: SketchEngine) -> None:
    with pytest.raises(MalformedRequest):
        await events(engine, request(user(DOT[:50] + DOT[-12:], "make it grey")))


async def test_a_scene_whose_picture_did_not_come_back_says_so(engine: SketchEngine) -> None:
    first = request(user(DOT, "add the text 'Hello' at the top"))
    signature = next(e.signature for e in await events(engine, first) if isinstance(e, Image))
    answer = Content(Role.MODEL, (Part(text="…", thought_signature=signature),))
    words = await said(engine, request(user("…"), answer, user("make the text red")))
    assert "did not come back" in words


async def test_a_system_instruction_sets_the_manner(engine: SketchEngine) -> None:
    manner = Content(Role.USER, (Part(text="Always paint in watercolour"),))
    found = await events(engine, request(user("a horse"), system_instruction=manner))
    image = next(event for event in found if isinstance(event, Image))
    memory = unpack(image.signature, KEY)
    assert memory is not None
    assert memory.scene.style == "watercolour"


async def test_the_callers_seed_is_kept_and_an_edit_keeps_the_seed_of_its_picture(
    engine: SketchEngine,
) -> None:
    async def memory(asked: GenerateRequest) -> tuple[bytes, int]:
        image = next(e for e in await events(engine, asked) if isinstance(e, Image))
        assert image.signature
        found = unpack(image.signature, KEY)
        assert found
        return image.signature, found.seed

    cat = user("a cat")
    assert (await memory(request(cat, sampling=Sampling(seed=-1))))[1] == 2**32 - 1
    signature, seed = await memory(request(cat, sampling=Sampling(seed=5)))
    answer = Content(Role.MODEL, (Part(text="…", thought_signature=signature),))
    assert (await memory(request(cat, answer, user("make it night"))))[1] == seed == 5


async def test_more_than_the_queue_holds_is_unavailable_and_not_slow(
    engine: SketchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*_args: object, **_kwargs: object) -> object:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(10)
        raise EngineFailed("let go")

    monkeypatch.setattr(sketch, "draw", slow)
    waiting = [asyncio.create_task(events(engine, request(user("a cat")))) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(EngineUnavailable) as refused:
        await events(engine, request(user("a cat")))
    assert refused.value.retry_after
    gate.set()
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [
        EngineFailed,
        EngineFailed,
    ]
    monkeypatch.undo()
    assert kinds(await events(engine, request(user("a cat"))))[-1] is Finished


async def test_a_defect_is_told_as_one_and_keeps_its_cause(
    engine: SketchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> object:
        raise KeyError("no such drawing")

    monkeypatch.setattr(sketch, "read", broken)
    with pytest.raises(EngineFailed) as failed:
        await events(engine, request(user("a cat")))
    assert isinstance(failed.value.__cause__, KeyError)


async def test_a_cancelled_request_is_not_painted(
    engine: SketchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted, arranged = [], asyncio.Event()
    loop = asyncio.get_running_loop()
    go = asyncio.Event()
    arrange = sketch.arrange

    def waits(*args: object, **kwargs: object) -> object:
        loop.call_soon_threadsafe(arranged.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(10)
        return arrange(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(sketch, "arrange", waits)
    monkeypatch.setattr(sketch, "paint", lambda *args, **kwargs: painted.append((args, kwargs)))
    task = asyncio.create_task(events(engine, request(user("a cat"))))
    await asyncio.wait_for(arranged.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    await engine.close()
    assert painted == []


async def test_previews_are_real_states_and_change_nothing(engine: SketchEngine) -> None:
    asked = user("a red fox under a tree in a forest at night, with stars")
    plain = await events(engine, request(asked))
    shown = await events(engine, request(asked, previews=3))
    previews = [event.content for event in shown if isinstance(event, Preview)]
    (final,) = (event.content for event in shown if isinstance(event, Image))
    assert 1 <= len(previews) <= 3
    assert all(isinstance(each, Pixels) and each.bands == 3 for each in previews)
    states = [bytes(each.data) for each in (*previews, final) if isinstance(each, Pixels)]
    assert len(set(states)) == len(states)
    (unwatched,) = (event.content for event in plain if isinstance(event, Image))
    assert isinstance(unwatched, Pixels)
    assert bytes(unwatched.data) == states[-1]
    assert not any(isinstance(event, Preview) for event in plain)


async def test_without_a_ground_only_what_is_drawn_covers(engine: SketchEngine) -> None:
    asked = request(user("a red apple"), image=ImageConfig(transparent=True))
    (event,) = [event for event in await events(engine, asked) if isinstance(event, Image)]
    pixels = event.content
    assert isinstance(pixels, Pixels)
    assert (pixels.width, pixels.height, pixels.bands) == (512, 512, 4)
    cut = np.frombuffer(pixels.data, np.uint8).reshape(512, 512, 4)
    assert [int(cut[y, x, 3]) for y, x in ((2, 2), (2, 509), (509, 2))] == [0, 0, 0]
    solid = cut[cut[..., 3] == 255]
    assert len(solid) > 0.05 * 512 * 512
    red, green, blue = solid[:, :3].mean(axis=0)
    assert red > green + 40 > 40
    assert red > blue + 40


async def test_previews_of_a_picture_without_a_ground_have_none_either(
    engine: SketchEngine,
) -> None:
    asked = request(user("a red apple and a blue car"), image=ImageConfig(transparent=True))
    found = await events(engine, replace(asked, previews=2))
    previews = [event.content for event in found if isinstance(event, Preview)]
    assert previews
    assert all(isinstance(each, Pixels) and each.bands == 4 for each in previews)
