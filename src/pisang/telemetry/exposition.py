"""The page that Prometheus scrapes: what was counted, and what is asked for when it scrapes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pisang.telemetry.meters import Values
from pisang.telemetry.metrics import METRICS, PROCESS, Kind, Metric

Asked = Mapping[str, float | Mapping[tuple[str, ...], float]]
"""By the name of a metric: its value, or its values by their labels."""

_FIRST: Final = "process_start_time_seconds"
_EACH: Final = "process_max_fds"


def page(
    counted: Mapping[str, Values], asked: Asked, processes: Iterable[int], accept: str
) -> tuple[bytes, str]:
    """The page and its content type, as a scraper that accepts this wants it. ``processes`` are
    the ids of those that count."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder

    encode, content_type = choose_encoder(accept)
    whole = CollectorRegistry()
    whole.register(_Whole(counted, asked, processes))
    return encode(whole), content_type


class _Whole:
    """All metrics of a server, for one page."""

    def __init__(
        self, counted: Mapping[str, Values], asked: Asked, processes: Iterable[int]
    ) -> None:
        self._counted, self._asked, self._processes = counted, asked, processes

    def describe(self) -> list[Any]:
        """Nothing: else the page would be made once more, to see what is on it."""
        return []

    def collect(self) -> Iterator[Any]:
        found = {**self._counted, **_values(self._asked), **_of_processes(self._processes)}
        for metric in METRICS:
            if metric.name in found:
                yield _family(metric, found[metric.name])


def _family(metric: Metric, values: Values) -> Any:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    if metric.kind is Kind.HISTOGRAM:
        family = HistogramMetricFamily(metric.name, metric.said, labels=metric.labels)
        for labels, (total, *buckets) in values.items():
            family.add_metric(labels, list(_cumulated(metric, buckets)), sum_value=total)
        return family
    made = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    single = made(metric.name.removesuffix("_total"), metric.said, labels=metric.labels)
    for labels, (value,) in values.items():
        single.add_metric(labels, value)
    return single


def _cumulated(metric: Metric, buckets: list[float]) -> Iterator[tuple[str, float]]:
    """How many were at most as large as each bound."""
    so_far = 0.0
    for bound, count in zip((*metric.buckets, None), buckets, strict=True):
        so_far += count
        yield "+Inf" if bound is None else str(bound), so_far


def _values(asked: Asked) -> dict[str, Values]:
    return {
        name: {labels: [value] for labels, value in found.items()}
        if isinstance(found, Mapping)
        else {(): [found]}
        for name, found in asked.items()
    }


def _of_processes(processes: Iterable[int]) -> dict[str, Values]:
    """What the processes of this server take, all together."""
    from prometheus_client import ProcessCollector

    each: dict[str, list[float]] = {}
    for process in processes:
        read = ProcessCollector(pid=lambda found=process: found, registry=None)  # type: ignore[misc]
        for family in read.collect():
            for sample in family.samples:
                each.setdefault(sample.name, []).append(sample.value)
    said = {metric.name for metric in PROCESS}
    return {
        name: {(): [min(values) if name in (_FIRST, _EACH) else sum(values)]}
        for name, values in each.items()
        if name in said
    }
