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


PUBLISHER = "/projects/default/locations/global/publishers/google"
GENERATE = f"{PUBLISHER}/models/{MODEL}:generateContent"
SAID = {"messages": []}


@pytest.mark.parametrize(
    ("method", "address", "told"),
    [
        ("POST", "/", "project= and location="),
        ("GET", "/", "Nothing is served"),
        ("GET", "/sdapi/v1/txt2img", "Nothing is served"),
        # A version too many, too few, or one of the other surface.
        ("POST", f"/v1beta/v1beta/models/{MODEL}:generateContent", "version stands"),
        ("POST", f"/v1/v1beta/models/{MODEL}:generateContent", "version stands"),
        ("POST", f"/v1beta/v1beta1{GENERATE}", "version stands"),
        ("GET", "/v1/v1/models", "version stands"),
        ("POST", f"/models/{MODEL}:generateContent", "version is missing"),
        ("GET", "/files/abc", "version is missing"),
        ("POST", f"/v1beta1/models/{MODEL}:generateContent", "version of Vertex AI"),
        ("GET", "/v1beta1/files", "version of Vertex AI"),
        ("POST", f"/v1beta{GENERATE}", "path of Vertex AI"),
        ("POST", f"/v1alpha/publishers/google/models/{MODEL}:generateContent", "path of Vertex AI"),
        # Something before the version that the server does not have.
        ("POST", f"/proxy/gemini{generate()}", "'/proxy/gemini' stands before"),
        ("POST", f"/api/v1{GENERATE}", "'/api' stands before"),
        ("POST", f"/v1/projects/p/locations/l/v1beta1{GENERATE}", "stands before"),
        # What Vertex AI has and is not here.
        ("POST", "/v1/projects/p/locations/l/endpoints/7:generateContent", "no endpoints"),
        ("GET", "/v1/projects/p/locations/l/models/7", "no tuned models"),
        ("POST", "/v1/projects/p/locations/l/batchPredictionJobs", "Batches"),
        ("POST", "/v1/projects/p/locations/l/batchPredictionJobs/7:cancel", "Batches"),
        ("GET", "/v1/projects/p/locations/l/operations/7", "long-running"),
        ("POST", f"/v1{PUBLISHER}/models/veo-3:fetchPredictOperation", "Video"),
        ("POST", f"/v1{PUBLISHER}/models/veo-3:predictLongRunning", "ideo"),
        ("POST", f"/v1{PUBLISHER}/models/{MODEL}:rawPredict", "computeTokens and"),
        ("GET", f"/v1{PUBLISHER}", "MODEL:generateContent"),
        ("POST", "/v1/publishers/anthropic/models/x:rawPredict", "publisher google"),
        ("POST", f"/v1/projects/p/models/{MODEL}:generateContent", "a project and a location"),
        ("GET", "/v1/projects", "a project and a location"),
        # What the Gemini API has and is not here.
        ("GET", "/v1beta/tunedModels/x", "tuned models"),
        ("POST", "/v1beta/corpora/x/documents:query", "Only pictures"),
        ("POST", f"/v1beta/models/{MODEL}:batchGenerateContent", "Batches"),
        ("POST", f"/v1beta/models/{MODEL}:computeTokens", "Only Vertex AI"),
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


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/chat/completions", "http://127.0.0.1:8787/v1"),
        ("/images/generations", "http://127.0.0.1:8787/v1"),
        ("/v1beta/chat/completions", "below /v1beta/openai"),
        ("/v1alpha/images/edits", "below /v1beta/openai"),
        ("/openai/chat/completions", "version is missing before /openai"),
        ("/openai/v1/chat/completions", "no version after /openai"),
        ("/v1/openai/v1/chat/completions", "no version after /openai"),
        ("/v1beta/openai/v1beta/images/generations", "no version after /openai"),
        ("/v1/v1beta/openai/chat/completions", "version stands"),
        ("/v1beta/v1/chat/completions", "version stands"),
        ("/v1/v1/images/generations", "version stands"),
        ("/v1/audio/speech", "Only pictures"),
        ("/v1/vector_stores", "Only pictures"),
        ("/v1/conversations", "Only pictures"),
        ("/v1/uploads", "POST /v1/files"),
    ],
)
async def test_an_openai_client_reads_why_its_address_is_none(
    pisang: Server, address: str, told: str
) -> None:
    sent = {"authorization": f"Bearer {pisang.key}"}
    reply = await call(pisang.app.asgi, "POST", address, headers=sent)
    assert reply.status == 404
    error = reply.json["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", None)
    assert told in error["message"]


async def test_openais_layer_of_vertex_ai_is_not_here_and_says_what_is(pisang: Server) -> None:
    for version in ("v1", "v1beta1"):
        address = f"/{version}/projects/p/locations/l/endpoints/openapi/chat/completions"
        reply = await post(pisang, address, SAID)
        assert reply.status == 404
        assert "/v1beta/openai" in reply.error["message"]


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("AIzaSyD-not-a-real-key-000000000000000000", "API key of Google's"),
        ("ya29.a0AfB_not_a_real_token", "access token of Google's"),
        ("sk-proj-not-a-real-key", "API key of OpenAI's"),
        ('{"type": "service_account", "private_key": "x"}', "GOOGLE_APPLICATION_CREDENTIALS"),
        ("/home/me/key.json", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("Bearer psk_x", "The word Bearer"),
        ('"psk_x"', "quotation marks"),
        ("$GEMINI_API_KEY", "placeholder"),
        ("YOUR_API_KEY", "placeholder"),
        ("undefined", "placeholder"),
        ("key_01hq", "id of a key"),
    ],
)
async def test_a_key_of_another_kind_is_named_and_never_repeated(
    pisang: Server, secret: str, told: str
) -> None:
    native = await post(pisang, generate(), key=secret)
    assert (native.status, native.error["status"]) == (400, "INVALID_ARGUMENT")
    assert native.error["message"].startswith("API key not valid. Please pass a valid API key. ")
    bearer = {"authorization": f"Bearer {secret}"}
    openai = await call(pisang.app.asgi, "POST", "/v1/chat/completions", headers=bearer)
    vertex = await call(pisang.app.asgi, "POST", f"/v1{GENERATE}", headers=bearer)
    assert (openai.status, vertex.status) == (401, 401)
    for reply in (native, openai, vertex):
        message = reply.json["error"]["message"]
        assert told in message
        assert len(secret) < 10 or secret not in message


@pytest.mark.parametrize(
    "address",
    [
        "/v1beta/cachedContents",
        "/v1/cachedContents/abc",
        "/v1beta1/projects/default/locations/us-central1/cachedContents",
    ],
)
async def test_nothing_is_cached_and_that_is_a_precondition(pisang: Server, address: str) -> None:
    sent = {"x-goog-api-key": pisang.key}
    for method in ("POST", "GET", "DELETE"):
        reply = await call(pisang.app.asgi, method, address, headers=sent)
        assert (reply.status, reply.error["status"]) == (400, "FAILED_PRECONDITION")
        assert "Send the contents themselves" in reply.error["message"]
    assert (await call(pisang.app.asgi, "GET", address)).status in (401, 403)


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
    one = (await get(pisang, f"/v1beta/models/{MODEL}")).json
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
        ({"contents": [{"parts": [{"fileData": {"fileUri": "gs://bucket/c"}}]}]}, "bucket"),
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
    f"/v1{GENERATE}",
    f"/v1beta1/publishers/google/models/{MODEL}:streamGenerateContent",
    f"/v1/publishers/google/models/{MODEL}:countTokens",
    f"/v1/publishers/google/models/{MODEL}:computeTokens",
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
        for start in (
            "/",
            "/v1/models/",
            f"/v1/models/{MODEL}:",
            "/v1/projects/",
            "/v1/projects/default/locations/",
            "/v1beta1/publishers/google/models/",
        ):
            quoted = start + path.replace("?", "")
            reply = await call(
                pisang.app.asgi, "POST", f"{quoted}?{query}", headers={"x-goog-api-key": pisang.key}
            )
            assert 200 <= reply.status < 500, (quoted, query, reply.body)
