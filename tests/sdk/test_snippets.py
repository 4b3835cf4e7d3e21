"""What ``pisang code`` prints, run unmodified against a live server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pisang.core.image import sniff
from pisang.snippets import Language
from tests.live import PISANG, ROOT, Live, absent

PROMPT = 'A red fox beside a tree, with the text "It\'s $HOME!" `here`\nand \\ a 🦊 in the snow'
STEM = "a-red-fox-beside-a-tree-with-the-text-it-s-home-here-and-a"
RETIRED = re.compile(r"google.generativeai|vertexai/generative_models")  # they warn of themselves
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


def run(command: list[str | Path], live: Live, folder: Path, **more: str) -> str:
    """Runs a snippet in a folder, where the environment points the SDKs somewhere else."""
    decoys = {"GOOGLE_API_KEY": "wrong", "GOOGLE_GENAI_USE_VERTEXAI": "true"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **decoys, "PISANG_KEY": live.key, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" or RETIRED.search(done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture to send."""
    folder = tmp_path_factory.mktemp("cat")
    words = ["generate", "a cat", "-q", "-o", folder / "cat.jpg", "--data", folder / "data"]
    subprocess.run([PISANG, *words], check=True, stdout=subprocess.DEVNULL)
    return folder / "cat.jpg"


def size(file: Path) -> tuple[str, int, int]:
    header = sniff(file.read_bytes())
    assert header
    return header.media_type, header.width, header.height


def test_curl_runs_as_printed_with_an_attached_file(live: Live, cat: Path, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        absent("curl")
    shutil.copy(cat, tmp_path / "it's.png")

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


VERTEX_AI = ("python-vertex", "vertexai")
PROGRAMS = [
    # language, the environment or package that has its client, options, the picture's size
    ("python", "google-genai-3.4.0", "-r 16:9 -s 2K --seed 3", ("image/png", 2752, 1536)),
    ("python-express", "google-genai-3.4.0", "-a cat.jpg -r 3:2", ("image/png", 1264, 848)),
    ("python-vertex", "google-genai-2.34.0", "-a cat.jpg -s 512", ("image/png", 512, 512)),
    ("javascript", "genai-2.32", "-a cat.jpg -r 9:16", ("image/png", 768, 1376)),
    ("javascript", "genai-newest", "-r 9:16 --seed 3", ("image/png", 768, 1376)),
    ("javascript-express", "genai-newest", "-a cat.jpg -r 9:16", ("image/png", 768, 1376)),
    ("openai-python", "openai-3", "-r 16:9 -s 2K --seed 3", ("image/png", 2752, 1536)),
    ("openai-python", "openai-1", "-a cat.jpg -r 3:2 --seed 3", ("image/png", 1264, 848)),
    ("openai-javascript", "openai", "-r 16:9 -s 2K --seed 3", ("image/png", 2752, 1536)),
    ("openai-javascript", "openai", "-a cat.jpg -r 3:2", ("image/png", 1264, 848)),
    ("ai-sdk-google", "@ai-sdk/google", "-a cat.jpg -r 3:2 --seed 3", ("image/png", 1264, 848)),
    ("ai-sdk-vertex", "@ai-sdk/google-vertex", "-r 3:2 -s 2K", ("image/png", 2528, 1696)),
    (
        "ai-sdk-openai-compatible",
        "@ai-sdk/openai-compatible",
        "-r 3:2 --seed 3",
        ("image/png", 1264, 848),
    ),
    (
        "ai-sdk-openai-compatible",
        "@ai-sdk/openai-compatible",
        "-a cat.jpg",
        ("image/png", 1024, 1024),
    ),
    ("langchain", "langchain-google-genai", "-a cat.jpg -r 3:2 --seed 3", ("image/png", 1264, 848)),
    ("pydantic-ai", "pydantic-ai", "-a cat.jpg -r 3:2 --seed 3", ("image/png", 1264, 848)),
    ("vertexai", "google-cloud-aiplatform-2.7.0", "-a cat.jpg --seed 3", ("image/png", 1024, 1024)),
    ("generativeai", "google-generativeai-0.8.6", "-a cat.jpg", ("image/png", 1024, 1024)),
]


@pytest.mark.parametrize(
    ("language", "home", "options", "want"),
    PROGRAMS,
    ids=[f"{language} {home} {options}" for language, home, options, _ in PROGRAMS],
)
def test_programs_run_as_printed(
    language: str,
    home: str,
    options: str,
    want: tuple[str, int, int],
    live: Live,
    cat: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    shutil.copy(cat, tmp_path)
    more = {}
    if language in VERTEX_AI:
        file = request.getfixturevalue("account").file
        more = {"GOOGLE_APPLICATION_CREDENTIALS": str(file)}
    text = code(live, language, tmp_path, *options.split())

    output = run(started_by(text, home, tmp_path), live, tmp_path, **more)

    assert output.splitlines()[-1] == f"{STEM}.png"
    assert size(tmp_path / f"{STEM}.png") == want


def test_every_client_is_run() -> None:
    run_apart = {"curl", "cli"}
    assert {language for language, *_ in PROGRAMS} | run_apart == set(Language)


def started_by(text: str, home: str, folder: Path) -> list[str | Path]:
    """Saves the program, and gives the command that starts it with the client of ``home``."""
    python = ROOT / ".cache" / "sdk" / home / "bin" / "python"
    if text.startswith("#"):
        if not python.exists():
            absent(home)
        (folder / "program.py").write_text(text)
        return [python, "-W", "error::DeprecationWarning:__main__", folder / "program.py"]
    node = shutil.which("node")
    if node is None or not (PACKAGES / home).exists():
        absent(f"node with {home}")
    modules = folder / "node_modules"
    modules.mkdir()
    for package in PACKAGES.iterdir():
        (modules / package.name).symlink_to(package)
    (modules / "@google").mkdir()
    (modules / "@google" / "genai").symlink_to(PACKAGES / home)
    (folder / "program.mjs").write_text(text)
    return [str(node), folder / "program.mjs"]


def test_our_own_command_runs_as_printed(live: Live, tmp_path: Path) -> None:
    text = code(live, "cli", tmp_path, "-r", "1:1").replace("pisang ", f"{PISANG} ", 1)

    output = run(["bash", "-euc", f"{text.rstrip()} 2>/dev/null"], live, tmp_path)

    assert output == f"{STEM}.png\n"
    assert size(tmp_path / f"{STEM}.png") == ("image/png", 1024, 1024)
