"""The databases of the tests: they are real, empty for each test, and end with the tests."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from tests.databases import Postgres, Redis

ROOT = Path(__file__).parents[1]


async def test_every_test_has_a_database_of_its_own(postgres: Postgres) -> None:
    for _ in range(2):
        with postgres.fresh() as url:
            connection = await asyncpg.connect(url)
            await connection.execute("CREATE TABLE mine (number int)")
            await connection.close()


def test_one_that_was_killed_comes_back_empty_at_the_same_address(own_redis: Redis) -> None:
    own_redis.ask("SET a 1")
    url = own_redis.url
    own_redis.kill()
    with pytest.raises(OSError, match="refused"):
        own_redis.ask("PING")
    own_redis.start()
    assert (own_redis.url, own_redis.ask("GET a")) == (url, "$-1")


def test_they_end_with_the_tests_that_started_them_even_when_those_are_killed() -> None:
    program = (
        "import pathlib, sys, time; from tests import databases as d\n"
        "user = d._somebody()\n"
        "with d._folder(user) as folder, d._redis() as redis:\n"
        "  with d._running(d._postgres_programs(), folder, user) as postgres:\n"
        "    print(folder, redis.folder, postgres.port, redis.port, flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as tests:
        assert tests.stdout is not None
        line = tests.stdout.readline().split()
        tests.send_signal(signal.SIGKILL)
        tests.wait(20)
    if not line:
        pytest.skip("PostgreSQL or Redis is not installed: script/test sets them up")
    folders, servers = line[:2], [Redis("", Path(), port=int(port)) for port in line[2:]]
    for _ in range(200):
        if not any(map(_listens, servers)):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("a database has outlived the tests that started it")
    for folder in folders:
        shutil.rmtree(folder)


def _listens(server: Redis) -> bool:
    try:
        server.ask("PING")
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    return True
