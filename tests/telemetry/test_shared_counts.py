"""Processes of one server that count together: sums, and what only the living say."""

import os
import subprocess
import sys
from pathlib import Path

from pisang.telemetry.meters import Meters
from pisang.telemetry.shared_counts import SharedCounts, added, dumped


def counted(requests: int, *, under_way: int, well: bool) -> Meters:
    """The meters of a process that has answered so many."""
    meters = Meters({"m"})
    for _ in range(requests):
        meters.request("openai", "POST images/generations", 200, 0.05)
        meters.paid("m", "studio", cost=134_000_000, charged=134_000_000, rehearsal=False)
    meters.engines({"studio": (well, under_way)})
    return meters


def test_counters_and_histograms_add_up(tmp_path: Path) -> None:
    for number, requests in enumerate((2, 3)):
        meters = counted(requests, under_way=number, well=True)
        SharedCounts(tmp_path, f"{os.getpid()}-{number}.json").write(dumped(meters.counted))
    values, living = SharedCounts(tmp_path).read()
    assert living == [os.getpid()]
    labels = ("openai", "POST images/generations", "200")
    total, *buckets = values["gen_ai_server_request_duration_seconds"][labels]
    assert (round(total, 6), sum(buckets)) == (0.25, 5)
    (cost,) = values["pisang_cost_usd_total"]["m", "studio", "no"]
    assert round(cost, 6) == 0.67
    assert values["pisang_engine_under_way"][("studio",)] == [1]


def test_the_worst_of_them_says_whether_an_engine_is_well() -> None:
    pages = [counted(0, under_way=1, well=well) for well in (True, False, True)]
    values = added(
        ({name: each.values for name, each in meters.counted.items()}, True) for meters in pages
    )
    assert values["pisang_engine_up"][("studio",)] == [0]
    assert values["pisang_engine_under_way"][("studio",)] == [3]


def test_what_an_ended_process_counted_stays_and_its_gauges_do_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    SharedCounts(tmp_path, f"{ended.pid}-1.json").write(
        dumped(counted(4, under_way=7, well=False).counted)
    )
    SharedCounts(tmp_path).write(dumped(counted(1, under_way=1, well=True).counted))
    values, living = SharedCounts(tmp_path).read()
    assert living == [os.getpid()]
    (row,) = values["gen_ai_server_request_duration_seconds"].values()
    assert sum(row[1:]) == 5
    assert values["pisang_engine_under_way"][("studio",)] == [1]
    assert values["pisang_engine_up"][("studio",)] == [1]


def test_a_file_that_is_half_written_is_not_read(tmp_path: Path) -> None:
    SharedCounts(tmp_path).write(dumped(counted(1, under_way=0, well=True).counted))
    (tmp_path / "1-x.json.half").write_text('{"pisang_')
    values, _ = SharedCounts(tmp_path).read()
    assert values["pisang_engine_up"]
