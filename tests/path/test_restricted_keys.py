"""A key that is limited to models or engines is refused for others, by whichever lane."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from pisang.accounts import keys, projects
from pisang.app import Application, application
from pisang.core.caller import Restrictions
from pisang.settings import Settings

_GEMINI = "/v1beta/models/{}:generateContent"
_BODY = {"contents": [{"parts": [{"text": "a red cat"}]}]}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Application]:
    async with application(Settings(data=tmp_path)) as running:
        yield running


@pytest.fixture
async def client(app: Application) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here", timeout=60) as at:
        yield at


async def _key(app: Application, restrictions: Restrictions) -> dict[str, str]:
    async with app.database.write() as connection:
        project = await projects.ensure(connection, "team")
        made = await keys.create(connection, project, name="key", restrictions=restrictions)
    return {"x-goog-api-key": made.key, "authorization": f"Bearer {made.key}"}


def _only_key(headers: dict[str, str]) -> dict[str, str]:
    return {"x-goog-api-key": headers["x-goog-api-key"]}


async def test_a_key_for_one_model_draws_with_that_by_any_of_its_names(
    app: Application, client: httpx2.AsyncClient
) -> None:
    headers = _only_key(await _key(app, Restrictions(models=("gemini-3.1-flash-image",))))
    for name in ("gemini-3.1-flash-image", "nano-banana-2"):
        answer = await client.post(_GEMINI.format(name), json=_BODY, headers=headers)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent", "countTokens"])
async def test_a_key_for_one_model_is_refused_for_others(
    app: Application, client: httpx2.AsyncClient, method: str
) -> None:
    headers = _only_key(await _key(app, Restrictions(models=("gemini-3.1-flash-image",))))
    url = f"/v1beta/models/gemini-3-pro-image:{method}"
    answer = await client.post(url, json=_BODY, headers=headers)
    assert answer.status_code == 403
    error = answer.json()
    error = (error[0] if isinstance(error, list) else error)["error"]
    assert error["status"] == "PERMISSION_DENIED"
    assert error["details"][0]["reason"] == "API_KEY_SERVICE_BLOCKED"
    assert "gemini-3.1-flash-image" in error["message"]


async def test_openais_callers_are_refused_alike(
    app: Application, client: httpx2.AsyncClient
) -> None:
    headers = await _key(app, Restrictions(models=("gemini-3.1-*",)))
    answer = await client.post(
        "/v1/images/generations",
        json={"model": "gemini-3-pro-image", "prompt": "a red cat"},
        headers={"authorization": headers["authorization"]},
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "permission_error"


async def test_a_key_for_another_engine_is_refused(
    app: Application, client: httpx2.AsyncClient
) -> None:
    headers = _only_key(await _key(app, Restrictions(engines=("studio",))))
    answer = await client.post(
        _GEMINI.format("gemini-3.1-flash-image"), json=_BODY, headers=headers
    )
    assert answer.status_code == 403
    assert "studio" in answer.json()["error"]["message"]
