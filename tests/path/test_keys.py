"""Who may come in: keys by header, query and bearer; revoked keys; a second project."""

import time

import pytest

from pisang.accounts import keys, projects
from pisang.testing import Server
from tests.databases import database_url as kept_in  # noqa: F401 - on both databases
from tests.path.asgi import PROMPT, call, generate, get, post


async def ask(pisang: Server, address: str = "/v1/models", **headers: str) -> int:
    reply = await call(pisang.app.asgi, "GET", address, headers=headers)
    return reply.status


async def test_a_key_counts_wherever_it_stands(pisang: Server) -> None:
    key = pisang.key
    assert await ask(pisang, **{"x-goog-api-key": key}) == 200
    assert await ask(pisang, f"/v1/models?key={key}") == 200
    assert await ask(pisang, authorization=f"Bearer {key}") == 200
    assert await ask(pisang, authorization=f"bearer {key}") == 200
    assert await ask(pisang, f"/v1/models?key={key}", authorization=f"Bearer {key}") == 200


async def test_no_key_is_403_and_a_wrong_one_400_as_google_has_it(pisang: Server) -> None:
    none = await post(pisang, generate(), key="")
    assert (none.status, none.error["status"]) == (403, "PERMISSION_DENIED")
    wrong = await post(pisang, generate(), key="AIza-not-ours")
    assert (wrong.status, wrong.error["status"]) == (400, "INVALID_ARGUMENT")
    assert wrong.error["message"].startswith("API key not valid.")
    assert wrong.error["details"][0]["reason"] == "API_KEY_INVALID"
    assert pisang.engine.asked == []


async def test_two_different_keys_are_refused(pisang: Server) -> None:
    reply = await post(pisang, f"{generate()}?key=other")
    assert reply.status == 400
    assert "two different" in reply.error["message"]


@pytest.mark.parametrize("key", ["x" * 100_000, "\x00", "ключ", "' OR 1=1 --"])
async def test_strange_keys_are_just_not_valid(pisang: Server, key: str) -> None:
    assert await ask(pisang, **{"x-goog-api-key": key}) == 400


async def test_a_revoked_key_stops_at_once(pisang: Server) -> None:
    assert (await get(pisang, "/v1/models")).status == 200
    async with pisang.app.database.write() as connection:
        await keys.revoke(connection, pisang.key)
    assert (await get(pisang, "/v1/models")).status == 400


async def test_a_second_user_has_a_project_and_a_key_of_their_own(pisang: Server) -> None:
    async with pisang.app.database.write() as connection:
        project = await projects.ensure(connection, "second")
        made = await keys.create(connection, project, name="phone")
        valid = await keys.verify(connection, made.key)
    assert valid is not None
    assert (valid.caller.project_id, valid.caller.key_id) == (project.id, made.id)
    assert (await post(pisang, generate(), key=made.key)).status == 200
    async with pisang.app.database.write() as connection:
        await keys.revoke(connection, made.id)
    assert (await post(pisang, generate(), key=made.key)).status == 400
    assert (await post(pisang, generate())).status == 200


async def test_looking_a_key_up_costs_little(pisang: Server) -> None:
    await post(pisang, generate(), PROMPT)
    times = []
    for _ in range(20):
        began = time.process_time()  # the work itself: others may keep the machine busy
        async with pisang.app.database.read() as connection:
            await keys.verify(connection, pisang.key)
        times.append(time.process_time() - began)
    assert sorted(times)[10] < 0.02  # about a millisecond on an idle machine
