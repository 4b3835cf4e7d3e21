"""compose.yaml and the Dockerfile: every setting they name exists, and what they copy is there."""

import re
from pathlib import Path

import pytest

from pisang.settings import PREFIX, Settings
from pisang.sources import load

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PAGE = (ROOT / "docs/how-to/production.md").read_text()
VARIABLES = sorted(set(re.findall(r"\bPISANG_[A-Z_]+", COMPOSE + DOCKERFILE + PAGE)))
SET = dict(re.findall(r"^ +(PISANG_\w+): \"?(.*?)\"?$", COMPOSE, re.MULTILINE))
SECRETS = {"SITE": "images.example", "PISANG_MASTER_KEY": "0" * 64, "PISANG_SIGNING_KEY": "s" * 32}


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_a_setting(variable: str) -> None:
    assert variable.removeprefix(PREFIX).lower() in Settings.model_fields


def test_servers_get_settings_that_are_valid() -> None:
    def given(found: re.Match[str]) -> str:
        return SECRETS.get(found[1], "secret")

    environ = {name: re.sub(r"\$\{(\w+)[^}]*\}", given, value) for name, value in SET.items()}
    settings = load(environ=environ).settings
    assert settings.postgres == "postgresql://pisang:secret@postgres/pisang"
    assert settings.valkey == "valkey://:secret@valkey"
    assert settings.public_url == "https://images.example"


def test_there_is_all_that_a_house_needs() -> None:
    services = COMPOSE.partition("\nservices:\n")[2].partition("\nconfigs:\n")[0]
    named = re.findall(r"^  (\w+):", services, re.MULTILINE)
    assert named == ["proxy", "server", "worker", "migrate", "postgres", "valkey"]
    for name in re.findall(r"\$\{(\w+):\?", COMPOSE):
        assert re.search(rf"^{name}=", PAGE, re.MULTILINE), f"the page does not say to set {name}"
    grace = int(re.findall(r"stop_grace_period: (\d+)s", COMPOSE)[0])
    assert grace > float(SET["PISANG_SHUTDOWN_GRACE"])


def test_the_image_is_built_of_files_that_there_are() -> None:
    allowed = (ROOT / ".dockerignore").read_text()
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name
            assert f"!{name}\n" in allowed, name


def test_the_lock_has_the_extras_at_the_versions_that_are_tested() -> None:
    pinned = re.compile(r"^([\w-]+)==(\S+)", re.MULTILINE)
    production = set(pinned.findall((ROOT / "locks/production.txt").read_text()))
    assert {"asyncpg", "redis", "opentelemetry-sdk"} <= {name for name, _ in production}
    for lock in ("runtime", "dev"):
        tested = pinned.findall((ROOT / f"locks/{lock}.txt").read_text())
        for name in {name for name, _ in tested} & {name for name, _ in production}:
            versions = {each for each in production if each[0] == name}
            assert versions == {each for each in tested if each[0] == name}, (lock, name)
