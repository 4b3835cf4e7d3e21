"""The verbatim lane through the whole application: what goes up, what comes down, who may see what,
and what becomes of it when somebody leaves or something breaks."""

import asyncio
import base64
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from pisang.accounts import keys, projects
from tests.path.asgi import Reply, call
from tests.path.recorded import PNG
from tests.path.routed import Routed, google, openai, routed, vertex
from tests.upstream import CUT, HANG, Received, chunked, error, sse, upstream, whole

MODEL = "gemini-3-pro-image"
ADDRESS = f"/v1beta/models/{MODEL}:generateContent"
STREAM = f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
BODY = b'{"contents":[{"parts":[{"text":"a field"}]}]}'
_TEXT = b"tEXt" + b"note\0" + b"x" * 30_000
PICTURE = base64.b64encode(
    PNG[:33]
    + struct.pack(">I", len(_TEXT) - 4)
    + _TEXT
    + struct.pack(">I", crc32(_TEXT))
    + PNG[33:]
).decode()
USAGE = {
    "promptTokenCount": 5,
    "candidatesTokenCount": 1120,
    "totalTokenCount": 1125,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}


def answer(text: str = "", **more: Any) -> dict[str, Any]:
    """A whole answer with a picture, and words where there are any."""
    parts: list[Any] = [{"inlineData": {"mimeType": "image/png", "data": PICTURE}}]
    parts += [{"text": text}] if text else []
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}],
        "usageMetadata": USAGE,
        "modelVersion": MODEL,
        **more,
    }


GOOD = whole(answer())


async def test_a_body_goes_up_as_it_came_with_our_credential(tmp_path: Path) -> None:
    odd = (
        b'{ "contents" : [{"parts":[{"text":"caf\\u00e9", "vendorField": 1.50}]}],\r\n'
        b' "generation_config": {"newKnob": {"x": 1e3}, "imageConfig": {"imageSize": "2K"}},'
        b' "futureThing": [ ] }'
    )
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(
            ADDRESS + "?key=&fields=candidates",
            odd,
            cookie="a=b",
            x_forwarded_for="10.0.0.1",
            x_server_timeout="30",
        )
        (sent,) = there.requests
    assert reply.status == 200
    assert sent.body == odd
    assert sent.headers["x-goog-api-key"] == "upstream-key-1"
    assert pisang.key not in str(sent)
    assert "cookie" not in sent.headers
    assert "x-forwarded-for" not in sent.headers
    assert 0 < float(sent.headers["x-server-timeout"]) <= 30
    assert "?" not in sent.target  # no key; and no mask that would hide what was used


async def test_headers_that_mean_something_come_down_and_ours_say_who_drew(tmp_path: Path) -> None:
    headers = {"x-gemini-service-tier": "priority", "set-cookie": "a=b", "server": "theirs"}
    async with (
        upstream(whole(answer(), headers=headers)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post("/v1beta/models/nano-banana-pro:generateContent", BODY)
        assert there.requests[0].target.startswith(ADDRESS)
    assert reply.headers["x-gemini-service-tier"] == "priority"
    assert reply.headers["x-pisang-engine"] == "studio"
    assert reply.headers["x-pisang-model"] == MODEL
    assert "nano-banana-pro" in reply.headers["x-pisang-notice"]
    assert not {"set-cookie", "server"} & set(reply.headers)
    assert int(reply.headers["content-length"]) == len(reply.body)


async def test_a_model_nobody_knows_passes_where_an_upstream_may_know_it(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post("/v1beta/models/gemini-9-new:generateContent", BODY)
        assert there.requests[0].target == "/v1beta/models/gemini-9-new:generateContent"
    assert reply.status == 200
    (outcome,) = pisang.outcomes
    assert outcome.usage is not None
    assert outcome.usage.image_output == 1120


async def test_a_model_nobody_knows_is_not_found_where_only_sketch_draws(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(
            tmp_path / "data",
            {"studio": google(there.url), "own": {"kind": "sketch"}},
            [{"model": MODEL, "engines": ["studio"]}, {"model": "*", "engines": ["own"]}],
        ) as pisang,
    ):
        reply = await pisang.post("/v1beta/models/gemini-9-new:generateContent", BODY)
        assert there.requests == []
    assert reply.status == 404
    assert reply.error["status"] == "NOT_FOUND"


async def test_what_the_model_cannot_do_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    wrong = BODY[:-1] + b',"generationConfig":{"imageConfig":{"imageSize":"8K"}}}'
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        for body in (wrong, b"{broken", b"[]", b""):
            reply = await pisang.post(ADDRESS, body)
            assert reply.error["status"] == "INVALID_ARGUMENT"
        assert there.requests == []


async def test_a_caller_who_leaves_stops_the_upstream(tmp_path: Path) -> None:
    for script in ((HANG,), chunked(json.dumps(answer()).encode()[:30_000], HANG)):
        async with (
            upstream(script) as there,
            routed(tmp_path / str(len(script)), {"studio": google(there.url)}) as pisang,
        ):
            leaving = asyncio.Event()
            sent = {"x-goog-api-key": pisang.key}
            calling = asyncio.ensure_future(
                call(pisang.app.asgi, "POST", ADDRESS, headers=sent, chunks=[BODY], hang_up=leaving)
            )
            await asyncio.wait_for(there.asked.wait(), 5)
            leaving.set()
            await asyncio.wait_for(there.hung_up.wait(), 5)
            await asyncio.wait_for(calling, 5)


async def test_the_callers_deadline_ends_it_with_504(tmp_path: Path) -> None:
    async with (
        upstream((HANG,)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(ADDRESS, BODY, x_server_timeout="0.3")
        await asyncio.wait_for(there.hung_up.wait(), 2)
    assert reply.status == 504
    assert reply.error["status"] == "DEADLINE_EXCEEDED"


async def test_an_answer_that_breaks_off_in_the_middle_does_not_look_whole(tmp_path: Path) -> None:
    body = json.dumps(answer()).encode()
    async with (
        upstream(chunked(body[:30_000], CUT)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = Reply()
        sent = {"x-goog-api-key": pisang.key}
        await call(pisang.app.asgi, "POST", ADDRESS, headers=sent, chunks=[BODY], into=reply)
    assert body.startswith(reply.body)
    assert reply.body != body
    assert not reply.ended
    assert [outcome.whole for outcome in pisang.outcomes] == [False]


async def test_a_stream_that_breaks_off_ends_with_an_error(tmp_path: Path) -> None:
    first = {"candidates": [{"content": {"parts": [{"text": "Here"}]}, "index": 0}]}
    async with (
        upstream(sse(first, CUT)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(STREAM, BODY)
    events = [json.loads(e[6:]) for e in reply.body.split(b"\r\n\r\n") if e.strip()]
    assert events[0] == first
    assert events[-1]["error"]["code"] >= 500
    assert len(there.requests) == 1  # something was seen: there is no second try


async def test_a_stream_is_tried_again_until_its_first_content(tmp_path: Path) -> None:
    empty = {"usageMetadata": {"promptTokenCount": 5}, "modelVersion": MODEL}
    good = sse(answer("done"))
    async with (
        upstream(sse(empty, CUT), sse({"error": {"code": 503, "message": "busy"}}), good) as one,
        routed(tmp_path / "data", {"studio": google(one.url)}) as pisang,
    ):
        reply = await pisang.post(STREAM, BODY)
        assert len(one.requests) == 3
    assert reply.status == 200
    assert b"busy" not in reply.body
    assert b"done" in reply.body
    assert reply.headers["x-pisang-attempts"] == "3"


@pytest.mark.parametrize("second", [google, vertex, lambda url: openai(url, "chat-images")])
async def test_what_one_engine_cannot_another_does(
    second: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    def relay(sent: Received) -> Any:
        if "chat/completions" not in sent.target:
            return GOOD
        url = "data:image/png;base64," + PICTURE
        image = {"type": "image_url", "image_url": {"url": url}}
        message = {"role": "assistant", "content": "x", "images": [image]}
        return whole({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    depleted = error(429, "Your prepayment credits are depleted.", word="RESOURCE_EXHAUSTED")
    async with (
        upstream(depleted) as one,
        upstream(relay) as two,
        routed(tmp_path / "data", {"a": google(one.url), "b": second(two.url)}) as pisang,
    ):
        for _ in range(2):
            reply = await pisang.post(ADDRESS, BODY)
            assert reply.status == 200, reply.body[:300]
            assert reply.headers["x-pisang-engine"] == "b"
            data = reply.json["candidates"][0]["content"]["parts"]
            assert PICTURE in [part.get("inlineData", {}).get("data") for part in data]
        assert len(one.requests) == 1  # an empty wallet is not asked again
        assert len(two.requests) == 2


async def test_an_upstreams_secret_stays_here(tmp_path: Path) -> None:
    echo = error(400, "API key upstream-key-1 not valid.", word="INVALID_ARGUMENT")
    async with (
        upstream(echo) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        for address in (ADDRESS, STREAM):
            reply = await pisang.post(address, BODY)
            assert reply.status == 400
            assert b"upstream-key-1" not in reply.body
            assert there.url.encode() not in reply.body


async def test_a_bound_project_never_reaches_an_engine_elsewhere(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as american,
        upstream(GOOD) as european,
        upstream(GOOD) as unplaced,
        routed(
            tmp_path / "data",
            {
                "anywhere": google(unplaced.url),
                "us": vertex(american.url, location="us-central1"),
                "eu": vertex(european.url, location="europe-west4"),
            },
        ) as pisang,
    ):
        bound = await _key_of(pisang, "bound", ("europe-*",))
        lost = await _key_of(pisang, "lost", ("asia-*",))
        for address, body in (
            (ADDRESS, BODY),
            (STREAM, BODY),
            (
                f"/v1/projects/bound/locations/us-central1/publishers/google{ADDRESS[7:]}",
                BODY,
            ),
            ("/v1beta/interactions", b'{"model":"%s","input":"x"}' % MODEL.encode()),
            ("/v1/images/generations", b'{"model":"%s","prompt":"x"}' % MODEL.encode()),
            (
                "/v1/chat/completions",
                b'{"model":"%s","messages":[{"role":"user","content":"x"}]}' % MODEL.encode(),
            ),
        ):
            await pisang.post(address, body, x_goog_api_key=bound)
            refused = await pisang.post(address.replace("bound", "lost"), body, x_goog_api_key=lost)
            assert refused.status == 400
            assert b"asia-*" in refused.body
        assert len(european.requests) == 6
        assert american.requests == unplaced.requests == []


async def _key_of(pisang: Routed, project: str, places: tuple[str, ...]) -> str:
    async with pisang.app.database.write() as connection:
        made = await projects.create(connection, project, locations=places)
        return (await keys.create(connection, made, name="x")).key


async def test_imagen_is_drawn_by_its_successor_at_its_price(tmp_path: Path) -> None:
    def today(sent: Received) -> Any:
        return error(404, "gone", word="NOT_FOUND") if ":predict" in sent.target else GOOD

    body = {"instances": [{"prompt": "a field"}], "parameters": {"sampleCount": 2}}
    async with (
        upstream(today) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(
            "/v1beta/models/imagen-4.0-generate-001:predict", json.dumps(body).encode()
        )
        asked = [sent.target.rpartition("/")[2] for sent in there.requests]
    assert reply.status == 200, reply.body[:300]
    assert [one["bytesBase64Encoded"] for one in reply.json["predictions"]] == [PICTURE] * 2
    assert asked[0].endswith(":predict")
    assert len(asked) == 3
    assert all(each.endswith(":generateContent") for each in asked[1:])
    successor = reply.headers["x-pisang-model"]
    assert successor.startswith("gemini-")
    assert "its price" in reply.headers["x-pisang-notice"]
    assert "emulated" not in reply.headers["x-pisang-notice"]  # it was not
    assert {outcome.card.id for outcome in pisang.outcomes if outcome.card} <= {successor, MODEL}


@pytest.mark.parametrize("model", ["imagen-4.0-generate-001", "imagen-9.0-ultra", "house-model"])
async def test_what_we_do_not_know_of_imagen_is_the_upstreams_business(
    model: str, tmp_path: Path
) -> None:
    odd = (
        b'{ "instances" : [{"prompt":"a field", "mood": 1.50}], "later": [ ],'
        b' "parameters":{"sampleCount":2,"language":"tlh","storageUri":"gs://theirs/folder"}}'
    )
    said = b'{ "predictions": [{"bytesBase64Encoded": "%s", "new": 1}] }' % PICTURE.encode()
    async with (
        upstream(whole(said)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        address = f"/v1beta/models/{model}:predict"
        reply = await pisang.post(address, odd)
        too_many = await pisang.post(address, odd.replace(b'Count":2', b'Count":"many"'))
        assert [(each.target, each.body) for each in there.requests] == [(address, odd)]
    assert (reply.status, reply.body) == (200, said)
    assert too_many.status == 400
    assert b"sample_count" in too_many.body


async def test_a_model_that_neither_we_nor_the_upstream_know_is_said_to_be_unknown(
    tmp_path: Path,
) -> None:
    async with (
        upstream(error(404, "gone", word="NOT_FOUND")) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(
            "/v1beta/models/imagen-9.0-ultra:predict", b'{"instances":[{"prompt":"a field"}]}'
        )
        assert len(there.requests) == 1
    assert reply.status == 404
    assert b"imagen-9.0-ultra" in reply.body


async def test_pictures_for_a_bucket_of_ours_are_stored_by_us(tmp_path: Path) -> None:
    folder = tmp_path / "bucket"
    folder.mkdir()
    body = {
        "instances": [{"prompt": "a field"}],
        "parameters": {"storageUri": "gs://ours/folder"},
    }
    async with (
        upstream(GOOD) as there,
        routed(
            tmp_path / "data", {"studio": google(there.url)}, buckets={"ours": folder}
        ) as pisang,
    ):
        reply = await pisang.post(
            "/v1beta/models/imagen-4.0-generate-001:predict", json.dumps(body).encode()
        )
        assert there.requests[0].target.endswith(":generateContent")
    assert reply.json["predictions"][0]["gcsUri"].startswith("gs://ours/folder/")


async def test_a_mask_for_an_upstream_without_the_word_is_explained_to_it(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        form = (
            b'--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na hat\r\n'
            b'--x\r\ncontent-disposition: form-data; name="model"\r\n\r\n%s\r\n'
            b'--x\r\ncontent-disposition: form-data; name="image"; filename="a.png"\r\n'
            b"content-type: image/png\r\n\r\n%s\r\n--x--\r\n"
        ) % (MODEL.encode(), PNG)
        reply = await pisang.post(
            "/v1/images/edits", form, content_type="multipart/form-data; boundary=x"
        )
        assert reply.status == 200, reply.body[:300]
        parts = there.requests[0].json["contents"][0]["parts"]
    assert any("inlineData" in part for part in parts)
    assert any(part.get("text") == "a hat" for part in parts)


async def test_tokens_are_counted_by_the_upstream(tmp_path: Path) -> None:
    async with (
        upstream(whole({"totalTokens": 31, "promptTokensDetails": []})) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(f"/v1beta/models/{MODEL}:countTokens", BODY)
        assert there.requests[0].body == BODY
    assert reply.json == {"totalTokens": 31, "promptTokensDetails": []}
    assert pisang.outcomes == []


async def test_a_route_is_chosen_by_size_tier_and_project(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as large,
        upstream(GOOD) as cheap,
        upstream(GOOD) as mine,
        upstream(GOOD) as other,
        routed(
            tmp_path / "data",
            {
                "large": google(large.url),
                "cheap": google(cheap.url),
                "mine": google(mine.url),
                "other": google(other.url),
            },
            [
                {"model": MODEL, "size": "4K", "engines": ["large"]},
                {"model": MODEL, "tier": "flex", "engines": ["cheap"]},
                {"model": "*", "project": "mine", "engines": ["mine"]},
                {"model": "*", "engines": ["other"], "upstream_model": "renamed"},
            ],
        ) as pisang,
    ):
        sized = BODY[:-1] + b',"generationConfig":{"imageConfig":{"imageSize":"4K"}}}'
        await pisang.post(ADDRESS, sized)
        await pisang.post(ADDRESS, BODY[:-1] + b',"serviceTier":"flex"}')
        await pisang.post(ADDRESS, BODY, x_goog_api_key=await _key_of(pisang, "mine", ()))
        await pisang.post(ADDRESS, BODY)
        assert [len(each.requests) for each in (large, cheap, mine, other)] == [1, 1, 1, 1]
        assert other.requests[0].target == "/v1beta/models/renamed:generateContent"


async def test_who_is_alone_and_was_misconfigured_is_asked_again(tmp_path: Path) -> None:
    """An operator mends a key over there; nobody has to tell this server."""
    wrong = error(400, "API key not valid. Please pass a valid API key.", word="INVALID_ARGUMENT")
    gone = error(404, "models/x is not found for API version v1beta", word="NOT_FOUND")
    async with (
        upstream(wrong, gone, GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        said = [(await pisang.post(ADDRESS, BODY)).status for _ in range(4)]
    assert said == [400, 404, 200, 200]
    assert len(there.requests) == 4


async def test_a_stand_in_may_still_have_what_google_has_shut_down(tmp_path: Path) -> None:
    dead = "gemini-2.5-flash-image-preview"

    def recorded(sent: Received) -> Any:
        here = f"/{dead}:" in sent.target
        return GOOD if here else error(404, "models/x is not found", word="NOT_FOUND")

    async with (
        upstream(recorded) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(f"/v1beta/models/{dead}:generateContent", BODY)
    assert reply.status == 200
    assert reply.headers["x-pisang-model"] == dead
    assert len(there.requests) == 2
