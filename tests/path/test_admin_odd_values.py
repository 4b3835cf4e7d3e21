"""The admin API is sent odd values in every field that its own description names: each is refused
with a sentence or taken, and none is a defect."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pisang.accounts import keys, projects
from pisang.core.caller import Allowance
from pisang.surfaces.admin.queries import QUERIES
from pisang.surfaces.admin.schemas import BODIES, SCHEMAS
from pisang.testing import Server, server
from tests.path.asgi import Reply, call

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "\u0000",
    "\ud800",
    "x" * 5000,
    "\N{ARABIC-INDIC DIGIT FIVE}",
    [],
    [[]],
    [None],
    {},
    {"a": 1},
)
TEXTS = ("", " ", "x" * 5000, "\N{ARABIC-INDIC DIGIT FIVE}", "-1", "9" * 30, "2026-13-45", "\x00")
GOOD = {
    "project": "default",
    "amount_usd": "5",
    "name": "name",
    "member": "user:ann@x.org",
    "role": "viewer",
    "email": "ann@x.org",
    "csv": "day,model,cost\n",
    "key": "psk_x",
    "routes": [],
    "model": "*",
    "engines": ["scripted"],
    "kind": "sketch",
    "url": "ftp://nowhere",
}
SLOW = {"password"}  # checking one takes as long as it has to


@pytest.fixture
async def pisang(tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    async with server(tmp_path / "data") as running:
        async with running.app.database.write() as connection:
            home = await projects.ensure(connection, "default")
            made = await keys.create(connection, home, name="k", allowed=[Allowance.ADMIN])
        yield running, made.key


async def ask(running: Server, key: str, method: str, path: str, body: Any = None) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"content-length": str(len(data)), "x-goog-api-key": key}
    address = re.sub(r"\{(\w+)\}", lambda name: GOOD.get(name[1], "x"), path)
    return await call(running.app.asgi, method, address, headers=headers, chunks=[data])


async def test_no_field_of_a_body_is_a_defect(pisang: tuple[Server, str]) -> None:
    for (method, path), name in BODIES.items():
        schema = SCHEMAS[name]
        good = {each: GOOD[each] for each in schema.get("required", ())}
        for field in {*schema["properties"], "unheard_of"} - SLOW:
            for odd in ODD:
                reply = await ask(*pisang, method, path, good | {field: odd})
                assert reply.status < 500, (method, path, field, odd, reply.body)
        assert (await ask(*pisang, method, path, good | {"unheard_of": 1})).status in (400, 404)


async def test_no_parameter_of_an_address_is_a_defect(pisang: tuple[Server, str]) -> None:
    for (method, path), names in QUERIES.items():
        for field in {*names, "unheard_of"}:
            for odd in TEXTS:
                address = f"{path}?{field}={quote(odd)}"
                reply = await ask(*pisang, method, address)
                assert reply.status < 500, (method, address, reply.body)
        unheard = await ask(*pisang, method, f"{path}?unheard_of=1")
        assert (unheard.status, "unheard_of" in unheard.error["message"]) == (400, True), path
