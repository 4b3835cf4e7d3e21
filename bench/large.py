"""A body of 37 MB with 14 references: how long until it is accepted, and in how much memory."""

import base64
import http.client
import json
import os

from pydantic_core import from_json

from bench.report import Row
from bench.serving import serving
from bench.timing import pairs
from pisang.admission import policy
from pisang.catalog.models import catalog
from pisang.wire.gemini import request

MODEL = "gemini-3.1-flash-image"
_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def body() -> bytes:
    """Fourteen PNG files of 2 MB each (one pixel, and padding in a private chunk), as JSON."""
    padding = os.urandom(1_980_000)
    chunk = len(padding).to_bytes(4, "big") + b"paDd" + padding + b"\0\0\0\0"
    picture = base64.b64encode(_DOT[:33] + chunk + _DOT[33:]).decode()
    parts = [{"inlineData": {"mimeType": "image/png", "data": picture}} for _ in range(14)]
    parts.append({"text": "describe these"})
    asked = {"contents": [{"parts": parts}], "generationConfig": {"responseModalities": ["TEXT"]}}
    return json.dumps(asked).encode()


def rows(*, runs: int = 9) -> list[Row]:
    large = body()
    card = catalog().cards[MODEL]

    def accept() -> object:
        return policy.admit(request.decode(large, model=MODEL), card)

    pair = pairs(accept, lambda: from_json(large), runs=runs)
    size = len(large) / 1e6
    return [
        Row(
            f"{size:.0f} MB body with 14 references, until accepted",
            f"{pair.first * 1000:.0f} ms",
            f"pydantic reads the JSON in {pair.second * 1000:.0f} ms",
            f"{pair.ratio:.2f} ({pair.low:.2f}-{pair.high:.2f})",
            "at most 3",
            pair.ratio <= 3,
        ),
        _memory(large),
    ]


def _memory(large: bytes) -> Row:
    with serving() as server:
        _send(server.port, server.key, b'{"contents":[{"parts":[{"text":"a"}]}]}')
        server.forget_peak()
        before = server.peak_mb()
        _send(server.port, server.key, large)
        grown = server.peak_mb() - before
    ratio = grown / (len(large) / 1e6)
    return Row(
        "the same body through a live server, peak memory",
        f"+{grown:.0f} MB",
        f"the body, {len(large) / 1e6:.0f} MB",
        f"{ratio:.2f}",
        "below 4",
        ratio < 4,
    )


def _send(port: int, key: str, content: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path = f"/v1beta/models/{MODEL}:generateContent"
    connection.request("POST", path, content, {"x-goog-api-key": key})
    response = connection.getresponse()
    answer = response.read()
    assert response.status == 200, answer[:300]
