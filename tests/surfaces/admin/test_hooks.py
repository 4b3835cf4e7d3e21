"""Web hooks by the admin API: what they were told, telling it again, and trying one out."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pisang.accounts import projects
from pisang.audit import listing
from pisang.core.errors import NotFound, RequestError
from pisang.hooks.deliveries import enqueue
from pisang.hooks.signing import new_secret, signature
from pisang.settings import Settings
from pisang.store.open import opened
from pisang.surfaces.admin.in_process import asking
from tests.hooks.receiver import Receiver, receiving

Ask = Any


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def settings(tmp_path: Path, receiver: Receiver) -> Settings:
    found = Settings(data=tmp_path / "data", fetch_allow=tuple(receiver.allow))
    async with opened(found.data) as (_, database):
        for number in range(3):
            async with database.write() as connection:
                project = await projects.ensure(connection, f"shop-{number % 2}")
                await enqueue(
                    connection,
                    project_id=project.id,
                    url="https://example.com/",
                    secret="sealed",
                    event="a.b",
                    data={"n": number},
                )
    return found


@pytest.fixture
async def ask(settings: Settings) -> AsyncIterator[Ask]:
    async with asking(settings, user="me") as found:

        async def asked(method: str, path: str, body: Any = None) -> Any:
            return json.loads(await found(method, path, body))

        yield asked


async def test_the_list_says_what_became_of_each_and_no_secret(ask: Ask) -> None:
    found = await ask("GET", "/hooks?project=shop-0&status=pending&page_size=1")
    (hook,) = found["hooks"]
    assert (hook["project"], hook["event"], hook["status"]) == ("shop-0", "a.b", "pending")
    assert "sealed" not in json.dumps(found)
    more = await ask(
        "GET", f"/hooks?project=shop-0&page_size=1&page_token={found['next_page_token']}"
    )
    assert len(more["hooks"]) == 1
    assert more["hooks"][0]["id"] != hook["id"]
    assert "next_page_token" not in more
    whole = await ask("GET", f"/hooks/{hook['id']}")
    assert whole["body"]["data"] == {"n": 2}
    assert (await ask("GET", "/hooks?status=failed"))["hooks"] == []


async def test_one_is_told_again_and_that_is_written_down(settings: Settings, ask: Ask) -> None:
    hook = (await ask("GET", "/hooks"))["hooks"][0]
    assert (await ask("POST", f"/hooks/{hook['id']}:redeliver"))["status"] == "pending"
    async with opened(settings.data) as (_, database), database.read() as connection:
        (entry,) = (await listing.page(connection)).entries
    assert (entry.actor, entry.target) == ("local:me", f"hooks/{hook['id']}")
    with pytest.raises(NotFound):
        await ask("POST", "/hooks/msg_none:redeliver")


async def test_an_address_can_be_tried_out(ask: Ask, receiver: Receiver) -> None:
    secret = new_secret()
    body = {"project": "shop-0", "url": receiver.url, "secret": secret}
    found = await ask("POST", "/hooks:test", body)
    assert (found["delivered"], found["status"], found["error"]) == (True, 204, None)
    assert "secret" not in found
    (got,) = receiver.got
    at = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == signature(found["id"], at, got.body, secret)
    assert json.loads(got.body)["type"] == "hook.test"


@pytest.mark.parametrize(
    ("address", "why"),
    [("https://10.0.0.1/", "not public"), ("ftp://x/", "https"), ("{url}/x", "status 404")],
)
async def test_what_is_wrong_with_an_address_is_said(
    ask: Ask, receiver: Receiver, address: str, why: str
) -> None:
    receiver.status = "404 Not Found"
    url = address.format(url=receiver.url)
    found = await ask("POST", "/hooks:test", {"project": "shop-0", "url": url})
    assert not found["delivered"]
    assert why in found["error"]
    assert found["secret"].startswith("whsec_")


async def test_a_secret_that_is_none_is_refused(ask: Ask, receiver: Receiver) -> None:
    with pytest.raises(RequestError, match="base64"):
        await ask(
            "POST", "/hooks:test", {"project": "shop-0", "url": receiver.url, "secret": "mine"}
        )
