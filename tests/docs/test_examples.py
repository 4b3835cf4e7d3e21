"""Every example in the documentation runs as it stands, against a live server.

The blocks of a page run in order in one empty folder, as a reader would run them; Python blocks of
a page share their names. The only thing exchanged is the server's address.
``<!-- run with NAME -->`` runs a Python block in the environment of another client
(``locks/sdk/NAME``), after the blocks of the same client before it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from pisang.core.image import sniff
from tests.docs.blocks import PAGES, PRINTS, ROOT, Block, runnable
from tests.live import PISANG, Live, absent

ADDRESS = "http://127.0.0.1:8787"
PACKAGES = ROOT / "tests" / "sdk" / "javascript" / "node_modules"
CLIENTS = ROOT / ".cache" / "sdk"
FOREIGN = ("GOOGLE_", "GEMINI_", "OPENAI_", "PISANG_")
RUN_WITH = "run with "
PAGES_TO_RUN = [page for page in PAGES if runnable(page)]
# What the text around the examples promises, or a reader will expect, of the files they make.
PICTURES = {
    "README": {"fox.png": (1024, 1024)},
    "tutorial": {
        "fox.png": (1376, 768),
        "card.png": (2400, 1792),
        "grey.png": (1200, 896),
        "openai.png": (1264, 848),
    },
    "google-sdk": {"fox.png": (1376, 768)},
}


def environment(live: Live) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    path = f"{PISANG.parent}{os.pathsep}{os.environ['PATH']}"
    openai = {"OPENAI_BASE_URL": f"{live.url}/v1", "OPENAI_API_KEY": live.key}
    pisang = {"PISANG_KEY": live.key, "PISANG_DATA": str(live.data)}
    return {**kept, **openai, **pisang, "PATH": path, "NO_GCE_CHECK": "true"}


@pytest.mark.parametrize("page", PAGES_TO_RUN, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path, live: Live, tmp_path: Path) -> None:
    # The whole environment is put back, because examples set variables of their own.
    with mock.patch.dict(os.environ, environment(live), clear=True), contextlib.chdir(tmp_path):
        run_page(page, live)


def run_page(page: Path, live: Live) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    printed = ""
    told: dict[str, str] = {}
    missing: set[str] = set()
    for block in runnable(page):
        place = f"{page.relative_to(ROOT)}:{block.line}"
        text = block.text.replace(ADDRESS, live.url)
        if block.note == PRINTS:
            assert lines(text) <= lines(printed), place
        elif block.language == "python" and not block.note:
            run_here(text, place, block, names)
        elif (client := client_of(block)) and not python_of(client).exists():
            missing.add(client)
        elif client:
            told[client] = f"{told.get(client, '')}\n{text}"
            printed = run([str(python_of(client)), "-c", told[client]], place)
        else:
            printed = run_outside(text, place, block)
    if missing:
        absent(", ".join(sorted(missing)))
    for file, size in PICTURES.get(page.stem, {}).items():
        header = sniff(Path(file).read_bytes())
        assert header
        assert (header.width, header.height) == size


def client_of(block: Block) -> str:
    """The client of other packages that a block is written for; empty for none."""
    name = block.note.removeprefix(RUN_WITH)
    return name if (ROOT / "locks" / "sdk" / f"{name}.txt").is_file() else ""


def python_of(client: str) -> Path:
    return CLIENTS / client / "bin" / "python"


def lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}


def run_here(text: str, place: str, block: Block, names: dict[str, Any]) -> None:
    """Python runs in this process, where Google's SDK is imported once for all pages."""
    exec(compile("\n" * (block.line - 1) + text, place, "exec"), names)


def run_outside(text: str, place: str, block: Block) -> str:
    """Runs a block as a process of its own and gives what it prints."""
    if block.language == "sh":
        command = ["bash", "-euo", "pipefail", "-c", text]
    elif block.language == "js":
        command = [node(), str(module(text))]
    else:
        assert block.note == "run with pytest", f"{place}: {block.note!r} means nothing"
        Path("test_example.py").write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-o", "asyncio_mode=auto"]
        command += ["-o", "asyncio_default_fixture_loop_scope=function", "test_example.py"]
    return run(command, place)


def run(command: list[str], place: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, f"{place}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def node() -> str:
    found = shutil.which("node")
    if found is None or not (PACKAGES / "genai-newest").exists():
        absent("node with @google/genai")
    return str(found)


def module(text: str) -> Path:
    Path("node_modules/@google").mkdir(parents=True, exist_ok=True)
    link = Path("node_modules/@google/genai")
    if not link.exists():
        link.symlink_to(PACKAGES / "genai-newest")
    program = Path("example.mjs")
    program.write_text(text)
    return program
