"""The page that Prometheus scrapes: what was counted, and what is asked for when it scrapes.

Several processes of one server count into files of one folder, so that any of them answers for all.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pisang.telemetry.meters import SEVERAL, Meters
from pisang.telemetry.metrics import METRICS, PROCESS, Kind

Asked = Mapping[str, float | Mapping[tuple[str, ...], float]]
"""By the name of a metric: its value, or its values by their labels."""

_FIRST: Final = "process_start_time_seconds"
_EACH: Final = "process_max_fds"


def page(meters: Meters, asked: Asked, accept: str) -> tuple[bytes, str]:
    """The page and its content type, as a scraper that accepts this wants it."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder

    encode, content_type = choose_encoder(accept)
    whole = CollectorRegistry()
    whole.register(_Whole(meters, asked))
    return encode(whole), content_type


class _Whole:
    """All metrics of a server, for one page."""

    def __init__(self, meters: Meters, asked: Asked) -> None:
        self._meters, self._asked = meters, asked

    def describe(self) -> list[Any]:
        """Nothing: else the page would be made once more, to see what is on it."""
        return []

    def collect(self) -> Iterator[Any]:
        for metric in _counted(self._meters):
            metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
            yield metric
        yield from _families(self._asked)
        yield from _processes()


def _counted(meters: Meters) -> Iterable[Any]:
    folder = os.environ.get(SEVERAL)
    if folder is None:
        return meters.registry.collect()
    from prometheus_client.multiprocess import MultiProcessCollector

    found: Iterable[Any] = MultiProcessCollector(None, folder).collect()  # type: ignore[no-untyped-call]
    return found


def _families(asked: Asked) -> Iterator[Any]:
    from prometheus_client.core import GaugeMetricFamily

    for metric in METRICS:
        found = asked.get(metric.name)
        if found is None:
            continue
        family = GaugeMetricFamily(metric.name, metric.said, labels=metric.labels)
        values = found if isinstance(found, Mapping) else {(): found}
        for labels, value in values.items():
            family.add_metric(labels, value)
        yield family


def _processes() -> Iterator[Any]:
    """What the processes of this server take, all together."""
    from prometheus_client import ProcessCollector
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    found: dict[str, list[float]] = {}
    for pid in _ids():
        for family in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample.value)
    for metric in PROCESS:
        values = found.get(metric.name)
        if not values:
            continue
        value = min(values) if metric.name in (_FIRST, _EACH) else sum(values)
        kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
        yield kind(metric.name.removesuffix("_total"), metric.said, value=value)


def _ids() -> Iterator[int]:
    """The processes of this server that live."""
    folder = os.environ.get(SEVERAL)
    names = [file.stem.rpartition("_")[2] for file in Path(folder).glob("*.db")] if folder else []
    told = {int(name) for name in names if name.isdigit()}
    yield from sorted(pid for pid in told | {os.getpid()} if _lives(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
