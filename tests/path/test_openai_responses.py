"""Responses: the image tool, items in and out, streams, what is kept and for whom."""

import base64

import pytest

from pisang.core.content import Use
from pisang.core.errors import EngineFailed
from pisang.core.events import Finished, FinishReason, Image, Preview, Started, Text, Thought
from pisang.core.image import Canvas
from pisang.core.request import Marks, Modality
from pisang.testing import Server, plain_pixels
from tests.path.openai_talk import (
    MODEL,
    PNG_URL,
    RESPONSES,
    TOOL,
    error,
    events,
    output,
    respond,
    send,
)

SMALL = plain_pixels(Canvas(8, 8, "1:1", "1K"))


async def test_a_response_has_a_picture_and_a_message(pisang: Server) -> None:
    tool = TOOL | {"size": "1536x1024", "quality": "high", "output_format": "webp"}
    choice = {"type": "image_generation"}
    reply = await respond(
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
    assert picture["revised_prompt"] == "a yellow field"
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
    assert (await respond(pisang, said)).status == 200
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
    reply = await respond(pisang, stream=True, tools=[tool], reasoning={"summary": "auto"})
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
    kept = await send(pisang, "GET", f"{RESPONSES}/{last['id']}")
    assert kept.json == last


async def test_a_text_model_of_openais_has_its_picture_drawn_by_ours(pisang: Server) -> None:
    body = {"model": "gpt-5", "input": "a cat", "tools": [TOOL]}
    reply = await send(pisang, "POST", RESPONSES, body)
    assert (reply.status, reply.json["model"]) == (200, MODEL)
    assert "gpt-5 writes text" in reply.headers["x-pisang-notice"]
    named = body | {"tools": [TOOL | {"model": "gemini-3-pro-image"}]}
    assert (await send(pisang, "POST", RESPONSES, named)).json["model"] == "gemini-3-pro-image"
    reply = await send(pisang, "POST", RESPONSES, body | {"tools": []})
    assert (reply.status, error(reply)["code"]) == (404, "model_not_found")


async def test_a_picture_model_that_is_none_is_not_found(pisang: Server) -> None:
    body = {"model": "gemini-9-image", "input": "a cat", "tools": [TOOL]}
    reply = await send(pisang, "POST", RESPONSES, body)
    assert (reply.status, error(reply)["code"]) == (404, "model_not_found")


async def test_no_tool_means_no_picture(pisang: Server) -> None:
    assert (await respond(pisang, tools=[TOOL], tool_choice="none")).status == 200
    assert pisang.engine.asked[0].modalities == {Modality.TEXT}


async def test_a_mask_limits_the_picture_of_the_last_message(pisang: Server) -> None:
    first = await respond(pisang)  # a picture of ours: with a mask it is edited as pixels
    (picture,) = output(first, "image_generation_call")
    url = "data:image/png;base64," + picture["result"]
    said = [{"role": "user", "content": [{"type": "input_image", "image_url": PNG_URL}]}]
    tool = TOOL | {"input_image_mask": {"image_url": PNG_URL}}
    reply = await respond(pisang, said, tools=[tool])
    assert reply.status == 200, reply.body
    assert reply.json["tools"] == [TOOL]
    asked = pisang.engine.asked[-1]
    assert asked.edit is not None
    assert asked.edit.mask is not None
    assert asked.edit.mask.marks is Marks.HOLES
    assert [part.use for part in asked.contents[0].parts] == [None, Use.MASK]
    listed = await send(pisang, "GET", f"{RESPONSES}/{reply.json['id']}/input_items")
    assert len(listed.json["data"][0]["content"]) == 1  # the mask was for this once
    bad = TOOL | {"input_image_mask": {"image_url": url}}
    reply = await respond(pisang, said, tools=[bad])
    assert (reply.status, error(reply)["param"]) == (400, "mask")
    reply = await respond(pisang, "a cat", tools=[tool])
    assert "needs a picture in the last message" in error(reply)["message"]


async def test_a_refusal_is_an_error(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.IMAGE_SAFETY, "Not this.")]
    reply = await respond(pisang)
    assert reply.status == 400
    assert error(reply)["type"] == "image_generation_user_error"
    assert (error(reply)["code"], error(reply)["message"]) == ("moderation_blocked", "Not this.")
    last = events(await respond(pisang, stream=True))[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["response"]["error"] == {
        "code": "image_content_policy_violation",
        "message": "Not this.",
    }


async def test_no_picture_is_an_answer_in_words(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.NO_IMAGE, "Say what to draw.")]
    for said in ([], [Text("Say what to draw.")]):
        pisang.engine.script = [Started("m"), *said, pisang.engine.script[-1]]
        (message,) = output(await respond(pisang), "message")
        assert message["content"][0]["text"] == "Say what to draw."


async def test_a_picture_that_never_comes_is_told_as_failed(pisang: Server) -> None:
    pisang.engine.script = [
        Started("m"),
        Preview(SMALL),
        Text("Sorry."),
        Finished(FinishReason.MAX_TOKENS),
    ]
    told = events(await respond(pisang, stream=True, tools=[TOOL | {"partial_images": 1}]))
    last = told[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item["status"] for item in last["response"]["output"]] == ["failed", "completed"]


async def test_what_breaks_has_a_status_or_is_the_last_event(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineFailed("It broke.")]
    reply = await respond(pisang)
    assert (reply.status, error(reply)["type"]) == (500, "server_error")
    last = events(await respond(pisang, stream=True))[-1]
    assert last["response"]["error"] == {"code": "server_error", "message": "It broke."}
    pisang.engine.script = [EngineFailed("It broke.")]
    assert (await respond(pisang, stream=True)).status == 500


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
        ({"tools": [TOOL | {"n": 2}]}, "tools[0].n", "Unknown parameter"),
        ({"image_config": {"aspect": "1:1"}}, "image_config.aspect", "Unknown parameter"),
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
    reply = await send(pisang, "POST", RESPONSES, body)
    assert (reply.status, error(reply)["param"]) == (400, param), reply.body
    assert words in error(reply)["message"]
    assert not pisang.engine.asked


async def test_who_has_a_wrong_key_is_told_as_openai_does(pisang: Server) -> None:
    for method, address in (("POST", RESPONSES), ("GET", f"{RESPONSES}/resp_1")):
        reply = await send(pisang, method, address, key="psk_wrong")
        assert (reply.status, error(reply)["code"]) == (401, "invalid_api_key")
