"""Prompts stand in the audit log of projects that opted in, without pictures; in no other's."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from pisang.accounts import keys, projects
from pisang.app import application
from pisang.audit.verify import verify
from pisang.settings import Settings
from pisang.store.schema import audit

_URL = "/v1beta/models/gemini-3.1-flash-image:generateContent"
_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
_BODY = {
    "contents": [
        {
            "parts": [
                {"text": "a red cat with my secret words"},
                {"inlineData": {"mimeType": "image/png", "data": _PIXEL}},
            ]
        }
    ]
}


@pytest.mark.parametrize("opted_in", [True, False])
async def test_prompts_are_audited_only_where_a_project_wants_it(
    tmp_path: Path, opted_in: bool
) -> None:
    async with application(Settings(data=tmp_path)) as app:
        async with app.database.write() as connection:
            wish = projects.Wish(audit_content=opted_in)
            project = await projects.create(connection, "team", wish=wish)
            key = await keys.create(connection, project, name="key")
        transport = httpx2.ASGITransport(app.asgi)
        async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
            answer = await client.post(_URL, json=_BODY, headers={"x-goog-api-key": key.key})
        assert answer.status_code == 200
        await asyncio.sleep(0)
    async with application(Settings(data=tmp_path)) as app, app.database.read() as connection:
        query = select(audit).where(audit.c.action == "images.generate")
        lines = (await connection.execute(query)).all()
        assert len(lines) == opted_in
        for line in lines:
            assert "a red cat with my secret words" in line.after
            assert _PIXEL not in line.after
            assert line.request_id == answer.headers["x-request-id"]
            assert line.actor == f"key:{key.id}"
        assert not (await verify(connection)).broken
