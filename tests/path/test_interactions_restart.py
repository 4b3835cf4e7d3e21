"""A real server that is stopped while it makes something for nobody: the next one says so."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.live import Live, started

SLOW = {
    "model": "gemini-3-pro-image",
    "input": "A harbour at night with forty sailing boats in the rain",
    "background": True,
    "generation_config": {"image_config": {"image_size": "4K"}},
}


def asked(server: Live, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-goog-api-key": server.key, "content-type": "application/json"}
    request = urllib.request.Request(f"{server.url}{path}", data, headers)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def test_what_was_being_made_when_the_server_stopped_has_failed(tmp_path: Path) -> None:
    with started(tmp_path) as first:
        made = asked(first, "/v1/interactions", SLOW)
        assert made["status"] == "in_progress"
    began = time.monotonic()
    with started(tmp_path) as second:
        found = asked(second, f"/v1/interactions/{made['id']}")
    assert found["status"] == "failed"
    assert "Send it again" in found["errors"][0]["message"]
    assert time.monotonic() - began < 60  # nobody waits for the row to be given up
