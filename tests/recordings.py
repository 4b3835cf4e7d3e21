"""Exchanges with Google that others recorded, as a stand-in upstream can answer them again.

They lie beside the checkout, or where ``PISANG_SHARED`` says; without them their tests are skipped.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.path.recorded import SHARED

FOLDER = SHARED / "recordings"
_VERB = re.compile(r"models/([^/:?]+):(\w+)")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. ``body`` are the bytes of the answer; ``events`` are its values
    where it was a stream."""

    name: str
    url: str
    status: int
    request: dict[str, Any]
    body: bytes
    content_type: str
    events: tuple[bytes, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        found = _VERB.search(self.url)
        return found[1] if found else ""

    @property
    def verb(self) -> str:
        found = _VERB.search(self.url)
        return found[2] if found else ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

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
def exchanges() -> tuple[Exchange, ...]:
    """All of them; none where there are no recordings."""
    if not FOLDER.is_dir():
        return ()
    return (*_with_meta(), *_js_genai(), *_braintrust())


def drawn() -> list[Exchange]:
    """Those of ``generateContent`` whose answer has a picture."""
    return [
        each
        for each in exchanges()
        if each.status == 200 and each.verb.endswith("enerateContent") and each.pictures
    ]


def failed() -> list[Exchange]:
    """Those of ``generateContent`` that Google refused."""
    return [each for each in exchanges() if each.status >= 400 and "enerateContent" in each.verb]


def predicted() -> list[Exchange]:
    """Those of Imagen."""
    return [each for each in exchanges() if each.status == 200 and each.verb == "predict"]


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
            request=json.loads(asked.read_text()) if asked.is_file() else {},
            body=answer.read_bytes(),
            content_type=headers.get("content-type", "application/json; charset=UTF-8"),
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
                request=asked["bodySegments"][0],
                body=body if streamed else values[0],
                content_type=headers["content-type"],
                events=tuple(values) if streamed else (),
                headers=headers,
            )


def _braintrust() -> Iterator[Exchange]:
    for file in sorted(FOLDER.glob("transcribed/braintrust*.json")):
        told = json.loads(file.read_text())
        yield Exchange(
            name=f"transcribed/{file.stem}",
            url=told["request"]["url"],
            status=told["response"]["status"],
            request=told["request"]["body"],
            body=json.dumps(told["response"]["body"]).encode(),
            content_type=told["response"]["headers"]["content-type"],
        )
