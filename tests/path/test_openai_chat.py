"""Chat: pictures in and out in every form that clients use, several turns, streams, refusals."""

import base64

import pytest

from pisang.accounts import keys, projects
from pisang.core.caller import ChatImages
from pisang.core.request import Modality, ServiceTier, ThinkingLevel
from pisang.testing import Server
from tests.path.asgi import call
from tests.path.openai_talk import (
    CHATS,
    MODEL,
    PNG_URL,
    ask,
    chat,
    chunks,
    error,
    message,
    user,
)


@pytest.mark.parametrize("address", CHATS)
async def test_an_answer_has_text_and_the_picture_beside_it(pisang: Server, address: str) -> None:
    reply = await ask(pisang, chat(user()), address=address)
    assert reply.json["object"] == "chat.completion"
    assert reply.json["model"] == MODEL
    assert reply.json["service_tier"] == "default"
    assert reply.headers["x-pisang-model"] == MODEL
    said = message(reply)
    assert said["content"] == "Here it is."
    assert said["refusal"] is None
    (picture,) = said["images"]
    assert (picture["type"], picture["index"]) == ("image_url", 0)
    head, _, data = picture["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    assert reply.json["choices"][0]["finish_reason"] == "stop"
    usage = reply.json["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens_details"]["image_tokens"] == 1120
    assert usage["completion_tokens_details"]["reasoning_tokens"] > 0


async def test_a_picture_can_stand_in_the_text(pisang: Server) -> None:
    markdown = message(await ask(pisang, chat(user(), chat_images="markdown")))
    assert "images" not in markdown
    text, _, picture = markdown["content"].partition("\n\n")
    assert text == "Here it is."
    assert picture.startswith("![image](data:image/png;base64,iVBOR")
    assert picture.endswith(")")
    header = {"X-Pisang-Chat-Images": "data-url"}
    plain = message(await ask(pisang, chat(user(), modalities=["image"]), headers=header))
    assert plain["content"].startswith("data:image/png;base64,iVBOR")


async def test_the_key_says_where_pictures_stand_and_the_request_says_otherwise(
    pisang: Server,
) -> None:
    async with pisang.app.database.write() as connection:
        project = await projects.find(connection, "default")
        made = await keys.create(connection, project, name="k", chat_images=ChatImages.MARKDOWN)
    said = message(await ask(pisang, chat(user()), key=made.key))
    assert "![image](data:" in said["content"]
    said = message(await ask(pisang, chat(user(), chat_images="images"), key=made.key))
    assert said["content"] == "Here it is."


@pytest.mark.parametrize(
    "wishes",
    [
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}}},
        {
            "extra_body": {
                "extra_body": {
                    "google": {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}
                }
            }
        },
        {"extra_body": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}},
        {"google": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}},
        {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}},
        {"aspect_ratio": "16:9", "image_size": "2K"},
        {"size": "16:9", "resolution": "2K"},
        {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}, "size": "1024x1024"},
        {
            "image_config": {"aspect_ratio": "16:9"},
            "google": {"image_config": {"image_size": "2K"}},
        },
    ],
)
async def test_the_form_of_the_picture_is_read_wherever_it_stands(
    pisang: Server, wishes: dict[str, object]
) -> None:
    assert (await ask(pisang, chat(user(), **wishes))).status == 200
    (canvas,) = pisang.engine.canvases
    assert (canvas.aspect_ratio, canvas.image_size) == ("16:9", "2K")


async def test_everything_else_that_matters_reaches_the_engine(pisang: Server) -> None:
    asked = chat(
        {"role": "system", "content": "in pencil"},
        {"role": "developer", "content": [{"type": "text", "text": "no words"}]},
        user(["a cat", {"type": "image_url", "image_url": {"url": PNG_URL, "detail": "high"}}]),
        modalities=["text", "image"],
        reasoning_effort="medium",
        seed=2**40 + 7,
        temperature=0.5,
        top_p=0.9,
        max_tokens=1000,
        stop="END",
        service_tier="flex",
        store=True,
        user="u",
        metadata={"a": "b"},
        frequency_penalty=1,
        logprobs=False,
        response_format={"type": "text"},
        tools=[],
    )
    reply = await ask(pisang, asked)
    assert reply.status == 200, reply.body
    assert reply.json["service_tier"] == "default"  # this model has no flex
    (got,) = pisang.engine.asked
    assert got.system_instruction is not None
    assert got.system_instruction.text == "in pencil\nno words"
    (turn,) = got.contents
    assert [part.text or part.blob.mime_type for part in turn.parts if part.text or part.blob] == [
        "a cat",
        "image/png",
    ]
    assert got.modalities == {Modality.TEXT, Modality.IMAGE}
    assert got.thinking.level is ThinkingLevel.HIGH  # of MINIMAL and HIGH the nearer, upwards
    assert got.sampling.seed == 7
    assert (got.sampling.temperature, got.sampling.top_p) == (0.5, 0.9)
    assert (got.sampling.max_output_tokens, got.sampling.stop_sequences) == (1000, ("END",))
    assert got.service_tier is ServiceTier.FLEX


async def test_an_effort_is_left_out_for_a_model_without_levels(pisang: Server) -> None:
    asked = chat(user(), reasoning_effort="high") | {"model": "gemini-2.5-flash-image"}
    assert (await ask(pisang, asked)).status == 200
    assert pisang.engine.asked[0].thinking.level is None


async def test_an_effort_may_stand_in_an_object(pisang: Server) -> None:
    assert (await ask(pisang, chat(user(), reasoning={"effort": "high"}))).status == 200
    assert pisang.engine.asked[0].thinking.level is ThinkingLevel.HIGH


async def test_another_method_is_refused_with_the_right_one(pisang: Server) -> None:
    headers = {"authorization": f"Bearer {pisang.key}"}
    reply = await call(pisang.app.asgi, "GET", CHATS[0], headers=headers)
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert error(reply)["type"] == "invalid_request_error"


async def test_thoughts_are_told_who_asks_for_them(pisang: Server) -> None:
    thinking = {"thinking_config": {"include_thoughts": True}}
    said = message(await ask(pisang, chat(user(), extra_body={"google": thinking})))
    assert said["reasoning_content"] == "A yellow field."
    assert "reasoning_content" not in message(await ask(pisang, chat(user())))


async def test_n_makes_so_many_choices(pisang: Server) -> None:
    reply = await ask(pisang, chat(user(), n=3))
    assert [choice["index"] for choice in reply.json["choices"]] == [0, 1, 2]
    assert len({request.sampling.seed for request in pisang.engine.asked}) == 3
    assert reply.json["usage"]["completion_tokens_details"]["image_tokens"] == 3 * 1120
    streamed = chunks(await ask(pisang, chat(user(), n=2, stream=True)))
    assert sorted(chunk["choices"][0]["index"] for chunk in streamed) == [0, 0, 0, 1, 1, 1]


async def test_a_stream_has_the_picture_in_one_chunk_and_its_usage_at_the_end(
    pisang: Server,
) -> None:
    asked = chat(user(), stream=True, stream_options={"include_usage": True})
    first, second, third, last = chunks(await ask(pisang, asked))
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert first["choices"][0]["delta"]["content"] == "Here it is."
    (picture,) = second["choices"][0]["delta"]["images"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert "role" not in second["choices"][0]["delta"]
    assert third["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert last["choices"] == []
    assert last["usage"]["completion_tokens_details"]["image_tokens"] == 1120
    assert first["usage"] is None
    assert len({chunk["id"] for chunk in (first, second, third, last)}) == 1
    without = chunks(await ask(pisang, chat(user(), stream=True)))
    assert all("usage" not in chunk for chunk in without)


async def test_a_stream_in_markdown_says_what_the_whole_answer_says(pisang: Server) -> None:
    whole = message(await ask(pisang, chat(user(), chat_images="markdown")))
    told = chunks(await ask(pisang, chat(user(), chat_images="markdown", stream=True)))
    said = [chunk["choices"][0]["delta"].get("content", "") for chunk in told]
    assert "".join(said) == whole["content"]


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"model": None}, "model", "Missing"),
        ({"model": "gpt-4o"}, "model", "does not exist here. Models: gemini-"),
        ({"messages": None}, "messages", "at least one message"),
        ({"messages": []}, "messages", "at least one message"),
        ({"messages": "hello"}, "messages", "expected an array"),
        ({"messages": ["hello"]}, "messages[0]", "expected an object"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "'developer'"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role", "no tools"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "role 'user'"),
        ({"messages": [user("")]}, "messages", "role 'user'"),
        ({"messages": [user(5)]}, "messages[0].content", "expected a string"),
        ({"messages": [user([5])]}, "messages[0].content[0]", "expected an object"),
        (
            {"messages": [user([{"type": "input_audio"}])]},
            "messages[0].content[0].type",
            "image_url",
        ),
        (
            {"messages": [user([{"type": "image_url"}])]},
            "messages[0].content[0].image_url",
            "Missing",
        ),
        (
            {"messages": [user([{"type": "image_url", "image_url": {"url": "x.png"}}])]},
            "messages[0].content[0].image_url.url",
            "data URL",
        ),
        (
            {"messages": [user([{"type": "image_url", "image_url": {"url": PNG_URL[:-40]}}])]},
            "messages[0].content",
            "cut off",
        ),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{}]}, user()]},
            "messages[0].tool_calls",
            "no tools",
        ),
        (
            {
                "messages": [
                    {
                        "role": "system",
                        "content": [{"type": "image_url", "image_url": {"url": PNG_URL}}],
                    }
                ]
            },
            "messages[0].content[0]",
            "text only",
        ),
        ({"tools": [{"type": "function"}]}, "tools", "no tools"),
        ({"response_format": {"type": "json_object"}}, "response_format", "not with JSON"),
        ({"modalities": ["audio"]}, "modalities", "AUDIO"),
        ({"modalities": ["smell"]}, "modalities[0]", "'image'"),
        ({"n": 11}, "n", "<= 10"),
        ({"n": "two"}, "n", "an integer"),
        ({"stream": "yes"}, "stream", "a boolean"),
        ({"chat_images": "html"}, "chat_images", "'markdown'"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort", "'medium'"),
        ({"reasoning_effort": "huge"}, "reasoning_effort", "'medium'"),
        ({"stop": [1]}, "stop", "list of strings"),
        ({"temperature": 3}, "temperature", "supported range"),
        ({"max_tokens": 10**6}, "max_completion_tokens", "supported range"),
        ({"image_config": {"aspect_ratio": "7:1"}}, "image_config.aspect_ratio", "Supported:"),
        ({"image_config": {"image_size": 5}}, "image_config.image_size", "Send a string"),
        ({"image_config": {"ratio": "1:1"}}, "image_config.ratio", "aspect_ratio"),
        ({"google": 5}, "google", "an object"),
        ({"extra_body": []}, "extra_body", "an object"),
        ({"size": "123x777"}, "size", "Nearest:"),
        ({"imageShape": "2K"}, "imageShape", "image_config"),
    ],
)
async def test_bad_requests_name_the_field(
    pisang: Server, change: dict[str, object], param: str, words: str
) -> None:
    reply = await ask(pisang, chat(user()) | change)
    found = error(reply)
    assert reply.status == (404 if change == {"model": "gpt-4o"} else 400)
    assert words in found["message"]
    assert found["param"] == param
    assert found["type"] == "invalid_request_error"
    assert not pisang.engine.asked


async def test_who_has_no_key_or_a_wrong_one_is_told_as_openai_does(pisang: Server) -> None:
    reply = await ask(pisang, chat(user()), key="psk_wrong")
    assert (reply.status, error(reply)["code"]) == (401, "invalid_api_key")
    reply = await call(pisang.app.asgi, "POST", CHATS[0])
    assert reply.status == 401


@pytest.mark.parametrize("name", ["completions", "embeddings"])
async def test_what_needs_a_text_model_is_not_there(pisang: Server, name: str) -> None:
    for base in ("/v1", "/v1beta/openai"):
        reply = await ask(pisang, {"model": MODEL, "input": "x"}, address=f"{base}/{name}")
        assert reply.status == 404
        assert "/v1/chat/completions" in error(reply)["message"]


async def test_unknown_fields_of_chat_clients_do_nothing(pisang: Server) -> None:
    asked = chat(user(), chat_id="1", session={}, verbosity="low", provider={"order": []})
    assert (await ask(pisang, asked)).status == 200
