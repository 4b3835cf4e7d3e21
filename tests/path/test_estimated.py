"""What ``pisang estimate`` says of a picture of the built-in engine is what the ledger posts."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from pisang.accounts import keys, projects
from pisang.app import application
from pisang.cli import estimate
from pisang.core.money import Money
from pisang.settings import Settings
from pisang.store.schema import entries

FLASH, LITE = "gemini-3.1-flash-image", "gemini-3.1-flash-lite-image"
PRO, OLD = "gemini-3-pro-image", "gemini-2.5-flash-image"
LIGHTHOUSE = "two blue cubes beside a tall green lighthouse at night, in snow, 'OPEN' on its door"
MARKET = "a market with many people, flags and fruit, seen from above, in watercolour " * 20
CASES = (
    ("a red cat", FLASH, "512", 1),
    ("a red cat", FLASH, "4K", 3),
    (LIGHTHOUSE, PRO, "2K", 2),
    ("ein Käfer unter drei Bäumen am Meer", LITE, "1K", 2),
    ("赤い猫と青い家", OLD, None, 1),
    (MARKET, PRO, None, 1),
    ("What is the capital of France?", FLASH, "1K", 1),
)
"""Prompt, model, size, and how many."""


def estimated(data: Path, *words: str) -> dict[str, Any]:
    result = CliRunner().invoke(estimate.app, [*words, "--json", "--data", str(data)])
    assert result.exception is None
    found: dict[str, Any] = json.loads(result.stdout)
    return found


async def billed(data: Path, routes: dict[str, Any]) -> list[int]:
    """What the ledger posts for each case, all its pictures together."""
    async with application(Settings(data=data, **routes)) as app:
        async with app.database.write() as connection:
            project = await projects.create(connection, "team")
            key = (await keys.create(connection, project, name="key")).key
        transport = httpx2.ASGITransport(app.asgi)
        async with httpx2.AsyncClient(transport=transport, base_url="http://x", timeout=300) as at:
            for prompt, model, size, count in CASES:
                for number in range(count):
                    body: dict[str, Any] = {"contents": [{"parts": [{"text": prompt}]}]}
                    body["generationConfig"] = {"imageConfig": {"imageSize": size} if size else {}}
                    if number:
                        body["generationConfig"]["seed"] = number + 1
                    url, headers = (
                        f"/v1beta/models/{model}:generateContent",
                        {"x-goog-api-key": key},
                    )
                    answer = await at.post(url, json=body, headers=headers)
                    assert answer.status_code == 200, answer.text
        async with app.database.read() as connection:
            query = select(entries.c.amount).where(entries.c.kind == "post").order_by(entries.c.id)
            amounts = list(await connection.scalars(query))
    posted = iter(amounts)
    return [sum(next(posted) for _ in range(count)) for *_, count in CASES]


@pytest.mark.parametrize(
    "routes",
    [
        {},
        {
            "engines": {
                "sketch": {"kind": "sketch", "price": {"image": 0.01, "output": 3}, "markup": 0.1}
            },
            "routes": [{"model": "*", "engines": ["sketch"]}],
        },
    ],
    ids=["list", "own"],
)
def test_an_estimate_is_the_bill_to_the_nano_dollar(
    tmp_path: Path, routes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in routes.items():
        monkeypatch.setenv(f"PISANG_{name.upper()}", json.dumps(value))
    found = [
        estimated(tmp_path, prompt, "-m", model, "-n", str(count), *(("-s", size) if size else ()))
        for prompt, model, size, count in CASES
    ]
    assert {each["foreseen_by"] for each in found} == {"sketch"}
    assert [Money.of(each["total"]).nanos for each in found] == asyncio.run(
        billed(tmp_path, routes)
    )
    no_picture = found[-1]
    assert no_picture["tokens_each"]["image"] == 0
    assert "It makes no picture of this prompt." in no_picture["notes"]
