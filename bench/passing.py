"""Requests that are passed on to an upstream: the targets, and all that was seen, as Markdown."""

from collections.abc import Iterator, Sequence

from bench.relay.gateways import BARE, DIRECT, LITELLM, NGINX, OURS, PORTKEY, Way
from bench.relay.measure import Plan, Results, measured
from bench.relay.programs import Missing
from bench.relay.report import details, other_load, rows
from bench.relay.scenarios import SCENARIOS, Scenario
from bench.report import table

WAYS = (DIRECT, NGINX, BARE, OURS, *LITELLM, *PORTKEY)
_QUICK = Plan(runs=1, slow_runs=1, pace=0.3)


def page(*, quick: bool = False, only: Sequence[str] = (), gateways: Sequence[str] = ()) -> str:
    """Measures, first over plain HTTP, then with a TLS upstream; ``quick`` is for trying things out
    (its numbers say little). ``only`` and ``gateways`` are parts of names of what is wanted."""
    plan = _QUICK if quick else Plan()
    wanted = [one for one in SCENARIOS if _named(one.name, only)]
    ways = [way for way in WAYS if _named(way.name, gateways)]
    return "\n\n".join(
        (
            *_part("Plain HTTP upstream", wanted, ways, measured(wanted, ways, plan=plan)),
            *_with_tls([one for one in wanted if not one.stream and not one.delay], ways, plan),
        )
    )


def _with_tls(wanted: Sequence[Scenario], ways: Sequence[Way], plan: Plan) -> Iterator[str]:
    ways = [way for way in ways if way != DIRECT]
    try:
        results = measured(wanted, ways, plan=plan, tls=True)
    except Missing as why:
        yield f"### TLS upstream\n\nNot measured: {why}."
        return
    yield from _part("TLS upstream", wanted, ways, results)


def _part(
    title: str, wanted: Sequence[Scenario], ways: Sequence[Way], results: Results
) -> Iterator[str]:
    yield f"### {title}"
    yield table(rows(wanted, results))
    yield other_load(results)
    yield details(wanted, ways, results)


def _named(name: str, parts: Sequence[str]) -> bool:
    return not parts or any(part in name for part in parts)
