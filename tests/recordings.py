"""Recorded exchanges with Google, for a stand-in to play. They are no part of the repository."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.upstream import Answer, chunked

SHARED = Path(os.environ.get("PISANG_SHARED", Path(__file__).parents[2] / "shared"))
_OF_THE_CONNECTION = {"transfer-encoding", "content-length", "content-encoding", "connection"}
_PIECE = 300_000


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; header names are lower case."""

    name: str
    url: str
    status: int
    headers: dict[str, str]
    request: bytes
    response: bytes

    @property
    def is_vertex(self) -> bool:
        return "aiplatform" in self.url

    @property
    def model(self) -> str:
        return urlsplit(self.url).path.rpartition("/")[2].partition(":")[0]

    @property
    def method(self) -> str:
        return urlsplit(self.url).path.rpartition(":")[2]

    @property
    def json(self) -> Any:
        return json.loads(self.response)

    def answer(self) -> Answer:
        """The answer as Google's servers send it, in chunks."""
        body = self.response
        pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
        kept = {k: v for k, v in self.headers.items() if k not in _OF_THE_CONNECTION}
        media_type = kept.pop("content-type", "application/json; charset=UTF-8")
        return chunked(*pieces, status=self.status, content_type=media_type, headers=kept)


def exchanges() -> list[Exchange]:
    """Every recorded ``generateContent``; skips where the recordings are not at hand."""
    folder = SHARED / "recordings"
    if not folder.is_dir():
        pytest.skip(f"recorded traffic is not at {folder}; set PISANG_SHARED to its parent")
    return list(_read(folder))


def _read(folder: Path) -> Iterator[Exchange]:
    for file in sorted(folder.glob("*/*.meta.json")):
        about = json.loads(file.read_bytes())
        stem = file.name.removesuffix(".meta.json")
        if not about["url"].partition("?")[0].endswith(":generateContent"):
            continue
        yield Exchange(
            f"{file.parent.name}/{stem}",
            about["url"],
            about["status"],
            {name.lower(): values[0] for name, values in about["response_headers"].items()},
            (file.parent / f"{stem}.request.json").read_bytes(),
            (file.parent / f"{stem}.response.json").read_bytes(),
        )
