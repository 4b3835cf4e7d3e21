"""What is asked of every gateway, and what pisang has to reach there."""

import base64
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MODEL: Final = "gemini-3-pro-image"
PROMPT: Final = "A red fox in the snow, with the words 'Hello, pisang!'"
_PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Limits for pisang; None for what this scenario says nothing about.

    ``throughput``, ``cpu`` (a request) and ``last`` (answer) are multiples of nginx's, ``litellm``
    is a multiple of the throughput of LiteLLM's best way, ``added`` (to the median) and ``held``
    are milliseconds, ``peak`` is MB.
    """

    throughput: float | None = None
    cpu: float | None = None
    litellm: float | None = None
    added: float | None = None
    held: float | None = None
    last: float | None = None
    peak: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """``size`` is that of an answer's picture in letters of base64, ``delay`` (before an answer)
    and ``gap`` (between two events) are milliseconds. It ends after ``requests`` or ``seconds``.
    """

    name: str
    size: int
    connections: int
    targets: Targets
    seconds: float = 3
    requests: int = 0
    delay: int = 0
    stream: str = ""  # chunked or length
    references: int = 0
    gap: int = 300

    @property
    def method(self) -> str:
        return "streamGenerateContent?alt=sse" if self.stream else "generateContent"

    @property
    def warms_up(self) -> bool:
        return not self.requests

    def control(self) -> str:
        """What the stand-in is told."""
        length = int(self.stream == "length")
        return f"size={self.size}&delay={self.delay}&gap={self.gap}&length={length}"


SCENARIOS: Final[Sequence[Scenario]] = (
    Scenario(
        name="2 KB answers, 32 connections",
        size=1_400,
        connections=32,
        targets=Targets(throughput=0.08, litellm=80),
    ),
    Scenario(
        name="2 KB answers, 1 connection",
        size=1_400,
        connections=1,
        targets=Targets(added=0.5),
    ),
    Scenario(
        name="2 MB answers, 16 connections",
        size=2_000_000,
        connections=16,
        targets=Targets(throughput=0.45, cpu=2, litellm=13),
    ),
    Scenario(
        name="8 MB answers, 16 connections",
        size=8_000_000,
        connections=16,
        targets=Targets(throughput=0.55, cpu=2, litellm=9),
    ),
    Scenario(
        name="27 MB answers, 16 connections",
        size=27_000_000,
        connections=16,
        targets=Targets(throughput=0.55, cpu=2, litellm=8),
        seconds=4,
    ),
    Scenario(
        name="14 MB requests with 14 references, 8 connections",
        size=1_400,
        connections=8,
        references=14,
        targets=Targets(throughput=0.5, litellm=5),
    ),
    Scenario(
        name="first event of a stream, chunked",
        size=8_000,
        connections=1,
        requests=8,
        stream="chunked",
        targets=Targets(held=1),
    ),
    Scenario(
        name="first event of a stream, with a length",
        size=8_000,
        connections=1,
        requests=8,
        stream="length",
        targets=Targets(held=1),
    ),
    Scenario(
        name="200 callers waiting 5 s for 8 MB",
        size=8_000_000,
        connections=200,
        requests=200,
        delay=5_000,
        seconds=120,
        targets=Targets(last=1.2, peak=300),
    ),
)


def request(shape: str, scenario: Scenario, path: str, headers: Mapping[str, str]) -> bytes:
    """A whole HTTP request in one of the shapes."""
    content = _BODIES[shape](scenario)
    head = [f"POST {path.replace('METHOD', scenario.method)} HTTP/1.1", "host: 127.0.0.1"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    head += ["content-type: application/json", f"content-length: {len(content)}", "", ""]
    return "\r\n".join(head).encode() + content


def _gemini(scenario: Scenario) -> bytes:
    parts: list[object] = [
        {"inlineData": {"mimeType": "image/png", "data": _picture()}}
        for _ in range(scenario.references)
    ]
    asked = {"contents": [{"role": "user", "parts": [*parts, {"text": PROMPT}]}]}
    return json.dumps(asked).encode()


def _images(_: Scenario) -> bytes:
    return json.dumps({"model": MODEL, "prompt": PROMPT, "n": 1}).encode()


def _chat(scenario: Scenario) -> bytes:
    parts: list[object] = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_picture()}"}}
        for _ in range(scenario.references)
    ]
    message = {"role": "user", "content": [*parts, {"type": "text", "text": PROMPT}]}
    return json.dumps({"model": MODEL, "messages": [message]}).encode()


def _picture() -> str:
    """A PNG file of 750 KB: one pixel, and noise in a private chunk."""
    noise = os.urandom(750_000)
    chunk = len(noise).to_bytes(4, "big") + b"paDd" + noise + b"\0\0\0\0"
    return base64.b64encode(_PNG[:33] + chunk + _PNG[33:]).decode()


_BODIES: Final[Mapping[str, Callable[[Scenario], bytes]]] = {
    "gemini": _gemini,
    "images": _images,
    "chat": _chat,
}
