"""What it costs to know who may, how much, and at what price: pisang with its ledger, and without.

The same relay of 2 KB answers, asked in turn: without a ledger; with limits in every dimension and
a prepaid balance on SQLite; the same on PostgreSQL.
"""

import os
from collections.abc import Iterator

from bench.relay.gateways import OURS, POSTGRES, UNGOVERNED, Way
from bench.relay.measure import Plan, Results, measured, middle
from bench.relay.programs import POSTGRES as ADDRESS
from bench.relay.report import details, other_load, ratio
from bench.relay.scenarios import Scenario, Targets
from bench.report import Row, table
from tests.databases import serving_postgres

WAYS = (UNGOVERNED, OURS, POSTGRES)
_QUICK = Plan(runs=1, slow_runs=1, pace=0.3)
_SCENARIOS = tuple(
    Scenario(
        name=f"2 KB answers, {connections} connections",
        size=1_400,
        connections=connections,
        targets=Targets(),
    )
    for connections in (1, 32, 128)
)
_ENOUGH = {OURS.name: 3_000, POSTGRES.name: 1_500}  # requests a second
_LEAST = 0.5  # of the throughput without a ledger
_MOST = 0.5  # milliseconds of processor time that it may add


def page(*, quick: bool = False) -> str:
    """Measures, and says so as Markdown."""
    with serving_postgres() as server:
        if server is not None:
            with server.fresh() as address:
                os.environ[ADDRESS] = address
                results = measured(_SCENARIOS, WAYS, plan=_QUICK if quick else Plan())
        else:
            results = measured(_SCENARIOS, WAYS, plan=_QUICK if quick else Plan())
    rows = [row for scenario in _SCENARIOS for row in _rows(scenario, results)]
    return "\n\n".join((table(rows), other_load(results), details(_SCENARIOS, WAYS, results)))


def _rows(scenario: Scenario, results: Results) -> Iterator[Row]:
    base = results.of(scenario, UNGOVERNED)
    for way in (OURS, POSTGRES):
        runs = results.of(scenario, way)
        if not base or not runs:
            why = results.missing.get((scenario.name, way.name), "not measured")
            yield Row(f"{scenario.name}: {way.name}", why, "", "", "", good=False)
            continue
        title = f"{scenario.name}: {way.name}"
        if scenario.connections > 1:
            yield ratio(title, runs, base, "rate", at_least=_LEAST, whose="no ledger")
            rate, target = middle(runs, "rate"), _ENOUGH[way.name]
            yield Row(title, f"{rate:,.0f}/s", "", "", f"{target:,}/s", rate >= target)
        yield _added(title, way, scenario, results)


def _added(title: str, way: Way, scenario: Scenario, results: Results) -> Row:
    pairs = zip(results.of(scenario, way), results.of(scenario, UNGOVERNED), strict=False)
    added = sorted((a.cpu_each - b.cpu_each) * 1000 for a, b in pairs)
    half = added[len(added) // 2]
    span = f"({added[0]:.2g}-{added[-1]:.2g} ms)"
    return Row(
        f"{title}: CPU added",
        f"{half:.2f} ms",
        "no ledger",
        span,
        f"below {_MOST} ms",
        half < _MOST,
    )
