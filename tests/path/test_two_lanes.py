"""A request that changes lanes on its way is still one request, and forgets nothing."""

import json
from pathlib import Path

from tests.path.routed import google, openai, routed
from tests.path.test_refused_upstream import ASKED, GEMINI, LIMIT
from tests.routing.matrix import PICTURE
from tests.upstream import upstream, whole

ASK = (f"{GEMINI}:generateContent", json.dumps(ASKED).encode())


async def test_an_answer_counts_the_attempts_of_both_lanes(tmp_path: Path) -> None:
    async with (
        upstream(whole({"error": LIMIT}, status=429)) as limited,
        upstream(whole({"created": 1, "data": [{"b64_json": PICTURE}]})) as good,
        routed(tmp_path, {"studio": google(limited.url), "relay": openai(good.url)}) as pisang,
    ):
        reply = await pisang.post(*ASK)

    assert reply.status == 200
    assert reply.headers["x-pisang-engine"] == "relay"
    assert reply.headers["x-pisang-attempts"] == "2"


async def test_the_error_that_helps_most_may_be_one_of_the_other_lane(tmp_path: Path) -> None:
    denied = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
    async with (
        upstream(whole({"error": LIMIT}, status=429)) as limited,
        upstream(whole(denied, status=401)) as closed,
        routed(tmp_path, {"studio": google(limited.url), "relay": openai(closed.url)}) as pisang,
    ):
        reply = await pisang.post(*ASK)

    assert reply.status == 429  # which passes by itself; the key of the relay is not the caller's
    ours = next(d for d in reply.json["error"]["details"] if d.get("domain") == "pisang")
    assert ours["metadata"]["engine"] == "studio"
    assert [each.split("#")[0] for each in ours["metadata"]["attempts"].split("; ")] == [
        "studio",
        "relay",
    ]
    assert int(reply.headers["retry-after"]) >= 70
