"""The frame of the command line: quick help, lazy nouns, and exit codes by cause."""

import resource
import subprocess
import sys
from importlib import import_module, util
from pathlib import Path

import pytest

from pisang.cli.exits import TABLE, Exit, code, sentence
from pisang.cli.main import NOUNS
from pisang.core.errors import (
    EngineBillingStopped,
    EngineFailed,
    EngineMisconfigured,
    EngineOverloaded,
    EngineRateLimited,
    EngineRejected,
    EngineTimeout,
    EngineUnavailable,
    InvalidKey,
    ModelNotFound,
    NoRoute,
    SettingsError,
    StoreError,
)

PISANG = Path(sys.executable).with_name("pisang")
HEAVY = ("pydantic", "sqlalchemy", "starlette", "uvicorn", "pyvips", "numpy", "httpx2", "rich")


def modules_after(statement: str) -> set[str]:
    program = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_the_package_and_the_help_import_nothing_heavy() -> None:
    assert not modules_after("import pisang") & {*HEAVY, "typer"}
    assert not modules_after("import pisang.cli.main") & set(HEAVY)


def processor_time() -> float:
    """Seconds of a processor that processes which were waited for have used, whatever else the
    machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_is_quick() -> None:
    times = []
    for _ in range(5):
        began = processor_time()
        subprocess.run([PISANG, "--help"], check=True, capture_output=True)
        times.append(processor_time() - began)
    assert min(times) < 0.3  # about 0.08 s on an idle machine


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_help(noun: str) -> None:
    done = subprocess.run([PISANG, noun, "--help"], check=True, capture_output=True, text=True)
    assert f"pisang {noun}" in done.stdout
    assert util.find_spec(NOUNS[noun][0])
    assert import_module(NOUNS[noun][0]).app


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SettingsError("x"), Exit.SETTINGS),
        (StoreError("x"), Exit.STORE),
        (InvalidKey("x"), Exit.NOT_ADMITTED),
        (ModelNotFound("x"), Exit.USAGE),
        (EngineTimeout("x"), Exit.TRY_AGAIN),
        (EngineUnavailable("x"), Exit.UNAVAILABLE),
        (EngineUnavailable("x", retry_after=2), Exit.TRY_AGAIN),
        (EngineFailed("x"), Exit.FAILURE),
        (EngineRejected("x"), Exit.USAGE),
        (EngineOverloaded("x"), Exit.TRY_AGAIN),
        (EngineRateLimited("x"), Exit.TRY_AGAIN),
        (EngineBillingStopped("x"), Exit.UNAVAILABLE),
        (EngineMisconfigured("x"), Exit.UNAVAILABLE),
        (NoRoute("x"), Exit.UNAVAILABLE),
    ],
)
def test_exit_codes_tell_causes_apart(error: Exception, expected: Exit) -> None:
    assert code(error) == expected  # type: ignore[arg-type]


def test_whose_words_an_upstreams_are_is_said() -> None:
    told = {"engine": "studio", "advice": "Replace the key."}

    assert sentence(EngineMisconfigured("API key not valid.", metadata=told)) == (
        "API key not valid. (So says the engine studio. Replace the key.)"
    )
    ours = "Engine studio: nobody answers. Replace the key."
    assert sentence(EngineUnavailable(ours, metadata=told)) == ours
    assert sentence(EngineUnavailable("Busy.")) == "Busy."
    assert sentence(InvalidKey("x", metadata=told)) == "x"


def test_every_exit_code_is_explained() -> None:
    assert set(TABLE) == set(Exit)


def test_a_wrong_command_is_a_usage_error_and_no_traceback() -> None:
    for arguments in (["sing"], ["--sing"], ["keys", "sing"], ["serve", "--port", "x"]):
        done = subprocess.run([PISANG, *arguments], check=False, capture_output=True, text=True)
        assert done.returncode == Exit.USAGE
        assert "Traceback" not in done.stderr


def test_a_traceback_comes_only_when_asked_for(tmp_path: Path) -> None:
    command = [PISANG, "config", "--config", str(tmp_path / "none")]
    for variables, shown in (({}, False), ({"PISANG_TRACEBACK": "1"}, True)):
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=variables)
        assert ("Traceback" in done.stderr) == shown
