"""Names of models and engines that a server is sent: what is refused, and what is warned of."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pisang.accounts import keys, projects
from pisang.app import Application, application
from pisang.core.caller import Allowance
from pisang.settings import Settings
from tests.path.asgi import call

LIMIT = {"project": "shop", "rpm": 3}
GPU = {"kind": "openai", "base_url": "http://gpu.example/v1", "api_keys": ["a-key-of-its-own"]}


class Operator:
    """Asks the admin API of a server with a project ``shop``."""

    def __init__(self, app: Application, key: str) -> None:
        self.app, self.key = app, key

    async def ask(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        headers = {"x-goog-api-key": self.key, "content-type": "application/json"}
        sent = [json.dumps(body).encode()]
        reply = await call(self.app.asgi, method, f"/admin/v1{path}", headers=headers, chunks=sent)
        return reply.status, json.loads(b"".join(reply.pieces))


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with application(Settings(data=tmp_path)) as app:
        async with app.database.write() as connection:
            project = await projects.create(connection, "shop")
            made = await keys.create(connection, project, name="k", allowed=[Allowance.ADMIN])
        yield Operator(app, made.key)


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "said"),
    [
        ("PUT", "/limits", {**LIMIT, "model": "gemini-3-pro-imge"}, "model", "gemini-3-pro-image"),
        ("PUT", "/limits", {**LIMIT, "model": "gemini-*"}, "model", "is a pattern"),
        ("PUT", "/limits", {**LIMIT, "model": "dall-e-3"}, "model", "gemini-3.1-flash-image"),
        (
            "POST",
            "/keys",
            {"project": "shop", "restrictions": {"engines": ["sketsh"]}},
            "restrictions.engines",
            "Did you mean 'sketch'?",
        ),
        (
            "POST",
            "/keys",
            {"project": "shop", "restrictions": {"models": ["imagen-4*", "typo"]}},
            "restrictions.models",
            "There is no model 'typo' here.",
        ),
    ],
)
async def test_a_name_that_there_is_not_is_refused_with_its_field(
    operator: Operator, method: str, path: str, body: dict[str, Any], field: str, said: str
) -> None:
    status, told = await operator.ask(method, path, body)
    assert (status, told["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert said in told["error"]["message"]
    violations = [
        each for one in told["error"]["details"] for each in one.get("fieldViolations", ())
    ]
    assert [each["field"] for each in violations] == [field]


async def test_an_engine_and_a_route_that_were_made_just_now_are_known(operator: Operator) -> None:
    only = {"project": "shop", "restrictions": {"engines": ["gpu"], "models": ["our-own"]}}
    assert (await operator.ask("POST", "/keys", only))[0] == 400
    assert (await operator.ask("PUT", "/engines/gpu", GPU))[0] in (200, 201)
    route = {"model": "our-own", "engines": ["gpu"]}
    assert (await operator.ask("POST", "/routes", route))[0] in (200, 201)

    status, made = await operator.ask("POST", "/keys", only)
    assert (status, "notices" in made) == (200, False)
    assert (await operator.ask("PUT", "/limits", {**LIMIT, "model": "our-own"}))[0] == 200


async def test_a_model_that_passes_to_an_upstream_by_a_pattern_is_warned_of(
    operator: Operator,
) -> None:
    await operator.ask("PUT", "/engines/gpu", GPU)
    await operator.ask("POST", "/routes", {"model": "*", "engines": ["gpu"]})

    status, set_ = await operator.ask("PUT", "/limits", {**LIMIT, "model": "our-own"})
    assert (status, len(set_["notices"])) == (200, 1)
    assert "does not know the model 'our-own'" in set_["notices"][0]
    status, made = await operator.ask("POST", "/keys", {"project": "shop"})
    change = {"restrictions": {"models": ["our-own", "gemini-3*"]}}
    status, changed = await operator.ask("PATCH", f"/keys/{made['id']}", change)
    assert (status, changed["notices"]) == (200, set_["notices"])
    # what it is limited to already may stay, and is not warned of again
    more = {"restrictions": {"models": ["our-own", "imagen-4*"]}}
    assert "notices" not in (await operator.ask("PATCH", f"/keys/{made['id']}", more))[1]
