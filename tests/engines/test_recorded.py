"""What Google really answered, through the engines: nothing is lost and nothing is touched."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.core.content import Blob
from pisang.core.events import Finished, FinishReason, Image, Started, Text
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest
from pisang.core.upstream import Dialect
from pisang.engines import registry
from pisang.engines.base import Forward, Upstream, UpstreamFault
from pisang.engines.registry import Config, Means
from pisang.wire.base64 import decode_base64
from pisang.wire.gemini import request as wire
from tests.recordings import SHARED, Exchange, exchanges
from tests.upstream import Script, sse, upstream
from tests.upstream import Upstream as There

KEY = "AIzaSy-secret-of-ours"


@asynccontextmanager
async def engine(kind: str, *script: Script) -> AsyncIterator[tuple[Upstream, There]]:
    async with upstream(*script) as there:
        config = Config(name="e", api_keys=(KEY,), base_url=there.url)
        (made,) = registry.build(kind, config, Means(secret=b"s"))
        assert isinstance(made, Upstream)
        yield made, there
        await made.close()


def kind_of(exchange: Exchange) -> str:
    return "vertex" if exchange.is_vertex else "google"


def good() -> list[Exchange]:
    return [each for each in exchanges() if each.status == 200]


async def drawn(made: Upstream, asked: GenerateRequest) -> list[Any]:
    card = catalog().get("gemini-3-pro-image")
    assert card is not None
    canvas = Canvas(1024, 1024, "1:1", "1K")
    return [event async for event in made.generate(asked, card=card, canvas=canvas)]


async def test_every_body_passes_both_ways_byte_for_byte() -> None:
    for each in good():
        async with engine(kind_of(each), each.answer()) as (made, there):
            passing = await made.forward(
                Forward(
                    dialect=Dialect.GEMINI,
                    method=each.method,
                    model=each.model,
                    body=(each.request,),
                    version="v1beta1" if each.is_vertex else "v1beta",
                )
            )
            assert b"".join([chunk async for chunk in passing.chunks]) == each.response, each.name
        assert there.requests[0].body == each.request
        for name in ("content-type", "x-gemini-service-tier", "server-timing"):
            assert passing.headers.get(name) == each.headers.get(name), each.name


async def test_every_answer_is_read_to_the_last_byte_of_its_pictures() -> None:
    read = 0
    for each in good():
        asked = wire.decode(each.request, model=each.model)
        async with engine(kind_of(each), each.answer()) as (made, _):
            started, *parts, finished = await drawn(made, asked)
        told = each.json
        said = [p for p in told["candidates"][0]["content"]["parts"] if not p.get("thought")]
        assert started == Started(told["modelVersion"])
        images = [part for part in parts if isinstance(part, Image)]
        inline = [p for p in said if "inlineData" in p]
        for image, part in zip(images, inline, strict=True):
            assert isinstance(image.content, Blob)
            assert image.content.data == decode_base64(part["inlineData"]["data"])
            signature = part.get("thoughtSignature")
            assert image.signature == (decode_base64(signature) if signature else None)
        counted = finished.usage
        usage = told["usageMetadata"]
        assert (counted.prompt, counted.candidates, counted.thoughts, counted.images) == (
            usage["promptTokenCount"],
            usage["candidatesTokenCount"],
            usage.get("thoughtsTokenCount", 0),
            len(inline),
        ), each.name
        read += 1
    assert read >= 5


async def test_every_error_is_kept_word_for_word() -> None:
    seen = set()
    for each in exchanges():
        if each.status == 200:
            continue
        async with engine(kind_of(each), each.answer()) as (made, _):
            with pytest.raises(UpstreamFault) as caught:
                await made.forward(
                    Forward(
                        dialect=Dialect.GEMINI,
                        method=each.method,
                        model=each.model,
                        body=(each.request,),
                    )
                )
        symptom = caught.value.symptom
        assert (symptom.status, symptom.body) == (each.status, each.response), each.name
        seen.add(each.status)
    assert seen >= {400, 404, 429}


async def test_a_recorded_stream_becomes_one_answer() -> None:
    exchanges()  # skips where there is none
    folder = SHARED / "recordings" / "js-genai"
    (file,) = folder.glob("*generateContentStream*image_output.json")
    recorded = json.loads(file.read_bytes())["interactions"][0]
    segments = recorded["response"]["bodySegments"]
    asked = wire.decode(
        json.dumps(recorded["request"]["bodySegments"][0]).encode(), model="gemini-2.5-flash-image"
    )
    async with engine("google", sse(*segments)) as (made, _):
        started, *parts, finished = await drawn(made, asked)
    assert started == Started(segments[0]["modelVersion"])
    text = "".join(part.text for part in parts if isinstance(part, Text))
    assert text.startswith("I will generate an image of the Eiffel Tower")
    assert sum(isinstance(part, Image) for part in parts) == 1
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.STOP
    last = segments[-1]["usageMetadata"]
    assert finished.usage is not None
    assert finished.usage.total == last["totalTokenCount"]
    assert finished.usage.images == 1
