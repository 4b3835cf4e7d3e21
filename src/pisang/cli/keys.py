"""``pisang keys``: create, list and revoke API keys, straight in the data folder.

It needs no running server; a running one follows at once, because it looks up every key it is sent.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import keys, projects
from pisang.accounts.first import ensure_default_project
from pisang.cli.config import ConfigOption, DataOption
from pisang.cli.output import Terminal
from pisang.core.errors import NotFound
from pisang.settings import Settings, load
from pisang.store.open import opened

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

T = TypeVar("T")
ProjectOption = Annotated[
    str | None, typer.Option("--project", "-p", help="The project.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def create(
    project: ProjectOption = None,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "key",
    new_project: Annotated[
        bool, typer.Option("--new-project", help="Make the project if it is new.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key and print it: the only time that it is shown."""
    chosen = project or projects.DEFAULT

    async def make(connection: AsyncConnection) -> keys.NewKey:
        look_up = projects.ensure if new_project else _existing
        home = await look_up(connection, chosen)
        return await keys.create(connection, home, name=name)

    made = _run(make, _settings(data, config))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"id": made.id, "key": made.key})
    else:
        terminal.result(made.key)
        terminal.note(f"This is {made.id} of project {chosen}. It is not shown again.")


@app.command("list")
def list_(
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List keys, revoked ones too; the keys themselves are not kept."""

    async def read(connection: AsyncConnection) -> list[keys.Key]:
        return await keys.listed(connection, await _project(connection, project))

    found = _run(read, _settings(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json([_plain(key) for key in found])
        return
    terminal.table(
        ("ID", "PROJECT", "NAME", "ENDS IN", "CREATED", "REVOKED"),
        [
            (key.id, key.project, key.name, key.last4, _time(key.created_at), _time(key.revoked_at))
            for key in found
        ],
    )


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, or the key itself.")],
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """End a key: from now on it is refused."""

    async def end(connection: AsyncConnection) -> str:
        return await keys.revoke(connection, key, await _project(connection, project))

    ended = _run(end, _settings(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"id": ended})
    else:
        terminal.result(f"{ended} is revoked.")


def _settings(data: Path | None, config: Path | None, *, there: bool = False) -> Settings:
    """The settings of a command; ``there`` refuses a data folder that does not exist yet.

    Only ``create`` makes one: a mistyped folder must not look like one without keys.
    """
    settings = load({"data": data}, config=config).settings
    if there and not settings.data.is_dir():
        raise NotFound(
            f"There is no data folder at {settings.data}. Check --data; `pisang serve` and "
            "`pisang keys create` make a new one."
        )
    return settings


def _run(deed: Callable[[AsyncConnection], Awaitable[T]], settings: Settings) -> T:
    """Runs a deed in one write transaction on the data folder that the settings name."""

    async def run() -> T:
        async with opened(settings.data) as (_, database):
            await ensure_default_project(database)
            async with database.write() as connection:
                return await deed(connection)

    return asyncio.run(run())


async def _project(connection: AsyncConnection, name: str | None) -> projects.Project | None:
    return None if name is None else await _existing(connection, name)


async def _existing(connection: AsyncConnection, name: str) -> projects.Project:
    try:
        return await projects.find(connection, name)
    except NotFound as error:
        error.message += " `pisang keys create --new-project` makes a new one."
        raise


def _plain(key: keys.Key) -> dict[str, str | None]:
    return {
        "id": key.id,
        "project": key.project,
        "name": key.name,
        "last4": key.last4,
        "created_at": _time(key.created_at),
        "revoked_at": _time(key.revoked_at) or None,
    }


def _time(value: datetime | None) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else ""
