"""Vertex AI's addresses: whose project and which location they name, what they answer."""

from datetime import datetime
from typing import Any

import pytest

from pisang.accounts import projects
from pisang.testing import Server, server
from tests.path.asgi import MODEL, PROMPT, Reply, call, generate, get, post

PROJECT = "default"
PARENT = f"/projects/{PROJECT}/locations/global"
PUBLISHER = "/publishers/google/models"
REGIONAL = f"/v1/projects/{PROJECT}/locations/us-central1{PUBLISHER}/{MODEL}"
GLOBAL = f"/v1{PARENT}{PUBLISHER}/{MODEL}"
KIND, TIER = "X-Vertex-AI-LLM-Request-Type", "X-Vertex-AI-LLM-Shared-Request-Type"


def info(reply: Reply) -> dict[str, Any]:
    return next(d for d in reply.error["details"] if d["@type"].endswith("ErrorInfo"))


@pytest.mark.parametrize(
    "address",
    [
        f"/v1{PARENT}{PUBLISHER}/{MODEL}:generateContent",
        f"/v1beta1{PARENT}{PUBLISHER}/{MODEL}:generateContent",
        f"/v1beta1/projects/{PROJECT}/locations/europe-west4{PUBLISHER}/{MODEL}:generateContent",
        f"/v1/projects/{PROJECT}/locations/eu{PUBLISHER}/{MODEL}:generateContent",
        f"/v1{PUBLISHER}/{MODEL}:generateContent",
        f"/v1beta1{PUBLISHER}/{MODEL}%3AgenerateContent",
        f"/v1{PUBLISHER}/{MODEL}%40default:generateContent",
        f"{PUBLISHER}/{MODEL}:generateContent",
        f"{PARENT}{PUBLISHER}/{MODEL}:generateContent",
    ],
)
async def test_a_picture_is_made_at_every_address(pisang: Server, address: str) -> None:
    reply = await post(pisang, address)
    assert reply.status == 200
    said = reply.json
    assert said["candidates"][0]["content"]["parts"][-1]["inlineData"]["data"]
    assert said["usageMetadata"]["trafficType"] == "ON_DEMAND"
    assert "serviceTier" not in said["usageMetadata"]
    assert datetime.fromisoformat(said["createTime"]).tzinfo is not None
    assert reply.headers["x-pisang-model"] == MODEL
    assert "x-gemini-service-tier" not in reply.headers


async def test_a_stream_says_the_same_in_every_chunk(pisang: Server) -> None:
    chunks = (await post(pisang, f"{GLOBAL}:streamGenerateContent")).json
    assert {chunk["createTime"] for chunk in chunks} == {chunks[0]["createTime"]}
    assert chunks[-1]["usageMetadata"]["trafficType"] == "ON_DEMAND"
    sse = await post(pisang, f"{GLOBAL}:streamGenerateContent?alt=sse")
    assert sse.headers["content-type"] == "text/event-stream"
    assert sse.body.startswith(b"data: {")


async def test_the_project_may_be_named_by_its_number(pisang: Server) -> None:
    async with pisang.app.database.read() as connection:
        project = await projects.find(connection, PROJECT)
    number = f"/v1/projects/{project.number}/locations/global{PUBLISHER}/{MODEL}:countTokens"
    assert (await post(pisang, number)).status == 200


@pytest.mark.parametrize("verb", ["generateContent", "countTokens", "computeTokens"])
async def test_another_project_is_denied_whether_or_not_it_exists(
    pisang: Server, verb: str
) -> None:
    async with pisang.app.database.write() as connection:
        await projects.ensure(connection, "other")
    said = []
    for name in ("other", "nowhere"):
        reply = await post(
            pisang, f"/v1/projects/{name}/locations/global{PUBLISHER}/{MODEL}:{verb}"
        )
        assert (reply.status, reply.error["status"]) == (403, "PERMISSION_DENIED")
        assert "Permission 'aiplatform.endpoints.predict' denied" in reply.error["message"]
        said.append(reply.error["message"].replace(name, "X"))
    assert said[0] == said[1]


async def test_a_location_that_is_none_answers_as_a_model_that_is_not_there(
    pisang: Server,
) -> None:
    where = f"projects/{PROJECT}/locations/mars-north1/publishers/google/models/{MODEL}"
    reply = await post(pisang, f"/v1/{where}:generateContent")
    assert (reply.status, reply.error["status"]) == (404, "NOT_FOUND")
    assert reply.error["message"].startswith(f"Publisher Model `{where}` was not found")
    assert "use global" in reply.error["message"]
    models = await get(pisang, f"/v1/projects/{PROJECT}/locations/mars-north1/models")
    assert (models.status, "use global" in models.error["message"]) == (404, True)


async def test_a_model_that_is_none_is_named_in_full(pisang: Server) -> None:
    reply = await post(pisang, f"/v1{PARENT}{PUBLISHER}/none:generateContent")
    assert (reply.status, info(reply)["reason"]) == (404, "MODEL_NOT_FOUND")
    path = f"projects/{PROJECT}/locations/global/publishers/google/models/none"
    assert reply.error["message"].startswith(f"Publisher Model `{path}` was not found")


async def test_without_a_credential_google_wants_a_token(pisang: Server) -> None:
    reply = await post(pisang, f"{GLOBAL}:generateContent", key="")
    assert (reply.status, reply.error["status"]) == (401, "UNAUTHENTICATED")
    assert info(reply)["metadata"]["service"] == "aiplatform.googleapis.com"
    bad = await post(pisang, f"{GLOBAL}:generateContent", key="psk_no")
    assert (bad.status, info(bad)["metadata"]["service"]) == (400, "aiplatform.googleapis.com")


@pytest.mark.parametrize(
    ("address", "sent", "body", "traffic"),
    [
        (GLOBAL, {}, {}, "ON_DEMAND"),
        (GLOBAL, {KIND: "shared"}, {}, "ON_DEMAND"),
        (GLOBAL, {TIER: "flex"}, {}, "ON_DEMAND_FLEX"),
        (GLOBAL, {KIND: "shared", TIER: "flex"}, {}, "ON_DEMAND_FLEX"),
        (GLOBAL, {KIND: "shared", TIER: "priority"}, {}, "ON_DEMAND_PRIORITY"),
        (GLOBAL, {TIER: "standard"}, {}, "ON_DEMAND"),
        (GLOBAL, {}, {"serviceTier": "flex"}, "ON_DEMAND_FLEX"),
        (GLOBAL, {TIER: "flex"}, {"serviceTier": "FLEX"}, "ON_DEMAND_FLEX"),
        (f"/v1{PUBLISHER}/{MODEL}", {TIER: "flex"}, {}, "ON_DEMAND_FLEX"),
        (REGIONAL, {KIND: "shared", TIER: "flex"}, {}, "ON_DEMAND"),
        (REGIONAL, {TIER: "flex"}, {"serviceTier": "priority"}, "ON_DEMAND"),
    ],
)
async def test_headers_say_which_traffic_it_is(
    pisang: Server, address: str, sent: dict[str, str], body: dict[str, str], traffic: str
) -> None:
    reply = await post(pisang, f"{address}:generateContent", {**PROMPT, **body}, headers=sent)
    assert reply.status == 200
    assert reply.json["usageMetadata"]["trafficType"] == traffic


@pytest.mark.parametrize(
    ("address", "sent", "body", "status", "told"),
    [
        (GLOBAL, {TIER: "fast"}, {}, 400, "flex or priority or standard"),
        (GLOBAL, {KIND: "mine"}, {}, 400, "shared or dedicated"),
        (GLOBAL, {KIND: "dedicated", TIER: "flex"}, {}, 400, "contradict"),
        (GLOBAL, {TIER: "flex"}, {"serviceTier": "priority"}, 400, "serviceTier"),
        (GLOBAL, {KIND: "dedicated"}, {}, 429, "Exceeded the Provisioned Throughput."),
        (REGIONAL, {KIND: "dedicated", TIER: "flex"}, {}, 429, "Provisioned Throughput"),
    ],
)
async def test_headers_that_cannot_be_served_say_why(
    pisang: Server,
    address: str,
    sent: dict[str, str],
    body: dict[str, str],
    status: int,
    told: str,
) -> None:
    reply = await post(pisang, f"{address}:generateContent", {**PROMPT, **body}, headers=sent)
    assert reply.status == status
    assert told in reply.error["message"]


async def test_the_headers_mean_nothing_on_the_gemini_api(pisang: Server) -> None:
    reply = await post(pisang, generate(), headers={KIND: "dedicated", TIER: "nonsense"})
    assert reply.status == 200
    assert reply.json["usageMetadata"]["serviceTier"] == "standard"


async def test_tokens_are_counted_and_computed_alike(pisang: Server) -> None:
    counted = (await post(pisang, f"{GLOBAL}:countTokens")).json
    assert counted["totalBillableCharacters"] == len("ayellowfield")
    computed = (await post(pisang, f"{GLOBAL}:computeTokens")).json
    (row,) = computed["tokensInfo"]
    assert row["role"] == "user"
    assert len(row["tokens"]) == len(row["tokenIds"]) == counted["totalTokens"]
    assert (await post(pisang, f"{GLOBAL}:computeTokens")).json == computed
    drawn = (await post(pisang, f"{GLOBAL}:generateContent")).json
    assert drawn["usageMetadata"]["promptTokenCount"] == counted["totalTokens"]
    assert (await post(pisang, f"{GLOBAL}:computeTokens", {})).status == 400


async def test_publisher_models_are_listed_in_pages(pisang: Server) -> None:
    whole = (await get(pisang, f"/v1beta1{PUBLISHER}")).json["publisherModels"]
    assert whole[0]["name"] == "publishers/google/models/gemini-nano-banana-2.1"
    first = (await get(pisang, f"/v1{PUBLISHER}?pageSize=2")).json
    token = first["nextPageToken"]
    rest = (await get(pisang, f"/v1beta1{PUBLISHER}?pageToken={token}&filter=x")).json
    assert first["publisherModels"] + rest["publisherModels"] == whole
    assert (await get(pisang, f"/v1{PUBLISHER}?pageSize=many")).status == 400


async def test_the_preflight_of_vertexai_finds_what_it_reads(pisang: Server) -> None:
    reply = await get(pisang, f"/v1{PUBLISHER}/imagen-3.0-generate-001")
    assert reply.status == 200
    name = "publishers/google/models/imagen-3.0-generate-001"
    assert reply.json == {
        "name": name,
        "versionId": "default",
        "openSourceCategory": "PROPRIETARY",
        "launchStage": "GA",
        "publisherModelTemplate": "projects/{user-project}/locations/{location}/"
        f"{name}@default",
        "predictSchemata": {
            "instanceSchemaUri": "gs://google-cloud-aiplatform/schema/predict/instance/"
            "vision_generative_model_1.0.0.yaml"
        },
    }
    assert "shut down" in reply.headers["x-pisang-notice"]
    gemini = await get(pisang, f"/v1beta1{PARENT}{PUBLISHER}/{MODEL}@default")
    assert gemini.json["name"] == f"publishers/google/models/{MODEL}"
    assert "predictSchemata" not in gemini.json
    missing = await get(pisang, f"/v1{PUBLISHER}/none")
    assert missing.status == 404
    assert missing.error["message"].startswith("Publisher Model `publishers/google/models/none`")


@pytest.mark.parametrize("asked", ["imagegeneration@006", "imagegeneration@002"])
async def test_the_preflights_template_leads_to_the_version_that_was_asked_for(
    pisang: Server, asked: str
) -> None:
    found = (await get(pisang, f"/v1{PUBLISHER}/{asked}")).json
    assert found["name"] == "publishers/google/models/imagegeneration"
    assert found["versionId"] == asked[-3:]
    assert found["publisherModelTemplate"].endswith(f"/publishers/google/models/{asked}")
    body = {"instances": [{"prompt": "a fox"}]}
    assert (await post(pisang, f"/v1{PARENT}{PUBLISHER}/{asked}:predict", body)).status == 200


async def test_strict_compatibility_knows_no_dead_imagen(tmp_path: Any) -> None:
    async with server(tmp_path / "s", compatibility="strict") as strict:
        reply = await get(strict, f"/v1{PUBLISHER}/imagen-3.0-generate-001")
        assert reply.status == 404
        assert reply.error["message"].startswith("Publisher Model `")


async def test_there_are_no_tuned_models(pisang: Server) -> None:
    assert (await get(pisang, f"/v1{PARENT}/models")).json == {}
    assert (await get(pisang, f"/v1beta1{PARENT}/models?pageSize=5")).json == {}
    assert (await get(pisang, "/v1beta1/models?pageSize=5")).json == {}  # in express mode
    assert (await call(pisang.app.asgi, "GET", "/v1beta1/models")).status == 401
    assert (await get(pisang, "/v1/projects/other/locations/global/models")).status == 403
    assert (await call(pisang.app.asgi, "GET", f"/v1{PARENT}/models")).status == 401


@pytest.mark.parametrize("verb", ["generateContent", "countTokens", "computeTokens"])
@pytest.mark.parametrize("body", [b"", b"[]", b'{"contents": 3}', b"\xff", b'{"tools": [1]}'])
async def test_no_body_gives_a_500(pisang: Server, verb: str, body: bytes) -> None:
    reply = await post(pisang, f"{GLOBAL}:{verb}", body)
    assert (reply.status, reply.error["status"]) == (400, "INVALID_ARGUMENT")
