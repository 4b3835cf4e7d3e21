"""Several processes of one server count together: each writes what it counted into a file of one
folder now and then, and whichever is scraped adds up all of them.

What an ended process had counted stays, since a counter must not go back; its gauges do not.
"""

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pisang.telemetry.meters import Counted, Values
from pisang.telemetry.metrics import METRICS, Kind

_LEAST: Final = "min"
_METRICS: Final = {metric.name: metric for metric in METRICS}


@dataclass(frozen=True, slots=True)
class SharedCounts:
    """The folder, and this process's file in it."""

    folder: Path
    name: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(4)}.json")

    def write(self, written: str) -> None:
        """Puts what this process counted (``dumped``) into its file."""
        half = self.folder / f"{self.name}.half"
        half.write_text(written, "utf-8")
        half.replace(self.folder / self.name)

    def read(self) -> tuple[dict[str, Values], list[int]]:
        """What all have counted, and which processes live."""
        found = [(_process(file), _loaded(file)) for file in sorted(self.folder.glob("*.json"))]
        living = sorted({process for process, _ in found if _lives(process)})
        return added((values, process in living) for process, values in found), living


def dumped(counted: Mapping[str, Counted]) -> str:
    """What a process counted, as text."""
    return json.dumps({name: list(each.values.items()) for name, each in counted.items()})


def _loaded(file: Path) -> dict[str, Values]:
    said = json.loads(file.read_text("utf-8"))
    return {name: {tuple(labels): value for labels, value in each} for name, each in said.items()}


def added(each: Iterable[tuple[Mapping[str, Values], bool]]) -> dict[str, Values]:
    """The sums of several processes, and whether each lives. Of a gauge, only those that do."""
    whole: dict[str, Values] = {name: {} for name, metric in _METRICS.items() if not metric.asked}
    for values, lives in each:
        for name, labels, value in _rows(values):
            metric, into = _METRICS[name], whole[name]
            if metric.kind is Kind.GAUGE and not lives:
                continue
            before = into.get(labels)
            if before is None:
                into[labels] = [*value]
            elif metric.several == _LEAST:
                into[labels] = [min(pair) for pair in zip(before, value, strict=True)]
            else:
                into[labels] = [sum(pair) for pair in zip(before, value, strict=True)]
    return whole


def _rows(values: Mapping[str, Values]) -> Iterator[tuple[str, tuple[str, ...], list[float]]]:
    for name, each in values.items():
        for labels, value in each.items():
            yield name, labels, value


def _process(file: Path) -> int:
    return int(file.name.partition("-")[0])


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
