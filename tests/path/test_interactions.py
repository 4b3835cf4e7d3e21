"""The Interactions API, through the application: one test per promise."""

import asyncio
import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pisang import works
from pisang.accounts import keys, projects
from pisang.core.content import Role
from pisang.core.errors import EngineUnavailable
from pisang.core.events import Finished, FinishReason, Image, Started, Text, Thought
from pisang.core.image import Canvas
from pisang.testing import Server, plain_pixels, server
from tests.path.asgi import Reply, call, get, post

MODEL = "gemini-3.1-flash-image"
ALL = "/v1/interactions"
ASKED = {"model": MODEL, "input": "a yellow field"}
OLD = {"user-agent": "google-genai-sdk/1.75.0 gl-python/3.11"}


async def create(server: Server, headers: Mapping[str, str] | None = None, **body: Any) -> Reply:
    reply = await post(server, ALL, ASKED | body, headers=headers)
    assert reply.status == 200, reply.body
    return reply


def events(reply: Reply) -> list[dict[str, Any]]:
    """The events of a stream, whose closing frame must be there."""
    frames = reply.body.decode().split("\r\n\r\n")
    assert frames[-2:] == ["event: done\r\ndata: [DONE]", ""]
    found = []
    for frame in frames[:-2]:
        name, data = frame.split("\r\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['event_type']}"
    return found


async def delete(server: Server, address: str, key: str | None = None) -> Reply:
    return await call(
        server.app.asgi, "DELETE", address, headers={"x-goog-api-key": key or server.key}
    )


async def test_an_interaction_is_steps_that_end_with_a_picture(pisang: Server) -> None:
    reply = await create(pisang)
    body = reply.json
    assert body["id"].startswith("v1_")
    assert (body["object"], body["status"], body["role"]) == ("interaction", "completed", "model")
    assert (body["model"], body["service_tier"]) == (MODEL, "standard")
    kinds = [step["type"] for step in body["steps"]]
    assert kinds == ["thought", "model_output", "thought", "model_output"]
    picture = body["steps"][-1]["content"][0]
    assert picture["type"] == "image"
    assert picture["mime_type"] == "image/png"
    assert base64.b64decode(picture["data"]).startswith(b"\x89PNG")
    assert base64.b64decode(body["steps"][2]["signature"]) == b"signature-of-image"
    usage = body["usage"]
    assert usage["total_tokens"] == sum(
        usage[f"total_{kind}_tokens"] for kind in ("input", "output", "thought")
    )
    assert {"modality": "image", "tokens": 1120} in usage["output_tokens_by_modality"]
    assert reply.headers["x-pisang-model"] == MODEL


async def test_a_client_of_the_first_generation_reads_outputs(pisang: Server) -> None:
    body = (await create(pisang, OLD)).json
    assert "steps" not in body
    assert [output["type"] for output in body["outputs"]] == ["thought", "text", "thought", "image"]
    revised = await create(pisang, {"api-revision": "2026-05-07"})
    assert "outputs" in revised.json
    later = await create(pisang, OLD | {"api-revision": "2026-05-20"})
    assert "steps" in later.json


async def test_thoughts_are_summarised_only_where_asked_for(pisang: Server) -> None:
    quiet = (await create(pisang)).json["steps"][0]
    assert "summary" not in quiet
    told = (await create(pisang, generation_config={"thinking_summaries": "auto"})).json["steps"][0]
    assert told["summary"] == [{"type": "text", "text": "A yellow field."}]


async def test_both_spellings_of_the_form_reach_the_engine(pisang: Server) -> None:
    await create(
        pisang,
        generation_config={"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}},
        response_modalities=["image"],
    )
    form = {"type": "image", "aspect_ratio": "16:9", "image_size": "2K", "mime_type": "image/jpeg"}
    body = (await create(pisang, response_format=[form])).json
    old, new = pisang.engine.canvases
    assert (old.width, old.height) == (new.width, new.height)
    assert old.width > 2 * 1024
    (picture,) = (c for step in body["steps"] for c in step.get("content", []))
    assert base64.b64decode(picture["data"]).startswith(b"\xff\xd8")
    mixed = {"image_config": {"aspect_ratio": "1:1"}}
    refused = await post(pisang, ALL, ASKED | {"generation_config": mixed, "response_format": form})
    assert refused.status == 400
    assert "given as" in refused.error["message"]


async def test_a_stream_tells_the_steps_and_closes(pisang: Server) -> None:
    reply = await create(pisang, stream=True)
    assert reply.headers["content-type"] == "text/event-stream"
    told = events(reply)
    names = [event["event_type"] for event in told]
    assert names[:2] == ["interaction.created", "interaction.status_update"]
    assert names[-1] == "interaction.completed"
    assert told[0]["interaction"]["status"] == "in_progress"
    assert told[-1]["interaction"]["status"] == "completed"
    assert told[-1]["interaction"]["usage"]["total_tokens"] > 1000
    deltas = [event["delta"]["type"] for event in told if event["event_type"] == "step.delta"]
    assert deltas == ["thought_signature", "text", "thought_signature", "image"]


async def test_a_stream_of_the_first_generation_tells_contents(pisang: Server) -> None:
    told = events(await create(pisang, OLD, stream=True))
    names = [event["event_type"] for event in told]
    assert names[0] == "interaction.start"
    assert names[-1] == "interaction.complete"
    assert set(names[2:-1]) == {"content.start", "content.delta", "content.stop"}
    starts = [event for event in told if event["event_type"] == "content.start"]
    assert [event["content"]["type"] for event in starts] == ["thought", "text", "thought", "image"]
    assert [event["index"] for event in starts] == [0, 1, 2, 3]


@pytest.mark.parametrize("headers", [{}, OLD])
async def test_a_stream_told_again_goes_on_after_any_event(
    pisang: Server, headers: dict[str, str]
) -> None:
    pisang.engine.script = [
        Started("m"),
        Text("One "),
        Text("and two."),
        Image(plain_pixels(Canvas(64, 64, "1:1", "1K")), b"s"),
        Finished(FinishReason.STOP),
    ]
    first = events(await create(pisang, headers, stream=True))
    address = f"{ALL}/{first[0]['interaction']['id']}?stream=true"
    again = events(await get(pisang, address, **headers))
    text = "".join(e["delta"].get("text", "") for e in again if "delta" in e)
    assert text == "One and two."
    for number, event in enumerate(first):
        if "event_id" not in event:
            continue
        rest = events(await get(pisang, f"{address}&last_event_id={event['event_id']}", **headers))
        left = [e for e in first[number + 1 :] if e["event_type"] != "interaction.status_update"]
        assert [e.get("event_id") for e in rest][-1:] == [e.get("event_id") for e in left][-1:]
        assert joined(rest) == joined(left)


def joined(told: list[dict[str, Any]]) -> list[Any]:
    """The events without their ids, neighbouring texts as one."""
    found: list[Any] = []
    for event in told:
        plain = {name: value for name, value in event.items() if name != "event_id"}
        delta = plain.get("delta", {})
        if found and delta.get("type") == "text" == found[-1].get("delta", {}).get("type"):
            text = found[-1]["delta"]["text"] + delta["text"]
            found[-1] = found[-1] | {"delta": {"type": "text", "text": text}}
        else:
            found.append(plain)
    return found


async def test_what_was_stored_can_be_asked_for(pisang: Server) -> None:
    made = (await create(pisang)).json
    found = await get(pisang, f"{ALL}/{made['id']}?stream=false")
    assert found.status == 200
    body = found.json
    assert body["steps"][0] == {
        "type": "user_input",
        "content": [{"type": "text", "text": "a yellow field"}],
    }
    assert body["steps"][1:] == made["steps"]
    assert body["usage"] == made["usage"]
    assert "input" not in body
    full = await get(pisang, f"{ALL}/{made['id']}?include_input=true")
    assert full.json["input"] == body["steps"][:1]
    old = await get(pisang, f"{ALL}/{made['id']}?include_input=true", **OLD)
    assert old.json["outputs"][-1]["type"] == "image"
    assert old.json["input"] == [{"role": "user", "content": body["steps"][0]["content"]}]


async def test_an_interaction_continues_the_one_before_with_its_signatures(pisang: Server) -> None:
    first = (await create(pisang)).json
    second = (await create(pisang, input="blue now", previous_interaction_id=first["id"])).json
    assert second["previous_interaction_id"] == first["id"]
    await create(pisang, input="and round", previous_interaction_id=second["id"])
    contents = pisang.engine.asked[-1].contents
    assert [content.role for content in contents] == [
        Role.USER,
        Role.MODEL,
        Role.USER,
        Role.MODEL,
        Role.USER,
    ]
    assert contents[2].text == "blue now"
    text, picture = contents[1].parts
    assert (text.text, text.thought_signature) == ("Here it is.", b"signature-of-text")
    assert picture.thought_signature == b"signature-of-image"
    assert picture.blob is not None
    sent = first["steps"][-1]["content"][0]["data"]
    assert picture.blob.data == base64.b64decode(sent)


async def test_steps_that_a_client_keeps_itself_mean_the_same(pisang: Server) -> None:
    first = (await create(pisang, store=False)).json
    said = {"type": "user_input", "content": [{"type": "text", "text": "a yellow field"}]}
    more = {"type": "user_input", "content": [{"type": "text", "text": "blue now"}]}
    await create(pisang, input=[said, *first["steps"], more])
    contents = pisang.engine.asked[-1].contents
    assert [content.role for content in contents] == [Role.USER, Role.MODEL, Role.USER]
    assert [part.thought_signature for part in contents[1].parts] == [
        b"signature-of-text",
        b"signature-of-image",
    ]


async def test_what_is_not_stored_is_not_found(pisang: Server) -> None:
    made = (await create(pisang, store=False)).json
    for reply in (
        await get(pisang, f"{ALL}/{made['id']}"),
        await post(pisang, f"{ALL}/{made['id']}/cancel", b""),
        await delete(pisang, f"{ALL}/{made['id']}"),
        await post(pisang, ALL, ASKED | {"previous_interaction_id": made["id"]}),
    ):
        assert reply.status == 404
        assert reply.error["status"] == "NOT_FOUND"
        assert made["id"] in reply.error["message"]
    assert len(pisang.engine.asked) == 1


async def test_another_project_finds_nothing(pisang: Server) -> None:
    made = (await create(pisang)).json
    async with pisang.app.database.write() as connection:
        other = await projects.ensure(connection, "other")
        key = (await keys.create(connection, other, name="k")).key
    address = f"{ALL}/{made['id']}"
    continued = ASKED | {"previous_interaction_id": made["id"]}
    for reply in (
        await get(pisang, address, **{"x-goog-api-key": key}),
        await post(pisang, f"{address}/cancel", b"", key=key),
        await delete(pisang, address, key),
        await post(pisang, ALL, continued, key=key),
    ):
        assert reply.status == 404
    assert (await get(pisang, address)).status == 200


async def test_what_is_deleted_is_gone(pisang: Server) -> None:
    made = (await create(pisang)).json
    reply = await delete(pisang, f"{ALL}/{made['id']}")
    assert (reply.status, reply.json) == (200, {})
    assert (await get(pisang, f"{ALL}/{made['id']}")).status == 404


async def test_a_background_interaction_is_made_while_nobody_waits(pisang: Server) -> None:
    pisang.engine.hold = True
    made = (await create(pisang, background=True)).json
    assert made["status"] == "in_progress"
    address = f"{ALL}/{made['id']}"
    assert (await get(pisang, address)).json["status"] == "in_progress"
    follower = asyncio.create_task(get(pisang, f"{address}?stream=true"))
    await pisang.engine.begun.wait()
    pisang.engine.go.set()
    told = events(await follower)
    assert told[-1]["interaction"]["status"] == "completed"
    body = (await get(pisang, address)).json
    assert body["status"] == "completed"
    assert body["steps"][-1]["content"][0]["type"] == "image"
    assert body["usage"]["total_tokens"] > 1000


async def test_a_background_interaction_can_be_cancelled(pisang: Server) -> None:
    pisang.engine.hold = True
    made = (await create(pisang, background=True)).json
    await pisang.engine.begun.wait()
    reply = await post(pisang, f"{ALL}/{made['id']}/cancel", b"")
    assert (reply.status, reply.json["status"]) == (200, "cancelled")
    assert pisang.engine.cancelled == 1
    assert (await get(pisang, f"{ALL}/{made['id']}")).json["status"] == "cancelled"
    again = await post(pisang, f"{ALL}/{made['id']}/cancel", b"")
    assert again.status == 200
    continued = await post(pisang, ALL, ASKED | {"previous_interaction_id": made["id"]})
    assert (continued.status, continued.error["status"]) == (400, "FAILED_PRECONDITION")


async def test_what_is_complete_cannot_be_cancelled(pisang: Server) -> None:
    made = (await create(pisang)).json
    reply = await post(pisang, f"{ALL}/{made['id']}/cancel", b"")
    assert (reply.status, reply.error["status"]) == (400, "FAILED_PRECONDITION")


async def test_a_failure_in_the_background_is_told(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineUnavailable("Too much queued.")]
    made = (await create(pisang, background=True)).json
    for _ in range(100):
        body = (await get(pisang, f"{ALL}/{made['id']}")).json
        if body["status"] != "in_progress":
            break
        await asyncio.sleep(0.01)
    assert body["status"] == "failed"
    assert body["errors"] == [{"code": "UNAVAILABLE", "message": "Too much queued."}]


async def test_a_background_interaction_waits_for_room(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineUnavailable("Too much queued.", retry_after=0.01)]
    made = (await create(pisang, background=True)).json
    for _ in range(500):
        if len(pisang.engine.asked) >= 3:
            break
        await asyncio.sleep(0.01)
    assert len(pisang.engine.asked) >= 3
    assert (await get(pisang, f"{ALL}/{made['id']}")).json["status"] == "in_progress"
    pisang.engine.script = None
    told = events(await get(pisang, f"{ALL}/{made['id']}?stream=true"))
    assert told[-1]["interaction"]["status"] == "completed"


async def test_what_a_stopped_server_left_has_failed(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pisang.engine.hold = True
    made = (await create(pisang, background=True)).json
    await pisang.engine.begun.wait()
    monkeypatch.setattr(works, "ABANDONED", -1.0)
    body = (await get(pisang, f"{ALL}/{made['id']}")).json
    assert body["status"] == "failed"
    assert "Send it again" in body["errors"][0]["message"]
    monkeypatch.undo()
    assert (await get(pisang, f"{ALL}/{made['id']}")).json == body


async def test_a_server_that_stops_says_so_in_what_it_was_making(pisang: Server) -> None:
    pisang.engine.hold = True
    made = (await create(pisang, background=True)).json
    await pisang.engine.begun.wait()
    await pisang.app.asgi.state.shared.works.close()
    body = (await get(pisang, f"{ALL}/{made['id']}")).json
    assert body["status"] == "failed"
    assert body["errors"][0]["code"] == "UNAVAILABLE"
    assert pisang.engine.cancelled == 1


@pytest.mark.parametrize("streamed", [False, True])
async def test_who_leaves_stops_the_work(pisang: Server, streamed: bool) -> None:
    pisang.engine.hold = True
    gone = asyncio.Event()
    data = json.dumps(ASKED | {"stream": streamed}).encode()
    asking = asyncio.create_task(
        call(
            pisang.app.asgi,
            "POST",
            ALL,
            headers={"x-goog-api-key": pisang.key, "content-length": str(len(data))},
            chunks=[data],
            hang_up=gone,
        )
    )
    await pisang.engine.begun.wait()
    gone.set()
    await asyncio.gather(asking, return_exceptions=True)
    for _ in range(200):
        if pisang.engine.cancelled:
            break
        await asyncio.sleep(0.01)
    assert pisang.engine.cancelled == 1


async def test_a_refusal_has_failed_and_says_why(pisang: Server) -> None:
    why = "The picture would show a person."
    pisang.engine.script = [Started("m"), Finished(FinishReason.IMAGE_SAFETY, why)]
    body = (await create(pisang)).json
    assert (body["status"], body["steps"]) == ("failed", [])
    assert body["errors"] == [{"code": "IMAGE_SAFETY", "message": why}]
    told = events(await create(pisang, stream=True))
    assert told[-2]["event_type"] == "error"
    assert told[-2]["error"] == {"code": "IMAGE_SAFETY", "message": why}
    assert told[-1]["interaction"]["status"] == "failed"


async def test_an_answer_without_a_picture_is_incomplete(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Text("No."), Finished(FinishReason.NO_IMAGE, "Ask.")]
    body = (await create(pisang)).json
    assert (body["status"], body["errors"][0]["code"]) == ("incomplete", "NO_IMAGE")


@pytest.mark.parametrize("streamed", [False, True])
async def test_an_engine_that_fails_before_a_word_has_a_status(
    pisang: Server, streamed: bool
) -> None:
    pisang.engine.script = [Started("m"), EngineUnavailable("Too much queued.", retry_after=2)]
    reply = await post(pisang, ALL, ASKED | {"stream": streamed})
    assert (reply.status, reply.error["status"]) == (503, "UNAVAILABLE")
    assert reply.headers["retry-after"] == "2"


async def test_an_engine_that_fails_later_ends_the_stream_with_an_error(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Text("So."), EngineUnavailable("Gone.")]
    told = events(await create(pisang, stream=True))
    assert told[-2] == {
        "error": {"code": "UNAVAILABLE", "message": "Gone."},
        "event_type": "error",
    }
    assert told[-1]["interaction"]["status"] == "failed"


async def test_a_picture_can_be_delivered_by_a_link(pisang: Server) -> None:
    form = {"type": "image", "delivery": "uri"}
    body = (await create(pisang, response_format=form)).json
    (picture,) = (c for step in body["steps"] for c in step.get("content", []))
    assert "data" not in picture
    path = picture["uri"].removeprefix("http://127.0.0.1:2")
    found = await call(pisang.app.asgi, "GET", path)
    assert (found.status, found.body[:4]) == (200, b"\x89PNG")
    again = (await get(pisang, f"{ALL}/{body['id']}")).json["steps"][-1]["content"][0]
    assert again["uri"].partition("?")[0] == picture["uri"].partition("?")[0]
    told = events(await create(pisang, response_format=form, stream=True))
    (delta,) = (e["delta"] for e in told if e.get("delta", {}).get("type") == "image")
    assert set(delta) == {"type", "mime_type", "uri"}
    await create(pisang, input="blue", previous_interaction_id=body["id"])
    (part,) = pisang.engine.asked[-1].contents[1].parts
    assert part.blob is not None
    assert part.blob.data == found.body


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"input": "x"}, "model", "model is not specified"),
        ({"model": MODEL}, "input", "input is not specified"),
        ({"model": MODEL, "input": []}, "input", "input is not specified"),
        ({"model": MODEL, "input": [{"type": "smell"}]}, "input[0].type", "smell"),
        ({"agent": "deep-research", "input": "x"}, "agent", "name a model"),
        ({"model": MODEL, "input": [{"type": "audio", "data": "AA=="}]}, "input[0]", "audio"),
        ({"model": MODEL, "input": [{"type": "image"}]}, "input[0].data", "base64"),
        ({"model": MODEL, "input": [{"type": "image", "data": "/"}]}, "input[0].data", "Base64"),
        ({"model": MODEL, "input": [{"type": "text"}]}, "input[0].text", "text"),
        ({"model": MODEL, "input": [{"role": "dog", "content": "x"}]}, "input[0].role", "dog"),
        ({"model": MODEL, "input": "x", "background": True, "store": False}, "store", "store"),
        ({"model": MODEL, "input": "x", "service_tier": "deferred"}, "service_tier", "FLEX"),
        ({"model": MODEL, "input": "x", "webhook_config": {"uris": []}}, "webhook_config", "hook"),
        ({"model": MODEL, "input": "x", "response_format": {"type": "audio"}}, None, "audio"),
        ({"model": MODEL, "input": "x", "response_format": {"type": "object"}}, None, "object"),
        ({"model": MODEL, "input": "x", "tools": [{"type": "google_maps"}]}, "tools[0]", "maps"),
        ({"model": MODEL, "input": "x", "size": "1K"}, "", 'Unknown name "size"'),
        ({"model": MODEL, "input": "x", "response_modalities": ["video"]}, None, "video"),
    ],
)
async def test_what_is_wrong_is_named(
    pisang: Server, body: dict[str, Any], field: str | None, words: str
) -> None:
    reply = await post(pisang, ALL, body)
    assert reply.status == 400
    assert words in reply.error["message"]
    named = reply.error["details"][0].get("fieldViolations", [{}])[0].get("field", "")
    assert field is None or named == field
    assert pisang.engine.asked == []


async def test_a_picture_that_is_none_is_named_as_the_caller_named_it(pisang: Server) -> None:
    first = (await create(pisang)).json
    noise = base64.b64encode(b"no picture").decode()
    said = [{"type": "text", "text": "blue"}, {"type": "image", "data": noise}]
    reply = await post(
        pisang, ALL, {"model": MODEL, "input": said, "previous_interaction_id": first["id"]}
    )
    assert reply.status == 400
    (violation,) = reply.error["details"][0]["fieldViolations"]
    assert violation["field"].startswith("input[1]")
    assert "contents[" not in reply.error["message"]


async def test_events_ids_that_are_none_and_queries_that_are_none(pisang: Server) -> None:
    made = (await create(pisang)).json
    address = f"{ALL}/{made['id']}"
    for query in ("stream=perhaps", "last_event_id=evt_1", "stream=true&last_event_id=7"):
        assert (await get(pisang, f"{address}?{query}")).status == 400
    rest = await get(pisang, f"{address}?stream=true&last_event_id=evt_99999999")
    assert events(rest) == []


async def test_without_a_key_nothing_is_said(pisang: Server) -> None:
    reply = await post(pisang, ALL, ASKED, key="")
    assert reply.status == 403
    assert pisang.engine.asked == []


async def test_an_unknown_model_is_not_found(pisang: Server) -> None:
    reply = await post(pisang, ALL, {"model": "gemini-9", "input": "x"})
    assert (reply.status, reply.error["status"]) == (404, "NOT_FOUND")


async def test_every_version_has_the_address(pisang: Server) -> None:
    for version in ("v1", "v1beta", "v1alpha"):
        reply = await post(pisang, f"/{version}/interactions", ASKED)
        assert reply.status == 200


async def test_thoughts_come_before_what_they_are_about(pisang: Server) -> None:
    pisang.engine.script = [
        Started("m"),
        Thought("First."),
        Thought("Then."),
        Text("Done.", b"s"),
        Image(plain_pixels(Canvas(64, 64, "1:1", "1K")), b"s"),
        Finished(FinishReason.STOP),
    ]
    body = (await create(pisang, generation_config={"thinking_summaries": "auto"})).json
    thought, output = body["steps"]
    assert [item["text"] for item in thought["summary"]] == ["First.", "Then."]
    assert base64.b64decode(thought["signature"]) == b"s"
    assert [content["type"] for content in output["content"]] == ["text", "image"]


VERTEX = "/v1beta1/projects/default/locations/global/interactions"


@pytest.mark.parametrize(
    "address",
    [VERTEX, VERTEX.replace("/v1beta1", ""), f"{VERTEX}Http", "/v1beta1/interactions"],
)
async def test_vertex_has_the_same_interactions(pisang: Server, address: str) -> None:
    made = await post(pisang, address, ASKED)
    assert made.status == 200
    one = f"{address}/{made.json['id']}"
    assert (await get(pisang, f"{one}?stream=false")).json["status"] == "completed"
    told = events(await get(pisang, f"{one}?stream=true&lastEventId=evt_2"))
    assert told[-1]["event_type"] == "interaction.completed"
    cancelled = await post(pisang, f"{one}/cancel", b"")
    assert (cancelled.status, cancelled.error["status"]) == (400, "FAILED_PRECONDITION")
    assert (await delete(pisang, one)).json == {}
    assert (await get(pisang, one)).status == 404


async def test_vertex_names_the_callers_own_project_only(pisang: Server) -> None:
    reply = await post(pisang, VERTEX.replace("default", "other"), ASKED)
    assert (reply.status, reply.error["status"]) == (403, "PERMISSION_DENIED")
    missing = await post(pisang, "/v1beta1/interactions", ASKED, key="")
    assert missing.status == 401
    assert pisang.engine.asked == []


async def test_vertexs_proto_form_names_the_other(pisang: Server) -> None:
    for verb in ("create", "createStream"):
        reply = await post(pisang, f"{VERTEX}:{verb}", {"interaction": {}})
        assert reply.status == 404
        assert ".../interactions" in reply.error["message"]


async def test_a_file_that_was_named_is_kept_with_what_was_said(pisang: Server) -> None:
    made = await post(
        pisang,
        "/upload/v1beta/files?uploadType=media",
        base64.b64decode((await create(pisang)).json["steps"][-1]["content"][0]["data"]),
        headers={"content-type": "image/png", "x-goog-upload-protocol": "raw"},
    )
    assert made.status == 200, made.body
    file = made.json["file"]
    said = [{"type": "text", "text": "red"}, {"type": "image", "uri": file["uri"]}]
    first = (await create(pisang, input=said)).json
    assert (await delete(pisang, f"/v1beta/{file['name']}")).status == 200
    await create(pisang, input="blue", previous_interaction_id=first["id"])
    picture = pisang.engine.asked[-1].contents[0].parts[1]
    assert picture.blob is not None
    gone = await post(pisang, ALL, ASKED | {"input": said})
    assert gone.status in (400, 403, 404)
    assert gone.error["details"][0]["fieldViolations"][0]["field"] == "input[1].uri"


async def test_the_tier_that_serves_is_told(pisang: Server) -> None:
    reply = await create(pisang, model="gemini-3-pro-image", service_tier="flex")
    assert reply.json["service_tier"] == reply.headers["x-gemini-service-tier"] == "flex"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"response_format": {"type": "image", "aspect_ratio": "7:5"}}, "response_format"),
        ({"response_format": [{"type": "image", "aspect_ratio": "7:5"}]}, "response_format[0]"),
        (
            {"generation_config": {"image_config": {"aspect_ratio": "7:5"}}},
            "generation_config.image_config",
        ),
    ],
)
async def test_what_a_model_cannot_do_is_named_where_it_was_said(
    pisang: Server, body: dict[str, Any], field: str
) -> None:
    reply = await post(pisang, ALL, ASKED | body)
    (violation,) = reply.error["details"][0]["fieldViolations"]
    assert violation["field"] == f"{field}.aspect_ratio"
    level = ASKED | {"model": "gemini-3-pro-image", "generation_config": {"thinking_level": "low"}}
    (violation,) = (await post(pisang, ALL, level)).error["details"][0]["fieldViolations"]
    assert violation["field"] == "generation_config.thinking_level"


async def test_a_link_that_was_given_out_is_understood(pisang: Server) -> None:
    form = {"type": "image", "delivery": "uri"}
    made = (await create(pisang, response_format=form, store=False)).json
    said = {"type": "user_input", "content": [{"type": "text", "text": "blue"}]}
    await create(pisang, input=[*made["steps"], said])
    picture = pisang.engine.asked[-1].contents[0].parts[0]
    assert picture.blob is not None
    assert picture.thought_signature == b"signature-of-image"


async def test_a_conversation_is_at_most_as_large_as_a_request(tmp_path: Path) -> None:
    async with server(tmp_path / "data", max_body_mb=1) as small:
        small.engine.script = [
            Started("m"),
            Image(plain_pixels(Canvas(64, 64, "1:1", "1K")), b"s" * 600_000),
            Finished(FinishReason.STOP),
        ]
        first = (await create(small)).json
        second = (await create(small, previous_interaction_id=first["id"])).json
        asked = ASKED | {"previous_interaction_id": second["id"]}
        reply = await post(small, ALL, asked)
        assert (reply.status, reply.error["status"]) == (400, "FAILED_PRECONDITION")
        assert "1 MB" in reply.error["message"]
