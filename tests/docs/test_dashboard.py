"""The Grafana dashboard asks only for what a server says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pisang.telemetry.metrics import METRICS, Kind, Metric
from tools.docs import metrics
from tools.docs.__main__ import DOCS

_FILE = DOCS / "grafana" / "pisang.json"
_GIVEN = {"job", "instance", "le"}  # by Prometheus
_PARTS = {"_bucket", "_count", "_sum"}
_SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}(\[)?")
_GROUPED = re.compile(r"by \(([^)]*)\)")


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def queries() -> Iterator[Any]:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield pytest.param(target, id=f"{panel['title']}-{target['refId']}")


def _metric(name: str) -> Metric:
    """The metric of a series. Fails where there is none."""
    for each in METRICS:
        parts = _PARTS if each.kind is Kind.HISTOGRAM else {""}
        if name in {each.name + part for part in parts}:
            return each
    raise AssertionError(f"no metric has the series {name}")


@pytest.mark.parametrize("target", list(queries()))
def test_every_query_is_about_metrics_and_labels_that_there_are(target: dict[str, Any]) -> None:
    query = target["expr"]
    selectors = _SELECTOR.findall(query)
    assert selectors
    labels = set[str]()
    for name, matchers, over_time in selectors:
        metric = _metric(name)
        asked = set(re.findall(r"([a-z_]+)(?:=~|!~|!=|=)", matchers))
        assert "job" in asked
        assert asked <= {*metric.labels, *_GIVEN}
        assert bool(over_time) == (metric.kind is not Kind.GAUGE), "a rate is of what only grows"
        labels |= set(metric.labels)
    shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    grouped = {label for group in _GROUPED.findall(query) for label in re.split(r",\s*", group)}
    assert grouped <= labels | _GIVEN
    assert shown <= grouped


def test_a_panel_for_whatever_a_server_says_of_requests_engines_and_money() -> None:
    queried = " ".join(param.values[0]["expr"] for param in queries())
    left_out = {"process_virtual_memory_bytes", "process_start_time_seconds", "process_max_fds"}
    for metric in METRICS:
        if metric.name not in left_out | {"pisang_audit_lines"}:
            assert metric.name in queried, metric.name


def test_whose_prometheus_it_is_can_be_chosen() -> None:
    found = dashboard()
    names = [variable["name"] for variable in found["templating"]["list"]]
    assert names[0] == "datasource"
    for panel in found["panels"]:
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"


def test_no_panel_lies_on_another() -> None:
    taken = set[tuple[int, int]]()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_metric_is_on_the_page_of_metrics() -> None:
    page = metrics.page()
    for metric in METRICS:
        assert page.count(f"| `{metric.name}` |") == 1


def test_the_guide_names_only_metrics_that_there_are() -> None:
    guide = Path(DOCS / "how-to" / "monitoring.md").read_text("utf-8")
    for name in set(re.findall(r"\b(?:pisang|gen_ai)_[a-z_]+(?=[{\[ )`])", guide)):
        _metric(name if not name.endswith("_seconds") else f"{name}_count")
