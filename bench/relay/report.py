"""What was measured as two tables: the targets, and everything that was seen."""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bench.relay.gateways import DIRECT, LITELLM, NGINX, OURS, Way
from bench.relay.measure import Results, Seen, middle
from bench.relay.scenarios import Scenario
from bench.report import Row

_HEAD: Final = (
    "requests/s",
    "MB/s",
    "p50 ms",
    "p95 ms",
    "first byte ms",
    "CPU ms a request",
    "peak MB",
    "failed",
)


def rows(wanted: Sequence[Scenario], results: Results) -> list[Row]:
    """One row for each target that was measured."""
    return [row for scenario in wanted for row in _targets(scenario, results)]


def details(wanted: Sequence[Scenario], ways: Sequence[Way], results: Results) -> str:
    """A table for each scenario: the medians of each way, or why it has none."""
    return "\n\n".join(_detail(scenario, ways, results) for scenario in wanted)


def other_load(results: Results) -> str:
    """A sentence about what else the machine did."""
    loads = [run.other for runs in results.seen.values() for run in runs]
    if not loads:
        return ""
    return (
        f"Other programs kept {statistics.median(loads):.2f} processors busy meanwhile (the median "
        f"of the runs; at most {max(loads):.2f})."
    )


def _targets(scenario: Scenario, results: Results) -> Iterator[Row]:
    want, name = scenario.targets, scenario.name
    ours, nginx = results.of(scenario, OURS), results.of(scenario, NGINX)
    if not ours:
        yield Row(name, "not measured", "", "", "", good=False)
        return
    if want.throughput is not None and nginx:
        yield ratio(f"{name}: throughput", ours, nginx, "rate", at_least=want.throughput)
    if want.cpu is not None and nginx:
        yield ratio(f"{name}: CPU a request", ours, nginx, "cpu_each", at_most=want.cpu)
    if want.litellm is not None:
        yield _against_litellm(scenario, results, ours, want.litellm)
    if want.added is not None and (direct := results.of(scenario, DIRECT)):
        yield _added(f"{name}: added to the median", ours, direct, nginx, want.added)
    if want.held is not None:
        held = middle(ours, "held") * 1000
        other = f"nginx {middle(nginx, 'held') * 1000:.2f} ms" if nginx else ""
        span = f"({_span([run.held * 1000 for run in ours])} ms)"
        good = max(run.held for run in ours) * 1000 <= want.held
        yield Row(f"{name}: on its way", f"{held:.2f} ms", other, span, f"{want.held:.0f} ms", good)
    if want.last is not None and nginx:
        yield ratio(f"{name}: the last answer", ours, nginx, "last", at_most=want.last)
        failed = sum(run.failed for run in ours)
        yield Row(f"{name}: failed", str(failed), "", "", "none", not failed)
    if want.peak is not None:
        peak = max(run.peak for run in ours) / 1e6
        other = f"nginx {middle(nginx, 'peak') / 1e6:.0f} MB" if nginx else ""
        good = peak < want.peak
        yield Row(f"{name}: peak memory", f"{peak:.0f} MB", other, "", f"{want.peak:.0f} MB", good)


_SHOWN: Final[Mapping[str, Callable[[float], str]]] = {
    "rate": lambda value: f"{value:,.0f}/s" if value >= 100 else f"{value:.1f}/s",
    "cpu_each": lambda value: f"{value * 1000:.3g} ms",
    "last": lambda value: f"{value:.2f} s",
}


def ratio(
    title: str,
    ours: Sequence[Seen],
    theirs: Sequence[Seen],
    what: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    whose: str = "nginx",
) -> Row:
    """The median of the ratios, run against run of the same round."""
    pairs = [(getattr(a, what), getattr(b, what)) for a, b in zip(ours, theirs, strict=False)]
    ratios = [a / b if b else math.nan for a, b in pairs]
    middle_one = statistics.median(ratios)
    shown, none_failed = _SHOWN[what], not any(run.failed for run in ours)
    if at_least is not None:
        target, good = f"at least {at_least:g}", middle_one >= at_least
    else:
        assert at_most is not None
        target, good = f"at most {at_most:g}", middle_one <= at_most
    return Row(
        title,
        shown(middle(ours, what)),
        f"{whose} {shown(middle(theirs, what))}",
        f"{middle_one:.3g} ({_span(ratios)})",
        target,
        good and none_failed,
    )


def _against_litellm(
    scenario: Scenario, results: Results, ours: Sequence[Seen], wanted: float
) -> Row:
    title = f"{scenario.name}: throughput"
    found = [runs for way in LITELLM if (runs := results.of(scenario, way))]
    if not found:
        why = results.missing.get((scenario.name, LITELLM[0].name), "not asked")
        return Row(title, _SHOWN["rate"](middle(ours, "rate")), f"LiteLLM: {why}", "", "", False)
    best = max(found, key=lambda runs: middle(runs, "rate"))
    return ratio(title, ours, best, "rate", at_least=wanted, whose="LiteLLM's best")


def _added(
    title: str, ours: Sequence[Seen], direct: Sequence[Seen], nginx: Sequence[Seen], wanted: float
) -> Row:
    added = [(a.p50 - b.p50) * 1000 for a, b in zip(ours, direct, strict=True)]
    theirs = [(a.p50 - b.p50) * 1000 for a, b in zip(nginx, direct, strict=False)]
    other = f"nginx +{statistics.median(theirs):.2f} ms" if theirs else ""
    middle_one = statistics.median(added)
    target, good = f"below {wanted:g} ms", middle_one < wanted
    return Row(title, f"+{middle_one:.2f} ms", other, f"({_span(added)} ms)", target, good)


def _detail(scenario: Scenario, ways: Sequence[Way], results: Results) -> str:
    head = ["gateway", *_HEAD, *(["first event held, ms"] if scenario.stream else [])]
    head += ["last answer s"] if scenario.delay else []
    lines = [f"**{scenario.name}**", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for way in ways:
        runs = results.of(scenario, way)
        if runs:
            cells = [*_cells(way, runs)]
            cells += [f"{middle(runs, 'held') * 1000:.2f}"] if scenario.stream else []
            cells += [f"{middle(runs, 'last'):.2f}"] if scenario.delay else []
            lines.append(f"| {way.name} | {' | '.join(cells)} |")
        elif why := results.missing.get((scenario.name, way.name)):
            lines.append(f"| {way.name} | {why} |" + " |" * (len(head) - 2))
    return "\n".join(lines)


def _cells(way: Way, runs: Sequence[Seen]) -> Iterator[str]:
    yield f"{_number(middle(runs, 'rate'))} ({_span([run.rate for run in runs])})"
    yield _number(statistics.median(run.bytes / run.seconds / 1e6 for run in runs))
    for what in ("p50", "p95", "first"):
        yield _number(middle(runs, what) * 1000)
    yield "-" if way == DIRECT else _number(middle(runs, "cpu_each") * 1000)
    yield "-" if way == DIRECT else f"{max(run.peak for run in runs) / 1e6:.0f}"
    yield str(sum(run.failed for run in runs))


def _span(values: Sequence[float]) -> str:
    return f"{_number(min(values))}-{_number(max(values))}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
