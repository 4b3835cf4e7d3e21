"""Which addresses are served, in which spellings, and what the others are told."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from structlog.testing import capture_logs

from pisang.testing import Server, server
from tests.path.asgi import MODEL, PROMPT, call, generate, get, post


@pytest.mark.parametrize(
    "address",
    [
        f"/v1beta/models/{MODEL}%3AgenerateContent",
        f"//v1beta//models/{MODEL}:generateContent",
        f"/v1beta/models/{MODEL}:generateContent/",
        f"/v1beta/models/{MODEL}@default:generateContent",
        f"/v1beta/models/{MODEL}%40default:generateContent",
        f"{generate()}?prettyPrint=false&$.xgafv=2&quotaUser=me&fields=*&$alt=json",
    ],
)
async def test_spellings_of_the_same_address(pisang: Server, address: str) -> None:
    assert (await post(pisang, address)).status == 200


@pytest.mark.parametrize(
    ("method", "address", "told"),
    [
        ("POST", "/", "project= and location="),
        ("GET", "/", "Nothing is served"),
        ("POST", f"/v1beta/v1beta/models/{MODEL}:generateContent", "version stands"),
        ("POST", f"/v1/v1beta/models/{MODEL}:generateContent", "version stands"),
        ("POST", f"/models/{MODEL}:generateContent", "version is missing"),
        ("POST", "/v1/projects/p/locations/l/publishers/google/models/m:predict", "Vertex"),
        ("POST", "/v1/images/generations", "OpenAI"),
        ("POST", "/v1beta/openai/chat/completions", "OpenAI"),
        ("POST", "/upload/v1beta/files", "inlineData"),
        ("GET", "/v1beta/files", "inlineData"),
        ("POST", "/v1beta/cachedContents", "Cached contents"),
        ("POST", f"/v1beta/models/{MODEL}:batchGenerateContent", "Batches"),
        ("POST", "/v1beta/models/imagen-4.0-generate-001:predict", "predict"),
        ("POST", f"/v1beta/models/{MODEL}:sing", "no such method"),
        ("POST", f"/v1beta/models/{MODEL}", "models/ID:generateContent"),
    ],
)
async def test_an_address_that_is_none_says_why(
    pisang: Server, method: str, address: str, told: str
) -> None:
    sent = {"x-goog-api-key": pisang.key}
    reply = await call(pisang.app.asgi, method, address, headers=sent)
    assert reply.status == 404
    assert reply.error["status"] == "NOT_FOUND"
    assert told in reply.error["message"]


async def test_a_wrong_method_names_the_right_one(pisang: Server) -> None:
    for method, address, allowed in (
        ("GET", generate(), "POST"),
        ("OPTIONS", generate(), "POST"),
        ("DELETE", "/v1/models", "GET, HEAD"),
    ):
        reply = await call(pisang.app.asgi, method, address)
        assert (reply.status, reply.headers["allow"]) == (405, allowed)
        assert (reply.error["code"], reply.error["status"]) == (405, "UNIMPLEMENTED")
        assert f"send {allowed}" in reply.error["message"]


async def test_no_other_site_may_read_answers(pisang: Server) -> None:
    reply = await get(pisang, "/v1/models", origin="https://elsewhere.example")
    assert not any(name.startswith("access-control") for name in reply.headers)


async def test_models_are_listed_in_pages(pisang: Server) -> None:
    whole = (await get(pisang, "/v1beta/models")).json["models"]
    assert whole[0]["name"] == "models/gemini-nano-banana-2.1"
    first = (await get(pisang, "/v1beta/models?pageSize=2")).json
    rest = (await get(pisang, f"/v1/models?page_token={first['nextPageToken']}")).json
    assert first["models"] + rest["models"] == whole
    assert (await get(pisang, "/v1/models?pageSize=x")).status == 400
    one = (await get(pisang, f"/v1/models/{MODEL}")).json
    assert one in whole
    assert (await get(pisang, "/v1/models/none")).status == 404
    assert (await get(pisang, "/v1beta/tunedModels")).json == {}


BROKEN = {"mimeType": "image/png", "data": "AAAA"}


async def test_tokens_are_counted_as_the_answer_will_count_them(pisang: Server) -> None:
    counted = await post(pisang, f"/v1/models/{MODEL}:countTokens")
    made = await post(pisang, generate())
    assert counted.json["totalTokens"] == made.json["usageMetadata"]["promptTokenCount"]
    whole = {"generateContentRequest": {"contents": [{"parts": [{"text": "a yellow field"}]}]}}
    nested = await post(pisang, f"/v1/models/{MODEL}:countTokens", whole)
    assert nested.json == counted.json


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**PROMPT, "size": 1}, 'Unknown name "size"'),
        ({"generateContentRequest": {**PROMPT, "size": 1}}, 'Unknown name "size"'),
        ({"generateContentRequest": PROMPT, "size": 1}, 'Unknown name "size"'),
        ({}, "contents is not specified"),
        ({"contents": [{"parts": []}]}, "contents[0].parts"),
        ({"contents": [{"parts": [{"inlineData": BROKEN}]}]}, "is not a picture"),
        ({"contents": [{"parts": [{"fileData": {"fileUri": "gs://b/c"}}]}]}, "gs://b/c"),
    ],
)
async def test_what_cannot_be_counted_is_refused_as_it_would_be_drawn(
    pisang: Server, body: dict[str, object], told: str
) -> None:
    counted = await post(pisang, f"/v1beta/models/{MODEL}:countTokens", body)
    assert counted.status == 400
    assert told in counted.error["message"]
    if "generateContentRequest" not in body:
        assert (await post(pisang, generate(), body)).error == counted.error


async def test_tokens_of_no_model_are_not_counted(pisang: Server) -> None:
    reply = await post(pisang, "/v1beta/models/none:countTokens")
    assert (reply.status, reply.error["status"]) == (404, "NOT_FOUND")


async def test_a_prefix_stands_before_every_address_but_the_probes(tmp_path: Path) -> None:
    async with server(tmp_path / "p", prefix="gemini/") as mounted:
        assert (await post(mounted, f"/gemini{generate()}")).status == 200
        assert (await get(mounted, "/healthz")).status == 200
        outside = await post(mounted, generate())
        assert outside.status == 404
        assert "prefix" in outside.error["message"]


async def test_strict_compatibility_answers_as_google_today(tmp_path: Path) -> None:
    async with server(tmp_path / "s", compatibility="strict") as strict:
        reply = await post(strict, generate("gemini-3-pro-image-preview"))
        assert reply.status == 404
        assert "was shut down on 2026-06-25" in reply.error["message"]


async def test_probes_need_no_key_and_readiness_names_the_reason(pisang: Server) -> None:
    for address in ("/healthz", "/readyz"):
        assert (await call(pisang.app.asgi, "GET", address)).json == {"status": "ok"}
    pisang.engine.closed = True
    reply = await call(pisang.app.asgi, "GET", "/readyz")
    assert reply.status == 503
    assert reply.json["reason"] == "The engine is shut down."


async def test_a_broken_database_is_told_to_the_log_and_not_to_callers(
    pisang: Server,
) -> None:
    async with pisang.app.database.write() as connection:
        await connection.execute(text("DROP TABLE keys"))
        await connection.execute(text("DROP TABLE projects"))
    folder = str(pisang.settings.data)
    with capture_logs() as logged:
        reply = await get(pisang, "/v1/models")
        ready = await call(pisang.app.asgi, "GET", "/readyz")
    assert reply.status == 500
    assert reply.error["details"][0]["reason"] == "STORE_ERROR"
    assert folder not in reply.body.decode()
    assert ready.status == 503
    assert folder not in ready.body.decode()
    told = [line for line in logged if "why" in line]
    assert len(told) == 2
    for line in told:
        assert "no such table" in line["why"]
        assert folder in line["why"]
        assert "exc_info" not in line


ROUTES = [
    generate(),
    f"/v1/models/{MODEL}:streamGenerateContent?alt=sse",
    f"/v1/models/{MODEL}:streamGenerateContent",
    f"/v1alpha/models/{MODEL}:countTokens",
    "/v1/models",
    "/v1/tunedModels",
    "/healthz",
]
FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["contents", "parts", "text", "role", "inlineData", "generationConfig"])
            | st.text(),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


async def test_no_body_gives_a_500(pisang: Server) -> None:
    @FUZZ
    @given(route=st.sampled_from(ROUTES), body=st.binary(max_size=200) | JSON_LIKE)
    def fuzz(route: str, body: object) -> None:
        cases.append((route, body))

    cases: list[tuple[str, object]] = []
    fuzz()
    for route, body in cases:
        reply = await post(pisang, route, body)
        assert 200 <= reply.status < 500, (route, body, reply.body)


async def test_no_path_query_or_header_gives_a_500(pisang: Server) -> None:
    letters = st.text(st.characters(codec="utf-8"), max_size=40)

    @FUZZ
    @given(path=letters, query=st.text(st.characters(max_codepoint=255), max_size=40))
    def fuzz(path: str, query: str) -> None:
        cases.append((path, query))

    cases: list[tuple[str, str]] = []
    fuzz()
    for path, query in cases:
        for start in ("/", "/v1/models/", f"/v1/models/{MODEL}:"):
            quoted = start + path.replace("?", "")
            reply = await call(
                pisang.app.asgi, "POST", f"{quoted}?{query}", headers={"x-goog-api-key": pisang.key}
            )
            assert 200 <= reply.status < 500, (quoted, query, reply.body)
