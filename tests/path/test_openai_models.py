"""The list of models: one body for two families of clients, and Google's layer beside it."""

from typing import Any

import pytest

from pisang.testing import Server
from tests.path.asgi import Reply, call, get

MODEL = "gemini-3.1-flash-image"


async def bearer(server: Server, address: str) -> Reply:
    headers = {"authorization": f"Bearer {server.key}"}
    return await call(server.app.asgi, "GET", address, headers=headers)


def checked(model: dict[str, Any], name: str) -> None:
    """What the ``Model`` of the openai package must have."""
    assert (model["id"], model["object"], model["owned_by"]) == (name, "model", "google")
    assert model["created"] > 1_700_000_000


async def test_one_list_is_read_by_both(pisang: Server) -> None:
    living = [card.id for card in pisang.app.gateway.catalog.living()]
    for reply in (await bearer(pisang, "/v1/models"), await get(pisang, "/v1/models")):
        assert reply.status == 200
        assert reply.json["object"] == "list"
        for model in reply.json["data"]:
            checked(model, model["id"])
        assert [model["id"] for model in reply.json["data"]] == living
        assert [model["name"] for model in reply.json["models"]] == [f"models/{i}" for i in living]


async def test_pages_are_the_same_for_both(pisang: Server) -> None:
    first = (await get(pisang, "/v1/models?pageSize=2")).json
    assert (len(first["data"]), len(first["models"])) == (2, 2)
    token = first["nextPageToken"]
    second = (await get(pisang, f"/v1/models?pageSize=2&pageToken={token}")).json
    assert second["data"][0]["id"] not in [model["id"] for model in first["data"]]


async def test_one_model_is_read_by_both(pisang: Server) -> None:
    model = (await bearer(pisang, f"/v1/models/{MODEL}")).json
    checked(model, MODEL)
    assert model["name"] == f"models/{MODEL}"
    assert "generateContent" in model["supportedGenerationMethods"]


async def test_the_layer_lists_ids_with_their_prefix(pisang: Server) -> None:
    for base in ("/v1beta/openai", "/v1/openai"):
        listed = (await bearer(pisang, f"{base}/models")).json
        assert set(listed) == {"object", "data"}
        checked(listed["data"][0], listed["data"][0]["id"])
        assert all(model["id"].startswith("models/") for model in listed["data"])
        for name in (MODEL, f"models/{MODEL}"):
            checked((await bearer(pisang, f"{base}/models/{name}")).json, f"models/{MODEL}")


async def test_a_model_of_openais_is_served_by_another_and_says_so(pisang: Server) -> None:
    reply = await bearer(pisang, "/v1/models/gpt-image-1")
    checked(reply.json, "gpt-image-1")
    assert reply.headers["x-pisang-model"] == MODEL
    assert "gpt-image-1 is a model of OpenAI's" in reply.headers["x-pisang-notice"]


async def test_an_unknown_model_is_told_in_the_callers_own_words(pisang: Server) -> None:
    for address in ("/v1/models/gpt-4o", "/v1beta/openai/models/gpt-4o"):
        reply = await bearer(pisang, address)
        assert reply.status == 404
        assert reply.json["error"]["code"] == "model_not_found"
        assert "Models: gemini-" in reply.json["error"]["message"]
    google = await get(pisang, "/v1/models/gpt-4o")
    assert google.error["status"] == "NOT_FOUND"
    assert "is not found for API version v1," in google.error["message"]


@pytest.mark.parametrize("address", ["/v1/models", f"/v1/models/{MODEL}", "/v1beta/openai/models"])
async def test_nobody_sees_them_without_a_key(pisang: Server, address: str) -> None:
    headers = {"authorization": "Bearer psk_wrong"}
    reply = await call(pisang.app.asgi, "GET", address, headers=headers)
    assert reply.status == 401
    assert reply.json["error"]["code"] == "invalid_api_key"
