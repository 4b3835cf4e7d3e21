"""An engine that is paid by the second: what is held, what is billed, and that the books agree."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pisang.accounts import keys, projects
from pisang.app import application
from pisang.core.money import Money
from pisang.core.terms import Billing
from pisang.ledger.desk import opened
from pisang.ledger.entries import Entry, entry
from pisang.ledger.verify import verify
from pisang.settings import Settings
from pisang.store.schema import entries
from tests.path.asgi import call

_URL = "/v1beta/models/gemini-3.1-flash-image:generateContent"
_BODY = b'{"contents": [{"parts": [{"text": "a red cat"}]}]}'
_SECOND = Decimal("0.0004")


async def _made(data: Path, **more: Any) -> list[Entry]:
    """The entries of one picture, in order, of books that were verified."""
    engines = {"gpu": {"kind": "sketch", "price": {"second": str(_SECOND)}, **more}}
    routes = [{"model": "*", "engines": ["gpu"]}]
    settings = Settings(data=data, engines=engines, routes=routes, request_timeout=100)
    async with application(settings) as app:
        async with app.database.write() as connection:
            wish = projects.Wish(billing=Billing.PREPAID)
            project = await projects.create(connection, "team", wish=wish)
            key = (await keys.create(connection, project, name="key")).key
        async with opened(app.database, sweep_seconds=None) as desk:
            await desk.top_up(project.id, Money.of(1), actor="test")
        headers = {"x-goog-api-key": key, "content-type": "application/json"}
        answer = await call(app.asgi, "POST", _URL, headers=headers, chunks=[_BODY])
        assert answer.status == 200
        async with app.database.read() as connection:
            report = await verify(connection)
            found = [
                entry(row)
                for row in await connection.execute(select(entries).order_by(entries.c.id))
            ]
    assert (report.findings, report.bills) == ([], 1)
    return found


@pytest.mark.parametrize("markup", ["0", "0.25"])
async def test_its_time_is_billed_and_its_deadline_held(tmp_path: Path, markup: str) -> None:
    found = await _made(tmp_path, markup=markup)
    (held,) = (each for each in found if each.kind.value == "hold")
    (posted,) = (each for each in found if each.kind.value == "post")
    share = 1 + Decimal(markup)

    assert Money.of(98 * _SECOND * share) < held.amount <= Money.of(100 * _SECOND * share)
    assert posted.usage is not None
    assert 0 < posted.usage.engine_ms < 100_000
    assert posted.cost == Money.of(posted.usage.engine_ms * _SECOND / 1000)
    assert posted.amount == Money.of(posted.cost.dollars * share)
    assert dict(posted.components) == {"engine_time": posted.amount}
    assert posted.rates["second"] == str(_SECOND)
    assert not posted.rehearsal
