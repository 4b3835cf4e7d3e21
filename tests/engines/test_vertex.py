"""Vertex AI as an engine: where a request goes, in whose name, and in which variant."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pisang.catalog.models import catalog
from pisang.core.content import Content, Part, Role
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, ImageConfig, SafetySetting, ServiceTier
from pisang.core.upstream import Broken, Dialect
from pisang.engines import registry
from pisang.engines.base import Forward, Upstream, UpstreamFault, server_of
from pisang.engines.registry import Config, ConfigError, Means
from pisang.engines.vertex import Endpoint, VertexEngine
from tests.upstream import Received, Script, error, upstream, whole
from tests.upstream import Upstream as There

MEANS = Means(secret=b"s")
MODEL = "gemini-3-pro-image"
KEY = "AIzaSy-secret-of-ours"
FINISHED: dict[str, Any] = {"candidates": [{"finishReason": "STOP"}], "modelVersion": MODEL}


@pytest.fixture(scope="module")
def private_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def key_file(folder: Path, private_key: str, token_uri: str, **more: object) -> Path:
    file = folder / "sa.json"
    told: dict[str, object] = {
        "type": "service_account",
        "project_id": "of-the-file",
        "private_key_id": "1",
        "private_key": private_key,
        "client_email": "me@of-the-file.iam.gserviceaccount.com",
        "token_uri": token_uri,
    }
    file.write_text(json.dumps(told | more))
    return file


def token(value: str = "ya29.the-token", seconds: int = 3600) -> Any:
    return whole({"access_token": value, "expires_in": seconds, "token_type": "Bearer"})


def built(**config: Any) -> VertexEngine:
    (made,) = registry.build("vertex", Config(name="cloud", **config), MEANS)
    assert isinstance(made, VertexEngine)
    return made


@asynccontextmanager
async def express(*script: Script, **config: Any) -> AsyncIterator[tuple[VertexEngine, There]]:
    async with upstream(*script) as there:
        made = built(api_keys=(KEY,), base_url=there.url, **config)
        yield made, there
        await made.close()


def sent(**more: Any) -> Forward:
    fields: dict[str, Any] = {"model": MODEL, "method": "generateContent", "body": (b"{}",)}
    return Forward(dialect=Dialect.GEMINI, **fields | more)


async def drawn(made: Upstream, **more: Any) -> None:
    card = catalog().get(MODEL)
    assert card is not None
    asked = GenerateRequest(
        model=MODEL, contents=(Content(Role.USER, (Part(text="a fox"),)),), **more
    )
    canvas = Canvas(1024, 1024, "1:1", "1K")
    assert [event async for event in made.generate(asked, card=card, canvas=canvas)]


async def passed(made: Upstream, **more: Any) -> None:
    passing = await made.forward(sent(**more))
    assert [chunk async for chunk in passing.chunks]


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("global", "https://aiplatform.googleapis.com"),
        ("europe-west4", "https://europe-west4-aiplatform.googleapis.com"),
        ("us", "https://aiplatform.us.rep.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
    ],
)
def test_every_location_has_its_host(location: str, host: str) -> None:
    assert Endpoint(location=location).host == host
    made = built(api_keys=(KEY,), location=location)
    assert isinstance(made, Upstream)
    assert (made.vertex, made.keeps_dates) == (True, True)
    assert server_of(made) == (host.removeprefix("https://"), 443)


async def test_express_mode_names_no_project() -> None:
    async with express(whole("{}")) as (made, there):
        await passed(made, version="v1", query={"alt": "sse"}, method="streamGenerateContent")
        assert not made.keeps_dates
    (got,) = there.requests
    assert got.target == f"/v1/publishers/google/models/{MODEL}:streamGenerateContent?alt=sse"
    assert got.headers["x-goog-api-key"] == KEY
    assert "authorization" not in got.headers


async def test_a_key_with_a_project_names_it() -> None:
    async with express(whole("{}"), project="mine", location="us-central1") as (made, there):
        await passed(made, model="imagen-3.0-generate-001@default", method="predict")
    assert there.requests[0].target == (
        "/v1beta1/projects/mine/locations/us-central1/publishers/google/models/"
        "imagen-3.0-generate-001%40default:predict"
    )


@pytest.mark.parametrize("as_text", [False, True])
async def test_a_service_account_asks_in_the_name_of_its_project(
    tmp_path: Path, private_key: str, as_text: bool
) -> None:
    async with upstream(token()) as tokens, upstream(whole("{}")) as there:
        file = key_file(tmp_path, private_key, f"{tokens.url}/token")
        written = file.read_text() if as_text else str(file)
        made = built(credentials=written, base_url=there.url)
        for _ in range(3):
            await passed(made)
        await made.close()
    assert len(tokens.requests) == 1
    assert len(there.requests) == 3
    got = there.requests[0]
    assert got.target == (
        f"/v1beta1/projects/of-the-file/locations/global/publishers/google/models/{MODEL}"
        ":generateContent"
    )
    assert got.headers["authorization"] == "Bearer ya29.the-token"
    assert b"grant-type%3Ajwt-bearer" in tokens.requests[0].body


async def test_the_project_of_the_configuration_comes_first(
    tmp_path: Path, private_key: str
) -> None:
    async with upstream(token()) as tokens, upstream(whole("{}")) as there:
        file = key_file(tmp_path, private_key, tokens.url)
        made = built(credentials=str(file), base_url=there.url, project="other", location="eu")
        await passed(made)
        await made.close()
    assert there.requests[0].target.startswith("/v1beta1/projects/other/locations/eu/")


async def test_an_account_without_a_project_is_told_to_name_one(
    tmp_path: Path, private_key: str
) -> None:
    async with upstream(token()) as tokens:
        file = key_file(tmp_path, private_key, tokens.url, project_id="")
        made = built(credentials=str(file))
        with pytest.raises(UpstreamFault, match="project = ") as caught:
            await made.forward(sent())
        await made.close()
    assert caught.value.symptom.broken is Broken.CREDENTIALS


async def test_a_token_that_the_upstream_refuses_is_replaced_once(
    tmp_path: Path, private_key: str
) -> None:
    def serve(received: Received) -> Any:
        fresh = received.headers["authorization"] == "Bearer fresh-token"
        return whole("{}") if fresh else error(401, "old", word="UNAUTHENTICATED")

    once = (token("stale-token"), token("fresh-token"))
    async with upstream(*once) as tokens, upstream(serve) as there:
        file = key_file(tmp_path, private_key, tokens.url)
        made = built(credentials=str(file), base_url=there.url)
        await passed(made)
        await made.close()
    assert [len(tokens.requests), len(there.requests)] == [2, 2]


async def test_an_account_that_nobody_knows_is_asked_twice_and_no_more(
    tmp_path: Path, private_key: str
) -> None:
    async with upstream(token()) as tokens, upstream(error(401, "who?")) as there:
        file = key_file(tmp_path, private_key, tokens.url)
        made = built(credentials=str(file), base_url=there.url)
        with pytest.raises(UpstreamFault) as caught:
            await made.forward(sent())
        await made.close()
    assert caught.value.symptom.status == 401
    assert len(there.requests) == 2


async def test_our_token_is_in_no_answer_that_repeats_it(tmp_path: Path, private_key: str) -> None:
    refusal = error(403, "ya29.the-token may not")
    async with upstream(token()) as tokens, upstream(refusal) as there:
        file = key_file(tmp_path, private_key, tokens.url)
        made = built(credentials=str(file), base_url=there.url)
        with pytest.raises(UpstreamFault) as caught:
            await made.forward(sent())
        await made.close()
    assert b"******** may not" in caught.value.symptom.body


async def test_who_waits_for_a_token_waits_no_longer_than_they_have(
    tmp_path: Path, private_key: str
) -> None:
    async with upstream((0.5, *token())) as tokens:
        made = built(credentials=str(key_file(tmp_path, private_key, tokens.url)))
        with pytest.raises(UpstreamFault) as caught:
            await made.forward(sent(seconds=0.1))
        assert caught.value.symptom.broken is Broken.TIMEOUT
        await made.close()


@pytest.mark.parametrize(
    ("tier", "header"),
    [
        (ServiceTier.FLEX, "flex"),
        (ServiceTier.PRIORITY, "priority"),
        (ServiceTier.STANDARD, None),
        (None, None),
    ],
)
async def test_a_tier_travels_in_a_header(tier: ServiceTier | None, header: str | None) -> None:
    async with express(whole(FINISHED)) as (made, there):
        await drawn(made, service_tier=tier)
    (got,) = there.requests
    assert got.headers.get("x-vertex-ai-llm-shared-request-type") == header
    assert "serviceTier" not in got.json


async def test_what_only_vertex_ai_knows_is_sent() -> None:
    image = ImageConfig(prominent_people="BLOCK_PROMINENT_PEOPLE", mime_type="image/png")
    safety = (SafetySetting("HARM_CATEGORY_IMAGE_HATE", "OFF"),)
    async with express(whole(FINISHED)) as (made, there):
        await drawn(made, image=image, safety=safety)
    body = there.requests[0].json
    assert body["generationConfig"]["imageConfig"] == {
        "prominentPeople": "BLOCK_PROMINENT_PEOPLE",
        "imageOutputOptions": {"mimeType": "image/png"},
    }
    assert body["safetySettings"][0]["category"] == "HARM_CATEGORY_IMAGE_HATE"


async def test_a_probe_counts_one_word_or_looks_a_model_up() -> None:
    async with express(whole({"totalTokens": 1}), project="mine") as (made, there):
        await made.probe(MODEL)
        await made.probe("imagen-4.0-generate-001")
    first, second = there.requests
    assert first.target.endswith(
        f"/projects/mine/locations/global/publishers/google/models/{MODEL}:countTokens"
    )
    assert first.json["contents"][0]["parts"] == [{"text": "a"}]
    assert (second.method, second.target) == (
        "GET",
        "/v1beta1/publishers/google/models/imagen-4.0-generate-001",
    )


async def test_a_caller_who_leaves_stops_the_model() -> None:
    async with express((60.0,)) as (made, there):
        task = asyncio.create_task(passed(made))
        await asyncio.wait_for(there.asked.wait(), 5)
        task.cancel()
        await asyncio.wait_for(there.hung_up.wait(), 5)
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("config", "field", "says"),
    [
        ({}, "credentials", "Say who asks"),
        ({"api_keys": ("k",), "credentials": "adc"}, "credentials", "not both"),
        ({"api_keys": ("k",), "location": "a/b"}, "location", "no location"),
        ({"api_keys": ("k",), "profile": "images"}, "profile", "leave it out"),
        ({"credentials": "/no/such.json"}, "credentials", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_by_field(
    config: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        built(**config)
    assert caught.value.field == field
