"""A pisang as the upstream of a pisang: what we serve and what we ask for are the same API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.events import Finished, FinishReason, Image, Started, Text, Thought
from pisang.core.image import Canvas, sniff
from pisang.core.request import GenerateRequest, ImageConfig, Sampling, Thinking
from pisang.core.upstream import Dialect
from pisang.engines import registry
from pisang.engines.base import Forward, Upstream, UpstreamFault
from pisang.engines.registry import Config, Means
from pisang.wire.gemini import request as wire
from pisang.wire.gemini import response
from tests.live import Account, Live

MEANS = Means(secret=b"s")
MODEL = "gemini-3-pro-image"
CANVAS = Canvas(1376, 768, "16:9", "1K")


@pytest.fixture(params=["google", "vertex", "express"])
async def engine(
    request: pytest.FixtureRequest, live: Live, account: Account
) -> AsyncIterator[Upstream]:
    """The live server as an engine: by key, by service account, and by key in express mode."""
    config = {
        "google": Config(name="e", api_keys=(live.key,), base_url=live.url),
        "vertex": Config(name="e", credentials=str(account.file), base_url=live.url),
        "express": Config(name="e", api_keys=(live.key,), base_url=live.url),
    }[request.param]
    kind = "google" if request.param == "google" else "vertex"
    (made,) = registry.build(kind, config, MEANS)
    assert isinstance(made, Upstream)
    yield made
    await made.close()


def asking(*parts: Part, **more: Any) -> GenerateRequest:
    return GenerateRequest(
        model=MODEL,
        contents=(Content(Role.USER, parts or (Part(text="a red fox in the snow"),)),),
        image=ImageConfig(aspect_ratio="16:9"),
        sampling=Sampling(seed=7),
        **more,
    )


async def drawn(engine: Upstream, asked: GenerateRequest) -> list[Any]:
    card = catalog().get(MODEL)
    assert card is not None
    return [event async for event in engine.generate(asked, card=card, canvas=CANVAS)]


async def test_a_picture_comes_through_with_all_that_belongs_to_it(engine: Upstream) -> None:
    asked = asking(thinking=Thinking(include_thoughts=True))
    started, *parts, finished = await drawn(engine, asked)
    assert isinstance(started, Started)
    assert started.model_version.startswith(MODEL)
    assert {type(part) for part in parts} == {Thought, Text, Image}
    (image,) = (part for part in parts if isinstance(part, Image))
    assert isinstance(image.content, Blob)
    header = sniff(image.content.data)
    assert header is not None
    assert (header.width, header.height) == (1376, 768)
    assert image.signature
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.STOP
    assert finished.usage is not None
    assert (finished.usage.images, finished.usage.image_output) == (1, 1120)


async def test_a_conversation_goes_on_with_the_picture_it_had(engine: Upstream) -> None:
    _, *parts, _ = await drawn(engine, asking())
    before = tuple(
        Part(blob=part.content, thought_signature=part.signature)
        if isinstance(part, Image)
        else Part(text=part.text, thought_signature=part.signature)
        for part in parts
        if not isinstance(part, Thought)
    )
    first = asking().contents[0]
    then = Content(Role.USER, (Part(text="now at night"),))
    asked = GenerateRequest(model=MODEL, contents=(first, Content(Role.MODEL, before), then))
    _, *after, finished = await drawn(engine, asked)
    assert finished.reason is FinishReason.STOP
    (old,) = (part.content.data for part in parts if isinstance(part, Image))
    (new,) = (part.content.data for part in after if isinstance(part, Image))
    assert new != old


async def test_a_refusal_comes_through_with_its_reason(engine: Upstream) -> None:
    *_, finished = await drawn(engine, asking(Part(text="hello, how are you?")))
    assert finished.reason is FinishReason.NO_IMAGE
    assert finished.message


async def forwarded(engine: Upstream, method: str, body: bytes, **query: str) -> bytes:
    passing = await engine.forward(
        Forward(dialect=Dialect.GEMINI, method=method, model=MODEL, body=(body,), query=query)
    )
    return b"".join([chunk async for chunk in passing.chunks])


async def test_a_body_passes_as_it_is_and_is_counted_alike(engine: Upstream) -> None:
    body = wire.encode(asking())
    whole = response.decode(await forwarded(engine, "generateContent", body))
    assert whole.finished.reason is FinishReason.STOP
    streamed = await forwarded(engine, "streamGenerateContent", body, alt="sse")
    assert streamed.startswith(b"data: {")
    assert streamed.endswith(b"}\r\n\r\n")
    counted = await forwarded(engine, "countTokens", b'{"contents":[{"parts":[{"text":"hi"}]}]}')
    assert b'"totalTokens"' in counted


async def test_an_error_comes_through_word_for_word(engine: Upstream) -> None:
    with pytest.raises(UpstreamFault) as caught:
        await forwarded(engine, "generateContent", b'{"contents": 1}')
    assert caught.value.symptom.status == 400
    assert b'"INVALID_ARGUMENT"' in caught.value.symptom.body


async def test_a_probe_says_whether_address_key_and_model_are_right(
    engine: Upstream, live: Live
) -> None:
    await engine.probe(MODEL)
    with pytest.raises(UpstreamFault) as caught:
        await engine.probe("no-such-model")
    assert caught.value.symptom.status == 404
    stranger = Config(name="e", api_keys=("psk_" + "x" * 40,), base_url=live.url)
    (made,) = registry.build("google", stranger, MEANS)
    assert isinstance(made, Upstream)
    with pytest.raises(UpstreamFault) as caught:
        await made.probe(MODEL)
    assert caught.value.symptom.status == 400
    assert b"API_KEY_INVALID" in caught.value.symptom.body
    await made.close()


async def test_many_at_once_share_one_engine(engine: Upstream) -> None:
    body = wire.encode(asking(Part(text="a dot")))
    found = await asyncio.gather(*(forwarded(engine, "generateContent", body) for _ in range(4)))
    pictures = {response.decode(each).parts[-1] for each in found}
    assert len(pictures) == 1
