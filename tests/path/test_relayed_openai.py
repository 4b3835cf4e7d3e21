"""OpenAI's surfaces in front of servers that speak OpenAI's API, and Google's in front of them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pisang.core.content import Blob
from pisang.core.image import MediaType, Pixels, sniff
from pisang.provenance.encode import encode
from tests.path.asgi import Reply, call
from tests.path.routed import Routed, google, openai, routed
from tests.upstream import Answer, sse, upstream, whole

RED = Blob("image/png", encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG))
BLUE = Blob("image/png", encode(Pixels(8, 8, 3, bytes((30, 30, 200)) * 64), MediaType.PNG))
B64, B64_BLUE = (base64.b64encode(blob.data).decode() for blob in (RED, BLUE))
MODEL = "gemini-3.1-flash-image"
SIGNATURE = base64.b64encode(bytes(range(256)) * 11_400).decode()  # 2.9 MB, as Pro's are
USED = {
    "input_tokens": 12,
    "output_tokens": 1290,
    "total_tokens": 1302,
    "input_tokens_details": {"text_tokens": 12, "image_tokens": 0},
}
PICTURE = b'{"created":1,"data":[{"b64_json":"%s"}] ,"usage":%s,"strange":1.0}' % (
    B64.encode(),
    json.dumps(USED).encode(),
)


def googles(*parts: dict[str, Any], reason: str = "STOP") -> Answer:
    usage = {
        "promptTokenCount": 22,
        "candidatesTokenCount": 1216,
        "thoughtsTokenCount": 179,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
    }
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": reason}
    return whole({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "v"})


def inline(b64: str, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": b64}, **more}


def shown(b64: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{b64}"},
        **more,
    }


def chat_answer(message: dict[str, Any], **more: Any) -> Answer:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return whole({"id": "x", "model": "m", "choices": [choice], **more})


async def images(server: Routed, body: Any, *, address: str = "generations") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await server.post(f"/v1/images/{address}", data, authorization=f"Bearer {server.key}")


async def chat(server: Routed, *, said: str = "a lake", **more: Any) -> Reply:
    headers = {"x_pisang_chat_images": more.pop("place")} if "place" in more else {}
    messages = more.pop("messages", [{"role": "user", "content": said}])
    body = {"model": MODEL, "messages": messages, **more}
    return await server.post(
        "/v1/chat/completions",
        json.dumps(body).encode(),
        authorization=f"Bearer {server.key}",
        **headers,
    )


async def gemini(server: Routed, *parts: dict[str, Any], **config: Any) -> Reply:
    body = {
        "contents": [{"role": "user", "parts": list(parts) or [{"text": "a lake"}]}],
        "generationConfig": config,
    }
    return await server.post(f"/v1beta/models/{MODEL}:generateContent", json.dumps(body).encode())


async def test_a_body_and_its_answer_pass_byte_for_byte(tmp_path: Path) -> None:
    body = (
        b'{ "strange" : 1.0, "model":"nano-banana-2", "prompt":"a lake",'
        b' "aspect_ratio":"16:9","n":1 , "stranger":[2] }'
    )
    async with upstream(whole(PICTURE)) as there:
        route = {"model": MODEL, "engines": ["relay"], "upstream_model": "theirs"}
        async with routed(tmp_path, {"relay": openai(there.url)}, [route]) as server:
            reply = await images(server, body)
    (asked,) = there.requests
    assert asked.target == "/v1/images/generations"
    assert asked.body == body.replace(b'"nano-banana-2"', b'"theirs"')
    assert asked.headers["authorization"] == "Bearer upstream-key-3"
    assert (reply.status, reply.body) == (200, PICTURE)
    assert reply.headers["x-pisang-engine"] == "relay"
    (outcome,) = server.outcomes
    assert outcome.usage is not None
    assert (outcome.usage.image_output, outcome.usage.prompt_text) == (1290, 12)


async def test_a_form_passes_byte_for_byte(tmp_path: Path) -> None:
    form = (
        b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\n%b\r\n'
        b'--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nsnow\r\n'
        b'--B\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" % MODEL.encode() + RED.data + b"\r\n--B--\r\n"
    )
    async with (
        upstream(whole(PICTURE)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        headers = {
            "authorization": f"Bearer {server.key}",
            "content-type": "multipart/form-data; boundary=B",
        }
        reply = await call(
            server.app.asgi, "POST", "/v1/images/edits", headers=headers, chunks=[form]
        )
    (asked,) = there.requests
    assert (asked.target, asked.body) == ("/v1/images/edits", form)
    assert asked.headers["content-type"] == "multipart/form-data; boundary=B"
    assert reply.body == PICTURE


async def test_a_stream_passes_byte_for_byte(tmp_path: Path) -> None:
    done = {"type": "image_generation.completed", "b64_json": B64, "usage": USED}
    async with (
        upstream(sse(done)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        reply = await images(server, {"model": MODEL, "prompt": "a lake", "stream": True})
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.body == b"data: " + json.dumps(done).encode() + b"\r\n\r\n"


async def test_a_model_that_only_the_server_knows_passes_on_a_route_to_it(tmp_path: Path) -> None:
    body = b'{"model":"flux.2","prompt":"x","aspect_ratio":"16:9"}'
    async with upstream(whole(PICTURE)) as there:
        routes = [{"model": "flux*", "engines": ["gpu"], "price": "free"}]
        gpu = openai(there.url, "vllm-omni")
        async with routed(tmp_path, {"gpu": gpu}, routes) as server:
            reply = await images(server, body)
            lost = await images(server, {"model": "fluxx", "prompt": "x"})
            none = await images(server, {"model": "sdxl", "prompt": "x"})
    assert there.requests[0].body == body
    assert reply.body == PICTURE
    assert lost.status == 200
    assert none.status == 404
    assert "does not exist here" in none.json["error"]["message"]
    assert none.json["error"]["code"] == "model_not_found"


async def test_a_name_of_openais_means_our_model_unless_a_route_is_for_it(tmp_path: Path) -> None:
    body = {"model": "gpt-image-1", "prompt": "a lake"}
    async with upstream(whole(PICTURE)) as there:
        engines = {"relay": openai(there.url), "openai": openai(there.url, "openai")}
        async with routed(tmp_path / "a", engines) as server:
            reply = await images(server, body)
            assert "model of OpenAI's" in reply.headers["x-pisang-notice"]
        mine = {"model": "gpt-image-*", "engines": ["openai"]}
        async with routed(
            tmp_path / "b", engines, [mine, {"model": "*", "engines": ["relay"]}]
        ) as server:
            await images(server, body)
    assert [asked.json["model"] for asked in there.requests] == [MODEL, "gpt-image-1"]


async def test_a_route_for_a_name_of_openais_may_lead_to_google(tmp_path: Path) -> None:
    async with upstream(googles(inline(B64))) as there, upstream(whole(PICTURE)) as relay:
        engines = {"studio": google(there.url), "relay": openai(relay.url)}
        routes = [
            {"model": "gpt-image-1", "engines": ["studio"], "upstream_model": "gemini-3-pro-image"},
            {"model": "*", "engines": ["relay"]},
        ]
        async with routed(tmp_path, engines, routes) as server:
            reply = await images(server, {"model": "gpt-image-1", "prompt": "a lake"})
    assert "models/gemini-3-pro-image:generateContent" in there.requests[0].target
    assert reply.json["data"][0]["b64_json"] == B64
    assert not relay.requests


async def test_a_model_of_ours_stands_in_for_openais_where_its_route_says_so(
    tmp_path: Path,
) -> None:
    down = whole({"error": {"message": "down"}}, status=503)
    async with upstream(down) as there, upstream(googles(inline(B64))) as studio:
        engines = {"openai": openai(there.url, "openai"), "studio": google(studio.url)}
        routes = [{"model": "gpt-image-*", "engines": ["openai", "studio"]}]
        async with routed(tmp_path, engines, routes) as server:
            reply = await images(server, {"model": "gpt-image-1", "prompt": "a lake"})
    assert reply.status == 200, reply.body
    assert f"models/{MODEL}:generateContent" in studio.requests[0].target
    assert "model of OpenAI's" in reply.headers["x-pisang-notice"]


async def test_words_of_googles_become_pixels_for_a_server_of_ones_own(tmp_path: Path) -> None:
    async with (
        upstream(whole(PICTURE)) as there,
        routed(tmp_path, {"gpu": openai(there.url, "sglang")}) as server,
    ):
        plain = {"model": MODEL, "prompt": "x", "size": "1024x1024"}
        await images(server, plain)
        reply = await images(server, {"model": MODEL, "prompt": "x", "aspect_ratio": "16:9"})
    first, second = there.requests
    assert first.json == plain
    assert second.json["size"] == "1376x768"
    assert "aspect_ratio" not in second.json
    assert reply.json["data"][0]["b64_json"] == B64


async def test_a_ratio_that_the_card_lacks_is_told_before_anyone_is_asked(tmp_path: Path) -> None:
    async with (
        upstream(whole(PICTURE)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        reply = await images(server, {"model": MODEL, "prompt": "x", "aspect_ratio": "7:4"})
    assert reply.status == 400
    assert reply.json["error"]["param"] == "aspect_ratio"
    assert not there.requests


async def test_files_that_only_we_have_are_sent_as_pictures(tmp_path: Path) -> None:
    async with (
        upstream(whole(PICTURE)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        form = (
            b'--B\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n'
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
            b"Content-Type: image/png\r\n\r\n" + RED.data + b"\r\n--B--\r\n"
        )
        headers = {
            "authorization": f"Bearer {server.key}",
            "content-type": "multipart/form-data; boundary=B",
        }
        kept = await call(server.app.asgi, "POST", "/v1/files", headers=headers, chunks=[form])
        named = {"images": [{"file_id": kept.json["id"]}], "model": MODEL, "prompt": "snow"}
        reply = await images(server, named, address="edits")
    assert reply.status == 200, reply.body
    assert RED.data in there.requests[0].body


async def test_an_error_reaches_the_caller_in_its_own_words(tmp_path: Path) -> None:
    error = {"message": "Too many pictures.", "type": "rate_limit_error", "code": "slow_down"}
    async with (
        upstream(whole({"error": error}, status=429)) as there,
        routed(tmp_path, {"relay": openai(there.url)}, tries=1) as server,
    ):
        reply = await images(server, {"model": MODEL, "prompt": "x", "n": 1})
    assert reply.status == 429
    assert "Too many pictures." in reply.json["error"]["message"]


async def test_a_refusal_in_an_answers_clothes_is_nothing_to_try_again(tmp_path: Path) -> None:
    refused = {"type": "image_generation_user_error", "code": "moderation_blocked", "message": "No"}
    async with (
        upstream(whole({"error": refused})) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        reply = await images(server, {"model": MODEL, "prompt": "x"})
    assert reply.status == 400  # a client of OpenAI's tries 500 three times
    assert reply.json["error"].items() >= refused.items()
    assert len(there.requests) == 1


@pytest.mark.parametrize("said", [b"[]", b'{"data": null}', b'{"created": 1}'])
async def test_an_answer_that_says_nothing_is_no_success(said: bytes, tmp_path: Path) -> None:
    async with upstream(whole(said)) as there, upstream(googles(inline(B64))) as studio:
        engines = {"relay": openai(there.url), "studio": google(studio.url)}
        async with routed(tmp_path, engines) as server:
            reply = await images(server, {"model": MODEL, "prompt": "x"})
    assert reply.json["data"][0]["b64_json"] == B64
    assert reply.headers["x-pisang-engine"] == "studio"


@pytest.mark.parametrize(
    "said", [b'{"created":1,"data":[]}', b'{"data":[{"url":null}],"usage":{"input_tokens":9}}']
)
async def test_an_empty_success_is_a_refusal_that_costs_nothing(
    said: bytes, tmp_path: Path
) -> None:
    async with (
        upstream(whole(said)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        replies = [await images(server, {"model": MODEL, "prompt": "x"}) for _ in range(6)]
    for reply in replies:  # and nobody is sick of it
        error = reply.json["error"]
        assert (reply.status, error["code"]) == (400, "no_image")
        assert said.decode() in error["message"]
        assert error["details"][-1]["metadata"]["kind"] == "empty"
    assert len(there.requests) == 6  # a client of OpenAI's asks no second time, nor do we
    assert not server.outcomes


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("content", ["", None])
async def test_an_empty_chat_comes_from_the_next_engine(
    content: str | None, stream: bool, tmp_path: Path
) -> None:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": "stop"}
    empty = sse({"choices": [choice]}) if stream else chat_answer({"content": content})
    async with upstream(empty) as there, upstream(googles(inline(B64))) as studio:
        engines = {"relay": openai(there.url, "chat-images"), "studio": google(studio.url)}
        async with routed(tmp_path, engines) as server:
            reply = await chat(server, stream=stream)
    assert reply.status == 200, reply.body
    assert B64 in reply.body.decode()
    assert reply.headers["x-pisang-engine"] == "studio"
    assert len(there.requests) == 1


async def test_words_of_a_chat_are_an_answer(tmp_path: Path) -> None:
    said = chat_answer({"role": "assistant", "content": "Which lake do you mean?"}, odd=1)
    async with upstream(said) as there, upstream(googles(inline(B64))) as studio:
        engines = {"relay": openai(there.url, "chat-images"), "studio": google(studio.url)}
        async with routed(tmp_path, engines) as server:
            reply = await chat(server)
    assert reply.json["choices"][0]["message"]["content"] == "Which lake do you mean?"
    assert not studio.requests


async def test_the_next_engine_draws_what_a_server_could_not(tmp_path: Path) -> None:
    async with (
        upstream(whole({"error": {"message": "down"}}, status=503)) as relay,
        upstream(googles(inline(B64))) as studio,
    ):
        engines = {"relay": openai(relay.url), "studio": google(studio.url)}
        async with routed(tmp_path, engines) as server:
            reply = await images(server, {"model": MODEL, "prompt": "a lake"})
    assert reply.status == 200, reply.body
    assert reply.headers["x-pisang-engine"] == "studio"
    assert reply.json["data"][0]["b64_json"] == B64
    assert studio.requests[0].json["contents"][0]["parts"][0]["text"] == "a lake"


async def test_a_shape_that_openai_does_not_draw_goes_to_the_next_engine(tmp_path: Path) -> None:
    async with upstream(whole(PICTURE)) as there, upstream(googles(inline(B64))) as studio:
        engines = {"openai": openai(there.url, "openai"), "studio": google(studio.url)}
        async with routed(tmp_path, engines) as server:
            wide = await gemini(server, imageConfig={"aspectRatio": "16:9"})
            square = await gemini(server, imageConfig={"aspectRatio": "1:1"})
    assert wide.status == square.status == 200
    assert len(studio.requests) == 1
    assert [asked.json["size"] for asked in there.requests] == ["1024x1024"]


async def test_a_chat_passes_where_its_caller_looks_for_the_picture(tmp_path: Path) -> None:
    answer = chat_answer({"role": "assistant", "content": None, "images": [shown(B64)]}, odd=1)
    async with (
        upstream(answer) as there,
        routed(tmp_path, {"relay": openai(there.url, "chat-images")}) as server,
    ):
        ratio = {"aspect_ratio": "16:9"}
        reply = await chat(server, image_config=ratio, strange=[1])
        text = await chat(server, place="markdown")
    assert there.requests[0].json == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "a lake"}],
        "image_config": ratio,
        "strange": [1],
    }
    assert reply.json["odd"] == 1
    assert text.json["choices"][0]["message"]["content"] == (
        f"![image](data:image/png;base64,{B64})"
    )
    assert "odd" not in text.json


async def test_markdown_of_a_relay_becomes_what_its_caller_reads(tmp_path: Path) -> None:
    text = f"Here ![image](data:image/png;base64,{B64})"
    answer = chat_answer({"role": "assistant", "content": text})
    async with (
        upstream(answer) as there,
        routed(tmp_path, {"relay": openai(there.url, "chat-markdown")}) as server,
    ):
        usual = await chat(server)
        as_it_is = await chat(server, place="markdown")
    message = usual.json["choices"][0]["message"]
    assert message["content"] == "Here"
    assert message["images"][0]["image_url"]["url"] == f"data:image/png;base64,{B64}"
    assert as_it_is.json["choices"][0]["message"]["content"] == text
    assert len(there.requests) == 2


async def test_a_chat_stream_passes(tmp_path: Path) -> None:
    chunks = [
        {"model": "m", "choices": [{"index": 0, "delta": {"images": [shown(B64)]}}]},
        {"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    async with (
        upstream(sse(*chunks, b"data: [DONE]\n\n")) as there,
        routed(tmp_path, {"relay": openai(there.url, "chat-images")}) as server,
    ):
        reply = await chat(server, stream=True)
    sent = b"".join(b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in chunks)
    assert reply.body == sent + b"data: [DONE]\n\n"
    assert there.requests[0].json["stream"] is True


async def test_google_callers_get_everything_that_a_relay_says(tmp_path: Path) -> None:
    message = {
        "reasoning_content": "a plan",
        "content": "Two of them.",
        "images": [
            shown(B64),
            shown(B64_BLUE, extra_content={"google": {"thought_signature": SIGNATURE}}),
        ],
    }
    usage = {
        "prompt_tokens": 22,
        "completion_tokens": 2515,
        "completion_tokens_details": {"reasoning_tokens": 179, "image_tokens": 2240},
    }
    async with (
        upstream(chat_answer(message, usage=usage)) as there,
        routed(tmp_path, {"relay": openai(there.url, "chat-images")}) as server,
    ):
        reply = await gemini(server, thinkingConfig={"includeThoughts": True})
        turn = reply.json["candidates"][0]["content"]
        body = {"contents": [turn, {"role": "user", "parts": [{"text": "with snow"}]}]}
        await server.post(f"/v1beta/models/{MODEL}:generateContent", json.dumps(body).encode())
    thought, text, first, second = turn["parts"]
    assert thought == {"text": "a plan", "thought": True}
    assert text["text"] == "Two of them."
    assert first["inlineData"]["data"] == B64
    assert second["inlineData"]["data"] == B64_BLUE
    assert second["thoughtSignature"] == SIGNATURE
    told = reply.json["usageMetadata"]
    assert (told["promptTokenCount"], told["thoughtsTokenCount"]) == (22, 179)
    assert told["candidatesTokensDetails"][-1] == {"modality": "IMAGE", "tokenCount": 2240}
    again = there.requests[1].json["messages"][0]
    assert again["role"] == "assistant"
    assert again["images"][1]["extra_content"]["google"]["thought_signature"] == SIGNATURE


async def test_a_refusal_of_a_relay_is_googles_refusal(tmp_path: Path) -> None:
    error = {"code": "moderation_blocked", "type": "image_generation_user_error", "message": "No."}
    async with (
        upstream(whole({"error": error}, status=400)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        reply = await gemini(server)
    assert there.requests
    assert reply.status == 200
    (candidate,) = reply.json["candidates"]
    assert candidate["finishReason"] == "IMAGE_SAFETY"


async def test_drafts_of_pro_are_all_in_a_chat_and_the_last_is_the_picture(tmp_path: Path) -> None:
    answer = googles({"text": "Here."}, inline(B64), inline(B64_BLUE, thoughtSignature=SIGNATURE))
    async with (
        upstream(answer) as there,
        routed(tmp_path, {"studio": google(there.url)}) as server,
    ):
        drawn = await images(server, {"model": MODEL, "prompt": "a lake"})
        streamed = await images(server, {"model": MODEL, "prompt": "a lake", "stream": True})
        said = await chat(server)
    assert [each["b64_json"] for each in drawn.json["data"]] == [B64_BLUE]
    assert streamed.body.count(b"b64_json") == 1
    assert B64_BLUE.encode() in streamed.body
    shown_ = said.json["choices"][0]["message"]["images"]
    assert [each["image_url"]["url"].partition(",")[2] for each in shown_] == [B64, B64_BLUE]
    usage = drawn.json["usage"]
    assert usage["input_tokens"] == 22
    assert usage["output_tokens_details"] == {"image_tokens": 1120, "text_tokens": 96 + 179}


async def test_a_long_signature_is_kept_for_callers_who_cannot_carry_it(tmp_path: Path) -> None:
    answer = googles(inline(B64, thoughtSignature=SIGNATURE))
    async with (
        upstream(answer) as there,
        routed(tmp_path, {"studio": google(there.url)}) as server,
    ):
        first = await chat(server)
        message = first.json["choices"][0]["message"]
        assert "extra_content" not in message["images"][0]
        talk = [
            {"role": "user", "content": "a lake"},
            message,
            {"role": "user", "content": "with snow"},
        ]
        await chat(server, messages=talk)
    turn = there.requests[1].json["contents"][1]
    assert turn["role"] == "model"
    assert turn["parts"][-1]["thoughtSignature"] == SIGNATURE


@pytest.mark.parametrize("body", [b"", b"[]", b'{"prompt": 3}', b"\xff", b'{"model": {}}'])
async def test_a_body_that_is_none_is_told_so_by_somebody(tmp_path: Path, body: bytes) -> None:
    error = {"error": {"message": "That is no request.", "type": "invalid_request_error"}}
    async with (
        upstream(whole(error, status=400)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        reply = await images(server, body)
    assert reply.status in (400, 404), there.requests
    assert reply.json["error"]["message"]


def test_the_pictures_of_these_tests_are_pictures() -> None:
    assert sniff(RED.data) == sniff(BLUE.data)
