"""Counting: buckets, labels, and what is loaded for it."""

import subprocess
import sys

import pytest

from pisang.core.events import Usage
from pisang.telemetry.exposition import page
from pisang.telemetry.meters import Meters, copied
from pisang.telemetry.metrics import METRICS, REQUESTS, SECONDS, Kind
from tests.path.scraped import Scraped


def shown(meters: Meters) -> Scraped:
    """The page of one process."""
    counted = {name: copied(each.values) for name, each in meters.counted.items()}
    body, _ = page(counted, {}, [], "")
    return Scraped(body.decode())


@pytest.mark.parametrize(
    ("seconds", "bound"),
    [(0.0, "0.01"), (0.01, "0.01"), (0.0101, "0.02"), (327.68, "327.68"), (327.7, "+Inf")],
)
def test_an_observation_counts_in_every_bucket_from_its_own_on(seconds: float, bound: str) -> None:
    meters = Meters(())
    meters.request("gemini_api", "generateContent", 200, seconds)
    found = shown(meters)
    bounds = [str(each) for each in SECONDS] + ["+Inf"]
    for number, each in enumerate(bounds):
        expected = number >= bounds.index(bound)
        assert found.of(f"{REQUESTS.name}_bucket", le=each) == expected
    assert found.of(f"{REQUESTS.name}_sum") == pytest.approx(seconds)
    assert found.of(f"{REQUESTS.name}_count") == 1


def test_thoughts_are_tokens_of_their_own() -> None:
    meters = Meters({"m"})
    usage = Usage(prompt_text=3, prompt_image=258, text_output=5, image_output=1120, thoughts=70)
    meters.used(usage, provider="openai", engine="e", model="m", size="1K")
    found = shown(meters)
    for kind, modality, tokens in (
        ("input", "text", 3),
        ("input", "image", 258),
        ("output", "text", 5),
        ("output", "image", 1120),
        ("output", "reasoning", 70),
    ):
        labels = {"gen_ai_token_type": kind, "modality": modality}
        assert found.of("gen_ai_client_token_usage_sum", **labels) == tokens
    assert found.of("pisang_images_total") == 0


def test_sizes_and_models_that_nobody_knows_are_other() -> None:
    meters = Meters({"m"})
    meters.used(Usage(images=2), provider="openai", engine="e", model="x", size="1536x1024")
    assert shown(meters).of("pisang_images_total", model="other", size="other", engine="e") == 2


def test_an_engine_that_is_gone_is_not_counted_any_more() -> None:
    meters = Meters(())
    meters.engines({"a": (True, 1), "b": (False, 0)})
    meters.engines({"b": (True, 2)})
    found = shown(meters)
    assert found.found["pisang_engine_up"] == {frozenset({("engine", "b")}): 1}


def test_names_are_as_prometheus_wants_them() -> None:
    for metric in METRICS:
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
        assert metric.said.endswith(".")
        assert not {"project", "key"} & set(metric.labels)
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_nothing_is_loaded_before_somebody_scrapes_or_traces() -> None:
    program = (
        "import sys, pisang.app, pisang.telemetry.traces\n"
        "names = ('prometheus_client', 'opentelemetry')\n"
        "print([name for name in sys.modules if name.startswith(names)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
