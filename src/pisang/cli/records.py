"""What commands share that work straight in the data folder, with no server: ``keys`` and
``service-accounts``. A running server follows at once, because it looks up whatever it is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang import journal
from pisang.accounts import projects
from pisang.accounts.first import ensure_default_project
from pisang.core.errors import NotFound
from pisang.settings import Settings
from pisang.sources import load
from pisang.store.open import opened

T = TypeVar("T")
ProjectOption = Annotated[
    str | None, typer.Option("--project", "-p", help="The project.", show_default=False)
]
HomeOption = Annotated[
    str | None,
    typer.Option("--project", "-p", help="The project; a new one is made.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_of(data: Path | None, config: Path | None, *, there: bool = False) -> Settings:
    """The settings of a command; ``there`` refuses a data folder that does not exist yet. The log
    is set up as well: a command's standard output has its result and nothing else.

    Only what creates makes one: a mistyped folder must not look like one in which nothing is.
    """
    settings = load({"data": data}, config=config).settings
    journal.set_up(level="error", form="auto")
    if there and not settings.postgres and not settings.data.is_dir():
        raise NotFound(
            f"There is no data folder at {settings.data}. Check --data; `pisang serve` and "
            "`pisang keys create` make a new one."
        )
    return settings


def run(deed: Callable[[AsyncConnection], Awaitable[T]], settings: Settings) -> T:
    """Runs a deed in one write transaction on the data folder that the settings name."""

    async def running() -> T:
        async with opened(settings.data, settings.postgres) as (_, database):
            await ensure_default_project(database)
            async with database.write() as connection:
                return await deed(connection)

    return asyncio.run(running())


async def home(connection: AsyncConnection, name: str) -> projects.Project:
    """The project in which something is to be made; a new one is made, and the person told of it,
    because it may have been meant otherwise."""
    try:
        return await projects.find(connection, name)
    except NotFound as error:
        made = await projects.ensure(connection, name)
        typer.echo(f"{error.message} Made the project {name!r}.", err=True)
        return made


async def within(connection: AsyncConnection, name: str | None) -> projects.Project | None:
    """The project that narrows a command, where one was named. Raises ``NotFound``."""
    return None if name is None else await projects.find(connection, name)


def shown_time(value: datetime | None) -> str:
    """RFC 3339 in UTC; empty for none."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else ""
