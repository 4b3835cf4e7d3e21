"""The admin API for one command: the same routes as a server's, loaded when they are asked for."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pisang.core.errors import MalformedRequest, NotFound
from pisang.settings import Settings
from pisang.surfaces.admin.in_process import MODULES, asking
from pisang.surfaces.admin.table import RECORDS


def test_a_command_has_every_route_that_works_on_records_alone() -> None:
    found = [
        route
        for modules in MODULES.values()
        for name in modules
        for route in import_module(f"pisang.surfaces.admin.{name}").ROUTES
    ]
    assert sorted(map(id, found)) == sorted(map(id, RECORDS))


async def test_errors_come_as_they_were_raised(tmp_path: Path) -> None:
    async with asking(Settings(data=tmp_path / "data"), user="ann") as ask:
        with pytest.raises(NotFound, match="no project 'shop'"):
            await ask("GET", "/projects/shop", None)
        with pytest.raises(MalformedRequest, match="'prjoect' is not known here"):
            await ask("GET", "/keys?prjoect=x", None)
        with pytest.raises(NotFound, match="is not served"):
            await ask("GET", "/engines", None)
        with pytest.raises(NotFound, match="is not served"):
            await ask("PUT", "/keys", {})


async def test_who_runs_a_command_is_the_operator_and_is_written_down(tmp_path: Path) -> None:
    async with asking(Settings(data=tmp_path / "data"), user="ann") as ask:
        await ask("POST", "/projects", {"name": "my shop/ü"})
        assert b'"actor":"local:ann"' in await ask("GET", "/audit", None)
        assert b"my shop/\xc3\xbc" in await ask("GET", "/projects?page_size=5", None)


def test_one_noun_loads_no_other(tmp_path: Path) -> None:
    script = (
        "from pisang.cli.main import run\n"
        f"try:\n    run(['projects', 'list', '--data', {str(tmp_path / 'data')!r}])\n"
        "except SystemExit:\n    pass\n"
        f"try:\n    run(['projects', 'create', 'x', '--data', {str(tmp_path / 'data')!r}])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "import sys\nprint('LOADED', *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    loaded = set(done.stdout.rpartition("LOADED ")[2].split())
    assert "pisang.surfaces.admin.projects" in loaded
    assert not loaded & {"pisang.surfaces.admin.ledger", "pisang.ledger.desk", "pisang.gateway"}
    assert not loaded & {"numpy", "pyvips", "httpx2", "uvicorn", "pisang.catalog.models"}
