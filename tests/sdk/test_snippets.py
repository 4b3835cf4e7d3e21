"""What ``pisang code`` prints, run unmodified against a live server."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pisang.core.image import sniff
from tests.live import PISANG, Live, absent

PROMPT = 'A red fox beside a tree, with the text "It\'s $HOME!" `here`\nand \\ a 🦊 in the snow'
STEM = "a-red-fox-beside-a-tree-with-the-text-it-s-home-here-and-a"
PACKAGES = Path(__file__).with_name("javascript") / "node_modules"


def code(live: Live, client: str, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [PISANG, "code", "--client", client, "--server", live.url, *words, "--", PROMPT],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def run(command: list[str | Path], live: Live, folder: Path) -> str:
    """Runs a snippet in a folder, where the environment points the SDKs somewhere else."""
    decoys = {"GOOGLE_API_KEY": "wrong", "GOOGLE_GENAI_USE_VERTEXAI": "true"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **decoys, "PISANG_KEY": live.key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def draw_a_cat(file: Path) -> None:
    data = file.parent / "data"
    words = ["generate", "a cat", "-q", "-o", file, "--data", data]
    subprocess.run([PISANG, *words], check=True, stdout=subprocess.DEVNULL)


def size(file: Path) -> tuple[str, int, int]:
    header = sniff(file.read_bytes())
    assert header
    return header.media_type, header.width, header.height


def test_python_runs_as_printed(live: Live, tmp_path: Path) -> None:
    if importlib.util.find_spec("google.genai") is None:
        absent("google-genai")
    program = tmp_path / "program.py"
    program.write_text(code(live, "python", tmp_path, "-r", "16:9", "-s", "2K", "--seed", "3"))

    output = run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", program], live, tmp_path
    )

    assert output.splitlines()[-1] == f"{STEM}.png"
    assert size(tmp_path / f"{STEM}.png") == ("image/png", 2752, 1536)


def test_curl_runs_as_printed_with_an_attached_file(live: Live, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        absent("curl")
    draw_a_cat(tmp_path / "it's.png")

    run(
        ["bash", "-euc", code(live, "curl", tmp_path, "-a", "it's.png", "-r", "3:2")],
        live,
        tmp_path,
    )

    assert size(tmp_path / f"{STEM}.png") == ("image/png", 1264, 848)


def test_curl_shows_the_servers_error(live: Live, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        absent("curl")
    text = code(live, "curl", tmp_path, "-s", "2k")

    done = subprocess.run(
        ["bash", "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PISANG_KEY": live.key},
    )  # fmt: skip

    assert 'use \\"2K\\"' in done.stdout
    assert not (tmp_path / f"{STEM}.png").exists()


@pytest.mark.parametrize("package", ["genai-2.32", "genai-newest"])
def test_javascript_runs_as_printed(live: Live, tmp_path: Path, package: str) -> None:
    node = shutil.which("node")
    if node is None or not (PACKAGES / package).exists():
        absent(f"node with {package}")
    (tmp_path / "node_modules" / "@google").mkdir(parents=True)
    (tmp_path / "node_modules" / "@google" / "genai").symlink_to(PACKAGES / package)
    draw_a_cat(tmp_path / "cat.jpg")
    program = tmp_path / "program.mjs"
    program.write_text(code(live, "javascript", tmp_path, "-a", "cat.jpg", "-r", "9:16"))

    output = run([str(node), program], live, tmp_path)

    assert output.splitlines()[-1] == f"{STEM}.png"
    assert size(tmp_path / f"{STEM}.png") == ("image/png", 768, 1376)


def test_our_own_command_runs_as_printed(live: Live, tmp_path: Path) -> None:
    text = code(live, "cli", tmp_path, "-r", "1:1").replace("pisang ", f"{PISANG} ", 1)

    output = run(["bash", "-euc", f"{text.rstrip()} 2>/dev/null"], live, tmp_path)

    assert output == f"{STEM}.png\n"
    assert size(tmp_path / f"{STEM}.png") == ("image/png", 1024, 1024)
