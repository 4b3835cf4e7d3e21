"""``pisang restore``: a new data folder from a backup, and the database in it, or in PostgreSQL."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.records import settings_of
from pisang.core.errors import PisangError
from pisang.settings import Settings
from pisang.store import backup, moving, postgres
from pisang.store.folder import Folder
from pisang.store.master import Master, master, masters

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: pisang restore pisang-2026-11-21 --data new --key-from master.key")
def restore(
    file: Annotated[Path, typer.Argument(help="The file that `pisang backup` wrote.")],
    key_from: Annotated[
        Path | None,
        typer.Option(
            "--key-from",
            metavar="FILE",
            help="The master key, as the master.key of the old folder; else PISANG_MASTER_KEY.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a data folder from a backup; the folder must be new, or empty but for a key.

    Where PISANG_DATABASE_URL is set, the database is restored to that, which must be empty.
    """
    settings, terminal = settings_of(data, config), Terminal()
    known = _masters(settings, key_from)
    if settings.postgres:
        asyncio.run(moving.check_empty(settings.postgres))
    made = backup.restore(file, settings.data, known)
    folder = Folder(settings.data)
    if key_from and settings.master_key is None and not folder.master_key.exists():
        folder.master_key.touch(mode=0o600)
        folder.master_key.write_bytes(key_from.read_bytes())
    where = str(folder.database)
    if settings.postgres:
        where = postgres.name(settings.postgres)
        _move(folder, settings.postgres, terminal)
    if json:
        terminal.json({"data": str(settings.data), "files": made.files, "database": where})
    else:
        terminal.result(f"{made.files} files are restored to {settings.data}.")
        if settings.postgres:
            terminal.result(f"The database is restored to {where}.")


def _move(folder: Folder, target: str, terminal: Terminal) -> None:
    """Moves the database that came out of the backup to PostgreSQL."""
    try:
        asyncio.run(moving.move(folder.database, target))
    except PisangError:
        terminal.warn(
            f"The data folder {folder.path} is restored, with the database in it. Not yet that to "
            f"PostgreSQL: `pisang migrate --data {folder.path} --to URL` does it."
        )
        raise
    for ending in ("", "-wal", "-shm"):
        folder.database.with_name(folder.database.name + ending).unlink(missing_ok=True)


def _masters(settings: Settings, key_from: Path | None) -> list[Master]:
    found = [master(f"file:{key_from}", setting="key-from")] if key_from else []
    folder = Folder(settings.data)
    if settings.master_key is not None or folder.master_key.exists():
        found += masters(settings, folder)
    return found
