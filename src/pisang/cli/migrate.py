"""``pisang migrate``: brings the database to this version, or moves it to PostgreSQL."""

import asyncio
import re
import socket
from typing import Annotated
from urllib.parse import urlsplit

import typer

from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.records import settings_of
from pisang.core.errors import FailedPrecondition, NotFound, SettingsError
from pisang.settings import Settings
from pisang.store import postgres
from pisang.store.folder import Folder, served_at
from pisang.store.moving import move
from pisang.store.open import has_database, opened

app = typer.Typer(add_completion=False, rich_markup_mode=None)

ToOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="URL",
        help="Move all records of the data folder to this PostgreSQL, which must be empty: "
        "postgresql://user:password@host/name",
        show_default=False,
    ),
]


@app.command(epilog="Example: pisang migrate --to postgresql://pisang:password@localhost/pisang")
def migrate(
    to: ToOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Bring the database to this version, or move it to PostgreSQL.

    A server does the first by itself when it starts; servers of the version before may run on
    meanwhile. For the second, stop them.
    """
    settings, terminal = settings_of(data, config, there=True), Terminal()
    if to is None:
        _upgrade(settings, terminal, json=json)
    else:
        _move(settings, to, terminal, json=json)


def _upgrade(settings: Settings, terminal: Terminal, *, json: bool) -> None:
    if not has_database(settings.data, settings.postgres):
        raise NotFound(f"There is no database in {settings.data} yet; `pisang serve` makes one.")

    async def run() -> None:
        async with opened(settings.data, settings.postgres):
            pass

    asyncio.run(run())
    where = postgres.name(settings.postgres) if settings.postgres else _file(settings)
    if json:
        terminal.json({"database": where})
    else:
        terminal.result(f"The database {where} is of this version.")


def _move(settings: Settings, target: str, terminal: Terminal, *, json: bool) -> None:
    if not re.match("|".join(f"{scheme}://" for scheme in postgres.SCHEMES), target):
        raise SettingsError("--to takes an address like postgresql://user:password@host/name.")
    _refuse_while_serving(settings)
    rows = asyncio.run(move(Folder(settings.data).database, target))
    if json:
        terminal.json({"database": postgres.name(target), "rows": dict(rows)})
        return
    terminal.table(("TABLE", "ROWS"), [(name, str(count)) for name, count in rows.items()])
    terminal.note(
        f"\nAll records are in {postgres.name(target)} now. Next: set PISANG_DATABASE_URL to its "
        f"address and start the servers. They still need the data folder {settings.data}: the "
        "files that records name are in it, and the keys. The old database is left as it was: "
        f"{_file(settings)}"
    )


def _refuse_while_serving(settings: Settings) -> None:
    """What a server writes after the move would be left behind."""
    url = served_at(Folder(settings.data))
    if url is None:
        return
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or 80), timeout=1).close()
    except OSError:  # it was killed, and has left its address
        return
    raise FailedPrecondition(
        f"A server runs on {settings.data} ({url}). Stop it first: what it writes during the move "
        "would be left behind."
    )


def _file(settings: Settings) -> str:
    return str(Folder(settings.data).database)
