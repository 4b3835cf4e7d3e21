"""Google's Python SDK in its supported versions, unmodified: only base URL and key are changed."""

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.live import ROOT, Live, absent

PROGRAM = Path(__file__).with_name("google_genai_program.py")
VERSIONS = ("3.4.0", "2.34.0", "1.75.0", "1.20.0")
LISTED = {
    "models/gemini-nano-banana-2.1",
    "models/gemini-3.1-flash-image",
    "models/gemini-3.1-flash-lite-image",
    "models/gemini-3-pro-image",
    "models/gemini-2.5-flash-image",
}


@functools.cache
def run_program(version: str, url: str, key: str) -> dict[str, Any]:
    python = ROOT / ".cache" / "sdk" / f"google-genai-{version}" / "bin" / "python"
    if not python.exists():
        absent(f"google-genai {version}")
    done = subprocess.run(
        [python, PROGRAM, url, key], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(params=VERSIONS)
def program(request: pytest.FixtureRequest, live: Live) -> tuple[str, dict[str, Any]]:
    return request.param, run_program(request.param, live.url, live.key)


def answer(program: tuple[str, dict[str, Any]], case: str) -> Any:
    outcome = program[1][case]
    assert "answer" in outcome, outcome
    return outcome["answer"]


def error(program: tuple[str, dict[str, Any]], case: str) -> Any:
    outcome = program[1][case]
    assert "error" in outcome, outcome
    return outcome["error"]


def test_text_to_image(program: Any) -> None:
    got = answer(program, "text_to_image")
    assert got["sizes"] == [[1024, 1024]]
    assert got["finish"] == "STOP"
    assert "sketch" in got["version"]
    assert "cat" in got["text"]
    assert got["usage"]["total"] >= got["usage"]["candidates"] >= 1120
    if program[0] != "1.20.0":  # that version has no word for signatures
        assert got["signed"] == [True]


def test_ratio_and_size(program: Any) -> None:
    want = [[1024, 1024]] if program[0] == "1.20.0" else [[2752, 1536]]
    assert answer(program, "ratio_and_size")["sizes"] == want


@pytest.mark.parametrize("case", ["edit", "edit_pil"])
def test_edit_of_a_supplied_picture(program: Any, case: str) -> None:
    assert answer(program, case)["sizes"] == [[1264, 848]]  # the ratio follows the picture, 320x200


def test_chat_keeps_the_scene(program: Any) -> None:
    turns = answer(program, "chat")
    assert [turn["sizes"] for turn in turns] == [[[1024, 1024]]] * 3
    assert "night" in turns[1]["text"]


def test_stream(program: Any) -> None:
    got = answer(program, "stream")
    assert got["sizes"] == [[1024, 1024]]
    assert got["chunks"] >= 2
    assert got["finish"] == "STOP"
    assert got["candidates"] >= 1120


def test_count_tokens(program: Any) -> None:
    assert 1 <= answer(program, "count_tokens") <= 10


def test_models(program: Any) -> None:
    assert set(answer(program, "list_models")) >= LISTED
    got = answer(program, "get_model")
    assert got == {
        "name": "models/gemini-3.1-flash-image",
        "input": 131072,
        "shown": "Nano Banana 2",
    }


def test_only_an_image(program: Any) -> None:
    got = answer(program, "only_image")
    assert got["text"] == ""
    assert len(got["sizes"]) == 1


def test_thoughts_tell_the_plan(program: Any) -> None:
    assert all(answer(program, "thoughts"))


def test_no_picture_is_a_finish_reason(program: Any) -> None:
    assert answer(program, "no_picture") == {"finish": "NO_IMAGE", "parts": 0}


def test_a_dead_preview_id_is_served_by_its_successor(program: Any) -> None:
    assert answer(program, "dead_preview_id")["version"].startswith("gemini-3.1-flash-image")


@pytest.mark.parametrize(
    ("case", "code", "status", "words"),
    [
        ("wrong_ratio", 400, "INVALID_ARGUMENT", "9:21"),
        ("unknown_model", 404, "NOT_FOUND", "gemini-9-image"),
        ("truncated_picture", 400, "INVALID_ARGUMENT", "contents[0].parts[0]"),
        ("too_many_pictures", 400, "INVALID_ARGUMENT", "15"),
        ("four_for_a_model_of_three", 400, "INVALID_ARGUMENT", "3"),
        ("bad_key", 400, "INVALID_ARGUMENT", "API key not valid"),
    ],
)
def test_errors_reach_the_sdk_whole(
    program: Any, case: str, code: int, status: str, words: str
) -> None:
    if program[0] == "1.20.0" and case == "wrong_ratio":
        pytest.skip("google-genai 1.20 cannot send an image config")
    got = error(program, case)
    assert (got["class"], got["code"], got["status"]) == ("ClientError", code, status)
    assert words in json.dumps(got["details"]) + got["message"]
