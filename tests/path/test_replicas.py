"""Two servers behind one address: PostgreSQL for records and money, Valkey for limits."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Redis
from tests.live import PISANG, Live, started

MODEL = "gemini-3-pro-image"
MASTER_KEY = "of both of them alike, and long enough"
BODY = json.dumps({"contents": [{"parts": [{"text": "a yellow circle"}]}]}).encode()


@dataclass(frozen=True)
class House:
    """Two servers, and what a test does with them; ``log`` has what both said."""

    servers: tuple[Live, Live]
    database_url: str
    logs: tuple[Path, Path]

    def pisang(self, *words: str) -> Any:
        done = subprocess.run(
            [PISANG, *words, "--data", self.servers[0].data, "--json"],
            check=False,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PISANG_DATABASE_URL": self.database_url,
                "PISANG_MASTER_KEY": MASTER_KEY,
            },
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def ask(self, key: str, count: int, verb: str = "generateContent") -> list[int]:
        """The status of so many requests at once, one to each server in turn."""
        with ThreadPoolExecutor(16) as callers:
            return list(
                callers.map(lambda at: _asked(self.servers[at % 2], key, verb), range(count))
            )

    def limited(self, rpm: int) -> str:
        """A key of a project that may ask so often a minute."""
        self.pisang("projects", "create", "limited")
        made = self.pisang("keys", "create", "--project", "limited")
        words = ["--project", "limited", "--model", MODEL, "--rpm", str(rpm)]
        self.pisang("limits", "set", *words)
        return str(made["key"])

    @property
    def said(self) -> str:
        return "".join(log.read_text() for log in self.logs)


def _asked(server: Live, key: str, verb: str) -> int:
    place = f"{server.url}/v1beta/models/{MODEL}:{verb}"
    request = urllib.request.Request(place, BODY, {"x-goog-api-key": key})
    return _status(request)


def _asked_of_one_that_may_end(server: Live, key: str) -> int:
    try:
        return _asked(server, key, "generateContent")
    except OSError:
        return 0


def _status(request: "urllib.request.Request | str") -> int:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.fixture
def house(tmp_path: Path, postgres_url: str, own_redis: Redis) -> Iterator[House]:
    settings = {
        "database_url": postgres_url,
        "limits_url": own_redis.url,
        "limits_lost": "closed",
        "signing_key": "of both of them alike",
        "master_key": MASTER_KEY,
        "log_format": "json",
    }
    with ExitStack() as stack:
        folders = tmp_path / "one", tmp_path / "other"
        one, other = (stack.enter_context(started(each, **settings)) for each in folders)
        yield House((one, other), postgres_url, (folders[0] / "log", folders[1] / "log"))


def test_what_one_is_told_the_other_knows_at_once(house: House) -> None:
    made = house.pisang("keys", "create")
    assert house.ask(made["key"], 10, "countTokens") == [200] * 10
    house.pisang("keys", "revoke", made["id"])
    assert house.ask(made["key"], 10, "countTokens") == [400] * 10
    assert sum("first key" in log.read_text() for log in house.logs) == 1


def test_a_limit_holds_for_both_together_and_its_loss_is_said(
    house: House, own_redis: Redis
) -> None:
    key = house.limited(6)
    ends = house.ask(key, 20)
    assert (ends.count(200), ends.count(429)) == (6, 14)
    own_redis.kill()
    assert house.ask(key, 4) == [503] * 4
    assert house.ask(house.servers[0].key, 2) == [200] * 2  # who has no limit needs no Valkey
    assert {_status(f"{server.url}/readyz") for server in house.servers} == {503}
    assert house.said.count("limits are lost") == 2
    own_redis.start()
    ends = house.ask(key, 20)
    while 503 in ends:  # for a second it is left alone
        ends = house.ask(key, 20)
    assert house.said.count("limits are back") >= 1


def test_a_budget_holds_for_both_together(house: House) -> None:
    house.pisang("projects", "create", "prepaid", "--prepaid")
    made = house.pisang("keys", "create", "--project", "prepaid")
    house.pisang("ledger", "top-up", "--project", "prepaid", "--amount", "1.00")
    ends = house.ask(made["key"], 24)
    balance = house.pisang("ledger", "balance", "--project", "prepaid")
    assert balance["held_usd"] in ("0", "0.00")
    assert set(ends) <= {200, 429}, house.said
    assert 0 < ends.count(200) < 24
    assert 0 <= float(balance["available_usd"]) < 1


def test_what_a_server_leaves_that_is_killed_under_load_the_other_frees(house: House) -> None:
    house.pisang("projects", "create", "prepaid", "--prepaid")
    made = house.pisang("keys", "create", "--project", "prepaid")
    house.pisang("ledger", "top-up", "--project", "prepaid", "--amount", "100.00")
    with ThreadPoolExecutor(16) as callers:
        asked = [
            callers.submit(_asked_of_one_that_may_end, house.servers[at % 2], made["key"])
            for at in range(40)
        ]
        wait(asked, return_when=FIRST_COMPLETED)
        os.kill(house.servers[0].pid, signal.SIGKILL)
        ends = [each.result() for each in asked]
    assert set(ends) == {0, 200}
    while Decimal(house.pisang("ledger", "balance", "--project", "prepaid")["held_usd"]):
        time.sleep(0.1)  # nobody would free it before the request's deadline is over
    words = ("--project", "prepaid", "--kind", "post", "--most", "100")
    posts = house.pisang("ledger", "entries", *words)
    assert len(posts) >= ends.count(200)  # what was charged may not have come to its caller
    assert len({post["request_id"] for post in posts}) == len(posts)
    assert house.pisang("ledger", "verify")["right"]
    assert _asked(house.servers[1], made["key"], "generateContent") == 200
