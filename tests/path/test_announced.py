"""Who makes pictures, and what they cost, is said before anything is paid for."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.live import OF_GOOGLE, PISANG, started
from tests.upstream import standing, whole

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\xdac\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99="
    b"\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
PICTURE = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {
                        "inlineData": {
                            "mimeType": "image/png",
                            "data": base64.b64encode(PNG).decode(),
                        }
                    }
                ],
            },
            "finishReason": "STOP",
        }
    ],
    "usageMetadata": {"totalTokenCount": 9},
    "modelVersion": "gemini-3.1-flash-image",
}


def pisang(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in OF_GOOGLE}
    return subprocess.run(
        [PISANG, *words, "--data", folder / "data"],
        cwd=folder,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_server_says_who_draws_where_nothing_is_set_up(tmp_path: Path) -> None:
    with started(tmp_path):
        said = (tmp_path / "log").read_text()
    assert "Pictures are drawn by the built-in engine, at no cost." in said


def test_a_server_has_a_line_for_each_route(tmp_path: Path) -> None:
    engines = {"studio": {"kind": "google", "api_keys": ["AIza-very-secret"]}}
    routes = [
        {"model": "gemini-3-pro-image", "engines": ["studio"]},
        {"model": "*", "engines": ["sketch"]},
    ]
    with started(tmp_path, engines=json.dumps(engines), routes=json.dumps(routes)):
        said = (tmp_path / "log").read_text()
    assert "gemini-3-pro-image -> studio (google): $0.137 for gemini-3-pro-image 1K" in said
    assert "every model -> sketch: at no cost" in said
    assert "very-secret" not in said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"routes": '[{"model": "*", "engines": ["studoi"]}]'},
            "routes[0].engines[0]: there is no",
        ),
        ({"engines": '{"a": {"kind": "gogle"}}'}, "engines.a.kind: there is no kind 'gogle'"),
        ({"engines": '{"a": {"kind": "google"}}'}, "engines.a.api_keys"),
    ],
)
def test_a_wrong_route_keeps_a_server_from_starting(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    environ = {f"PISANG_{name.upper()}": value for name, value in settings.items()}
    ended = pisang(tmp_path, "serve", "--port", "0", **environ)
    assert ended.returncode == 78
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_one_picture_in_process_is_announced_with_its_price(tmp_path: Path) -> None:
    with standing(whole(PICTURE)) as there:
        (tmp_path / "pisang.toml").write_text(
            '[engines.google]\nkind = "google"\napi_keys = ["env:GEMINI_API_KEY"]\n'
            f'base_url = "{there.url}"\n'
        )
        words = ("generate", "a yellow field", "-o", "out.png", "-n", "2")
        made = pisang(tmp_path, *words, GEMINI_API_KEY="AIza-very-secret")
        asked = [request.headers["x-goog-api-key"] for request in there.requests]
    assert made.returncode == 0, made.stderr
    assert made.stderr.count("The picture is made by google (at ") == 1
    assert "it costs about $0.068." in made.stderr
    assert "very-secret" not in made.stderr + made.stdout
    assert asked == ["AIza-very-secret"] * 2


def test_a_key_of_this_server_makes_no_route(tmp_path: Path) -> None:
    made = pisang(tmp_path, "generate", "a yellow field", "-o", "x.png", GEMINI_API_KEY="psk_abc")
    assert made.returncode == 0
    assert "costs" not in made.stderr
