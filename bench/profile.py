"""Where the time of a small request goes: pisang, sampled while it passes requests on.

py-spy looks 500 times a second what the one process does. The picture shows each function as wide
as the share of samples that it, or what it called, was found in; the table has the same by part.
"""

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from bench.flames import Stack, flames
from bench.relay import programs
from bench.relay.gateways import OURS
from bench.relay.measure import asked
from bench.relay.programs import Missing
from bench.relay.scenarios import Scenario, Targets

PICTURE: Final = programs.ROOT / "docs" / "pictures" / "profile.svg"
_SMALL: Final = Scenario(name="2 KB answers", size=1_400, connections=32, targets=Targets())
_SECONDS: Final = 20
_LEAST: Final = 0.01  # of all samples, to be named
_WAITING: Final = ("_connection_worker_thread ", "_worker ", "SQLiteWriter._work ", "wait ")
"""Functions that only wait for work, which py-spy takes for work."""
_BEGINS: Final = ("Runner.run ", "SQLiteWriter._work ")
"""The event loop and the ledger's thread: how those were begun is not interesting."""
_PARTS: Final = {
    "pisang/surfaces": "surfaces: HTTP on our side",
    "pisang/wire": "wire: reading the request, watching the answer",
    "pisang/admission": "admission and accounts: who asks, and may they",
    "pisang/accounts": "admission and accounts: who asks, and may they",
    "pisang/catalog": "catalog and metering: the bill",
    "pisang/metering": "catalog and metering: the bill",
    "pisang/routing": "routing: which engine",
    "pisang/engines": "engines: HTTP on the upstream's side",
    "pisang/ledger": "ledger",
    "pisang/telemetry": "telemetry: metrics",
    "pisang/lanes": "gateway and lanes",
    "pisang/gateway": "gateway and lanes",
    "pisang": "the rest of pisang",
    "uvicorn": "uvicorn, uvloop, the kernel",
    "asyncio": "uvicorn, uvloop, the kernel",
    "uvloop": "uvicorn, uvloop, the kernel",
}


def page(*, write: bool = False) -> str:
    """Measures, and says so as Markdown; ``write`` keeps the picture beside it."""
    try:
        stacks = _sampled()
    except Missing as why:
        return f"Not measured: {why}."
    if write:
        PICTURE.write_text(flames(stacks, title="pisang passes on 2 KB, 32 connections"), "utf-8")
    return "\n".join(_rows(stacks))


def _sampled() -> list[Stack]:
    sampler = programs.sampler()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        asked(_SMALL, OURS, seconds=_SECONDS + 20) as running,
    ):
        out = Path(folder) / "samples"
        manner = ["--rate", "500", "--duration", str(_SECONDS), "--format", "raw"]
        command = [str(sampler), "record", "--pid", str(running.pid), *manner, "-o", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"py-spy could not look: {(done.stderr or done.stdout).strip()[-200:]}")
        stacks = map(_stack, out.read_text("utf-8").splitlines())
        return [each for each in stacks if not each[0][-1].startswith(_WAITING)]


def _stack(line: str) -> Stack:
    """A line of py-spy: ``outer (file.py:1);inner (file.py:2) 17``."""
    said, _, count = line.rpartition(" ")
    frames = [_frame(each) for each in said.split(";")]
    begin = next((at for at, each in enumerate(frames) if each.startswith(_BEGINS)), 0)
    return frames[begin:], int(count)


def _frame(said: str) -> str:
    """A function and its file, without the line: one function is one box."""
    name, _, place = said.partition(" (")
    return f"{name} ({place.rstrip(')').rpartition(':')[0] or place.rstrip(')')})"


def _rows(stacks: Iterable[Stack]) -> Iterator[str]:
    """How much of the time was spent in the functions of each part themselves."""
    own = Counter[str]()
    for frames, count in stacks:
        own[_part(frames)] += count
    every = own.total()
    yield "| part | of all samples |"
    yield "|---|--:|"
    for part, count in own.most_common():
        if count >= _LEAST * every:
            yield f"| {part} | {count / every:.0%} |"


def _part(frames: list[str]) -> str:
    place = frames[-1].partition(" (")[2]
    begins = (begin for begin in _PARTS if place.startswith(begin))
    return _PARTS.get(max(begins, key=len, default=""), "other libraries")
