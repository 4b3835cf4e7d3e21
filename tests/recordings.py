"""Exchanges with Google that others recorded, as a stand-in upstream can answer them again.

They lie beside the checkout, or where ``PISANG_SHARED`` says; without them their tests are skipped.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.path.recorded import SHARED
from tests.upstream import Answer, chunked, sse

FOLDER = SHARED / "recordings"
_NOT_KEPT = {
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "connection",
    "content-type",
}
_PIECE = 300_000
_VERB = re.compile(r"models/([^/:?]+):(\w+)")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as bytes; header names are lower case. ``events`` are the values
    of an answer that was a stream."""

    name: str
    url: str
    status: int
    request: bytes
    response: bytes
    headers: Mapping[str, str]
    events: tuple[bytes, ...] = ()

    @property
    def is_vertex(self) -> bool:
        return "aiplatform" in self.url or "/publishers/" in self.url

    @property
    def model(self) -> str:
        found = _VERB.search(self.url)
        return found[1] if found else ""

    @property
    def method(self) -> str:
        found = _VERB.search(self.url)
        return found[2] if found else ""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "application/json; charset=UTF-8")

    @property
    def json(self) -> Any:
        return json.loads(self.response)

    def answer(self) -> Answer:
        """The answer as Google's servers send it, in chunks."""
        body = self.response
        pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
        kept = {k: v for k, v in self.headers.items() if k not in _NOT_KEPT}
        return chunked(*pieces, status=self.status, content_type=self.content_type, headers=kept)

    def as_stream(self) -> Answer:
        """The same as one event, for a caller who asks for a stream."""
        if self.events:
            return self.answer()
        return sse(self.json)

    @property
    def value(self) -> dict[str, Any]:
        """The answer as one value: of a stream, all of its parts and the end of its last event."""
        if not self.events:
            return dict(self.json)
        values = [json.loads(event) for event in self.events]
        parts = [
            part
            for value in values
            for candidate in value.get("candidates", [])
            for part in candidate.get("content", {}).get("parts", [])
        ]
        last = values[-1]
        last["candidates"] = [{**last["candidates"][0], "content": {"parts": parts}}]
        return dict(last)

    @property
    def pictures(self) -> list[str]:
        """The base64 of every picture of the answer."""
        return [part["inlineData"]["data"] for part in self._parts() if "inlineData" in part]

    @property
    def signatures(self) -> list[str]:
        return [part["thoughtSignature"] for part in self._parts() if "thoughtSignature" in part]

    @property
    def usage(self) -> dict[str, Any]:
        return dict(self.value.get("usageMetadata", {}))

    def _parts(self) -> Iterator[dict[str, Any]]:
        for candidate in self.value.get("candidates", []):
            yield from candidate.get("content", {}).get("parts", [])

    def __repr__(self) -> str:
        return self.name[-60:]


@cache
def recorded() -> tuple[Exchange, ...]:
    """All of them; none where there are no recordings."""
    if not FOLDER.is_dir():
        return ()
    return (*_with_meta(), *_js_genai(), *_braintrust())


def exchanges() -> list[Exchange]:
    """Every ``generateContent`` in one piece; skips where there are no recordings."""
    if not recorded():
        pytest.skip(f"recorded traffic is not at {FOLDER}; set PISANG_SHARED to its parent")
    return [each for each in recorded() if each.method == "generateContent" and each.request]


def drawn() -> list[Exchange]:
    """Those of ``generateContent`` whose answer has a picture."""
    return [
        each
        for each in recorded()
        if each.status == 200 and each.method.endswith("enerateContent") and each.pictures
    ]


def failed() -> list[Exchange]:
    """Those of ``generateContent`` that Google refused."""
    return [each for each in recorded() if each.status >= 400 and "enerateContent" in each.method]


def predicted() -> list[Exchange]:
    """Those of Imagen."""
    return [each for each in recorded() if each.status == 200 and each.method == "predict"]


def _with_meta() -> Iterator[Exchange]:
    for meta in sorted(FOLDER.glob("*/*.meta.json")):
        told, stem = json.loads(meta.read_text()), str(meta).removesuffix(".meta.json")
        answer, asked = Path(f"{stem}.response.json"), Path(f"{stem}.request.json")
        if not answer.is_file():
            continue
        headers = {k.lower(): v[0] for k, v in told["response_headers"].items()}
        yield Exchange(
            name=f"{meta.parent.name}/{Path(stem).name}",
            url=told["url"],
            status=told["status"],
            request=asked.read_bytes() if asked.is_file() else b"",
            response=answer.read_bytes(),
            headers=headers,
        )


def _js_genai() -> Iterator[Exchange]:
    for file in sorted(FOLDER.glob("js-genai/*.json")):
        for number, each in enumerate(json.loads(file.read_text())["interactions"]):
            asked, answer = each["request"], each["response"]
            values = [json.dumps(value).encode() for value in answer["bodySegments"]]
            headers = {k.lower(): v for k, v in answer["headers"].items()}
            streamed = headers["content-type"].startswith("text/event-stream")
            body = b"".join(b"data: " + value + b"\r\n\r\n" for value in values)
            yield Exchange(
                name=f"js-genai/{file.stem}.{number}",
                url=asked["url"],
                status=answer["statusCode"],
                request=json.dumps(asked["bodySegments"][0]).encode(),
                response=body if streamed else values[0],
                headers=headers,
                events=tuple(values) if streamed else (),
            )


def _braintrust() -> Iterator[Exchange]:
    for file in sorted(FOLDER.glob("transcribed/braintrust*.json")):
        told = json.loads(file.read_text())
        yield Exchange(
            name=f"transcribed/{file.stem}",
            url=told["request"]["url"],
            status=told["response"]["status"],
            request=json.dumps(told["request"]["body"]).encode(),
            response=json.dumps(told["response"]["body"]).encode(),
            headers={"content-type": told["response"]["headers"]["content-type"]},
        )
