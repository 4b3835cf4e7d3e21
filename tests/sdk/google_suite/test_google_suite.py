"""Runs Google's own tests of its SDK against a live server: each passes, or has its reason.

``reasons.toml`` says why a test cannot pass; the words in ``says`` must be in what the test failed
with, so a defect cannot hide behind a reason. A test that passes again must leave the table.
``PISANG_TEST_WRITE=1`` sorts the failed tests under their reasons anew.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live import ROOT, absent, signed_up, started
from tests.sdk.google_suite import data
from tests.sdk.google_suite.reasons import read, recorded, section, sorted_under, write
from tests.sdk.page import PAGE
from tools.docs.__main__ import filled

HERE = Path(__file__).parent
PIECE = "google-suite"
ENVIRONMENT = ROOT / ".cache" / "sdk" / "google-suite"
FILES = (
    "models/test_compute_tokens.py",
    "models/test_count_tokens.py",
    "models/test_delete.py",
    "models/test_edit_image.py",
    "models/test_generate_content.py",
    "models/test_generate_content_config_zero_value.py",
    "models/test_generate_content_from_apikey.py",
    "models/test_generate_content_http_options.py",
    "models/test_generate_content_image_generation.py",
    "models/test_generate_content_media_resolution.py",
    "models/test_generate_content_model.py",
    "models/test_generate_content_multi_regional.py",
    "models/test_generate_content_part.py",
    "models/test_generate_content_thought.py",
    "models/test_generate_images.py",
    "models/test_get.py",
    "models/test_list.py",
    "models/test_recontext_image.py",
    "models/test_segment_image.py",
    "models/test_update.py",
    "chats",
    "files",
    "interactions",
    "shared/chats",
    "shared/files",
    "shared/models",
)
"""All about images, chats with images, files, tokens and models; the rest of the suite is about
text, video, sound and other services."""


@dataclass(frozen=True)
class Outcome:
    """How one of Google's tests ended; ``why`` is the first words of what it failed with."""

    test: str
    outcome: str
    why: str


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        absent("Google's test suite")
    folder = tmp_path_factory.mktemp("google-suite")
    buckets = data.write(folder)
    with started(folder, buckets=buckets, png_level="1") as server:  # hundreds of pictures
        entry = signed_up(server, folder)
        wish = {
            "url": server.url,
            "key": server.key,
            "project": entry.project,
            "location": "us-central1",
            "credentials": str(entry.file),
            "data": str(folder),
            "results": str(folder / "results.jsonl"),
        }
        _run(python, folder, wish)
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [Outcome(**json.loads(line)) for line in lines]


def _run(python: Path, folder: Path, wish: Mapping[str, str]) -> None:
    (tests,) = ENVIRONMENT.glob("lib/python*/site-packages/google/genai/tests")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GOOGLE_")}
    done = subprocess.run(
        [
            *(python, "-m", "pytest", "-p", "plugin", "--mode=api", "--quiet", "--tb=line"),
            *("-p", "no:cacheprovider", "-c", HERE / "suite.ini", "-W", "ignore"),
            *(tests / file for file in FILES),
        ],
        env=kept
        | {
            "PISANG_SUITE": json.dumps(wish),
            "PYTHONPATH": str(HERE),
            "GOOGLE_API_KEY": wish["key"],
            "GOOGLE_GENAI_REPLAYS_DIRECTORY": str(folder / "replays"),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.timeout(1000)
def test_each_of_googles_tests_passes_or_has_its_reason(outcomes: list[Outcome]) -> None:
    failed = {one.test: one.why for one in outcomes if one.outcome == "failed"}
    reasons, others = sorted_under(read(), failed)
    if os.environ.get("PISANG_TEST_WRITE") == "1":
        write(reasons, passed=sum(one.outcome == "passed" for one in outcomes))
    assert not others, "\n".join(f"{test}: {why}" for test, why in sorted(others.items()))
    assert reasons == read(), "the table is old: run this test with PISANG_TEST_WRITE=1"


def test_the_page_lists_every_test_that_cannot_pass() -> None:
    page = filled(PAGE.read_text(encoding="utf-8"), PIECE, section(read(), passed=recorded()))
    if os.environ.get("PISANG_TEST_WRITE") == "1":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run it again with PISANG_TEST_WRITE=1"


def test_every_reason_is_needed() -> None:
    idle = [reason.why for reason in read() if not reason.tests]
    assert not idle


def test_most_of_the_suite_passes(outcomes: list[Outcome]) -> None:
    passed = sum(one.outcome == "passed" for one in outcomes)
    assert passed >= recorded()
    assert passed > sum(one.outcome == "failed" for one in outcomes)
