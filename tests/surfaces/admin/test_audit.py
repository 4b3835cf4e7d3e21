"""The audit log by the admin API: what is listed to whom, and whether a change is seen."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pisang.accounts import projects
from pisang.audit.record import record
from pisang.core.errors import MalformedRequest, PisangError
from pisang.settings import Settings
from pisang.store.open import opened
from pisang.surfaces.admin.in_process import asking

Ask = Any


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data")
    async with opened(found.data) as (_, database), database.write() as connection:
        for number in range(3):
            project = await projects.ensure(connection, f"shop-{number % 2}")
            await record(
                connection,
                actor=f"user:{number}@example.com",
                action="keys.create",
                project_id=project.id,
                target=f"keys/{number}",
                after={"name": "=SUM(1)"},
                request_id=f"req_{number}",
            )
        await record(connection, actor="local:me", action="engines.update", target="engines/a")
    return found


@pytest.fixture
async def ask(settings: Settings) -> AsyncIterator[Ask]:
    async with asking(settings, user="me") as found:

        async def asked(method: str, path: str, body: Any = None) -> Any:
            return json.loads(await found(method, path, body))

        asked.bytes = found  # type: ignore[attr-defined]
        yield asked


async def test_the_list_is_filtered_and_paged(ask: Ask) -> None:
    found = await ask("GET", "/audit")
    assert [each["number"] for each in found["entries"]] == [4, 3, 2, 1]
    assert "next_page_token" not in found
    assert found["entries"][0]["project"] is None
    found = await ask("GET", "/audit?project=shop-0&page_size=1")
    assert [each["target"] for each in found["entries"]] == ["keys/2"]
    assert found["entries"][0]["project"] == "shop-0"
    found = await ask(
        "GET", f"/audit?project=shop-0&page_size=1&page_token={found['next_page_token']}"
    )
    assert [each["target"] for each in found["entries"]] == ["keys/0"]
    assert "next_page_token" not in found
    found = await ask("GET", "/audit?action=engines.*&actor=local:me&from=2026-01-01")
    assert [each["number"] for each in found["entries"]] == [4]
    found = await ask("GET", "/audit?request=req_1")
    assert [each["number"] for each in found["entries"]] == [2]
    with pytest.raises(MalformedRequest):
        await ask("GET", "/audit?page_token=x")


async def test_all_of_it_is_exported(ask: Ask) -> None:
    lines = (await ask.bytes("GET", "/audit:export", None)).decode().splitlines()
    assert [json.loads(line)["number"] for line in lines] == [4, 3, 2, 1]
    table = (await ask.bytes("GET", "/audit:export?format=csv&project=shop-1", None)).decode()
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["number"], row["target"]) == ("2", "keys/1")
    with pytest.raises(PisangError, match="csv"):
        await ask("GET", "/audit:export?format=cvs")


async def test_a_row_that_was_changed_is_named(settings: Settings, ask: Ask) -> None:
    head = (await ask("GET", "/audit/head"))["head"]
    found = await ask("POST", "/audit:verify", {"head": head})
    assert found == {"ok": True, "rows": 4, "head": head, "broken": None}
    async with opened(settings.data) as (_, database), database.write() as connection:
        await connection.execute(text("DROP TRIGGER audit_append_only_update"))
        await connection.execute(text("UPDATE audit SET actor = 'x' WHERE number = 3"))
    found = await ask("POST", "/audit:verify", {})
    assert (found["ok"], found["rows"], found["broken"]["number"]) == (False, 2, 3)


async def test_what_was_cut_off_is_seen(settings: Settings, ask: Ask) -> None:
    head = (await ask("GET", "/audit/head"))["head"]
    async with opened(settings.data) as (_, database), database.write() as connection:
        await connection.execute(text("DROP TRIGGER audit_append_only_delete"))
        await connection.execute(text("DELETE FROM audit WHERE number > 2"))
    assert (await ask("POST", "/audit:verify", {}))["ok"]
    found = await ask("POST", "/audit:verify", {"head": head})
    assert (found["ok"], found["broken"]["number"]) == (False, 3)
