"""A cap is a cap: however many ask at once, no more is served than the project can pay for."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

from pisang.accounts import keys, projects
from pisang.app import Application, application
from pisang.core.money import Money
from pisang.core.terms import Billing
from pisang.ledger import limits
from pisang.ledger.desk import LedgerDesk, opened
from pisang.settings import Settings
from pisang.store.schema import counters, entries, holds, ledger_accounts

_URL = "/v1beta/models/gemini-3.1-flash-image:generateContent"
_BODY = {
    "contents": [{"parts": [{"text": "a red cat"}]}],
    "generationConfig": {"imageConfig": {"imageSize": "512"}},
}
_CALLERS = 500
_PICTURES = 100


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Application]:
    async with application(Settings(data=tmp_path)) as running:
        yield running


@pytest.fixture
async def desk(app: Application) -> AsyncIterator[LedgerDesk]:
    async with opened(app.database, sweep_seconds=None) as at:
        yield at


@pytest.fixture
async def client(app: Application) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here", timeout=120) as at:
        yield at


async def _prepaid(app: Application) -> tuple[str, str]:
    """A project that pays beforehand, and a key of it."""
    async with app.database.write() as connection:
        wish = projects.Wish(billing=Billing.PREPAID)
        project = await projects.create(connection, "team", wish=wish)
        return project.id, (await keys.create(connection, project, name="key")).key


async def _account(app: Application, project: str) -> tuple[int, int, int]:
    async with app.database.read() as connection:
        query = select(
            ledger_accounts.c.granted, ledger_accounts.c.posted, ledger_accounts.c.held
        ).where(ledger_accounts.c.project_id == project)
        granted, posted, held = (await connection.execute(query)).one()
    return granted, posted, held


async def _ask(client: httpx2.AsyncClient, key: str) -> httpx2.Response:
    return await client.post(_URL, json=_BODY, headers={"x-goog-api-key": key})


async def test_500_callers_get_exactly_the_100_pictures_that_were_paid_for(
    app: Application, desk: LedgerDesk, client: httpx2.AsyncClient
) -> None:
    project, key = await _prepaid(app)
    await desk.top_up(project, Money.of(1), actor="test")
    assert (await _ask(client, key)).status_code == 200
    granted, each, _ = await _account(app, project)
    await desk.adjust(project, Money(each * (_PICTURES + 1) - granted), actor="test")

    answers = await asyncio.gather(*(_ask(client, key) for _ in range(_CALLERS)))

    assert Counter(answer.status_code for answer in answers) == {
        200: _PICTURES,
        429: _CALLERS - _PICTURES,
    }
    assert await _account(app, project) == (each * (_PICTURES + 1), each * (_PICTURES + 1), 0)
    async with app.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(holds)) == 0
        posts = select(func.sum(entries.c.amount)).where(entries.c.kind == "post")
        assert await connection.scalar(posts) == each * (_PICTURES + 1)


async def test_an_empty_balance_is_told_in_googles_words_and_costs_nothing(
    app: Application, client: httpx2.AsyncClient
) -> None:
    _, key = await _prepaid(app)
    answer = await _ask(client, key)
    assert answer.status_code == 429
    message = answer.json()["error"]["message"]
    assert message.startswith("Your prepayment credits are depleted.")
    assert "a rehearsal, not a bill" in message
    async with app.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(entries)) == 0


async def test_four_pictures_are_one_request_and_none_is_refused_for_another(
    app: Application, client: httpx2.AsyncClient
) -> None:
    """Callers who ask for four at once do not take each other's room and then go without."""
    async with app.database.write() as connection:
        project = await projects.create(connection, "shop")
        await limits.put(connection, f"project:{project.id}", "*", {"ipm": 10, "rpm": 10})
        key = (await keys.create(connection, project, name="key")).key
    body = {"model": "gemini-3.1-flash-image", "prompt": "a red cat", "n": 4}

    answers = await asyncio.gather(
        *(
            client.post(
                "/v1/images/generations", json=body, headers={"authorization": f"Bearer {key}"}
            )
            for _ in range(20)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {200: 2, 429: 18}
    async with app.database.read() as connection:
        rows = await connection.execute(select(counters.c.dimension, counters.c.used))
        used = {dimension: sum(json.loads(packed)[1::2]) for dimension, packed in rows}
    assert used == {"ipm": 8, "rpm": 2}


async def test_a_limit_on_input_tokens_counts_what_the_prompt_counts_as(
    app: Application, client: httpx2.AsyncClient
) -> None:
    async with app.database.write() as connection:
        project = await projects.create(connection, "readers")
        await limits.put(connection, f"project:{project.id}", "*", {"tpm": 4})
        key = (await keys.create(connection, project, name="key")).key
    assert (await _ask(client, key)).status_code == 200  # "a red cat" is three tokens
    refused = await _ask(client, key)
    assert refused.status_code == 429
    (quota,) = (
        each
        for each in refused.json()["error"]["details"]
        if each["@type"].endswith("QuotaFailure")
    )
    assert quota["violations"][0]["quotaValue"] == "4"
    assert "InputTokens" in quota["violations"][0]["quotaId"]


async def test_a_name_of_openais_is_counted_as_itself_where_a_route_is_for_it(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path, routes=[{"model": "gpt-image-1", "engines": ["sketch"]}])
    body = {"model": "gpt-image-1", "prompt": "a red cat"}
    async with application(settings) as app:
        async with app.database.write() as connection:
            project = await projects.create(connection, "shop")
            await limits.put(connection, f"project:{project.id}", "gpt-image-1", {"rpm": 1})
            key = (await keys.create(connection, project, name="key")).key
        transport = httpx2.ASGITransport(app.asgi)
        async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
            codes = [
                (
                    await client.post(
                        "/v1/images/generations",
                        json=body,
                        headers={"authorization": f"Bearer {key}"},
                    )
                ).status_code
                for _ in range(2)
            ]
    assert codes == [200, 429]


@pytest.mark.parametrize("tier", ["flex", "priority"])
async def test_a_tier_that_the_model_lacks_gets_no_more_pictures_out_of_a_cap(
    tier: str, app: Application, desk: LedgerDesk, client: httpx2.AsyncClient
) -> None:
    """Standard serves it, so that is what is held and counted."""
    project, key = await _prepaid(app)
    await desk.top_up(project, Money.of(1), actor="test")
    assert (await _ask(client, key)).status_code == 200
    granted, each, _ = await _account(app, project)
    await desk.adjust(project, Money(each * 4 - granted), actor="test")
    async with app.database.write() as connection:
        await limits.put(connection, f"project:{project}", "*", {"rpm": 100})

    body = {**_BODY, "serviceTier": tier}
    headers = {"x-goog-api-key": key}
    answers = await asyncio.gather(
        *(client.post(_URL, json=body, headers=headers) for _ in range(10))
    )

    assert Counter(answer.status_code for answer in answers) == {200: 3, 429: 7}
    assert await _account(app, project) == (each * 4, each * 4, 0)
    async with app.database.read() as connection:
        absorbed = select(func.sum(entries.c.absorbed))
        assert await connection.scalar(absorbed) == 0
        assert set(await connection.scalars(select(counters.c.dimension))) == {"rpm"}
