"""What admission needs of a request is read as engines of ours read it, and nothing else is."""

import base64
import json
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pisang.core.content import Blob, FileRef
from pisang.core.errors import MalformedRequest, PisangError
from pisang.core.request import GenerateRequest, Modality, ServiceTier, Tool
from pisang.wire.gemini import request, tokens
from pisang.wire.gemini.peek import peek
from pisang.wire.gemini.schema import DEVELOPER
from pisang.wire.gemini.vertex import VERTEX
from tests.wire.gemini import strategies
from tests.wire.gemini.test_fuzz import BODY, mutated
from tests.wire.gemini.test_recorded import recorded

MODEL = "gemini-3-pro-image"
PICTURE = base64.b64encode(bytes(range(256)) * 40).decode()


def looked(body: Any, **options: Any) -> GenerateRequest:
    """What a body without trouble is read as."""
    peeked = peek(
        body if isinstance(body, bytes) else json.dumps(body).encode(), model=MODEL, **options
    )
    assert peeked.trouble is None
    return peeked.request


def without_bytes(asked: GenerateRequest) -> GenerateRequest:
    """A request as a peek sees it: long base64 is not there."""

    def bare(blob: Blob | None) -> Blob | None:
        return blob and Blob(
            blob.mime_type, b"" if len(blob.data) > 1500 else blob.data, blob.display_name
        )

    contents = tuple(
        replace(
            turn,
            parts=tuple(
                replace(
                    p,
                    blob=bare(p.blob),
                    thought_signature=None
                    if len(p.thought_signature or b"") > 1500
                    else p.thought_signature,
                )
                for p in turn.parts
            ),
        )
        for turn in asked.contents
    )
    return replace(asked, contents=contents)


@given(strategies.requests)
def test_a_small_body_is_read_as_engines_of_ours_read_it(asked: GenerateRequest) -> None:
    body = request.encode(asked)
    assert looked(body) == request.decode(body, model=MODEL)


def test_pictures_keep_their_places_and_types_and_texts_are_whole() -> None:
    picture = {"inlineData": {"mimeType": "image/webp", "data": PICTURE}}
    body = {
        "contents": [
            {"role": "user", "parts": [{"text": "a" * 5000}, picture, {"text": "b"}]},
            {"role": "model", "parts": [{**picture, "thoughtSignature": PICTURE}]},
            {"role": "user", "parts": [{"fileData": {"fileUri": "gs://b/o"}}, picture]},
        ],
        "generationConfig": {"imageConfig": {"imageSize": "4K", "aspectRatio": "21:9"}},
    }
    raw = json.dumps(body).encode()
    asked = looked(raw, deadline=7.0)
    assert asked == without_bytes(request.decode(raw, model=MODEL, deadline=7.0))
    kinds = [
        part.blob.mime_type if part.blob else part.file or part.text for _, part in asked.parts()
    ]
    assert kinds == ["a" * 5000, "image/webp", "b", "image/webp", FileRef("gs://b/o"), "image/webp"]
    assert (asked.image.image_size, asked.deadline) == ("4K", 7.0)


@pytest.mark.parametrize(
    "change",
    [
        {"newField": {"a": 1}},
        {"cachedContent": "cachedContents/x"},
        {"modelArmorConfig": {"promptTemplateName": "x"}},
        {"tools": [{"googleMaps": {}}, {"newTool": {}}]},
        {"safetySettings": [{"category": "HARM_CATEGORY_NEW", "threshold": "BLOCK_NEW"}]},
        {"serviceTier": "turbo"},
        {"model": "models/another"},
        {"contents": [{"role": "critic", "parts": [{"functionCall": {"name": "f"}}]}]},
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "?"}}]}]},
        {"contents": [{"parts": [{"inlineData": {"data": ""}}, {"newPart": 1}, {}]}]},
        {"contents": []},
        {"contents": "a fox"},
        {"labels": {"a": 1}},
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "ULTRA"}, "topK": "many"}},
        {"generationConfig": {"responseModalities": ["IMAGE", "SMELL"]}},
        {"generationConfig": {"imageConfig": {"personGeneration": "ALLOW_CATS", "new": 1}}},
        {"generationConfig": {"responseFormat": [{"image": {"delivery": "URI"}}, {"audio": {}}]}},
    ],
    ids=str,
)
@pytest.mark.parametrize("variant", [DEVELOPER, VERTEX], ids=["developer", "vertex"])
def test_what_we_do_not_know_or_serve_is_the_upstreams_business(change: Any, variant: Any) -> None:
    body = {"contents": [{"parts": [{"text": "a fox"}]}], "tools": [{"googleSearch": {}}]} | change
    asked = looked(body, variant=variant)
    assert asked.model == MODEL
    if "tools" not in change:
        assert asked.tools == {Tool.GOOGLE_SEARCH}


@pytest.mark.parametrize(
    "config",
    [
        "large",
        {"imageConfig": ["2K"]},
        {"imageConfig": {"imageSize": 2}},
        {"imageConfig": {"aspectRatio": {"w": 1}}},
        {"imageConfig": {"imageSize": "1K"}, "image_config": {"imageSize": "4K"}},
        {"imageConfig": {"imageSize": "1K", "image_size": "4K"}},
        {"imageConfig": {"imageSize": "1K"}, "responseFormat": {"image": {"imageSize": "4K"}}},
        {"responseFormat": "png"},
        {"responseFormat": {"image": {"imageSize": "IMAGE_SIZE_EIGHT_K"}}},
        {"candidateCount": "many"},
    ],
    ids=str,
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_decides_the_price_must_be_understood(config: Any, wrapped: bool) -> None:
    body: dict[str, Any] = {"contents": [{"parts": [{"text": "x"}]}], "generationConfig": config}
    raw = json.dumps({"generateContentRequest": body} if wrapped else body).encode()
    peeked = peek(raw, model=MODEL)
    assert isinstance(peeked.trouble, MalformedRequest)
    with pytest.raises(MalformedRequest) as strict:
        tokens.decode(raw, model=MODEL)
    assert peeked.trouble.message == strict.value.message
    assert peeked.trouble.violations == strict.value.violations


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"1", b'{"a": 1, "a": 2}', b"\xff{}", b"{}x"])
def test_a_body_that_is_no_object_is_trouble(raw: bytes) -> None:
    peeked = peek(raw, model=MODEL)
    assert isinstance(peeked.trouble, MalformedRequest)
    with pytest.raises(MalformedRequest) as strict:
        request.decode(raw, model=MODEL)
    assert peeked.trouble.message == strict.value.message
    assert peeked.request.contents == ()


def test_a_prompt_to_be_counted_is_read_in_each_of_its_forms() -> None:
    whole = {"contents": [{"parts": [{"text": "a fox"}]}], "serviceTier": "flex"}
    wrapped = looked({"generateContentRequest": {"model": f"models/{MODEL}", **whole}})
    assert wrapped.contents == looked(whole).contents
    assert wrapped.service_tier is ServiceTier.FLEX
    old = looked({"instances": [{"prompt": "a fox"}]}, variant=VERTEX)
    assert old.contents == looked(whole).contents


def test_every_request_of_every_client_is_peeked_at_without_trouble(shared: Path) -> None:
    seen = 0
    for case, verb, sent in recorded(shared):
        model, raw = case.rpartition("/")[2], json.dumps(sent).encode()
        peeked = peek(raw, model=model)
        decode = tokens.decode if verb == "countTokens" else request.decode
        assert peeked.trouble is None, case
        assert peeked.request == without_bytes(decode(raw, model=model)), case
        seen += 1
    assert seen > 60


def test_no_body_however_broken_comes_out_as_anything_but_trouble() -> None:
    chance = random.Random(11)
    for _ in range(2000):
        body = json.dumps(mutated(BODY, chance)).encode()
        if chance.random() < 0.3:
            at = chance.randrange(len(body))
            body = body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]
        peeked = peek(body, model=MODEL, variant=chance.choice([DEVELOPER, VERTEX]))
        assert peeked.trouble is None or isinstance(peeked.trouble, PisangError)


def test_what_a_peek_finds_in_order_is_what_a_strict_reader_takes() -> None:
    chance = random.Random(12)
    for _ in range(1000):
        body = json.dumps(mutated(BODY, chance)).encode()
        try:
            asked = tokens.decode(body, model=MODEL)
        except PisangError:
            continue
        assert looked(body) == without_bytes(asked)


def test_a_large_body_is_peeked_at_in_no_time() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": PICTURE * 140}}
    raw = json.dumps({"contents": [{"parts": [{"text": "x"}, *[picture] * 14]}]}).encode()
    assert len(raw) > 26_000_000
    peek(raw, model=MODEL)
    times = []
    for _ in range(5):
        begun = time.thread_time()
        asked = looked(raw)
        times.append(time.thread_time() - begun)
    assert sum(part.blob is not None for _, part in asked.parts()) == 14
    assert asked.wants(Modality.IMAGE)
    assert min(times) < 0.02, "about 2 ms on a quiet machine; parsing it takes 40"
