"""Google's JavaScript SDK, the version most code runs and the newest, unmodified."""

import functools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.live import Live, absent

FOLDER = Path(__file__).with_name("javascript")
PACKAGES = ("genai-2.32", "genai-newest")


@functools.cache
def run_program(package: str, url: str, key: str) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / package).exists():
        absent(f"node with {package}")
    done = subprocess.run(
        [str(node), FOLDER / "program.mjs", package, url, key],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=FOLDER,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(params=PACKAGES)
def program(request: pytest.FixtureRequest, live: Live) -> dict[str, Any]:
    return run_program(request.param, live.url, live.key)


@pytest.mark.parametrize(
    ("case", "sizes"),
    [
        ("text_to_image", [[1024, 1024]]),
        ("ratio_and_size", [[2752, 1536]]),
        ("edit", [[1024, 1024]]),
    ],
)
def test_pictures_have_googles_size(program: Any, case: str, sizes: list[list[int]]) -> None:
    got = program[case]["answer"]
    assert (got["sizes"], got["finish"], got["signed"]) == (sizes, "STOP", [True])


def test_chat_keeps_the_scene(program: Any) -> None:
    first, second = program["chat"]["answer"]
    assert first["sizes"] == second["sizes"] == [[1024, 1024]]
    assert "night" in second["text"]


def test_stream(program: Any) -> None:
    got = program["stream"]["answer"]
    assert got["sizes"] == [[1024, 1024]]
    assert got["finish"] == "STOP"
    assert got["total"] > 1120


def test_models_and_tokens(program: Any) -> None:
    assert "models/gemini-3-pro-image" in program["list_models"]["answer"]
    assert program["get_model"]["answer"] == "models/gemini-3.1-flash-image"
    assert 1 <= program["count_tokens"]["answer"] <= 10


def test_no_picture_is_a_finish_reason(program: Any) -> None:
    assert program["no_picture"]["answer"] == {"finish": "NO_IMAGE", "parts": 0}


@pytest.mark.parametrize(
    ("case", "code", "words"),
    [
        ("wrong_size", 400, "case-sensitive"),
        ("wrong_ratio", 400, "9:21"),
        ("unknown_model", 404, "gemini-9-image"),
        ("truncated_picture", 400, "contents[0].parts[0]"),
        ("too_many_pictures", 400, "15"),
        ("bad_key", 400, "API key not valid"),
    ],
)
def test_errors_reach_the_sdk_whole(program: Any, case: str, code: int, words: str) -> None:
    got = program[case]["error"]
    assert got["code"] == code
    assert words in got["message"]
