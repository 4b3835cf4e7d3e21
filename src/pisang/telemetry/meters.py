"""Counts what a server does: one object with a method for each thing that happens.

Prometheus' own look-up of labels is the dear part of counting, so what it found is remembered here.
Its library is loaded when a server counts for the first time, and by nobody else.
"""

import os
from collections.abc import Collection, Mapping
from typing import Any, Final

from pisang.core.events import Usage
from pisang.core.money import NANOS
from pisang.telemetry import metrics
from pisang.telemetry.metrics import METRICS, OTHER, Kind, Metric

GENERATE: Final = "generate_content"
"""What the conventions call an operation that makes pictures: they have no word of its own."""

SEVERAL: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes count together: a folder, by the name that Prometheus' library knows."""

_YES_NO: Final = ("no", "yes")
_SIZES: Final = frozenset({"512", "1K", "2K", "4K"})
_FREE: Final = 0.0


class Family:
    """One metric with the children that were used, by their labels."""

    __slots__ = ("_known", "_metric")

    def __init__(self, metric: Any) -> None:
        self._metric = metric
        self._known: dict[tuple[str, ...], Any] = {}

    def of(self, *labels: str) -> Any:
        child = self._known.get(labels)
        if child is None:
            child = self._known[labels] = self._metric.labels(*labels)
        return child

    def keep(self, only: Collection[tuple[str, ...]]) -> None:
        """Forgets children that are no more. The files of several processes cannot."""
        if SEVERAL in os.environ:
            return
        for labels in [labels for labels in self._known if labels not in only]:
            del self._known[labels]
            self._metric.remove(*labels)


class Meters:
    """The metrics of one server; ``registry`` has those of this process. ``models`` are the names
    that labels may have; any other is ``other``."""

    def __init__(self, models: Collection[str]) -> None:
        import prometheus_client

        self.registry = prometheus_client.CollectorRegistry()
        made = {each.name: _made(each, self.registry) for each in METRICS if not each.asked}
        self._models = frozenset(models)
        self._requests = Family(made[metrics.REQUESTS.name])
        self._seconds = Family(made[metrics.ATTEMPT_SECONDS.name])
        self._first = Family(made[metrics.FIRST_CHUNK.name])
        self._tokens = Family(made[metrics.TOKENS.name])
        self._answers = Family(made[metrics.ANSWERS.name])
        self._images = Family(made[metrics.IMAGES.name])
        self._cost = Family(made[metrics.COST.name])
        self._charged = Family(made[metrics.CHARGED.name])
        self._attempts = Family(made[metrics.ATTEMPTS.name])
        self._again = Family(made[metrics.AGAIN.name])
        self._refused = Family(made[metrics.REFUSED.name])
        self._up = Family(made[metrics.ENGINE_UP.name])
        self._under_way = Family(made[metrics.UNDER_WAY.name])
        self._batch = made[metrics.LEDGER_BATCH.name]
        self._batch_seconds = made[metrics.LEDGER_SECONDS.name]
        self._batch_failed = made[metrics.LEDGER_FAILED.name]

    def model(self, name: str) -> str:
        """The label for a model."""
        return name if name in self._models else OTHER

    def request(self, surface: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.of(surface, method, str(status)).observe(seconds)

    def refused(self, reason: str, dimension: str) -> None:
        """A request ended with an error."""
        self._refused.of(reason, dimension).inc()

    def opened(self, provider: str, engine: str, model: str, seconds: float) -> None:
        """The first content of an engine's answer is there."""
        self._first.of(GENERATE, provider, self.model(model), engine).observe(seconds)

    def attempt(self, provider: str, engine: str, model: str, kind: str, seconds: float) -> None:
        """An attempt has ended; ``kind`` is empty where it was good."""
        self._seconds.of(GENERATE, provider, self.model(model), engine, kind).observe(seconds)
        self._attempts.of(engine, kind or "ok").inc()

    def again(self, engine: str, why: str) -> None:
        """An engine is asked for a request that was tried before."""
        self._again.of(engine, why).inc()

    def answer(self, model: str, engine: str, finish: str) -> None:
        """An engine's answer is known to the end."""
        self._answers.of(self.model(model), engine, finish or "none").inc()

    def used(self, usage: Usage, *, provider: str, engine: str, model: str, size: str) -> None:
        """What an answer took."""
        name = self.model(model)
        if usage.images:
            known = size if size in _SIZES else OTHER
            self._images.of(name, known, engine).inc(usage.images)
        for kind, modality, count in (
            ("input", "text", usage.prompt_text),
            ("input", "image", usage.prompt_image),
            ("output", "text", usage.text_output),
            ("output", "image", usage.image_output),
            ("output", "reasoning", usage.thoughts),
        ):
            if count:
                self._tokens.of(GENERATE, provider, name, kind, modality).observe(count)

    def paid(self, model: str, engine: str, *, cost: int, charged: int, rehearsal: bool) -> None:
        """What it cost, in nano-dollars."""
        labels = self.model(model), engine, _YES_NO[rehearsal]
        if cost > _FREE:
            self._cost.of(*labels).inc(cost / NANOS)
        if charged > _FREE:
            self._charged.of(*labels).inc(charged / NANOS)

    def batch(self, operations: int, seconds: float, *, failed: bool) -> None:
        """The ledger wrote something."""
        self._batch.observe(operations)
        self._batch_seconds.observe(seconds)
        if failed:
            self._batch_failed.inc()

    def engines(self, found: Mapping[str, tuple[bool, int]]) -> None:
        """Whether each engine may be asked, and how many requests it works on."""
        for name, (well, under_way) in found.items():
            self._up.of(name).set(well)
            self._under_way.of(name).set(under_way)
        named = {(name,) for name in found}
        self._up.keep(named)
        self._under_way.keep(named)


def _made(metric: Metric, registry: Any) -> Any:
    import prometheus_client

    name, said = metric.name.removesuffix("_total"), metric.said
    if metric.kind is Kind.COUNTER:
        return prometheus_client.Counter(name, said, metric.labels, registry=registry)
    if metric.kind is Kind.GAUGE:
        mode: Any = metric.several
        return prometheus_client.Gauge(
            name, said, metric.labels, registry=registry, multiprocess_mode=mode
        )
    return prometheus_client.Histogram(
        name, said, metric.labels, registry=registry, buckets=metric.buckets
    )
