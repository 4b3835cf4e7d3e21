"""Every recorded answer and refusal of Google's, before every engine and through every surface.

``test_replayed_recordings.py`` has what passes byte for byte; here an answer is read and written
again in another dialect, whole and as a stream.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pisang.core.events import FinishReason
from tests.path.asgi import Reply
from tests.path.routed import Routed, google, routed, vertex
from tests.path.test_replayed_recordings import list_price
from tests.recordings import FOLDER, Exchange, drawn, recorded
from tests.upstream import upstream, whole

pytestmark = pytest.mark.skipif(not recorded(), reason=f"there are no recordings in {FOLDER}")

_WORDS = "a picture"
_VERTEX = "/v1beta1/projects/default/locations/global"
_BODIES: dict[str, dict[str, Any]] = {
    "/v1/images/generations": {"prompt": _WORDS, "response_format": "b64_json"},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": _WORDS}]},
    "/v1/responses": {"input": _WORDS, "tools": [{"type": "image_generation"}]},
    "/v1beta/interactions": {"input": _WORDS},
    f"{_VERTEX}/interactions": {"input": _WORDS},
}
_ENGINES = [google, vertex]
_REFUSED = {
    "IMAGE_SAFETY": ("moderation_blocked", "failed"),
    "NO_IMAGE": ("no_image", "incomplete"),
    "STOP": ("no_image", "completed"),  # it was answered in words
}
"""By the reason of an answer without a picture: the code of OpenAI's images, and the status of
an interaction."""
_ELSEWHERE = "interactions_"  # errors of another address, in a form that this one has not
_NOT_IN_FULL = "…"  # where who wrote a probe down has left something out


async def _post(server: Routed, address: str, model: str, *, stream: bool) -> Reply:
    body = {"model": model, **_BODIES[address]} | ({"stream": True} if stream else {})
    openais = address.startswith("/v1/")
    headers = {"authorization": f"Bearer {server.key}"} if openais else {}
    return await server.post(address, json.dumps(body).encode(), **headers)


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("recorded", drawn(), ids=repr)
async def test_pictures_usage_and_cost_are_the_same_everywhere(
    recorded: Exchange, engine: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    told, price = recorded.usage, list_price(recorded)
    async with (
        upstream(recorded.answer()) as there,
        routed(tmp_path / "data", {"studio": engine(there.url)}) as server,
    ):
        for address in _BODIES:
            for stream in (False, True):
                reply = await _post(server, address, recorded.model, stream=stream)
                said = reply.body.decode()
                assert reply.status == 200, (address, stream, said[:500])
                assert recorded.pictures[-1] in said, (address, stream)
                if "interactions" in address:
                    assert all(signature in said for signature in recorded.signatures)
                used = server.outcomes[-1].usage
                assert used is not None
                assert (used.prompt, used.candidates, used.thoughts) == (
                    told["promptTokenCount"],
                    told["candidatesTokenCount"],
                    told.get("thoughtsTokenCount", 0),
                )
                cost = server.outcomes[-1].cost
                if price is not None:
                    assert cost is not None
                    assert cost.dollars == price, (address, stream)
    assert len(server.outcomes) == 2 * len(_BODIES)


def _probes() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("transcribed/live-probe*/*.json")):
        for case in json.loads(file.read_text())["cases"]:
            if isinstance(case.get("body"), dict) and not case["name"].startswith(_ELSEWHERE):
                yield pytest.param(case["http"], case["body"], id=case["name"])


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize(("status", "body"), list(_probes()))
async def test_a_refusal_is_one_everywhere(
    status: int, body: dict[str, Any], engine: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    """An error keeps its sentence, and its status where the caller can do anything about it; an
    answer without a picture is no success."""
    addresses = ["/v1/images/generations", "/v1/chat/completions", "/v1beta/interactions"]
    async with (
        upstream(whole(body, status=status)) as there,
        routed(tmp_path / "data", {"x": engine(there.url)}, tries=1) as server,
    ):
        own = await server.post(
            "/v1beta/models/gemini-3-pro-image:generateContent",
            json.dumps({"contents": [{"parts": [{"text": _WORDS}]}]}).encode(),
        )
        others = [
            await _post(server, each, "gemini-3-pro-image", stream=False) for each in addresses
        ]
    if status == 200:
        assert (own.status, own.json) == (200, body)
        images, chat, interaction = others
        assert images.status == 400
        code, state = _REFUSED[body["candidates"][0]["finishReason"]]
        assert images.json["error"]["code"] == code
        (choice,) = chat.json["choices"]
        assert choice["message"]["content"]
        assert interaction.json["status"] == state
        return
    error = body["error"]
    assert own.status == status
    assert own.json["error"]["message"] == error["message"]
    begin = error["message"].partition(_NOT_IN_FULL)[0].strip()[:40]
    for reply in others:
        assert reply.status in (status, 400)  # 400: what only the operator can mend
        assert begin in reply.body.decode().replace('\\"', '"')


_REASONS = [each.value for each in FinishReason if each is not FinishReason.STOP]


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("reason", _REASONS)
async def test_every_reason_reaches_its_caller(
    reason: str, engine: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    body = {"candidates": [{"content": {}, "finishReason": reason, "index": 0}]}
    body |= {"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}}
    async with (
        upstream(whole(body)) as there,
        routed(tmp_path / "data", {"x": engine(there.url)}) as server,
    ):
        for address in ("/v1/images/generations", "/v1/chat/completions", "/v1/responses"):
            reply = await _post(server, address, "gemini-3-pro-image", stream=False)
            if address.endswith("generations"):
                assert reply.status == 400, reply.body
                assert reply.json["error"]["code"] in ("moderation_blocked", "no_image")
            assert b"b64" not in reply.body
    assert {outcome.reason and outcome.reason.value for outcome in server.outcomes} == {reason}
