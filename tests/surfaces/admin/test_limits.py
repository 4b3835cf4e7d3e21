"""``/admin/v1/limits``: what is used, wherever it is counted."""

import json
from pathlib import Path

import pytest

from pisang.core.caller import Caller
from pisang.core.errors import LimitsUnavailable
from pisang.core.money import Money
from pisang.core.terms import Dimension, Limit, Terms
from pisang.ledger.operations import Holding
from pisang.ledger.valkey import Valkey
from pisang.ledger.words import Demand
from pisang.settings import Settings
from pisang.surfaces.admin.in_process import asking
from tests.databases import Redis

MODEL = "gemini-3-pro-image"


async def test_what_all_servers_count_together_is_shown(tmp_path: Path, own_redis: Redis) -> None:
    settings = Settings(data=tmp_path / "data", limits_url=own_redis.url)  # type: ignore[arg-type]
    async with asking(settings, user="ann") as ask:
        id = json.loads(await ask("POST", "/projects", {"name": "shop"}))["id"]
        await ask("PUT", "/limits", {"project": "shop", "model": MODEL, "rpm": 5})
        await _take(own_redis.url, id, 3)

        (found,) = json.loads(await ask("GET", "/limits?project=shop", None))["limits"]
        assert (found["value"], found["used"], found["left"]) == (5, 3, 2)

        own_redis.kill()
        with pytest.raises(LimitsUnavailable, match="cannot be reached now"):
            await ask("GET", "/limits?project=shop", None)


async def _take(url: str, project: str, requests: int) -> None:
    """What so many requests take at a server."""
    limit = Limit(f"project:{project}", MODEL, Dimension.RPM, 5, "project")
    demand = Demand(
        caller=Caller(project, "key", terms=Terms(limits=(limit,))),
        request_id="req",
        model=MODEL,
        images=1,
        tokens=1,
        amount=Money(0),
        seconds=30.0,
    )
    valkey = Valkey(url)
    for _ in range(requests):
        await valkey.take(Holding.of(demand, 30.0))
    await valkey.close()
