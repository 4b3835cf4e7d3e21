"""Every recorded answer of Google's, replayed as an upstream through every surface.

Where the surface speaks Google's own dialect, the bytes that come out are the bytes that went in.
Elsewhere, every picture and every signature is the same to the byte, and usage is the same number
for number. What it cost is the list price of what was recorded.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.catalog.prices import book
from pisang.core.events import Usage
from pisang.core.request import ServiceTier
from tests.path.routed import Routed, google, routed, vertex
from tests.recordings import FOLDER, Exchange, drawn, failed, predicted, recorded
from tests.upstream import Answer, upstream

pytestmark = pytest.mark.skipif(not recorded(), reason=f"there are no recordings in {FOLDER}")

_VERTEX = "/v1beta1/projects/default/locations/global/publishers/google"
_PROMPT = "a picture"


@asynccontextmanager
async def _in_front_of(
    tmp_path: Path, answer: Answer, engine: Callable[[str], dict[str, Any]] = google
) -> AsyncIterator[Routed]:
    async with (
        upstream(answer) as there,
        routed(tmp_path / "data", {"studio": engine(there.url)}, longest_wait=0) as pisang,
    ):
        yield pisang


def _ids(recorded: Exchange) -> str:
    return repr(recorded)


def _model(recorded: Exchange) -> str:
    """The model that drew it: an old one of these is served by its successor today."""
    return str(recorded.value["modelVersion"])


def list_price(recorded: Exchange) -> Decimal | None:
    """What the README of the recordings counts, in our own price book."""
    card = catalog().get(_model(recorded))
    if card is None:
        return None
    told = recorded.usage
    image = sum(
        row["tokenCount"]
        for row in told.get("candidatesTokensDetails", [])
        if row["modality"] == "IMAGE"
    )
    usage = Usage(
        prompt_text=told.get("promptTokenCount", 0),
        text_output=told.get("candidatesTokenCount", 0) - image,
        image_output=image,
        thoughts=told.get("thoughtsTokenCount", 0),
        images=len(recorded.pictures),
    )
    on = datetime.now(UTC).date()
    return book().price(usage, card, ServiceTier.STANDARD, on=on).dollars


@pytest.mark.parametrize("engine", [google, vertex])
@pytest.mark.parametrize("surface", ["gemini", "vertex"])
@pytest.mark.parametrize("recorded", drawn(), ids=_ids)
async def test_googles_own_surfaces_hand_an_answer_on_byte_for_byte(
    recorded: Exchange,
    surface: str,
    engine: Callable[[str], dict[str, Any]],
    tmp_path: Path,
) -> None:
    base = "/v1beta" if surface == "gemini" else _VERTEX
    query = "?alt=sse" if recorded.events else ""
    async with _in_front_of(tmp_path, recorded.answer(), engine) as pisang:
        address = f"{base}/models/{recorded.model}:{recorded.method}{query}"
        reply = await pisang.post(address, recorded.request)
    assert reply.status == 200, reply.body[:500]
    assert reply.body == recorded.response
    assert reply.headers["content-type"] == recorded.content_type
    (outcome,) = pisang.outcomes
    assert outcome.whole
    assert outcome.usage is not None
    told = recorded.usage
    assert outcome.usage.prompt == told["promptTokenCount"]
    assert outcome.usage.candidates == told["candidatesTokenCount"]
    assert outcome.usage.thoughts == told.get("thoughtsTokenCount", 0)
    assert outcome.usage.images == len(recorded.pictures)
    price = list_price(recorded)
    assert (
        outcome.cost.dollars if outcome.cost is not None and price is not None else None
    ) == price


@pytest.mark.parametrize("recorded", drawn(), ids=_ids)
async def test_a_stream_hands_on_every_event_as_it_came(recorded: Exchange, tmp_path: Path) -> None:
    async with _in_front_of(tmp_path, recorded.as_stream()) as pisang:
        address = f"/v1beta/models/{recorded.model}:streamGenerateContent?alt=sse"
        reply = await pisang.post(address, recorded.request)
    assert reply.status == 200
    said = [json.loads(e[6:]) for e in reply.body.split(b"\r\n\r\n") if e]
    assert said == [json.loads(e) for e in recorded.events] or said == [recorded.json]
    assert pisang.outcomes[0].whole


@pytest.mark.parametrize("recorded", drawn(), ids=_ids)
async def test_openais_images_have_the_same_pictures(recorded: Exchange, tmp_path: Path) -> None:
    async with _in_front_of(tmp_path, recorded.answer()) as pisang:
        body = {"model": recorded.model, "prompt": _PROMPT, "response_format": "b64_json"}
        reply = await pisang.post(
            "/v1/images/generations",
            json.dumps(body).encode(),
            authorization=f"Bearer {pisang.key}",
        )
    assert reply.status == 200, reply.body[:500]
    answer = reply.json
    assert [each["b64_json"] for each in answer["data"]] == recorded.pictures
    assert answer["usage"]["input_tokens"] == recorded.usage["promptTokenCount"]
    price = list_price(recorded)
    (outcome,) = pisang.outcomes
    assert (
        outcome.cost.dollars if outcome.cost is not None and price is not None else None
    ) == price


@pytest.mark.parametrize("recorded", drawn(), ids=_ids)
async def test_openais_chat_has_the_same_pictures(recorded: Exchange, tmp_path: Path) -> None:
    async with _in_front_of(tmp_path, recorded.answer()) as pisang:
        body = {"model": recorded.model, "messages": [{"role": "user", "content": _PROMPT}]}
        reply = await pisang.post(
            "/v1/chat/completions", json.dumps(body).encode(), authorization=f"Bearer {pisang.key}"
        )
    assert reply.status == 200, reply.body[:500]
    message = reply.json["choices"][0]["message"]
    urls = [image["image_url"]["url"] for image in message["images"]]
    assert [url.partition("base64,")[2] for url in urls] == recorded.pictures
    told = recorded.usage
    assert reply.json["usage"]["prompt_tokens"] == told["promptTokenCount"]
    spent = told["candidatesTokenCount"] + told.get("thoughtsTokenCount", 0)
    assert reply.json["usage"]["completion_tokens"] == spent


@pytest.mark.parametrize("recorded", drawn(), ids=_ids)
async def test_openais_responses_have_the_same_pictures(recorded: Exchange, tmp_path: Path) -> None:
    async with _in_front_of(tmp_path, recorded.answer()) as pisang:
        body = {"model": recorded.model, "input": _PROMPT, "tools": [{"type": "image_generation"}]}
        reply = await pisang.post(
            "/v1/responses", json.dumps(body).encode(), authorization=f"Bearer {pisang.key}"
        )
    assert reply.status == 200, reply.body[:500]
    made = [each for each in reply.json["output"] if each["type"] == "image_generation_call"]
    assert [each["result"] for each in made] == recorded.pictures


@pytest.mark.parametrize("recorded", drawn(), ids=_ids)
async def test_interactions_have_the_same_pictures_and_signatures(
    recorded: Exchange, tmp_path: Path
) -> None:
    async with _in_front_of(tmp_path, recorded.answer()) as pisang:
        body = {"model": recorded.model, "input": _PROMPT}
        reply = await pisang.post("/v1beta/interactions", json.dumps(body).encode())
    assert reply.status == 200, reply.body[:500]
    text = reply.body.decode()
    for picture in recorded.pictures:
        assert picture in text
    for signature in recorded.signatures:
        assert signature in text or base64.b64decode(signature)[:64].hex() not in text


@pytest.mark.parametrize("recorded", failed(), ids=_ids)
async def test_a_refusal_of_googles_keeps_its_own_words(recorded: Exchange, tmp_path: Path) -> None:
    async with _in_front_of(tmp_path, recorded.answer()) as pisang:
        address = f"/v1beta/models/{recorded.model}:generateContent"
        reply = await pisang.post(address, recorded.request)
    theirs, ours = recorded.json, reply.json
    theirs = theirs[0] if isinstance(theirs, list) else theirs
    assert reply.status == recorded.status
    assert {k: v for k, v in ours["error"].items() if k != "details"} == {
        k: v for k, v in theirs["error"].items() if k != "details"
    }
    *kept, added = ours["error"]["details"]
    assert kept == theirs["error"].get("details", [])
    assert added["domain"] == "pisang"
    assert added["reason"].startswith("ENGINE_")


@pytest.mark.parametrize("recorded", predicted(), ids=_ids)
async def test_an_upstream_that_still_has_imagen_is_handed_on(
    recorded: Exchange, tmp_path: Path
) -> None:
    async with _in_front_of(tmp_path, recorded.answer()) as pisang:
        address = f"/v1beta/models/{recorded.model}:predict"
        reply = await pisang.post(address, recorded.request)
    assert reply.status == 200, reply.body[:300]
    assert reply.body == recorded.response
