"""``pisang backup``: the database and all that a data folder holds in one encrypted file, while its
server runs."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.records import settings_of
from pisang.settings import Settings
from pisang.store.backup import write
from pisang.store.folder import Folder
from pisang.store.master import Master
from pisang.store.open import opened
from pisang.store.sealing import opened_keyring

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: pisang backup /backups/pisang-2026-11-21")
def backup(
    file: Annotated[Path, typer.Argument(help="The new file to write.")],
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Back up the database and the data folder to one file, encrypted under the master key.

    Servers may run on meanwhile.
    """
    settings = settings_of(data, config, there=True)
    folder = Folder(settings.data)
    master = asyncio.run(_master(settings))
    made = write(folder, file, master, settings.postgres)
    terminal = Terminal()
    if json:
        said = {"file": str(file), "files": made.files, "bytes": made.size}
        terminal.json({**said, "master_key": master.place})
    else:
        terminal.result(f"{made.files} files, {made.size} bytes, under {master.place}.")
    if settings.master_key is None:
        terminal.note(
            f"Without {folder.master_key} this backup is of no use: keep a copy of that key, and "
            "not beside the backup."
        )


async def _master(settings: Settings) -> Master:
    """The master key, which is the right one: a backup under another would be of little use."""
    async with opened(settings.data, settings.postgres) as (folder, database):
        return (await opened_keyring(settings, folder, database)).masters[0]
