"""What Google found for an answer, on every surface that writes the answer anew."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.path.asgi import Reply, call
from tests.path.routed import Routed, google, openai, routed
from tests.path.test_relayed_openai import B64, MODEL, chat, inline
from tests.upstream import Answer, upstream, whole

GROUNDED = {
    "groundingMetadata": {
        "webSearchQueries": ["a lake"],
        "searchEntryPoint": {"renderedContent": "<div></div>"},
        "groundingChunks": [{"web": {"uri": "https://a.example/", "title": "a"}}],
        "groundingSupports": [{"segment": {"text": "lake"}, "groundingChunkIndices": [0]}],
    },
    "citationMetadata": {"citationSources": [{"uri": "https://b.example/"}]},
    "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}],
}

CITED = {"start_index": 4, "end_index": 8, "url": "https://a.example/", "title": "a"}
BESIDE = {name: GROUNDED[name] for name in ("groundingMetadata", "citationMetadata")}


def grounded() -> Answer:
    said = {"content": {"parts": [{"text": "The lake."}, inline(B64)]}, "finishReason": "STOP"}
    return whole({"candidates": [said | GROUNDED], "modelVersion": "v"})


@pytest.mark.parametrize("address", ["/v1beta", "/v1beta1/projects/default/locations/global"])
@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent?alt=sse"])
async def test_what_google_found_comes_along_where_it_is_read_and_written_again(
    address: str, verb: str, tmp_path: Path
) -> None:
    publisher = "/publishers/google" if "projects" in address else ""
    body = b'{"contents":[{"role":"user","parts":[{"text":"a lake"}]}]}'
    async with (
        upstream(whole({"error": {"message": "down"}}, status=503)) as relay,
        upstream(grounded()) as studio,
    ):
        engines = {"relay": openai(relay.url), "studio": google(studio.url)}
        async with routed(tmp_path, engines) as server:
            reply = await server.post(f"{address}{publisher}/models/{MODEL}:{verb}", body)
    assert reply.status == 200, reply.body
    assert reply.headers["x-pisang-engine"] == "studio"
    events = reply.body.decode().removeprefix("data: ").strip().split("\r\n\r\ndata: ")
    candidate = json.loads(events[-1])["candidates"][0]
    assert {name: candidate[name] for name in GROUNDED} == GROUNDED


@pytest.mark.parametrize("stream", [False, True])
async def test_what_google_found_has_its_place_in_a_chat(stream: bool, tmp_path: Path) -> None:
    async with (
        upstream(grounded()) as studio,
        routed(tmp_path, {"studio": google(studio.url)}) as server,
    ):
        reply = await chat(server, stream=stream)
    said: dict[str, Any] = {}
    if stream:
        for event in reply.body.decode().split("data: ")[1:-1]:
            said |= json.loads(event)["choices"][0]["delta"]
    else:
        said = reply.json["choices"][0]["message"]
    assert said["annotations"] == [{"type": "url_citation", "url_citation": CITED}]
    assert said["extra_content"]["google"] == BESIDE


async def asked(server: Routed, address: str, **body: Any) -> Reply:
    sent = json.dumps({"model": MODEL, "input": "a lake", **body}).encode()
    opened = {"authorization": f"Bearer {server.key}"} if "responses" in address else {}
    reply = await server.post(address, sent, **opened)
    assert reply.status == 200, reply.body
    return reply


def told(reply: Reply) -> list[dict[str, Any]]:
    """The events of a stream."""
    lines = [line for line in reply.body.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_google_found_has_its_place_in_a_response(stream: bool, tmp_path: Path) -> None:
    async with (
        upstream(grounded(), grounded()) as studio,
        routed(tmp_path, {"studio": google(studio.url)}) as server,
    ):
        reply = await asked(server, "/v1/responses", stream=stream)
        events = told(reply) if stream else []
        answer = events[-1]["response"] if stream else reply.json
        await asked(server, "/v1/responses", previous_response_id=answer["id"])
    cited = {"type": "url_citation", **CITED}
    message = answer["output"][0]
    assert message["content"][0]["annotations"] == [cited]
    assert answer["extra_content"] == {"google": BESIDE}
    assert studio.requests[-1].json["contents"][1]["parts"][0]["text"] == "The lake."
    if stream:
        kinds = [event["type"].removeprefix("response.output_text.") for event in events]
        at = kinds.index("annotation.added")
        assert (kinds[at - 1], kinds[at + 1]) == ("delta", "done")
        assert events[at]["annotation"] == cited
        assert (events[at]["item_id"], events[at]["annotation_index"]) == (message["id"], 0)
        assert events[at + 2]["part"] == message["content"][0]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_google_found_has_its_place_in_an_interaction(
    stream: bool, tmp_path: Path
) -> None:
    all_ = "/v1beta/interactions"
    async with (
        upstream(grounded(), grounded()) as studio,
        routed(tmp_path, {"studio": google(studio.url)}) as server,
    ):
        reply = await asked(server, all_, stream=stream)
        events = told(reply) if stream else []
        answer = events[-1]["interaction"] if stream else reply.json
        own = {"x-goog-api-key": server.key}
        kept = await call(server.app.asgi, "GET", f"{all_}/{answer['id']}", headers=own)
        await asked(server, all_, previous_interaction_id=answer["id"])
    cited = {"type": "url_citation", **CITED}
    said = {"type": "text", "text": "The lake.", "annotations": [cited]}
    assert kept.json["steps"][1]["content"][0] == said
    assert studio.requests[-1].json["contents"][1]["parts"][0]["text"] == "The lake."
    if stream:
        deltas = [event["delta"] for event in events if event["event_type"] == "step.delta"]
        assert deltas[0] == {"type": "text", "text": "The lake."}
        assert deltas[1] == {"type": "text_annotation_delta", "annotations": [cited]}
    else:
        assert answer["steps"] == kept.json["steps"][1:]
