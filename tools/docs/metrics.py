"""The page of metrics: every one of them, from where they are defined."""

from collections.abc import Sequence

from pisang.telemetry.metrics import METRICS, SECONDS, Kind, Metric
from tools.docs.markdown import code, table

_INTRO = """\
# Metrics

What `/metrics` says: [how to watch a server](../how-to/monitoring.md) comes first. Names are those
of OpenTelemetry's conventions for generative AI, as Prometheus writes them, where there is one. No
label has the name of a project or a key, and what callers make up is `other`, so that their number
stays small.
"""

_GROUPS: Sequence[tuple[str, str]] = (
    ("Requests", "gen_ai_server_ pisang_refused_"),
    (
        "Engines",
        "gen_ai_client_operation_ pisang_attempts_ pisang_further_attempts_ pisang_engine_",
    ),
    (
        "Pictures, tokens and money",
        "pisang_answers_ pisang_images_ gen_ai_client_token_ pisang_cost_ pisang_charged_",
    ),
    ("Ledger", "pisang_ledger_ pisang_open_holds pisang_held_"),
    ("The server", "pisang_hooks_ pisang_audit_ pisang_database_ pisang_limits_ pisang_build_"),
    ("Processes", "process_"),
)
_KINDS = {Kind.COUNTER: "counter", Kind.GAUGE: "gauge", Kind.HISTOGRAM: "histogram"}


def page() -> str:
    parts = [_INTRO]
    left = list(METRICS)
    for title, begins in _GROUPS:
        found = [each for each in left if each.name.startswith(tuple(begins.split()))]
        left = [each for each in left if each not in found]
        parts.append(f"## {title}\n\n{_table(found)}")
    assert not left, f"these metrics are in no section: {[each.name for each in left]}"
    bounds = ", ".join(f"{each:g}" for each in SECONDS)
    parts.append(
        "## Buckets\n\nHistograms of seconds that a request or an engine takes end their buckets "
        f"at {bounds}: the bounds of the conventions, and two more, since a 4K picture or a queue "
        "takes longer."
    )
    return "\n\n".join(parts)


def _table(metrics: Sequence[Metric]) -> str:
    return table(
        ("Metric", "Kind", "Labels", "What it says"),
        [
            (
                code(each.name),
                _KINDS[each.kind],
                ", ".join(code(label) for label in each.labels),
                each.said,
            )
            for each in metrics
        ],
    )
