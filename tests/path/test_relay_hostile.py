"""The verbatim lane with upstreams and callers that do what they should not."""

import asyncio
import base64
import gzip
import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from pisang.engines import google as google_module
from tests.path.asgi import Reply, call
from tests.path.routed import google, routed, vertex
from tests.path.test_relay import ADDRESS, BODY, GOOD, MODEL, STREAM, answer
from tests.upstream import HANG, Answer, chunked, sse, upstream, whole

_KEY = "upstream-key-1"  # of every stand-in
_JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


def refused(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}


async def test_what_follows_a_body_changes_nothing_of_its_head(tmp_path: Path) -> None:
    body = json.dumps(answer()).encode()
    trailers = b"content-type: text/html\r\nx-gemini-service-tier: flex\r\n"
    at_once = _JSON + b"%x;note=1\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, trailers)
    async with (
        upstream((at_once,)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(ADDRESS, BODY)
    assert reply.body == body
    assert reply.headers["content-type"] == "application/json"
    assert "x-gemini-service-tier" not in reply.headers


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_an_error_that_came_compressed_is_read_or_not_quoted(
    coding: str, tmp_path: Path
) -> None:
    packed = gzip.compress(json.dumps(refused(400, "Use a shorter prompt.")).encode())
    async with (
        upstream(whole(packed, status=400, headers={"content-encoding": coding})) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(ADDRESS, BODY)
    assert reply.status == 400
    assert (reply.error["message"] == "Use a shorter prompt.") == (coding == "gzip")
    assert "\N{REPLACEMENT CHARACTER}" not in reply.error["message"]


@pytest.mark.parametrize("length", [True, False])
async def test_an_answer_that_came_compressed_is_handed_on_plain(
    length: bool, tmp_path: Path
) -> None:
    body, chat = json.dumps(answer()).encode(), "/v1/chat/completions"
    packed, said = gzip.compress(body), {"content-encoding": "gzip"}
    told = whole(packed, headers=said) if length else chunked(packed, headers=said)
    async with (
        upstream(told) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(ADDRESS, BODY)
        asked = {"model": MODEL, "messages": [{"role": "user", "content": "a fox"}]}
        other = await pisang.post(
            chat, json.dumps(asked).encode(), authorization=f"Bearer {pisang.key}"
        )
    assert (reply.status, reply.body) == (200, body)
    assert "content-encoding" not in reply.headers
    assert other.status == 200
    assert len(other.json["choices"][0]["message"]["images"]) == 1
    assert len(there.requests) == 2
    assert all(outcome.usage for outcome in pisang.outcomes)


@pytest.mark.parametrize(
    "script",
    [
        whole(refused(400, f"The key {_KEY} is not good.")),
        whole({"error": f"The key {_KEY} is not good."}),
        whole({"oops": f"The key {_KEY} is not good."}),
        whole(f"<html>The key {_KEY} is not good.</html>"),
        sse(refused(400, f"The key {_KEY} is not good.")),
    ],
)
async def test_no_credential_of_ours_is_quoted_from_an_answer_of_status_200(
    script: Answer, tmp_path: Path
) -> None:
    async with (
        upstream(script) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(STREAM, BODY, x_server_timeout="1.5")
        also = await pisang.post("/v1/images/generations", b'{"prompt":"a field"}')
    assert reply.status >= 400
    assert also.status >= 400
    assert _KEY.encode() not in reply.body + also.body


async def test_json_that_is_no_answer_of_googles_comes_from_the_next_engine(
    tmp_path: Path,
) -> None:
    for number, said in enumerate(({"code": 0, "msg": "not enough balance"}, {})):
        async with (
            upstream(whole(said)) as odd,
            upstream(GOOD) as good,
            routed(
                tmp_path / str(number), {"odd": google(odd.url), "studio": google(good.url)}
            ) as pisang,
        ):
            reply = await pisang.post(ADDRESS, BODY)
        assert reply.status == 200
        assert reply.headers["x-pisang-engine"] == "studio"


@pytest.mark.parametrize("asked", ["?alt=sse", "?$alt=sse", "?alt=SSE", "?%24alt=sse%3Bx=y"])
async def test_events_are_asked_for_however_the_caller_spells_it(
    asked: str, tmp_path: Path
) -> None:
    async with (
        upstream(sse(answer())) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        address = f"/v1beta/models/{MODEL}:streamGenerateContent"
        reply = await pisang.post(f"{address}{asked.replace('%24', '$')}", BODY)
        (sent,) = there.requests
    assert reply.status == 200
    assert sent.target == f"{address}?alt=sse"


async def test_a_stream_that_ends_without_a_reason_says_so(tmp_path: Path) -> None:
    first = {"candidates": [{"content": {"parts": [{"text": "Here"}]}, "index": 0}]}
    async with (
        upstream(sse(first)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(STREAM, BODY)
    events = [json.loads(e[6:]) for e in reply.body.split(b"\r\n\r\n") if e.strip()]
    assert events[0] == first
    assert events[-1]["error"]["code"] >= 500
    assert [outcome.whole for outcome in pisang.outcomes] == [False]


async def test_callers_in_a_hurry_make_no_engine_sick(tmp_path: Path) -> None:
    begun = b'{"candidates":[{"content":{"parts":[{"text":"Here"},'
    async with (
        upstream(*[chunked(begun, HANG)] * 6, GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        for _ in range(6):
            reply, sent = Reply(), {"x-goog-api-key": pisang.key, "x-server-timeout": "0.1"}
            await call(pisang.app.asgi, "POST", ADDRESS, headers=sent, chunks=[BODY], into=reply)
            assert reply.body == begun
            assert not reply.ended
        assert (await pisang.post(ADDRESS, BODY)).status == 200


async def test_a_chat_that_began_on_the_sketch_engine_goes_on_at_google(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = base64.b64encode(b"psk1" + bytes(range(256)) * 10).decode()
    theirs = base64.b64encode(b"theirs" * 500).decode()
    turn = {
        "role": "model",
        "parts": [
            {"text": "Here", "thoughtSignature": ours, "vendorField": 1.50},
            {"text": "cHNrMQ", "thought_signature": ours[:40]},
            {"text": "and", "thoughtSignature": theirs},
        ],
    }
    body = json.dumps({"contents": [turn, {"parts": [{"text": "a hat on it"}]}]}).encode()
    bypass = base64.b64encode(b"skip_thought_signature_validator").decode()
    for is_googles in (False, True):
        monkeypatch.setattr(google_module, "is_googles", lambda _, found=is_googles: found)
        async with (
            upstream(GOOD) as there,
            routed(tmp_path / str(is_googles), {"studio": google(there.url)}) as pisang,
        ):
            assert (await pisang.post(ADDRESS, body)).status == 200
            sent = there.requests[0].body
        if is_googles:
            body = body.replace(ours.encode(), bypass.encode())
            body = body.replace(ours[:40].encode(), bypass.encode())
        assert sent == body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_vertex_ai_llm_request_type": "dedicated"}, 429),
        ({"x_vertex_ai_llm_shared_request_type": "priority"}, 400),
        ({"x_vertex_ai_llm_shared_request_type": "flex"}, 200),
    ],
)
async def test_traffic_that_the_developer_api_has_no_word_for_is_not_dropped_in_silence(
    headers: dict[str, str], status: int, tmp_path: Path
) -> None:
    address = f"/v1/publishers/google/models/{MODEL}:generateContent"
    body = BODY[:-1] + b',"serviceTier":"flex"}'
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        reply = await pisang.post(address, body, **headers)
        assert len(there.requests) == (status == 200)
    assert reply.status == status


async def test_a_body_is_let_go_of_once_its_answer_begins(tmp_path: Path) -> None:
    large = BODY[:-4] + b',{"inlineData":{"mimeType":"image/png","data":"%b"}}]}]}'
    begun = json.dumps(answer()).encode()[:30_000]
    async with (
        upstream(chunked(begun, HANG)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        sent, reply = {"x-goog-api-key": pisang.key, "x-server-timeout": "3"}, Reply()
        chunks = (large % (b"A" * 20_000_000) for _ in range(1))  # which nobody else holds
        tracemalloc.start()
        try:
            calling = asyncio.ensure_future(
                call(pisang.app.asgi, "POST", ADDRESS, headers=sent, chunks=chunks, into=reply)
            )
            await asyncio.sleep(1)
            assert reply.pieces
            theirs = tracemalloc.Filter(inclusive=False, filename_pattern="*/asyncio/streams.py")
            found = tracemalloc.take_snapshot().filter_traces([theirs]).statistics("filename")
            await calling
        finally:
            tracemalloc.stop()
    assert reply.body == begun
    assert sum(each.size for each in found) < 10_000_000


async def test_a_vertex_answer_is_not_cut_by_a_reason_in_another_place(tmp_path: Path) -> None:
    async with (
        upstream(sse(answer("done"))) as there,
        routed(tmp_path / "data", {"cloud": vertex(there.url)}) as pisang,
    ):
        reply = await pisang.post(STREAM, BODY)
    assert reply.ended
    assert b"error" not in reply.body
    assert [outcome.whole for outcome in pisang.outcomes] == [True]


@pytest.mark.parametrize(
    "model", ["..", "../../x", "a%2F..%2F..%2Fb", "a%3Fkey=1", "a%23b", "a%00b", "%FF", "a" * 300]
)
async def test_an_id_that_is_none_leads_nowhere(model: str, tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url), "cloud": vertex(there.url)}) as p,
    ):
        for address in ("/v1beta/models", "/v1/publishers/google/models"):
            reply = await p.post(f"{address}/{model}:generateContent", BODY)
            assert reply.status == 404
        assert there.requests == []


@pytest.mark.parametrize(
    "said",
    [
        b'{"contents":[{"parts":[{"text":"%b"}]}]}' % (b"ab c " * 4_200_000),
        b'{"contents":[{"parts":[{"text":"%b"}]}]}' % (b'\\"' * 10_500_000),
        b'{"contents":[{"parts":[%b{}]}]}'
        % (b'{"text":"a","thoughtSignature":"cHNrMQ=="},' * 40_000),
    ],
    ids=["words", "escapes", "parts"],
)
async def test_no_body_holds_up_everyone_else(said: bytes, tmp_path: Path) -> None:
    longest, last = 0.0, time.monotonic()

    async def watch() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.001)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"cloud": vertex(there.url)}) as pisang,
    ):
        began, watching = time.monotonic(), asyncio.ensure_future(watch())
        reply = await pisang.post(ADDRESS, said)
        spent = time.monotonic() - began
        watching.cancel()
    assert reply.status == 200 or not there.requests
    assert longest < spent / 2  # which is seconds


@pytest.mark.parametrize("odd", [b'"\xff"', b"[" * 5000 + b"]" * 5000], ids=["no UTF-8", "deep"])
async def test_an_answer_that_we_cannot_read_still_arrives_whole(
    odd: bytes, tmp_path: Path
) -> None:
    good = json.dumps(answer()).encode()
    body = good[:-1] + b',"z":' + odd + b"}"
    async with (
        upstream(*[whole(body)] * 6) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        for _ in range(6):  # and makes no engine sick
            reply = await pisang.post(ADDRESS, BODY)
            assert reply.ended
            assert reply.body == body
