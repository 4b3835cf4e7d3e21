"""``pisang restore``: a new data folder from a backup."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.records import settings_of
from pisang.settings import Settings
from pisang.store import backup
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
    """Make a data folder from a backup; the folder must be new, or empty but for a key."""
    settings = settings_of(data, config)
    known = _masters(settings, key_from)
    made = backup.restore(file, settings.data, known)
    folder = Folder(settings.data)
    if key_from and settings.master_key is None and not folder.master_key.exists():
        folder.master_key.touch(mode=0o600)
        folder.master_key.write_bytes(key_from.read_bytes())
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"data": str(settings.data), "files": made.files, "database": made.database})
    else:
        terminal.result(f"{made.files} files are restored to {settings.data}.")
    if not made.database:
        terminal.warn("The database was a PostgreSQL: restore that with pg_restore.")


def _masters(settings: Settings, key_from: Path | None) -> list[Master]:
    found = [master(f"file:{key_from}", setting="key-from")] if key_from else []
    folder = Folder(settings.data)
    if settings.master_key is not None or folder.master_key.exists():
        found += masters(settings, folder)
    return found
