"""A body for the other of Google's surfaces: what must change does, and not a byte else."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.request import GenerateRequest
from pisang.wire.cut import cut
from pisang.wire.gemini import request, tokens
from pisang.wire.gemini.crossing import cross, renamed
from pisang.wire.gemini.schema import DEVELOPER
from pisang.wire.gemini.vertex import VERTEX
from tests.wire.gemini import strategies
from tests.wire.gemini.test_recorded import recorded

PICTURE = base64.b64encode(bytes(range(256)) * 20).decode()
SHARED = "x-vertex-ai-llm-shared-request-type"
TEXT = {"text": "a fox – été"}
TURN: dict[str, Any] = {"role": "user", "parts": [TEXT]}


def crossed(body: Any, *, to_vertex: bool, **options: Any) -> tuple[Any, dict[str, str]]:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    pieces, headers = cross(raw, to_vertex=to_vertex, headers=options.pop("headers", {}), **options)
    return json.loads(b"".join(pieces)), dict(headers)


@pytest.mark.parametrize("to_vertex", [True, False])
def test_a_body_in_which_nothing_changes_goes_as_it_is(to_vertex: bool) -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
    body = {
        "contents": [{"role": "user", "parts": [TEXT, picture]}],
        "generationConfig": {"imageConfig": {"imageSize": "4K", "aspectRatio": "21:9"}},
        "unheardOf": {"labels": {}, "store": 1, "model": "x"},
    }
    raw = json.dumps(body).encode()
    pieces, headers = cross(raw, to_vertex=to_vertex, headers={"X-Server-Timeout": "9"})
    assert len(pieces) == 1
    assert pieces[0] is raw
    assert headers == {"x-server-timeout": "9"}


def test_pictures_are_slices_of_the_body_they_came_in() -> None:
    raw = json.dumps({"store": True, "contents": [{"parts": [{"x": PICTURE}]}]}).encode()
    pieces, _ = cross(cut(raw), to_vertex=True, headers={})
    (piece,) = (piece for piece in pieces if len(piece) > len(PICTURE))
    assert isinstance(piece, memoryview)
    assert piece.obj is raw


@pytest.mark.parametrize("word", ["flex", "FLEX", "priority"])
@pytest.mark.parametrize("name", ["serviceTier", "service_tier"])
def test_a_tier_in_the_body_is_a_header_of_vertex_ai(name: str, word: str) -> None:
    body, headers = crossed({name: word, "contents": [TURN]}, to_vertex=True)
    assert body == {"contents": [TURN]}
    assert headers == {SHARED: word.lower()}


@pytest.mark.parametrize("word", ["standard", "SERVICE_TIER_UNSPECIFIED", None])
def test_the_ordinary_tier_needs_no_header(word: str | None) -> None:
    assert crossed({"contents": [TURN], "serviceTier": word}, to_vertex=True) == (
        {"contents": [TURN]},
        {},
    )


def test_a_tier_that_nobody_knows_stays_for_the_upstream_to_refuse() -> None:
    body = {"serviceTier": "deferred", "contents": [TURN]}
    assert crossed(body, to_vertex=True) == (body, {})


def test_a_tier_in_the_header_is_a_field_of_the_developer_api() -> None:
    headers = {SHARED.title(): "flex", "X-Vertex-AI-LLM-Request-Type": "shared"}
    body, left = crossed({"contents": [TURN]}, to_vertex=False, headers=headers)
    assert body == {"serviceTier": "flex", "contents": [TURN]}
    assert left == {}
    said = {"service_tier": "priority", "contents": [TURN]}
    assert crossed(said, to_vertex=False, headers=headers)[0] == said


def test_what_changes_no_picture_is_left_out_for_the_developer_api() -> None:
    picture = {"mimeType": "image/png", "data": PICTURE}
    body = {
        "labels": {"team": "web"},
        "model": "projects/p/locations/global/publishers/google/models/gemini-3-pro-image",
        "contents": [
            {"role": "user", "parts": [{"inlineData": {"displayName": "a.png", **picture}}]}
        ],
        "safetySettings": [
            {"category": 3, "method": "SEVERITY", "threshold": "OFF"},
            {"method": "PROBABILITY", "category": "HARM_CATEGORY_HARASSMENT"},
        ],
        "generationConfig": {
            "imageConfig": {"imageSize": "2K", "personGeneration": "ALLOW_ADULT"},
            "audioTimestamp": False,
        },
    }
    assert crossed(body, to_vertex=False)[0] == {
        "contents": [{"role": "user", "parts": [{"inlineData": picture}]}],
        "safetySettings": [
            {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"},
            {"category": "HARM_CATEGORY_HARASSMENT"},
        ],
        "generationConfig": {"imageConfig": {"imageSize": "2K"}},
    }


@pytest.mark.parametrize(
    "wish",
    [
        {"generationConfig": {"imageConfig": {"personGeneration": "ALLOW_NONE"}}},
        {"generationConfig": {"imageConfig": {"prominentPeople": "BLOCK_PROMINENT_PEOPLE"}}},
        {"generationConfig": {"imageConfig": {"imageOutputOptions": {"mimeType": "image/jpeg"}}}},
        {"modelArmorConfig": {"promptTemplateName": "x"}},
        {"outputConfig": {"outputUriPrefix": "gs://b"}},
    ],
    ids=str,
)
def test_a_wish_that_only_vertex_ai_grants_is_not_lost_in_silence(wish: Any) -> None:
    body = {"contents": [TURN], **wish}
    assert crossed(body, to_vertex=False)[0] == body


def test_a_body_for_vertex_ai_says_who_speaks_and_names_what_it_numbers() -> None:
    body = {
        "store": False,
        "model": "models/gemini-3-pro-image",
        "contents": [{"parts": [TEXT]}, {"role": "model", "parts": [TEXT]}, {"parts": TEXT}],
        "safetySettings": [{"category": 7, "threshold": 4}],
        "generationConfig": {"enableEnhancedCivicAnswers": True},
    }
    assert crossed(body, to_vertex=True)[0] == {
        "contents": [
            {"role": "user", "parts": [TEXT]},
            {"role": "model", "parts": [TEXT]},
            {"role": "user", "parts": TEXT},
        ],
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": 4}],
        "generationConfig": {},
    }


def test_a_prompt_to_be_counted_is_unwrapped_and_wrapped() -> None:
    inner = {"contents": [TURN], "systemInstruction": {"parts": [TEXT]}}
    wrapped = {"generateContentRequest": {"model": "models/m", **inner}}
    assert crossed(wrapped, to_vertex=True, method="countTokens")[0] == inner
    assert crossed(inner, to_vertex=False, method="countTokens", model="m")[0] == wrapped
    plain = {"contents": [TURN]}
    assert crossed(plain, to_vertex=False, method="countTokens", model="m")[0] == plain


def test_the_model_in_a_body_is_the_upstreams() -> None:
    for name in ("models/a", "publishers/google/models/a", "a"):
        raw = json.dumps({"model": name, "contents": [TURN]}).encode()
        told = json.loads(b"".join(renamed(raw, model="b")))
        assert told == {"model": name[:-1] + "b", "contents": [TURN]}
        assert renamed(raw, model="a")[0] is raw
    wrapped = {"generateContentRequest": {"model": "models/a", "contents": [TURN]}}
    told = json.loads(b"".join(renamed(json.dumps(wrapped).encode(), model="b")))
    assert told["generateContentRequest"]["model"] == "models/b"
    plain = b'{"contents": []}'
    assert renamed(plain, model="b")[0] is plain


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"store": 1', b'{"a" "model"}', b'{"store":}', b"\xff"]
)
@pytest.mark.parametrize("to_vertex", [True, False])
def test_what_is_no_json_goes_as_it_is(raw: bytes, to_vertex: bool) -> None:
    pieces, _ = cross(raw, to_vertex=to_vertex, headers={})
    assert b"".join(pieces) == raw
    assert b"".join(renamed(raw, model="m")) == raw


members = st.sampled_from(["store", "labels", "model", "serviceTier", "a", "b"])


@given(st.lists(members, unique=True), st.sampled_from(["", " ", "\n  "]), st.booleans())
def test_any_members_may_leave_an_object(names: list[str], space: str, to_vertex: bool) -> None:
    value = '[1, "},"]'
    between = f"{space},{space}"
    inside = between.join(f'"{name}"{space}:{space}{value}' for name in names)
    raw = f"{space}{{{space}{inside}{space}}}{space}".encode()
    gone = {"store", "model"} if to_vertex else {"labels", "model"}
    told = json.loads(b"".join(cross(raw, to_vertex=to_vertex, headers={})[0]))
    assert list(told) == [name for name in names if name not in gone]


@given(strategies.requests, st.booleans())
def test_a_request_means_the_same_on_the_other_side(
    asked: GenerateRequest, to_vertex: bool
) -> None:
    raw = request.encode(asked)
    there, headers = cross(raw, to_vertex=to_vertex, headers={})
    variant = VERTEX if to_vertex else DEVELOPER
    read = request.decode(b"".join(there), model=asked.model, variant=variant)
    same = request.decode(raw, model=asked.model)
    for name in ("contents", "sampling", "thinking", "tools", "safety", "modalities"):
        if to_vertex or name != "contents":
            assert getattr(read, name) == getattr(same, name)
    assert read.image == replace(same.image, person_generation=read.image.person_generation)
    tier = asked.service_tier and asked.service_tier.value
    assert headers == ({SHARED: tier} if to_vertex and tier in ("flex", "priority") else {})


def test_every_way_of_counting_is_read_after_it_crossed() -> None:
    raw = json.dumps({"generateContentRequest": {"model": "models/m", "contents": [TURN]}}).encode()
    there, _ = cross(raw, to_vertex=True, headers={}, method="countTokens")
    assert tokens.decode(b"".join(there), model="m", variant=VERTEX).contents


def test_what_real_clients_send_is_understood_on_the_other_side(shared: Path) -> None:
    refused = {"prominentPeople", "imageOutputOptions", "outputConfig", "modelArmorConfig"}
    seen = 0
    for case, verb, sent in recorded(shared):
        model, at_vertex = case.rpartition("/")[2], "/publishers/" in case
        pieces, _ = cross(
            json.dumps(sent).encode(),
            to_vertex=not at_vertex,
            headers={},
            model=model,
            method=verb,
        )
        variant = DEVELOPER if at_vertex else VERTEX
        decode = tokens.decode if verb == "countTokens" else request.decode
        asked = decode(b"".join(pieces), model=model, variant=variant)
        unknown = {each.name for each in asked.unknown}
        assert unknown <= (refused if at_vertex else set()), case
        seen += 1
    assert seen > 60
