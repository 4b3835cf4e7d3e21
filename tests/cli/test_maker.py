import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from pisang.cli.maker import maker
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import InvalidKey, StoreError, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Image, Text
from pisang.core.image import sniff
from pisang.core.request import GenerateRequest, ImageConfig
from pisang.testing import ScriptedEngine, server


def a_request(**image: str) -> GenerateRequest:
    return GenerateRequest(
        model="nano-banana-2",
        contents=(Content(Role.USER, (Part(text="a fox"),)),),
        image=ImageConfig(aspect_ratio="16:9", **image),  # type: ignore[arg-type]
    )


@asynccontextmanager
async def listening(app: object) -> AsyncIterator[str]:
    """The application behind a real socket on loopback; yields its address."""
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off")  # type: ignore[arg-type]
    it = uvicorn.Server(config)
    task = asyncio.create_task(it.serve())
    try:
        while not it.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        host, port = it.servers[0].sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        it.should_exit = True
        await task


async def test_a_server_makes_the_picture(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    async with (
        server(tmp_path, engine=engine) as it,
        listening(it.app.asgi) as address,
        maker(address, it.key) as make,
    ):
        made = await make(a_request(mime_type="image/webp"))

    image = next(part for part in made.result.parts if isinstance(part, Image))
    assert isinstance(image.content, Blob)
    header = sniff(image.content.data)
    assert header
    assert (header.media_type, header.width, header.height) == ("image/webp", 1376, 768)
    assert made.result.finished.reason == FinishReason.STOP
    assert engine.asked[0].contents == a_request().contents
    assert made.notice
    assert "gemini-3.1-flash-image" in made.notice


async def test_errors_of_a_server_are_those_of_this_process(tmp_path: Path) -> None:
    async with server(tmp_path) as it, listening(it.app.asgi) as address:
        async with maker(address, "wrong") as make:
            with pytest.raises(InvalidKey):
                await make(a_request())
        async with maker(address, it.key) as make:
            with pytest.raises(UnsupportedParameter, match='use "2K"'):
                await make(a_request(image_size="2k"))


async def test_without_a_server_the_picture_is_made_here_with_no_database(tmp_path: Path) -> None:
    async with maker(None, "a key that nobody asks for", data=tmp_path / "data") as make:
        made = await make(a_request())

    image = next(part for part in made.result.parts if isinstance(part, Image))
    assert isinstance(image.content, Blob)
    header = sniff(image.content.data)
    assert header
    assert (header.media_type, header.width, header.height) == ("image/png", 1376, 768)
    assert image.signature
    assert any(isinstance(part, Text) for part in made.result.parts)
    assert made.notice
    assert "gemini-3.1-flash-image" in made.notice
    assert not list((tmp_path / "data").glob("*.db*"))


async def test_a_refusal_is_a_result_and_no_error(tmp_path: Path) -> None:
    engine = ScriptedEngine([Finished(FinishReason.NO_IMAGE, "No picture was asked for.")])
    async with (
        server(tmp_path, engine=engine) as it,
        listening(it.app.asgi) as address,
        maker(address, it.key) as make,
    ):
        made = await make(a_request())

    assert made.result.parts == ()
    assert made.result.finished.reason == FinishReason.NO_IMAGE
    assert made.result.finished.message == "No picture was asked for."


async def test_a_key_in_a_folder_that_may_only_be_read_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with maker(None, None, data=tmp_path) as make:
        first = await make(a_request())
    monkeypatch.setattr("pisang.store.folder.os.access", lambda *_, **__: False)
    told: list[str] = []
    async with maker(None, None, data=tmp_path, tell=told.append) as make:
        second = await make(a_request())
    assert told == []
    assert first.result.parts == second.result.parts  # and so are the signatures


async def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "signing.key").write_bytes(b"short")
    with pytest.raises(StoreError, match="is damaged"):
        async with maker(None, None, data=tmp_path):
            pass
