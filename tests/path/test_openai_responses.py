"""Responses: the image tool, items in and out, streams, what is kept and for whom."""

import base64
import json
from typing import Any

import pytest

from pisang.accounts import keys, projects
from pisang.core.content import Role, Use
from pisang.core.errors import EngineFailed
from pisang.core.events import Finished, FinishReason, Image, Preview, Started, Text, Thought
from pisang.core.image import Canvas
from pisang.core.request import Marks, Modality
from pisang.testing import Server, plain_pixels
from tests.path.asgi import Reply, call
from tests.path.test_openai_chat import MODEL, PNG_URL, error

ADDRESS = "/v1/responses"
SMALL = plain_pixels(Canvas(8, 8, "1:1", "1K"))
TOOL = {"type": "image_generation"}


async def send(
    server: Server, method: str, address: str, body: object = None, *, key: str | None = None
) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {key or server.key}", "content-length": str(len(data))}
    return await call(server.app.asgi, method, address, headers=headers, chunks=[data])


async def post(server: Server, input: object = "a yellow field", **more: object) -> Reply:
    return await send(server, "POST", ADDRESS, {"model": MODEL, "input": input, **more})


def output(reply: Reply, kind: str) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    return [item for item in reply.json["output"] if item["type"] == kind]


def events(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    found = []
    for frame in reply.body.decode().removesuffix("\r\n\r\n").split("\r\n\r\n"):
        name, _, data = frame.partition("\r\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


async def other_key(server: Server) -> str:
    async with server.app.database.write() as connection:
        other = await projects.ensure(connection, "other")
        return (await keys.create(connection, other, name="k")).key


async def test_a_response_has_a_picture_and_a_message(pisang: Server) -> None:
    tool = TOOL | {"size": "1536x1024", "quality": "high", "output_format": "webp"}
    choice = {"type": "image_generation"}
    reply = await post(
        pisang, tools=[tool], tool_choice=choice, metadata={"a": "b"}, instructions="in pencil"
    )
    (picture,) = output(reply, "image_generation_call")
    assert base64.b64decode(picture["result"])[8:12] == b"WEBP"
    assert (picture["status"], picture["output_format"], picture["quality"]) == (
        "completed",
        "webp",
        "high",
    )
    assert picture["size"] == "1264x848"  # the model's own 3:2
    (message,) = output(reply, "message")
    assert message["content"][0]["text"] == "Here it is."
    body = reply.json
    assert (body["object"], body["status"], body["model"]) == ("response", "completed", MODEL)
    assert (body["tools"], body["tool_choice"], body["metadata"]) == ([tool], choice, {"a": "b"})
    assert body["usage"]["total_tokens"] == (
        body["usage"]["input_tokens"] + body["usage"]["output_tokens"]
    )
    (asked,) = pisang.engine.asked
    assert asked.system_instruction is not None
    assert asked.system_instruction.text == "in pencil"
    assert pisang.engine.canvases[0].aspect_ratio == "3:2"


async def test_messages_and_pictures_go_in(pisang: Server) -> None:
    said = [
        {"role": "developer", "content": "no words"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "a cat"},
                {"type": "input_image", "image_url": PNG_URL, "detail": "high"},
            ],
        },
    ]
    assert (await post(pisang, said)).status == 200
    (asked,) = pisang.engine.asked
    assert asked.system_instruction is not None
    assert asked.system_instruction.text == "no words"
    text, picture = asked.contents[0].parts
    assert text.text == "a cat"
    assert picture.blob is not None


async def test_a_stream_tells_every_step_in_order(pisang: Server) -> None:
    pisang.engine.script = [
        Started("m"),
        Thought("A field."),
        Preview(SMALL),
        Preview(SMALL),
        Text("Here it is."),
        Image(SMALL, b"signature-of-image"),
        Finished(FinishReason.STOP),
    ]
    tool = TOOL | {"partial_images": 2}
    reply = await post(pisang, stream=True, tools=[tool], reasoning={"summary": "auto"})
    told = events(reply)
    assert [event["type"].removeprefix("response.") for event in told] == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "image_generation_call.in_progress",
        "image_generation_call.generating",
        "image_generation_call.partial_image",
        "image_generation_call.partial_image",
        "image_generation_call.completed",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    partial = [event for event in told if event["type"].endswith("partial_image")]
    assert [event["partial_image_index"] for event in partial] == [0, 1]
    assert base64.b64decode(partial[0]["partial_image_b64"]).startswith(b"\x89PNG")
    done = [event["item"] for event in told if event["type"].endswith("output_item.done")]
    last = told[-1]["response"]
    assert last["output"] == done
    assert [event["output_index"] for event in told if "item" in event] == [0, 0, 1, 1, 2, 2]
    assert last["status"] == "completed"
    kept = await send(pisang, "GET", f"{ADDRESS}/{last['id']}")
    assert kept.json == last


async def test_the_next_response_continues_the_one_before(pisang: Server) -> None:
    first = await post(pisang, [{"role": "user", "content": "a cat"}])
    second = await post(pisang, "in blue", previous_response_id=first.json["id"])
    assert second.json["previous_response_id"] == first.json["id"]
    third = await post(pisang, "larger", previous_response_id=second.json["id"])
    assert third.status == 200
    said = pisang.engine.asked[-1].contents
    assert [turn.role for turn in said] == [Role.USER, Role.MODEL] * 2 + [Role.USER]
    assert [turn.text for turn in said if turn.role is Role.USER] == ["a cat", "in blue", "larger"]
    for turn in said[1::2]:
        text, picture = turn.parts
        assert (text.text, picture.thought_signature) == ("Here it is.", b"signature-of-image")


async def test_a_client_may_send_back_what_it_got(pisang: Server) -> None:
    first = (await post(pisang, "a cat", store=False)).json
    said = [{"role": "user", "content": "a cat"}, *first["output"]]
    again = await post(pisang, [*said, {"role": "user", "content": "in blue"}])
    assert again.status == 200
    drawn = pisang.engine.asked[-1].contents[1]
    assert [bool(part.blob) for part in drawn.parts] == [False, True]
    assert drawn.parts[1].thought_signature == b"signature-of-image"


@pytest.mark.parametrize("kind", ["image_generation_call", "item_reference"])
async def test_an_item_can_be_named_by_its_id_alone(pisang: Server, kind: str) -> None:
    first = await post(pisang, "a cat")
    (picture,) = output(first, "image_generation_call")
    said = [{"role": "user", "content": "in blue"}, {"type": kind, "id": picture["id"]}]
    assert (await post(pisang, said)).status == 200
    drawn, asked = pisang.engine.asked[-1].contents  # what is said about it comes after it
    assert drawn.parts[0].thought_signature == b"signature-of-image"
    assert asked.text == "in blue"
    unknown = await post(pisang, [{"type": kind, "id": "ig_unknown"}])
    assert (unknown.status, error(unknown)["code"]) == (400, "item_not_found")


async def test_what_is_kept_can_be_read_listed_and_deleted(pisang: Server) -> None:
    said = [
        {"role": "system", "content": "in pencil"},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "a cat"},
                {"type": "input_image", "image_url": PNG_URL},
            ],
        },
        {"role": "assistant", "content": "Which colour?"},
        {"role": "user", "content": "red"},
    ]
    first = await post(pisang, said)
    address = f"{ADDRESS}/{first.json['id']}"
    assert (await send(pisang, "GET", address)).json == first.json
    listed = (await send(pisang, "GET", f"{address}/input_items?order=asc")).json
    assert [item["role"] for item in listed["data"]] == ["system", "user", "assistant", "user"]
    assert listed["data"][1]["content"][1] == {
        "type": "input_image",
        "image_url": PNG_URL,
        "detail": "auto",
    }
    page = (await send(pisang, "GET", f"{address}/input_items?limit=1")).json
    assert (len(page["data"]), page["has_more"]) == (1, True)
    assert page["data"][0]["content"][0]["text"] == "red"
    after = f"{address}/input_items?after={page['last_id']}"
    assert len((await send(pisang, "GET", after)).json["data"]) == 3
    assert (await send(pisang, "POST", f"{address}/cancel")).status == 400
    assert error(await send(pisang, "GET", f"{address}?stream=true"))["param"] == "stream"
    gone = await send(pisang, "DELETE", address)
    assert gone.json == {"id": first.json["id"], "object": "response", "deleted": True}
    for method in ("GET", "DELETE"):
        reply = await send(pisang, method, address)
        assert (reply.status, "not found" in error(reply)["message"]) == (404, True)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "order=up", "after=msg_1"])
async def test_a_wrong_page_is_refused(pisang: Server, query: str) -> None:
    first = await post(pisang)
    reply = await send(pisang, "GET", f"{ADDRESS}/{first.json['id']}/input_items?{query}")
    assert (reply.status, error(reply)["param"]) == (400, query.partition("=")[0])


async def test_another_project_sees_nothing_of_it(pisang: Server) -> None:
    first = await post(pisang)
    (picture,) = output(first, "image_generation_call")
    name, key = first.json["id"], await other_key(pisang)
    for method, rest in (("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")):
        reply = await send(pisang, method, f"{ADDRESS}/{name}{rest}", key=key)
        assert reply.status == 404, rest
    body = {"model": MODEL, "input": "blue", "previous_response_id": name}
    reply = await send(pisang, "POST", ADDRESS, body, key=key)
    assert (reply.status, error(reply)["code"]) == (400, "previous_response_not_found")
    body = {"model": MODEL, "input": [{"type": "item_reference", "id": picture["id"]}]}
    reply = await send(pisang, "POST", ADDRESS, body, key=key)
    assert (reply.status, error(reply)["code"]) == (400, "item_not_found")
    assert (await send(pisang, "GET", f"{ADDRESS}/{name}")).status == 200


async def test_nothing_is_kept_where_the_caller_says_so(pisang: Server) -> None:
    for stream in (False, True):
        reply = await post(pisang, store=False, stream=stream)
        name = events(reply)[0]["response"]["id"] if stream else reply.json["id"]
        assert (await send(pisang, "GET", f"{ADDRESS}/{name}")).status == 404


async def test_a_text_model_of_openais_has_its_picture_drawn_by_ours(pisang: Server) -> None:
    body = {"model": "gpt-5", "input": "a cat", "tools": [TOOL]}
    reply = await send(pisang, "POST", ADDRESS, body)
    assert (reply.status, reply.json["model"]) == (200, MODEL)
    assert "gpt-5 writes text" in reply.headers["x-pisang-notice"]
    named = body | {"tools": [TOOL | {"model": "gemini-3-pro-image"}]}
    assert (await send(pisang, "POST", ADDRESS, named)).json["model"] == "gemini-3-pro-image"
    reply = await send(pisang, "POST", ADDRESS, body | {"tools": []})
    assert (reply.status, error(reply)["code"]) == (404, "model_not_found")


async def test_no_tool_means_no_picture(pisang: Server) -> None:
    assert (await post(pisang, tools=[TOOL], tool_choice="none")).status == 200
    assert pisang.engine.asked[0].modalities == {Modality.TEXT}


async def test_a_mask_limits_the_picture_of_the_last_message(pisang: Server) -> None:
    first = await post(pisang)  # a picture of ours: with a mask it is edited as pixels
    (picture,) = output(first, "image_generation_call")
    url = "data:image/png;base64," + picture["result"]
    said = [{"role": "user", "content": [{"type": "input_image", "image_url": PNG_URL}]}]
    tool = TOOL | {"input_image_mask": {"image_url": PNG_URL}}
    reply = await post(pisang, said, tools=[tool])
    assert reply.status == 200, reply.body
    assert reply.json["tools"] == [TOOL]
    asked = pisang.engine.asked[-1]
    assert asked.edit is not None
    assert asked.edit.mask is not None
    assert asked.edit.mask.marks is Marks.HOLES
    assert [part.use for part in asked.contents[0].parts] == [None, Use.MASK]
    bad = TOOL | {"input_image_mask": {"image_url": url}}
    reply = await post(pisang, said, tools=[bad])
    assert (reply.status, error(reply)["param"]) == (400, "mask")
    reply = await post(pisang, "a cat", tools=[tool])
    assert "needs a picture in the last message" in error(reply)["message"]


async def test_a_refusal_is_an_error(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.IMAGE_SAFETY, "Not this.")]
    reply = await post(pisang)
    assert reply.status == 400
    assert error(reply)["type"] == "image_generation_user_error"
    assert (error(reply)["code"], error(reply)["message"]) == ("moderation_blocked", "Not this.")
    last = events(await post(pisang, stream=True))[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["response"]["error"] == {
        "code": "image_content_policy_violation",
        "message": "Not this.",
    }


async def test_no_picture_is_an_answer_in_words(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.NO_IMAGE, "Say what to draw.")]
    for said in ([], [Text("Say what to draw.")]):
        pisang.engine.script = [Started("m"), *said, pisang.engine.script[-1]]
        (message,) = output(await post(pisang), "message")
        assert message["content"][0]["text"] == "Say what to draw."


async def test_a_picture_that_never_comes_is_told_as_failed(pisang: Server) -> None:
    pisang.engine.script = [
        Started("m"),
        Preview(SMALL),
        Text("Sorry."),
        Finished(FinishReason.MAX_TOKENS),
    ]
    told = events(await post(pisang, stream=True, tools=[TOOL | {"partial_images": 1}]))
    last = told[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item["status"] for item in last["response"]["output"]] == ["failed", "completed"]


async def test_what_breaks_has_a_status_or_is_the_last_event(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineFailed("It broke.")]
    reply = await post(pisang)
    assert (reply.status, error(reply)["type"]) == (500, "server_error")
    last = events(await post(pisang, stream=True))[-1]
    assert last["response"]["error"] == {"code": "server_error", "message": "It broke."}
    pisang.engine.script = [EngineFailed("It broke.")]
    assert (await post(pisang, stream=True)).status == 500


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"model": None}, "model", "Missing"),
        ({"input": None}, "input", "Missing"),
        ({"input": ""}, "input", "says nothing"),
        ({"input": []}, "input", "says nothing"),
        ({"input": 5}, "input", "a string or an array"),
        ({"input": [5]}, "input[0]", "an object"),
        ({"input": [{"role": "user"}]}, "input", "says nothing"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role", "'developer'"),
        ({"input": [{"content": "x"}]}, "input[0].role", "Missing"),
        ({"input": [{"type": "function_call_output"}]}, "input[0].type", "no other tools"),
        ({"input": [{"type": "image_generation_call"}]}, "input[0].result", "Missing"),
        (
            {"input": [{"type": "image_generation_call", "result": "%"}]},
            "input[0].result",
            "not a base64 character",
        ),
        (
            {
                "input": [
                    {
                        "role": "user",
                        "content": [{"type": "input_image", "image_url": PNG_URL[:-40]}],
                    }
                ]
            },
            "input[0].content",
            "cut off",
        ),
        ({"previous_response_id": "resp_x"}, "previous_response_id", "not found"),
        ({"previous_response_id": 5}, "previous_response_id", "a string"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type", "image_generation"),
        ({"tools": ["image"]}, "tools[0]", "an object"),
        ({"tools": [TOOL | {"size": "123x777"}]}, "tools[0].size", "Nearest"),
        ({"tools": [TOOL | {"quality": "best"}]}, "tools[0].quality", "'high'"),
        ({"tools": [TOOL | {"partial_images": 4}]}, "tools[0].partial_images", "<= 3"),
        ({"tools": [TOOL | {"action": "erase"}]}, "tools[0].action", "'edit'"),
        (
            {"tools": [TOOL | {"input_image_mask": {}}]},
            "tools[0].input_image_mask.image_url",
            "Missing",
        ),
        ({"tool_choice": "always"}, "tool_choice", "'auto'"),
        ({"tool_choice": {"type": "function"}}, "tool_choice", "'none'"),
        ({"background": True}, "background", "not made in the background"),
        ({"conversation": "c"}, "conversation", "previous_response_id"),
        ({"prompt": {"id": "p"}}, "prompt", "the text itself"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format", "not with JSON"),
        ({"metadata": {"a": 1}}, "metadata.a", "a string"),
        ({"metadata": dict.fromkeys(map(str, range(17)), "x")}, "metadata", "at most 16"),
        ({"store": "no"}, "store", "a boolean"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort", "'medium'"),
        ({"temperature": 3}, "temperature", "supported range"),
        ({"imageShape": "x"}, "imageShape", "Unknown parameter"),
    ],
)
async def test_bad_requests_name_the_field(
    pisang: Server, change: dict[str, object], param: str, words: str
) -> None:
    body = {"model": MODEL, "input": "a cat"} | change
    reply = await send(pisang, "POST", ADDRESS, body)
    assert (reply.status, error(reply)["param"]) == (400, param), reply.body
    assert words in error(reply)["message"]
    assert not pisang.engine.asked


async def test_who_has_a_wrong_key_is_told_as_openai_does(pisang: Server) -> None:
    for method, address in (("POST", ADDRESS), ("GET", f"{ADDRESS}/resp_1")):
        reply = await send(pisang, method, address, key="psk_wrong")
        assert (reply.status, error(reply)["code"]) == (401, "invalid_api_key")
