"""Counts what a server does: one object with a method for each thing that happens.

Counting is a look-up in a dictionary and an addition, by one thread, so that a request hardly costs
more for it. Only who scrapes has Prometheus' library write it all down (``exposition.py``).
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping
from typing import Final

from pisang.core.events import Usage
from pisang.core.money import NANOS
from pisang.telemetry import metrics
from pisang.telemetry.metrics import METRICS, OTHER, Metric

GENERATE: Final = "generate_content"
"""What the conventions call an operation that makes pictures: they have no word of its own."""

Labels = tuple[str, ...]
Values = dict[Labels, list[float]]
"""By labels: one number, or of a histogram the sum and how many fell into each bucket."""

_SIZES: Final = frozenset({"512", "1K", "2K", "4K"})


def copied(values: Values) -> Values:
    """The same values, which stay as they are."""
    return {labels: [*value] for labels, value in values.items()}


class Counted:
    """One metric, with a value for each of its labels."""

    __slots__ = ("_bounds", "_empty", "metric", "values")

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.values: Values = {}
        self._bounds = metric.buckets
        self._empty = [0.0] * (len(metric.buckets) + 2)  # the sum, and a bucket without an end

    def add(self, labels: Labels, amount: float = 1.0) -> None:
        """Counts so many more."""
        value = self.values.get(labels)
        if value is None:
            self.values[labels] = [amount]
        else:
            value[0] += amount

    def observe(self, labels: Labels, amount: float) -> None:
        """Puts one observation into its bucket."""
        value = self.values.get(labels)
        if value is None:
            value = self.values[labels] = self._empty.copy()
        value[0] += amount
        value[bisect_left(self._bounds, amount) + 1] += 1.0


class Meters:
    """The metrics of one process. ``models`` are the names that labels may have; any other is
    ``other``."""

    def __init__(self, models: Collection[str]) -> None:
        self._models = {name: name for name in models}
        self.counted = {each.name: Counted(each) for each in METRICS if not each.asked}
        self._requests = self.counted[metrics.REQUESTS.name]
        self._seconds = self.counted[metrics.ATTEMPT_SECONDS.name]
        self._first = self.counted[metrics.FIRST_CHUNK.name]
        self._tokens = self.counted[metrics.TOKENS.name]
        self._answers = self.counted[metrics.ANSWERS.name]
        self._images = self.counted[metrics.IMAGES.name]
        self._cost = self.counted[metrics.COST.name]
        self._charged = self.counted[metrics.CHARGED.name]
        self._attempts = self.counted[metrics.ATTEMPTS.name]
        self._again = self.counted[metrics.AGAIN.name]
        self._refused = self.counted[metrics.REFUSED.name]
        self._batch = self.counted[metrics.LEDGER_BATCH.name]
        self._batch_seconds = self.counted[metrics.LEDGER_SECONDS.name]
        self._failed = self.counted[metrics.LEDGER_FAILED.name]
        self._failed.add((), 0.0)

    def model(self, name: str) -> str:
        """The label for a model."""
        return self._models.get(name, OTHER)

    def request(self, surface: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.observe((surface, method, str(status)), seconds)

    def refused(self, reason: str, dimension: str) -> None:
        """A request ended with an error."""
        self._refused.add((reason, dimension))

    def opened(self, provider: str, engine: str, model: str, seconds: float) -> None:
        """The first content of an engine's answer is there."""
        self._first.observe((GENERATE, provider, self.model(model), engine), seconds)

    def attempt(self, provider: str, engine: str, model: str, kind: str, seconds: float) -> None:
        """An attempt has ended; ``kind`` is empty where it was good."""
        self._seconds.observe((GENERATE, provider, self.model(model), engine, kind), seconds)
        self._attempts.add((engine, kind or "ok"))

    def again(self, engine: str, why: str) -> None:
        """An engine is asked for a request that was tried before."""
        self._again.add((engine, why))

    def answer(self, model: str, engine: str, finish: str) -> None:
        """An engine's answer is known to the end."""
        self._answers.add((self.model(model), engine, finish or "none"))

    def used(self, usage: Usage, *, provider: str, engine: str, model: str, size: str) -> None:
        """What an answer took."""
        name = self.model(model)
        if usage.images:
            known = size if size in _SIZES else OTHER
            self._images.add((name, known, engine), usage.images)
        for kind, modality, count in (
            ("input", "text", usage.prompt_text),
            ("input", "image", usage.prompt_image),
            ("output", "text", usage.text_output),
            ("output", "image", usage.image_output),
            ("output", "reasoning", usage.thoughts),
        ):
            if count:
                self._tokens.observe((GENERATE, provider, name, kind, modality), count)

    def paid(self, model: str, engine: str, *, cost: int, charged: int, rehearsal: bool) -> None:
        """What it cost, in nano-dollars."""
        labels = self.model(model), engine, "yes" if rehearsal else "no"
        if cost > 0:
            self._cost.add(labels, cost / NANOS)
        if charged > 0:
            self._charged.add(labels, charged / NANOS)

    def batch(self, operations: int, seconds: float, *, failed: bool) -> None:
        """The ledger wrote something."""
        self._batch.observe((), operations)
        self._batch_seconds.observe((), seconds)
        if failed:
            self._failed.add(())

    def engines(self, found: Mapping[str, tuple[bool, int]]) -> None:
        """Whether each engine may be asked, and how many requests it works on."""
        up, under_way = (self.counted[each.name] for each in (metrics.ENGINE_UP, metrics.UNDER_WAY))
        up.values = {(name,): [float(well)] for name, (well, _) in found.items()}
        under_way.values = {(name,): [float(count)] for name, (_, count) in found.items()}
