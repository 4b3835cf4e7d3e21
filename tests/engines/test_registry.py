"""Kinds of engines: ours, those of other packages, and the one in the documentation."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from pisang.catalog.models import catalog
from pisang.core.content import Content, Part, Role
from pisang.core.events import Finished, FinishReason, Image, Started
from pisang.core.image import Canvas, Pixels, sniff
from pisang.core.request import GenerateRequest
from pisang.engines import registry
from pisang.engines.base import Engine
from pisang.engines.registry import BUILT_IN, Config, ConfigError, Means
from pisang.engines.sketch.engine import SketchEngine
from pisang.wire.base64 import decode_base64
from tests.docs.blocks import ROOT, blocks
from tests.live import started

MEANS = Means(secret=b"s" * 32)
PAGE = ROOT / "docs" / "how-to" / "engines.md"


def install(folder: Path, module: str, text: str, points: str) -> None:
    """A distribution as pip leaves one: a module, and a folder that says what it offers."""
    (folder / f"{module}.py").write_text(text)
    about = folder / f"{module}_for_pisang-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {module}-for-pisang\nVersion: 1.0\n"
    )
    (about / "entry_points.txt").write_text(f"[pisang.engines]\n{points}\n")


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plug-in of the documentation, installed."""
    (code,) = (block.text for block in blocks(PAGE) if block.language == "python")
    point = next(block.text for block in blocks(PAGE) if block.text.startswith("[project."))
    install(tmp_path, "plain", code, point.splitlines()[1].replace('"', ""))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "plain", raising=False)
    return tmp_path


async def drawn(engine: Engine) -> list[object]:
    card = catalog().get("gemini-3-pro-image")
    assert card is not None
    asked = GenerateRequest(model=card.id, contents=(Content(Role.USER, (Part(text="a"),)),))
    canvas = Canvas(4, 2, "2:1", "1K")
    return [event async for event in engine.generate(asked, card=card, canvas=canvas)]


@pytest.mark.usefixtures("documented")
async def test_the_engine_of_the_documentation_draws() -> None:
    assert registry.kinds() == (*BUILT_IN, "plain")
    config = Config(name="yellow", options={"colour": "102030"})
    (engine,) = registry.build("plain", config, MEANS)
    assert engine.name == "yellow"
    assert await drawn(engine) == [
        Started("gemini-3-pro-image+plain-1"),
        Image(Pixels(4, 2, 3, bytes.fromhex("102030") * 8)),
        Finished(FinishReason.STOP),
    ]
    await engine.close()
    with pytest.raises(ConfigError, match="six hexadecimal digits") as caught:
        registry.build("plain", Config(name="y", options={"colour": "yellow"}), MEANS)
    assert caught.value.field == "colour"


def test_the_engine_of_the_documentation_is_typed(documented: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", documented / "plain.py"],
        capture_output=True,
        text=True,
        cwd=ROOT / "src",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_a_server_draws_with_the_engine_of_the_documentation(
    documented: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings,) = (b.text for b in blocks(PAGE) if b.text.startswith("[engines.yellow]"))
    (documented / "pisang.toml").write_text(settings)
    monkeypatch.setenv("PYTHONPATH", str(documented))
    asked = {"contents": [{"parts": [{"text": "a fox"}]}]}
    with started(documented) as live:
        answer = requests.post(
            f"{live.url}/v1beta/models/gemini-3-pro-image:generateContent",
            json=asked,
            headers={"x-goog-api-key": live.key},
            timeout=30,
        )
    assert answer.status_code == 200
    assert answer.headers["x-pisang-engine"] == "yellow"
    assert answer.json()["modelVersion"] == "gemini-3-pro-image+plain-1"
    (part,) = answer.json()["candidates"][0]["content"]["parts"]
    header = sniff(decode_base64(part["inlineData"]["data"]))
    assert header is not None
    assert (header.width, header.height) == (1024, 1024)


def test_every_kind_of_ours_can_be_loaded() -> None:
    for kind in BUILT_IN:
        with pytest.raises(ConfigError) as caught:
            registry.build(kind, Config(name="e", options={"no_such_option": 1}), MEANS)
        assert caught.value.field != "kind", kind


def test_sketch_is_a_kind_like_any_other(tmp_path: Path) -> None:
    means = Means(secret=b"s" * 32, font_dirs=(tmp_path,), workers=1, queue=0)
    (engine,) = registry.build("sketch", Config(name="pencil"), means)
    assert isinstance(engine, SketchEngine)
    assert engine.name == "pencil"
    with pytest.raises(ConfigError, match="leave it out"):
        registry.build("sketch", Config(name="pencil", api_keys=("k",)), means)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("gogle", "Did you mean google?"),
        ("midjourney", "There are: google, openai, sketch, vertex."),
    ],
)
def test_an_unknown_kind_names_those_that_there_are(kind: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        registry.build(kind, Config(name="e"), MEANS)
    assert caught.value.field == "kind"
    assert says in caught.value.sentence


def test_a_plug_in_that_cannot_be_loaded_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "broken", "import no_such_package\n", "broken = broken:build")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="no_such_package") as caught:
        registry.build("broken", Config(name="e"), MEANS)
    assert caught.value.field == "kind"


def test_a_plug_in_cannot_take_the_place_of_a_kind_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "thief", "def build(config, means): return []\n", "google = thief:build")
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.build("google", Config(name="e", api_keys=("k",)), MEANS)
    assert registry.kinds() == tuple(BUILT_IN)


def test_a_secret_is_in_no_representation() -> None:
    config = Config(name="e", api_keys=("the-key",), options={"password": "the-word"})
    assert "the-" not in repr(config)
    assert "the-" not in repr(Means(secret=b"the-secret"))
