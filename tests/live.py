"""A live server on loopback, as an operator would start it, for the vendors' own clients."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PISANG = Path(sys.executable).with_name("pisang")


OF_GOOGLE = (
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
)


@dataclass(frozen=True)
class Live:
    """A running server: its address, a key, the data folder it keeps, and its process."""

    url: str
    key: str
    data: Path
    pid: int = 0


@dataclass(frozen=True)
class Account:
    """A service account of the server: its file, its project, an access token."""

    file: Path
    project: str
    token: str


def absent(what: str) -> None:
    """Skips with a reason, or fails where every part is required (CI)."""
    if os.environ.get("PISANG_TEST_REQUIRE") == "1":
        pytest.fail(f"{what} is required here and was not found")
    pytest.skip(f"{what} is not installed: script/test sets it up")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with started(tmp_path_factory.mktemp("live")) as server:
        yield server


@contextmanager
def started(folder: Path, **settings: str) -> Iterator[Live]:
    """A server of its own in ``folder``, with settings as in the environment but in lower case."""
    folder.mkdir(exist_ok=True)
    command = [PISANG, "serve", "--port", "0", "--data", folder / "data"]
    environ = {name: value for name, value in os.environ.items() if name not in OF_GOOGLE}
    environ |= {f"PISANG_{name.upper()}": value for name, value in settings.items()}
    log = (folder / "log").open("w+")
    with subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environ) as server:
        try:
            url = _wait_for_address(server, folder / "log")
            made = subprocess.run(
                [PISANG, "keys", "create", "--data", folder / "data", "--json"],
                check=True,
                capture_output=True,
                text=True,
                env=environ,
            )
            yield Live(url, json.loads(made.stdout)["key"], folder / "data", server.pid)
        finally:
            server.terminate()
            server.wait(20)
            log.close()


@pytest.fixture(scope="session")
def account(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Account:
    return signed_up(live, tmp_path_factory.mktemp("account"))


def signed_up(live: Live, folder: Path, *, project: str = "default") -> Account:
    """A new service account of a running server, its file in ``folder``."""
    file = folder / "account.json"
    words = ["service-accounts", "create", "tests", "--out", file, "--data", live.data]
    words += ["--project", project]  # and the address of the server that runs on the folder
    subprocess.run([PISANG, *words], check=True, capture_output=True)
    made = subprocess.run(
        [PISANG, "token", "--service-account", file], check=True, capture_output=True, text=True
    )
    return Account(file, json.loads(file.read_text())["project_id"], made.stdout.strip())


def _wait_for_address(server: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(300):
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text())
        if found:
            return found.group()
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up:\n{log.read_text()}")
