"""A limit counts for a model, by whichever of its names it was set or is asked for."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from pisang.accounts import keys, projects
from pisang.app import Application, application
from pisang.ledger import limits
from pisang.settings import Settings

FLASH, PRO = "gemini-2.5-flash-image", "gemini-3-pro-image"
_BODY = {"contents": [{"parts": [{"text": "a red cat"}]}]}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Application]:
    async with application(Settings(data=tmp_path)) as running:
        yield running


async def _key(app: Application, model: str) -> str:
    """A key of a project that may ask for this model once a day."""
    async with app.database.write() as connection:
        project = await projects.create(connection, "team")
        await limits.put(connection, f"project:{project.id}", model, {"rpd": 1})
        return (await keys.create(connection, project, name="key")).key


@pytest.mark.parametrize(
    ("limited", "first", "second", "other"),
    [
        (PRO, PRO, "gemini-3-pro-image-preview", FLASH),
        ("nano-banana-pro", "gemini-3-pro-image-preview", PRO, FLASH),
        ("gemini-3-pro-image-preview", PRO, "nano-banana-pro", FLASH),
        ("gemini-2.0-flash-exp-image-generation", FLASH, "nano-banana", PRO),
        (FLASH, "gemini-2.0-flash-exp-image-generation", FLASH, PRO),
    ],
)
async def test_a_limit_on_one_name_is_used_up_by_requests_for_another(
    app: Application, limited: str, first: str, second: str, other: str
) -> None:
    headers = {"x-goog-api-key": await _key(app, limited)}
    transport = httpx2.ASGITransport(app.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here", timeout=120) as at:
        said = [
            (await at.post(f"/v1beta/models/{name}:generateContent", json=_BODY, headers=headers))
            for name in (first, second, other)
        ]
    assert [answer.status_code for answer in said] == [200, 429, 200]


async def test_imagen_is_counted_as_itself(app: Application) -> None:
    """What a dead model of Imagen's is asked for by ``predict`` it still draws by itself."""
    imagen = "imagen-4.0-generate-001"
    headers = {"x-goog-api-key": await _key(app, "imagen-4.0-generate-preview-06-06")}
    transport = httpx2.ASGITransport(app.asgi)
    body = {"instances": [{"prompt": "a red cat"}]}
    async with httpx2.AsyncClient(transport=transport, base_url="http://here", timeout=120) as at:
        said = [
            await at.post(f"/v1beta/models/{imagen}:predict", json=body, headers=headers)
            for _ in range(2)
        ]
    assert [answer.status_code for answer in said] == [200, 429]
