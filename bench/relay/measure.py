"""Runs the scenarios, every way of asking in turn, and keeps what was seen."""

import json
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.relay import gateways, programs, scenarios
from bench.relay.gateways import DIRECT, LOAD_CPU, Running, Upstream, Way
from bench.relay.programs import Missing
from bench.relay.scenarios import Scenario

_WARM_UP = 0.5  # seconds before each run: buffers grow, connections open, sleepers wake


@dataclass(frozen=True, slots=True)
class Plan:
    """``runs`` of each way (``slow_runs`` of slow ones where a round takes long), each ``pace``
    times as long as the scenario says."""

    runs: int = 3
    slow_runs: int = 2
    pace: float = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One run: times in seconds, memory in bytes; ``other`` is how many processors were busy with
    something else."""

    answered: int
    failed: int
    seconds: float
    bytes: int
    p50: float
    p95: float
    last: float
    first: float
    held: float
    cpu: float
    peak: int
    other: float

    @property
    def rate(self) -> float:
        return self.answered / self.seconds

    @property
    def cpu_each(self) -> float:
        return self.cpu / max(self.answered, 1)


@dataclass(slots=True)
class Results:
    """What was seen by scenario and way, in the order of the runs, and why something was not."""

    seen: dict[tuple[str, str], list[Seen]] = field(default_factory=dict)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, scenario: Scenario, way: Way) -> list[Seen]:
        return self.seen.get((scenario.name, way.name), [])


def middle(runs: Sequence[Seen], what: str) -> float:
    """The median of one figure."""
    return float(statistics.median(getattr(run, what) for run in runs))


def measured(
    wanted: Sequence[Scenario], ways: Sequence[Way], *, plan: Plan, tls: bool = False
) -> Results:
    """Everything against one stand-in. Raises ``Missing`` where there is not even that."""
    results = Results()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        upstream = stack.enter_context(gateways.stub(folder, tls=tls))
        bench = _Bench(folder, upstream, programs.compiled("driver"), plan)
        if not tls:  # the driver speaks no TLS
            bench.gateways["direct"] = Running(upstream.port, upstream.pid, gateways.KEY, True)
        absent: dict[str, str] = {}
        for name in dict.fromkeys(way.gateway for way in ways if way != DIRECT):
            try:
                running = stack.enter_context(gateways.running(name, upstream, folder))
            except Missing as why:
                absent[name] = str(why)
                _say(f"{name}: {why}")
                continue
            bench.gateways[name] = running
        for scenario in wanted:
            for way in ways:
                if way.gateway in absent:
                    results.missing[scenario.name, way.name] = absent[way.gateway]
            _scenario(
                bench, scenario, [way for way in ways if way.gateway in bench.gateways], results
            )
    return results


@contextmanager
def asked(scenario: Scenario, way: Way, *, seconds: float) -> Iterator[Running]:
    """A gateway that is being asked, for as long as the block lasts but at most so many seconds.
    Raises ``Missing``."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        upstream = stack.enter_context(gateways.stub(folder, tls=False))
        bench = _Bench(folder, upstream, programs.compiled("driver"), Plan())
        running = stack.enter_context(gateways.running(way.gateway, upstream, folder))
        bench.gateways[way.gateway] = running
        bench.tell(scenario.control())
        stack.enter_context(running.awake())
        _drive(_driver(bench, scenario, way, seconds=_WARM_UP))
        command = _driver(bench, scenario, way, seconds=seconds)
        driver = stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        stack.callback(driver.kill)
        yield running


@dataclass(frozen=True, slots=True)
class _Bench:
    folder: Path
    upstream: Upstream
    driver: Path
    plan: Plan
    gateways: dict[str, Running] = field(default_factory=dict)
    size: list[int] = field(default_factory=lambda: [0])  # of the answers of this scenario

    def tell(self, query: str) -> None:
        """Sets what the stand-in answers."""
        trusting = ssl._create_unverified_context()
        with urllib.request.urlopen(
            f"{self.upstream.url}/control?{query}", context=trusting
        ) as said:
            self.size[0] = int(said.read())


def _scenario(bench: _Bench, scenario: Scenario, ways: Sequence[Way], results: Results) -> None:
    working = []
    bench.tell(replace(scenario, delay=0).control())
    for way in ways:
        if why := _refusal(bench, scenario, way):
            results.missing[scenario.name, way.name] = why
            _say(f"{scenario.name} | {way.name}: {why}")
        else:
            working.append(way)
    bench.tell(scenario.control())
    for number in range(bench.plan.runs):
        for way in list(working):
            if way.slow and number >= bench.plan.slow_runs:
                continue
            try:
                seen = _run(bench, scenario, way)
            except Missing as why:  # it has stopped: the others go on
                results.missing[scenario.name, way.name] = str(why)
                _say(f"{scenario.name} | {way.name}: {why}")
                working.remove(way)
                continue
            results.seen.setdefault((scenario.name, way.name), []).append(seen)
            _say(
                f"{scenario.name} | {way.name}: {seen.rate:.1f}/s, p50 {seen.p50 * 1000:.2f} ms, "
                f"CPU {seen.cpu_each * 1000:.3f} ms, failed {seen.failed}"
            )


def _refusal(bench: _Bench, scenario: Scenario, way: Way) -> str:
    """Why this way cannot do this; empty where one request worked."""
    if scenario.stream and way.shape != "gemini":
        return "streams no pictures here"
    if scenario.references and way.shape == "images":
        return "takes no references here"
    with bench.gateways[way.gateway].awake():
        command = _driver(bench, scenario, way, connections=1, requests=1, seconds=60)
        try:
            said, errors = _drive(command)
        except Missing as why:
            return str(why)
    if said["answered"] == 1:
        return ""
    return f"answered no request: {' '.join(errors.split())[:160]}"


def _run(bench: _Bench, scenario: Scenario, way: Way) -> Seen:
    gateway = bench.gateways[way.gateway]
    with gateway.awake():
        if scenario.warms_up:
            _drive(_driver(bench, scenario, way, seconds=_WARM_UP))
        gateway.forget_peak()
        busy, began, cpu, load = _busy(), time.perf_counter(), gateway.cpu(), bench.upstream.cpu()
        said, _ = _drive(_driver(bench, scenario, way, seconds=scenario.seconds * bench.plan.pace))
        seconds = time.perf_counter() - began
        used = gateway.cpu() - cpu
        known = bench.upstream.cpu() - load + said.pop("own_cpu") + (way != DIRECT) * used
        other = max(_busy() - busy - known, 0) / seconds
        return Seen(**said, cpu=used, peak=gateway.peak(), other=other)  # type: ignore[arg-type]


def _drive(command: list[str]) -> tuple[dict[str, float], str]:
    """What the driver said of one run, and its complaints. Raises ``Missing`` where nobody answers
    its calls any more."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"stopped while it was asked: {' '.join(done.stderr.split())[:160]}")
    return json.loads(done.stdout), done.stderr


def _driver(
    bench: _Bench,
    scenario: Scenario,
    way: Way,
    *,
    seconds: float,
    connections: int | None = None,
    requests: int | None = None,
) -> list[str]:
    """The command that asks a gateway, and where its request is written."""
    gateway = bench.gateways[way.gateway]
    file = bench.folder / "request"
    headers = {
        name: value.replace("KEY", gateway.key).replace("UPSTREAM", bench.upstream.url)
        for name, value in way.headers.items()
    }
    file.write_bytes(scenarios.request(way.shape, scenario, way.path, headers))
    count = scenario.requests if requests is None else requests
    numbers = (gateway.port, connections or scenario.connections, count, seconds)
    expected = bench.size[0] if way.verbatim and not scenario.stream else 0
    command = [str(bench.driver), *map(str, (*numbers, expected)), str(file)]
    return gateways.pinned(command, LOAD_CPU)


def _busy() -> float:
    """Seconds that all processors have worked so far."""
    fields = Path("/proc/stat").read_text().partition("\n")[0].split()
    numbers = list(map(int, fields[1:9]))
    return (sum(numbers) - numbers[3] - numbers[4]) / gateways.CLOCK  # all but idle and waiting


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
