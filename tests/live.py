"""A live server on loopback, as an operator would start it, for the vendors' own clients."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PISANG = Path(sys.executable).with_name("pisang")


@dataclass(frozen=True)
class Live:
    """A running server: its address, a key, and the data folder it keeps."""

    url: str
    key: str
    data: Path


def absent(what: str) -> None:
    """Skips with a reason, or fails where every part is required (CI)."""
    if os.environ.get("PISANG_TEST_REQUIRE") == "1":
        pytest.fail(f"{what} is required here and was not found")
    pytest.skip(f"{what} is not installed: script/test sets it up")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    data = tmp_path_factory.mktemp("live")
    command = [PISANG, "serve", "--port", "0", "--data", data / "data"]
    log = (data / "log").open("w+")
    with subprocess.Popen(command, stdout=log, stderr=log, cwd=data) as server:
        try:
            url = _wait_for_address(server, data / "log")
            made = subprocess.run(
                [PISANG, "keys", "create", "--data", data / "data", "--json"],
                check=True,
                capture_output=True,
                text=True,
            )
            yield Live(url, json.loads(made.stdout)["key"], data / "data")
        finally:
            server.terminate()
            server.wait(20)
            log.close()


def _wait_for_address(server: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(300):
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text())
        if found:
            return found.group()
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up:\n{log.read_text()}")
