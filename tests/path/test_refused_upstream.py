"""What an upstream refuses arrives on every surface as it was said, with our word beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.path.routed import Routed, google, openai, routed
from tests.upstream import upstream, whole

RPC = "type.googleapis.com/google.rpc."
MODEL = "gemini-3-pro-image"
GEMINI = f"/v1beta/models/{MODEL}"
VERTEX = f"/v1/projects/default/locations/global/publishers/google/models/{MODEL}"
ASKED = {"contents": [{"role": "user", "parts": [{"text": "a banana"}]}]}
PROMPT = {"model": MODEL, "prompt": "a banana"}
CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "a banana"}]}
PREDICT = {"instances": [{"prompt": "a banana"}]}
INTERACTION = {"model": MODEL, "input": "a banana"}

GOOGLES: list[tuple[str, str, dict[str, Any]]] = [
    ("gemini", f"{GEMINI}:generateContent", ASKED),
    ("gemini stream", f"{GEMINI}:streamGenerateContent?alt=sse", ASKED),
    ("gemini array", f"{GEMINI}:streamGenerateContent", ASKED),
    ("vertex", f"{VERTEX}:generateContent", ASKED),
    ("imagen", "/v1beta/models/imagen-4.0-generate-001:predict", PREDICT),
    ("interactions", "/v1beta/interactions", INTERACTION),
]
OPENAIS: list[tuple[str, str, dict[str, Any]]] = [
    ("images", "/v1/images/generations", PROMPT),
    ("chat", "/v1/chat/completions", CHAT),
]
PREPAID = {
    "code": 429,
    "message": "Your prepayment credits are depleted. Please go to AI Studio.",
    "status": "RESOURCE_EXHAUSTED",
}
LIMIT = {  # for longer than the server itself waits before it asks again
    "code": 429,
    "message": "You exceeded your current quota.\nPlease retry in 71.2s.",
    "status": "RESOURCE_EXHAUSTED",
    "details": [
        {
            "@type": RPC + "QuotaFailure",
            "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}],
        },
        {"@type": RPC + "RetryInfo", "retryDelay": "71.2s"},
    ],
}
BAD_KEY = {
    "code": 400,
    "message": "API key not valid. Please pass a valid API key.",
    "status": "INVALID_ARGUMENT",
    "details": [
        {"@type": RPC + "ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
    ],
}


def refusing(error: dict[str, Any]) -> Any:
    return whole({"error": error}, status=int(error["code"]))


def ours(details: list[dict[str, Any]]) -> dict[str, Any]:
    (info,) = [row for row in details if row.get("domain") == "pisang"]
    return info


async def ask(server: Routed, address: str, body: dict[str, Any]) -> Any:
    headers = {"authorization": f"Bearer {server.key}"} if address.startswith("/v1/") else {}
    if address.startswith(VERTEX):
        headers = {}
    return await server.post(address, json.dumps(body).encode(), **headers)


@pytest.mark.parametrize(("address", "body"), [row[1:] for row in GOOGLES],
                         ids=[row[0] for row in GOOGLES])  # fmt: skip
@pytest.mark.parametrize(
    ("error", "reason", "wait"),
    [
        (PREPAID, "ENGINE_BILLING_STOPPED", None),
        (LIMIT, "ENGINE_RATE_LIMITED", "72"),
        (BAD_KEY, "ENGINE_MISCONFIGURED", None),
    ],
    ids=["prepaid", "limit", "bad key"],
)
async def test_googles_callers_get_googles_words_and_ours_behind_them(
    tmp_path: Path, address: str, body: dict[str, Any], error: dict[str, Any], reason: str,
    wait: str | None,
) -> None:  # fmt: skip
    async with (
        upstream(refusing(error)) as there,
        routed(tmp_path, {"studio": google(there.url)}) as server,
    ):
        reply = await ask(server, address, body)

    said = json.loads(reply.body)["error"]
    info = said["details"].pop()
    assert reply.status == error["code"]
    assert said == {"details": []} | error
    assert (info["domain"], info["reason"], info["metadata"]["engine"]) == (
        "pisang",
        reason,
        "studio",
    )
    assert abs(int(reply.headers.get("retry-after", "0")) - int(wait or 0)) <= 1
    assert len(there.requests) == 1


@pytest.mark.parametrize(("address", "body"), [row[1:] for row in OPENAIS],
                         ids=[row[0] for row in OPENAIS])  # fmt: skip
async def test_openais_callers_get_the_same_in_their_shape(
    tmp_path: Path, address: str, body: dict[str, Any]
) -> None:
    async with (
        upstream(refusing(LIMIT)) as there,
        routed(tmp_path, {"studio": google(there.url)}) as server,
    ):
        reply = await ask(server, address, body)

    said = json.loads(reply.body)["error"]
    assert (reply.status, said["message"]) == (429, LIMIT["message"])
    assert (said["code"], said["google_code"]) == ("rate_limit_exceeded", "RESOURCE_EXHAUSTED")
    assert ours(said["details"])["reason"] == said["reason"] == "ENGINE_RATE_LIMITED"
    assert int(reply.headers["retry-after"]) in (71, 72)


async def test_openais_own_words_reach_openais_callers_whole(tmp_path: Path) -> None:
    error = {"message": "No credit.", "type": "insufficient_quota", "param": None,
             "code": "insufficient_quota"}  # fmt: skip
    async with (
        upstream(whole({"error": error}, status=429)) as there,
        routed(tmp_path, {"relay": openai(there.url)}) as server,
    ):
        reply = await ask(server, "/v1/images/generations", PROMPT)

    said = json.loads(reply.body)["error"]
    assert (reply.status, {name: said[name] for name in error}) == (429, error)
    assert reply.headers["x-should-retry"] == "false"
    assert ours(said["details"])["metadata"]["engine"] == "relay"
    assert len(there.requests) == 1


@pytest.mark.parametrize(("error", "kind"), [(PREPAID, "billing-stopped"), (BAD_KEY, "bad-key")])
async def test_who_is_out_of_money_or_has_a_dead_key_is_not_asked_again(
    tmp_path: Path, error: dict[str, Any], kind: str
) -> None:
    """A dead key may have been mended over there: it is asked where nobody else is to be asked."""
    async with (
        upstream(refusing(error)) as there,
        upstream(refusing(PREPAID)) as other,
        routed(tmp_path, {"other": google(other.url), "studio": google(there.url)}) as server,
    ):
        replies = [await ask(server, f"{GEMINI}:generateContent", ASKED) for _ in range(3)]

    assert len(other.requests) == 1
    assert len(there.requests) == (1 if kind == "billing-stopped" else 3)
    for reply in replies:
        said = json.loads(reply.body)["error"]
        assert said["message"] in (error["message"], PREPAID["message"])
        assert ours(said["details"])["metadata"]["kind"] in (kind, "billing-stopped")
    assert "not asked" in ours(said["details"])["metadata"]["attempts"]


async def test_a_page_of_a_proxy_becomes_an_error_that_says_so(tmp_path: Path) -> None:
    page = whole(b"<html><h1>403 Forbidden</h1></html>", status=403, content_type="text/html")
    async with upstream(page) as there, routed(tmp_path, {"studio": google(there.url)}) as server:
        reply = await ask(server, f"{GEMINI}:generateContent", ASKED)

    said = json.loads(reply.body)["error"]
    assert (reply.status, said["status"]) == (400, "FAILED_PRECONDITION")
    assert "403 Forbidden" in said["message"]
    assert "<" not in said["message"]
    assert ours(said["details"])["metadata"]["kind"] == "blocked-by-proxy"
