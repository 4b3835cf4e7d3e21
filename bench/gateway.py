"""What surface and gateway add to a picture: a request through the application, against the engine
called directly with the same encode after it."""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from bench.report import Row
from pisang.app import application
from pisang.catalog.models import catalog
from pisang.core.content import Content, Part, Role
from pisang.core.events import Image
from pisang.core.image import MediaType, Pixels
from pisang.core.request import GenerateRequest
from pisang.provenance.encode import encode
from pisang.settings import Settings

PROMPT = "A red cat next to a tree at night, with the text 'Good night' at the top"
MODEL = "gemini-3.1-flash-image"
TARGET_MS = 5.0


def rows(*, runs: int = 25) -> list[Row]:
    """One row: the median of the differences, request by request."""
    return [asyncio.run(_measure(runs))]


async def _measure(runs: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        async with application(Settings(data=Path(folder))) as app:
            assert app.first_key is not None
            surface, direct = [], []
            for number in range(runs + 2):
                began = time.perf_counter()
                await _through_the_surface(app.asgi, app.first_key.key)
                between = time.perf_counter()
                await _direct(app.gateway.router.members("sketch")[0])
                if number >= 2:  # two to warm up
                    surface.append(between - began)
                    direct.append(time.perf_counter() - between)
    added = statistics.median(a - b for a, b in zip(surface, direct, strict=True)) * 1000
    whole, bare = (statistics.median(times) * 1000 for times in (surface, direct))
    return Row(
        "request through surface and gateway, 1K",
        f"{whole:.1f} ms",
        f"engine and encode called directly {bare:.1f} ms",
        f"{whole / bare:.2f}, {added:+.1f} ms",
        f"below +{TARGET_MS:.0f} ms",
        added < TARGET_MS,
    )


async def _direct(engine) -> bytes:  # type: ignore[no-untyped-def]
    card = catalog().cards[MODEL]
    request = GenerateRequest(model=MODEL, contents=(Content(Role.USER, (Part(text=PROMPT),)),))
    data = b""
    async for event in engine.generate(request, card=card, canvas=card.canvas("1:1", "1K")):
        if isinstance(event, Image) and isinstance(event.content, Pixels):
            data = await asyncio.to_thread(encode, event.content, MediaType.PNG)
    return data


async def _through_the_surface(asgi, key: str) -> bytes:  # type: ignore[no-untyped-def]
    body = json.dumps({"contents": [{"parts": [{"text": PROMPT}]}]}).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/v1beta/models/{MODEL}:generateContent",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"x-goog-api-key", key.encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent, waiting = [], asyncio.Event()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, object]:
        if messages:
            return messages.pop()
        await waiting.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message.get("body", b""))

    await asgi(scope, receive, send)
    answer = b"".join(sent)
    assert answer.startswith(b'{"candidates"'), answer[:200]
    return answer
