"""Traces through the whole application, as a collector on the network gets them."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pisang.core.errors import SettingsError
from pisang.settings import Settings
from pisang.telemetry import traces
from pisang.testing import server
from tests.path.asgi import generate, get, post
from tests.path.routed import google, openai, routed
from tests.path.test_relay import ADDRESS, BODY, GOOD, MODEL, PICTURE
from tests.telemetry.collector import Collector, Seen, collector
from tests.upstream import error, sse, upstream

_TRACE = "0af7651916cd43dd8448eb211c80319c"
_PARENT = "b7ad6b7169203331"
_SERVER = ("server.address", "server.port")


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        yield running


def _one(spans: list[Seen], kind: str) -> Seen:
    (found,) = (span for span in spans if span.kind == kind)
    return found


async def test_a_request_is_a_span_and_each_attempt_one_below_it(
    tmp_path: Path, collected: Collector
) -> None:
    failing = error(503, "busy", word="UNAVAILABLE")
    async with (
        upstream(failing) as bad,
        upstream(GOOD) as good,
        routed(
            tmp_path / "data",
            {"bad": google(bad.url), "good": google(good.url)},
            tries_before_next=1,
        ) as pisang,
    ):
        body = BODY.replace(b"}]}]}", b'}]}],"generationConfig":{"seed":7}}')
        reply = await pisang.post(ADDRESS, body, traceparent=f"00-{_TRACE}-{_PARENT}-01")
        assert reply.status == 200
    request, first, second = collected.spans
    assert {span.trace for span in collected.spans} == {_TRACE}
    assert (request.kind, first.kind, second.kind) == ("SERVER", "CLIENT", "CLIENT")
    assert (request.parent, first.parent, second.parent) == (_PARENT, request.id, request.id)
    assert request.name == "POST /{version}/models/{model}:generateContent"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["pisang.request"] == reply.headers["x-request-id"]
    assert request.attributes["pisang.project"] == "default"
    asked = [tuple(span.attributes[name] for name in _SERVER) for span in (first, second)]
    assert asked == [("127.0.0.1", urlsplit(there.url).port) for there in (bad, good)]
    assert first.failed
    assert first.attributes["http.response.status_code"] == 503
    assert first.attributes["error.type"]
    assert not second.failed
    said = second.attributes
    assert second.name == f"generate_content {MODEL}"
    assert {name: said[name] for name in said if name.startswith("gen_ai.")} == {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": MODEL,
        "gen_ai.request.seed": 7,
        "gen_ai.output.type": "image",
        "gen_ai.response.model": MODEL,
        "gen_ai.response.finish_reasons": ["STOP"],
        "gen_ai.response.time_to_first_chunk": said["gen_ai.response.time_to_first_chunk"],
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 1120,
        "gen_ai.usage.text.input_tokens": 5,
        "gen_ai.usage.image.input_tokens": 0,
        "gen_ai.usage.text.output_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 0,
    }
    assert (said["pisang.engine"], said["pisang.attempt"], said["pisang.images"]) == ("good", 2, 1)
    assert said["pisang.usage.image.output_tokens"] == 1120
    assert said["pisang.cost_usd"] == str(pisang.outcomes[0].bill.cost.dollars)
    assert said["pisang.hold"].startswith("hold_")
    assert said["pisang.route"]
    assert (said["pisang.surface"], said["pisang.size"]) == ("gemini_api", "1K")


async def test_an_upstream_can_go_on_with_the_trace(tmp_path: Path, collected: Collector) -> None:
    async with (
        upstream(error(503, "busy", word="UNAVAILABLE"), GOOD) as there,
        routed(tmp_path / "data", {"a": google(there.url), "b": google(there.url)}) as pisang,
    ):
        await pisang.post(ADDRESS, BODY, traceparent=f"00-{_TRACE}-{_PARENT}-01")
    _, first, second = collected.spans
    assert [asked.headers["traceparent"] for asked in there.requests] == [
        f"00-{_TRACE}-{first.id}-01",
        f"00-{_TRACE}-{second.id}-01",
    ]


async def test_where_nobody_traces_no_upstream_hears_of_it(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}, traces="off") as pisang,
    ):
        await pisang.post(ADDRESS, BODY, traceparent=f"00-{_TRACE}-{_PARENT}-01")
    assert "traceparent" not in there.requests[0].headers


_CHATTED = {"model": MODEL, "messages": [{"role": "user", "content": "a field"}], "stream": True}
_ANSWERED = {"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]}
_TALKED = {"id": "chatcmpl-7", "choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    ("engine", "address", "body", "id_"),
    [
        (google, ADDRESS.replace(":g", ":streamG") + "?alt=sse", json.loads(BODY), "r-7"),
        (openai, "/v1/chat/completions", _CHATTED, "chatcmpl-7"),
    ],
)
async def test_a_stream_and_the_name_of_its_answer_are_told(
    engine: Any, address: str, body: Any, id_: str, tmp_path: Path, collected: Collector
) -> None:
    said = _ANSWERED | {"responseId": "r-7"} if engine is google else _TALKED
    profile = () if engine is google else ("chat-images",)
    async with (
        upstream(sse(said)) as there,
        routed(tmp_path / "data", {"x": engine(there.url, *profile)}) as pisang,
    ):
        key = {} if engine is google else {"authorization": f"Bearer {pisang.key}"}
        reply = await pisang.post(address, json.dumps(body).encode(), **key)
        assert reply.status == 200, reply.body
    attempt = _one(collected.spans, "CLIENT")
    assert attempt.attributes["gen_ai.request.stream"] is True
    assert attempt.attributes["gen_ai.response.id"] == id_


@pytest.mark.parametrize(
    ("address", "before"),
    [
        ("/v1/responses", "previous_response_id"),
        ("/v1beta/interactions", "previous_interaction_id"),
    ],
)
async def test_a_conversation_has_the_name_by_which_it_goes_on(
    address: str, before: str, tmp_path: Path, collected: Collector
) -> None:
    async with server(tmp_path / "data") as pisang:
        body = {"model": MODEL, "input": "a yellow field"}
        first = await post(pisang, address, body)
        assert first.status == 200, first.body
        second = await post(pisang, address, body | {before: first.json["id"]})
        assert second.status == 200, second.body
    attempts = [span for span in collected.spans if span.kind == "INTERNAL"]
    assert [span.attributes["gen_ai.conversation.id"] for span in attempts] == [
        first.json["id"],
        first.json["id"],
    ]


async def test_no_prompt_no_picture_and_no_key_is_in_a_trace(
    tmp_path: Path, collected: Collector
) -> None:
    async with (
        upstream(GOOD) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        await pisang.post(f"{ADDRESS}?key={pisang.key}", BODY)
        key = pisang.key
    sent = collected.bodies
    assert MODEL.encode() in sent
    for secret in (b"a field", PICTURE[:60].encode(), key.encode(), b"upstream-key-1"):
        assert secret not in sent


async def test_an_engine_of_ours_is_internal(tmp_path: Path, collected: Collector) -> None:
    async with server(tmp_path / "data") as pisang:
        assert (await post(pisang, generate())).status == 200
    request, attempt = collected.spans
    assert attempt.kind == "INTERNAL"
    assert attempt.attributes["gen_ai.provider.name"] == "pisang.sketch"
    assert attempt.attributes["pisang.rehearsal"] is True
    assert not attempt.attributes.keys() & _SERVER
    assert not request.parent


async def test_what_is_refused_has_a_span_without_attempts(
    tmp_path: Path, collected: Collector
) -> None:
    async with server(tmp_path / "data") as pisang:
        assert (await post(pisang, generate("nope"))).status == 404
        assert (await get(pisang, "/nowhere")).status == 404
    refused, nowhere = collected.spans
    assert refused.attributes["http.response.status_code"] == 404
    assert not refused.failed  # it is the caller's mistake
    assert nowhere.name == "GET"
    assert "http.route" not in nowhere.attributes


@pytest.mark.parametrize(
    ("setting", "environ", "on"),
    [
        ("auto", {}, False),
        ("auto", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://there"}, True),
        ("auto", {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://there"}, True),
        ("auto", {"OTEL_TRACES_EXPORTER": "console"}, True),
        ("auto", {"OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OTEL_TRACES_EXPORTER": "none"}, False),
        ("auto", {"OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OTEL_SDK_DISABLED": "true"}, False),
        ("off", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://there"}, False),
        ("on", {}, True),
    ],
)
def test_the_setting_or_opentelemetrys_own_variables_turn_it_on(
    setting: str, environ: dict[str, str], on: bool
) -> None:
    assert traces.wanted(Settings(traces=setting).traces, environ) is on


def test_without_the_libraries_the_server_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match=r"pisang\[telemetry\]"):
        traces.opened({})


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
)
def test_a_way_out_that_nobody_here_knows_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        traces.opened({name: value})


async def test_work_that_goes_on_after_its_answer_is_in_the_same_trace(
    tmp_path: Path, collected: Collector
) -> None:
    body = {"model": MODEL, "input": "a yellow field", "background": True}
    async with server(tmp_path / "data") as pisang:
        begun = await post(pisang, "/v1beta/interactions", body)
        assert begun.status == 200, begun.body
        address = f"/v1beta/interactions/{begun.json['id']}"
        for _ in range(1000):
            if (await get(pisang, address)).json["status"] == "completed":
                break
            await asyncio.sleep(0.01)
    request = next(span for span in collected.spans if span.name.startswith("POST"))
    (attempt,) = (span for span in collected.spans if span.kind == "INTERNAL")
    assert attempt.parent == request.id
    assert attempt.attributes["pisang.images"] == 1
