"""A project to run commands on, and the event loops that the server's protocol is tried with:
transports differ in small print."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.nouns import Commands


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    commands = Commands(capsys, tmp_path / "data")
    commands.done("projects", "create", "shop")
    return commands


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name == "test_intake.py":
        loops["uvloop"] = _uvloop
    return loops


def _uvloop() -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = pytest.importorskip("uvloop").new_event_loop()
    return loop
