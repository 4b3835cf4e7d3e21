"""Requests that real client libraries were recorded sending, sent again to a live server.

A case may be a conversation: what a recorder answered ("files/abc-123", "i1") is replaced by what
this server answered before, so that later requests of the case mean the thing just made.
"""

import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

SHARED = Path(os.environ.get("PISANG_SHARED", Path(__file__).parents[3] / "shared"))
PREFIX = "/proxy/gemini"  # what one client was told to put before the version
PROJECT = "my-proj"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "789c6364f8cf500f00038601805a347d6b0000000049454e44ae426082"
)
_MARKER = "<70 raw bytes: 1x1 PNG>"
_OF_THE_CONNECTION = {"host", "connection", "content-length", "accept-encoding"}


@dataclass(frozen=True)
class Credentials:
    """What stands in for the recorded fakes."""

    key: str
    token: str


@dataclass(frozen=True)
class Reply:
    """One answer to a recorded request."""

    case: str
    sent: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def path(self) -> str:
        return str(self.sent["path"]).removeprefix(PREFIX)


@dataclass
class Case:
    """One recorded case; ``swaps`` grows with what the server answers."""

    name: str
    requests: list[dict[str, Any]]
    swaps: dict[str, str] = field(default_factory=dict)

    @property
    def behind_a_prefix(self) -> bool:
        return any(sent["path"].startswith(PREFIX) for sent in self.requests)

    def play(self, url: str, credentials: Credentials) -> Iterator[Reply]:
        """Sends the requests one after another."""
        for sent in self.requests:
            reply = self._send(sent, url, credentials)
            self._learn(reply)
            yield reply

    def _send(self, sent: dict[str, Any], url: str, credentials: Credentials) -> Reply:
        path = self._swapped(sent["path"])
        query = [(name, self._swapped(value)) for name, value in sent["query"]]
        body = self._body(sent)
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=90)
        try:
            target = f"{path}?{urlencode(query, safe='$;=')}" if query else path
            connection.putrequest(sent["method"], target, skip_accept_encoding=True)
            for name, value in sent["headers"]:
                if name.lower() not in _OF_THE_CONNECTION:
                    connection.putheader(name, _credential(name.lower(), value, credentials))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(self.name, sent, answer.status, headers, answer.read())
        finally:
            connection.close()

    def _body(self, sent: dict[str, Any]) -> bytes:
        if sent.get("body") is not None:
            return self._swapped(json.dumps(sent["body"])).encode()
        text = self._swapped(sent.get("body_text") or "")
        return PNG.join(part.encode() for part in text.split(_MARKER))

    def _swapped(self, text: str) -> str:
        for recorded, ours in self.swaps.items():
            text = text.replace(recorded, ours)
        return text

    def _learn(self, reply: Reply) -> None:
        if address := reply.headers.get("x-goog-upload-url"):
            self.swaps["UP1"] = parse_qs(urlsplit(address).query)["upload_id"][0]
        if "/files" in reply.path and reply.status == 200 and reply.body.startswith(b"{"):
            made = reply.json.get("file")
            if made and "name" in made:
                self.swaps["abc-123"] = made["name"].removeprefix("files/")


def cases() -> list[Case]:
    """Every recorded case that sent a request; none where the recordings are missing."""
    files = sorted((SHARED / "contract" / "sdk-requests").glob("*.json"))
    read = (json.loads(file.read_bytes()) for file in files)
    return [Case(case["case"], case["requests"]) for case in read if case.get("requests")]


def _credential(name: str, value: str, credentials: Credentials) -> str:
    if name == "x-goog-api-key":
        return credentials.key
    if name == "authorization":
        return f"Bearer {credentials.token if 'TOKEN' in value else credentials.key}"
    return value
