"""pisang serve --processes: whichever process is scraped answers for all of them."""

import os
import signal
import urllib.request
from pathlib import Path

import pytest

from pisang.telemetry.shared_counts import SharedCounts
from tests.cli.test_processes import House, wait_for
from tests.live import started
from tests.path.scraped import Scraped

_METRIC = "gen_ai_server_request_duration_seconds"
_LABELS = ("gemini_api", "countTokens", "200")


def _scraped(url: str) -> Scraped:
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:
        return Scraped(answer.read().decode())


def _written(folder: Path) -> float:
    """How many requests are in the files of all processes."""
    values, _ = SharedCounts(folder).read()
    return sum(values[_METRIC].get(_LABELS, [0])[1:])


def test_any_process_answers_for_all_even_for_one_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with started(tmp_path, processes="3", workers="1") as live:
        house = House(live, tmp_path / "log")
        assert house.ask_many(live.key, 60, "countTokens") == [200] * 60
        (folder,) = temporary.glob("pisang-metrics-*")
        wait_for(lambda: _written(folder) == 60)
        assert len(SharedCounts(folder).read()[1]) == 3
        killed = house.workers()[0]
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len(set(house.workers()) - {killed}) == 3)
        for _ in range(6):
            found = _scraped(live.url)
            counted = found.of(f"{_METRIC}_count", method="countTokens", status="200")
            assert counted == 60
            assert found.of("pisang_engine_up", engine="sketch") == 1
            assert found.of("process_open_fds") > 0
    assert not folder.exists()
