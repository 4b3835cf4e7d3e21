"""pisang serve --processes: workers behind one address, started anew when they end."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.live import PISANG, Live, started

# What a worker says and does; the parent says "started" and at its end "ended".
_PROGRAM = """
import asyncio, os, signal, sys
from pisang.cli.processes import supervise

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

async def work(worker):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with worker.until_parent_ends(lambda: (say("orphan", os.getpid()), stop.set())):
        say("worker", worker.number, os.getpid())
        worker.ready()
        await stop.wait()
        say("stopped", worker.number)

if __name__ == "__main__":
    worker = supervise(3, started=lambda: say("started"))
    if worker is None:
        say("ended")
    elif sys.argv[1:] == ["fail"] and worker.number == 1:
        sys.exit(7)
    else:
        asyncio.run(work(worker))
"""


class Said:
    """What a program of processes says, line by line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []

    def until(self, word: str, times: int = 1) -> list[list[str]]:
        """Reads on until a word was said so often since the beginning; returns those lines."""
        while True:
            found = [line.split() for line in self.lines if line.startswith(word)]
            if len(found) >= times:
                return found
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, f"it ended, and said {self.lines}"
            self.lines.append(line)

    def pids(self) -> dict[int, int]:
        """The process of each worker: the latest."""
        return {int(number): int(pid) for _, number, pid in self.until("worker")}


@contextmanager
def program(*words: str) -> Iterator[Said]:
    command = [sys.executable, "-c", _PROGRAM, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = Said(process)
        try:
            yield said
        finally:
            process.kill()
            process.wait(20)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # also between finding it and reading it
        return True


def wait_for(happened: Callable[[], bool]) -> None:
    for _ in range(300):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in 30 seconds")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_goes_to_all_and_is_waited_for(number: signal.Signals) -> None:
    with program() as said:
        said.until("started")
        assert sorted(said.pids()) == [0, 1, 2]
        said.process.send_signal(number)
        said.until("ended")
        assert len(said.until("stopped", 3)) == 3
        assert said.process.wait(20) == 0


def test_a_worker_that_is_killed_is_started_anew() -> None:
    with program() as said:
        said.until("started")
        for round_ in range(1, 3):
            killed = said.pids()[1]
            os.kill(killed, signal.SIGKILL)
            said.until("worker", 3 + round_)
            assert said.pids()[1] != killed
        assert len(said.until("started")) == 1
        said.process.terminate()
        said.until("ended")


def test_workers_end_with_their_parent() -> None:
    with program() as said:
        said.until("started")
        said.process.kill()
        assert len(said.until("stopped", 3)) == 3
        for pid in said.pids().values():
            wait_for(lambda pid=pid: is_gone(pid))


def test_one_that_cannot_start_ends_them_all() -> None:
    with program("fail") as said:
        assert said.process.wait(20) != 0
        assert said.process.stdout is not None
        assert "started" not in said.process.stdout.read()


def test_many_signals_at_once_lose_nobody() -> None:
    for _ in range(5):
        with program() as said:
            said.until("worker")  # some are not made yet
            for _ in range(20):
                said.process.terminate()
            assert said.process.wait(20) in (0, -signal.SIGTERM)


MODEL = "gemini-3-pro-image"
BODY = json.dumps({"contents": [{"parts": [{"text": "a yellow circle"}]}]}).encode()


@dataclass(frozen=True)
class House:
    """A server of several processes, and what a test does with it."""

    live: Live
    log: Path

    def pisang(self, *words: str) -> Any:
        done = subprocess.run(
            [PISANG, *words, "--data", self.live.data, "--json"],
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout)

    def ask(self, key: str, verb: str = "generateContent") -> int:
        """The status of one request, over a connection of its own."""
        place = f"{self.live.url}/v1beta/models/{MODEL}:{verb}"
        request = urllib.request.Request(place, BODY, {"x-goog-api-key": key})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def ask_many(self, key: str, count: int, verb: str = "generateContent") -> list[int]:
        with ThreadPoolExecutor(20) as callers:
            return list(callers.map(lambda _: self.ask(key, verb), range(count)))

    def workers(self) -> list[int]:
        """The processes that serve: the children of the one that was started."""
        (parent,) = _children(os.getpid(), self.live.data)
        return _children(parent, self.live.data)


def _children(parent: int, data: Path) -> list[int]:
    """Processes of a parent that were started with this data folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            words = (place / "cmdline").read_bytes().decode()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z" and str(data) in words:
            found.append(int(place.name))
    return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with started(tmp_path, processes="3") as live:
        yield House(live, tmp_path / "log")


def test_the_address_and_the_first_key_are_told_once(house: House) -> None:
    assert house.ask_many(house.live.key, 12, "countTokens") == [200] * 12
    said = house.log.read_text()
    assert said.count("Your first key") == 1
    assert said.count("pisang serves the Gemini API") == 1
    assert len(house.pisang("keys", "list")) == 2  # the first one, and that of the tests
    assert len(house.workers()) == 3


def test_a_key_that_is_revoked_stops_in_all_of_them_at_once(house: House) -> None:
    made = house.pisang("keys", "create")
    assert house.ask_many(made["key"], 30, "countTokens") == [200] * 30
    house.pisang("keys", "revoke", made["id"])
    assert house.ask_many(made["key"], 30, "countTokens") == [400] * 30


def test_a_limit_holds_for_all_of_them_together(house: House) -> None:
    house.pisang("projects", "create", "limited")
    made = house.pisang("keys", "create", "--project", "limited")
    house.pisang("limits", "set", "--project", "limited", "--model", MODEL, "--rpm", "5")
    ends = house.ask_many(made["key"], 25)
    assert (ends.count(200), ends.count(429)) == (5, 20)


def test_a_worker_that_is_killed_leaves_no_hold_and_is_replaced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes requests, and is silent
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        engine = {"kind": "google", "base_url": address, "api_keys": ["AIza-none"]}
        settings = {
            "engines": json.dumps({"silent": engine}),
            "routes": json.dumps([{"model": "*", "engines": ["silent"]}]),
        }
        with started(tmp_path, processes="2", **settings) as live:
            house = House(live, tmp_path / "log")
            with ThreadPoolExecutor(4) as callers:
                for _ in range(4):
                    callers.submit(_left_alone, house)
                wait_for(lambda: _holds(live.data) == 4)
                before = house.workers()
                for pid in before:
                    os.kill(pid, signal.SIGKILL)
            wait_for(lambda: _holds(live.data) == 0)
            wait_for(lambda: len(house.workers()) == 2)
            assert not set(house.workers()) & set(before)
            with urllib.request.urlopen(f"{live.url}/readyz", timeout=60) as answer:
                assert answer.status == 200
            assert house.log.read_text().count("a process of this server ended") == 2


def _left_alone(house: House) -> None:
    with suppress(OSError):
        house.ask(house.live.key)


def _holds(data: Path) -> int:
    with sqlite3.connect(data / "pisang.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM holds").fetchone()
    connection.close()
    return int(count)
