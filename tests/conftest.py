"""Fixtures by noun, for all tests."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from structlog._config import BoundLoggerLazyProxy as Kept

from pisang.testing import Server, server
from tests.databases import (
    _postgres_with_tables,
    _redis_of_all,
    database_url,
    own_redis,
    postgres,
    postgres_url,
    redis_url,
)
from tests.live import OF_GOOGLE, account, live

__all__ = [  # fixtures: real servers, each one for all tests that want it
    "_postgres_with_tables",
    "_redis_of_all",
    "account",
    "database_url",
    "live",
    "own_redis",
    "postgres",
    "postgres_url",
    "redis_url",
]

# A shell starts what it puts into the background deaf to Ctrl-C, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# A busy machine is no defect: several files run side by side, some with databases.
settings.register_profile("pisang", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pisang")


@pytest.fixture(autouse=True)
def _only_settings_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person who runs the tests has set for their own server must not change them, and
    must not pay for them."""
    for name in list(os.environ):
        if name.startswith(("PISANG_", "OTEL_")) and not name.startswith("PISANG_TEST_"):
            monkeypatch.delenv(name)
    for name in OF_GOOGLE:  # would make a route to Google, who sends bills
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_log_set_up_by_another_test() -> None:
    """Commands that run in the test's process set the log up for all that come after them, and each
    logger keeps what it was first used with."""
    structlog.reset_defaults()
    for name, module in list(sys.modules.items()):
        if name.startswith("pisang.") and isinstance(log := vars(module).get("log"), Kept):
            vars(log).pop("bind", None)


@pytest.fixture
def kept_in() -> str | None:
    """Where the server of ``pisang`` keeps its records: in SQLite. A module whose tests are to run
    on both databases imports ``database_url`` under this name."""
    return None


@pytest.fixture
async def pisang(tmp_path: Path, kept_in: str | None) -> AsyncIterator[Server]:
    """A server in this process, with a scripted engine and a key."""
    async with server(tmp_path / "data", database_url=kept_in) as running:
        yield running
