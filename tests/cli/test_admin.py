"""Where the commands that manage a server work: in the data folder, or at a server; both do the
same."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from pisang import journal
from pisang.accounts import keys, projects
from pisang.cli.admin import path
from pisang.core.caller import Allowance
from pisang.testing import server
from tests.cli.nouns import said
from tests.cli.test_maker import listening

Run = Callable[..., Any]
STEPS = (
    "projects create shop --tier 1 --prepaid --markup 0.2",
    "projects list",
    "keys create --project shop --name phone --expires 30d --model gemini-3* --budget 2/day",
    "keys create --project shop --rpm 5 --surface openai --referrer *.example.com/*",
    "keys create --project made-by-this",
    "keys list --project shop",
    "members add user:ann@x.org --project shop --role viewer",
    "members list --project shop",
    "limits set --project shop --model gemini-3-pro-image --rpm 60 --ipm 10 --rpd 1000",
    "limits list --project shop",
    "limits remove --project shop --model gemini-3-pro-image --limit rpd",
    "budgets set --project shop --amount 5.00 --warn 50,80",
    "budgets list",
    "ledger top-up --project shop --amount 5.00 --reference r",
    "ledger top-up --project shop --amount 5.00 --reference r",
    "ledger adjust --project shop --amount=-1 --note why",
    "ledger balance --project shop",
    "ledger entries --project shop",
    "ledger holds",
    "ledger verify",
    "usage --project shop",
    "usage --forecast",
    "projects update shop --postpaid --tier none",
    "projects suspend shop",
    "projects resume shop",
    "projects delete shop",
    "members remove user:ann@x.org --project shop",
    "limits set --project shpo --rpm 3",
    "ledger top-up --project shop --amount 5,00",
    "keys revoke key_none",
    "budgets remove bgt_none",
)


def like(text: str) -> str:
    """What a command said, without what differs from one time to the next."""
    text = re.sub(r"\b[a-z]{2,8}_[0-9a-hjkmnp-tv-z]{26}\b", "ID", text)
    text = re.sub(r"psk_\w{40}", "KEY", text)
    text = re.sub(r'"last4": "\w{4}"', '"last4": ""', text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", text)
    text = re.sub(r"(local|key):\w+", "WHO", text)
    return re.sub(r'"\d{12}"|number \d{12}', "NUMBER", text)


@pytest.fixture
async def at_server(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """The address of a server, and a key of its operator."""
    journal.set_up(level="error", form="text")
    async with server(tmp_path / "served") as pisang, listening(pisang.app.asgi) as url:
        async with pisang.app.database.write() as connection:
            home = await projects.ensure(connection, "default")
            made = await keys.create(connection, home, name="k", allowed=[Allowance.ADMIN])
        yield url, made.key


async def test_every_command_does_the_same_here_and_at_a_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at_server: tuple[str, str]
) -> None:
    url, key = at_server
    here = ("--data", str(tmp_path / "data"))
    there = ("--server", url, "--admin-key", key)
    for step in STEPS:
        words = (*step.split(), "--json")
        one = await asyncio.to_thread(said, capsys, *words, *here)
        other = await asyncio.to_thread(said, capsys, *words, *there)
        assert list(map(like, map(str, other))) == list(map(like, map(str, one))), step
        assert (one[0] == 0) == (step in STEPS[: STEPS.index("projects delete shop")]) or step in (
            "members remove user:ann@x.org --project shop"
        ), step


async def test_who_may_not_is_told_so_and_exits_with_4(
    capsys: pytest.CaptureFixture[str], at_server: tuple[str, str]
) -> None:
    url, admin = at_server
    there = ("--server", url, "--json", "--admin-key")
    made = await asyncio.to_thread(said, capsys, "keys", "create", "-p", "shop", *there, admin)
    plain = json.loads(made[1])["key"]
    for words in (
        ("projects", "list"),
        ("keys", "create", "--project", "shop"),
        ("ledger", "top-up", "--project", "shop", "--amount", "5"),
        ("limits", "set", "--project", "default", "--rpm", "5"),
        ("usage",),
    ):
        code, out, err = await asyncio.to_thread(said, capsys, *words, *there, plain)
        assert (code, out) == (4, ""), words
        assert "--allow admin" in err
    code, _, err = await asyncio.to_thread(said, capsys, "projects", "list", "--server", url)
    assert code == 4
    assert "pisang login" in err


async def test_csv_comes_from_a_server_too(
    capsys: pytest.CaptureFixture[str], at_server: tuple[str, str]
) -> None:
    url, key = at_server
    words = ("usage", "--csv", "--by", "model", "--server", url, "--admin-key", key)
    assert (await asyncio.to_thread(said, capsys, *words))[:2] == (0, "model\r\n")


def test_names_of_things_stand_in_addresses_as_they_are() -> None:
    assert path("projects", "my shop/ü") == "/projects/my%20shop%2F%C3%BC"


@pytest.mark.parametrize("noun", ["limits", "budgets", "usage", "ledger", "members", "keys"])
def test_help_loads_no_database_and_no_web_framework(noun: str, tmp_path: Path) -> None:
    script = (
        f"from pisang.cli.main import run\ntry:\n    run(['{noun}', '--help'])\n"
        "except SystemExit:\n    pass\nimport sys\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"sqlalchemy", "starlette", "httpx2", "alembic", "numpy"}
