"""Every Gemini API request that real client libraries were recorded sending, sent again to a live
server: same path, query, headers and body, only the key exchanged."""

import http.client
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from pisang.core.content import Blob
from pisang.core.events import Event, Finished, FinishReason, Image, Text
from pisang.core.image import sniff
from pisang.wire.gemini import response
from pisang.wire.sse import EventReader
from tests.live import Live
from tests.path.test_serve import serving

SHARED = Path(os.environ.get("PISANG_SHARED", Path(__file__).parents[3] / "shared"))
PREFIX = "/proxy/gemini"  # what the clients were told to put before the version, once
SERVED = re.compile(
    rf"(?:{PREFIX})?/v1(?:beta|alpha)?/models(?:/[^/:]+)?"
    r"(?::(?:generateContent|streamGenerateContent|countTokens))?"
)
OF_THE_CONNECTION = {"host", "connection", "content-length", "accept-encoding"}

# What is refused, as Google does or because it cannot be served, and a word that its 400 must
# have: a size in lower case, files by address, which this server
# does not fetch, and the sixteen bytes that the recorder sent in place of a picture.
REFUSED = {
    "genai-dev-24-files-upload-filedata-get-list-delete": "inlineData",
    "genai-dev-25-filedata-uri": "inlineData",
    "genai-js-dev-09-files-upload": "inlineData",
    "genai-dev-40-base64-alphabet": "inline_data",
    "genai-dev-17-image-size-lowercase": "case-sensitive",
}


def _recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((SHARED / "contract" / "sdk-requests").glob("*.json")):
        case = json.loads(file.read_bytes())
        if not case.get("sdk", "").startswith("openai"):  # it has /v1/models in a shape of its own
            for sent in case.get("requests", []):
                if SERVED.fullmatch(sent["path"]):
                    yield case["case"], sent


def _again(sent: dict[str, Any], url: str, key: str) -> tuple[int, bytes]:
    """The recorded request with another key; the status and the body of the answer."""
    body = b"" if sent.get("body") is None else json.dumps(sent["body"]).encode()
    query = f"?{urlencode(list(map(tuple, sent['query'])), safe='$;=')}" if sent["query"] else ""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.putrequest(sent["method"], sent["path"] + query, skip_accept_encoding=True)
        for name, value in sent["headers"]:
            if name.lower() not in OF_THE_CONNECTION:
                connection.putheader(name, key if name.lower() == "x-goog-api-key" else value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _events(sent: dict[str, Any], body: bytes) -> list[Event]:
    if ":stream" not in sent["path"]:
        result = response.decode(body)
        return [*result.parts, result.finished]
    if ["alt", "sse"] in sent["query"]:
        chunks = [event.data for event in EventReader().feed(body)]
    else:
        chunks = [json.dumps(chunk).encode() for chunk in json.loads(body)]
    return [event for chunk in chunks for event in response.decode_chunk(chunk)]


def _check_picture(case: str, sent: dict[str, Any], body: bytes) -> None:
    events = _events(sent, body)
    (finished,) = (event for event in events if isinstance(event, Finished))
    assert finished.reason is FinishReason.STOP, (case, finished)
    (picture,) = (event for event in events if isinstance(event, Image))
    assert isinstance(picture.content, Blob)
    header = sniff(picture.content.data)
    assert header is not None, case
    asked = sent["body"].get("generationConfig", {})
    if "16:9" in json.dumps(asked):
        assert round(header.width / header.height, 1) == 1.8, case
    modalities = [name.upper() for name in asked.get("responseModalities", ("TEXT", "IMAGE"))]
    assert any(isinstance(event, Text) for event in events) == ("TEXT" in modalities), case


def _check(case: str, sent: dict[str, Any], status: int, body: bytes) -> None:
    path = sent["path"]
    if case in REFUSED:
        assert status == 400, (case, body[:300])
        assert REFUSED[case] in body.decode(), case
        return
    assert status == 200, (case, path, body[:300])
    if path.endswith(":countTokens"):
        assert json.loads(body)["totalTokens"] > 0, case
    elif path.endswith("/models"):
        models = json.loads(body)["models"]
        asked = int(dict(sent["query"]).get("pageSize", 50))
        assert 0 < len(models) <= asked, case
        assert all(model["name"].startswith("models/") for model in models), case
    elif sent["method"] == "GET":
        assert json.loads(body)["name"] == "models/" + path.partition("/models/")[2], case
    else:
        _check_picture(case, sent, body)


def test_what_clients_were_recorded_sending_is_answered_as_they_need_it(live: Live) -> None:
    """One test for all: where the recordings are missing, one reason is enough."""
    cases = [(case, sent) for case, sent in _recorded() if not sent["path"].startswith(PREFIX)]
    if not cases:
        pytest.skip(f"recorded traffic is not at {SHARED}; set PISANG_SHARED to its folder")
    for case, sent in cases:
        _check(case, sent, *_again(sent, live.url, live.key))
    assert len(cases) > 50


def test_what_clients_were_recorded_sending_behind_a_path_is_answered_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [(case, sent) for case, sent in _recorded() if sent["path"].startswith(PREFIX)]
    if not cases:
        pytest.skip(f"recorded traffic is not at {SHARED}; set PISANG_SHARED to its folder")
    monkeypatch.setenv("PISANG_PREFIX", PREFIX)
    with serving(tmp_path) as server:
        for case, sent in cases:
            _check(case, sent, *_again(sent, server.url.removesuffix(PREFIX), server.key))
