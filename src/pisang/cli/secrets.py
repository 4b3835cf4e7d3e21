"""``pisang secrets``: under which keys what is secret in the database is encrypted, and new keys.

It works on the database itself, next to a running server, which follows at once.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import typer

from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.records import settings_of, shown_time
from pisang.settings import Settings
from pisang.store.blobs import Blobs, Rewrapped
from pisang.store.database import Database
from pisang.store.folder import Folder
from pisang.store.keyring import DataKey, Keyring
from pisang.store.master import Master, master, masters
from pisang.store.open import opened
from pisang.store.sealing import counted, opened_keyring, rewrap, rotate

app = typer.Typer(
    help="Show and change the keys under which secrets are encrypted.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)


@dataclass(frozen=True, slots=True)
class Found:
    """The data keys, and how many texts (``""``: not encrypted) and files are under each."""

    keys: list[DataKey]
    texts: dict[str, int]
    files: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rotated:
    """The master key from now on, and how many texts (or data keys) and files were changed."""

    keyring: Keyring
    under: Master
    texts: int
    files: Rewrapped


@app.command(epilog="Example: pisang secrets status")
def status(data: DataOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Show the data keys, which master key protects them, and how much is under each."""
    settings = settings_of(data, config, there=True)
    found = asyncio.run(_status(settings))
    terminal = Terminal()
    if json:
        terminal.json({"data_keys": [_plain(key, found) for key in found.keys]})
        return
    terminal.table(
        ("DATA KEY", "CREATED", "RETIRED", "SECRETS", "FILES", "MASTER KEY"),
        [
            (
                key.id,
                shown_time(key.created_at),
                shown_time(key.retired_at) or "-",
                str(found.texts.get(key.id, 0)),
                str(found.files.get(key.id, 0)),
                key.master,
            )
            for key in found.keys
        ],
    )
    if settings.master_key is None:
        terminal.note(
            "The master key lies in the data folder: it protects copies of the database and "
            "backups, not the folder itself. PISANG_MASTER_KEY keeps it elsewhere."
        )
    elif Folder(settings.data).master_key.exists():
        terminal.note(
            f"{Folder(settings.data).master_key} is not in use any more: keep it with backups that "
            "were made under it, and delete it here."
        )


@app.command("rotate", epilog="Example: pisang secrets rotate --new-key file:/run/secrets/next")
def rotate_(
    new_key: Annotated[
        str | None,
        typer.Option(
            "--new-key",
            metavar="WHERE",
            help="The master key from now on, as file:PATH or command:WORDS; "
            "else PISANG_MASTER_KEY_NEXT, else the same one.",
            show_default=False,
        ),
    ] = None,
    master_only: Annotated[
        bool,
        typer.Option("--master-only", help="Change the master key and keep the data key."),
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Encrypt all secrets and the keys of files under a new data key, and that under the master key
    to come.

    If it is cut off, do it once more.
    """
    settings = settings_of(data, config, there=True)
    next_ = master(new_key, setting="new-key") if new_key else None
    made = asyncio.run(_rotate(settings, next_, master_only=master_only))
    keyring, under = made.keyring, made.under
    terminal = Terminal()
    if json:
        said = {"data_key": keyring.active, "master_key": under.place, "secrets": made.texts}
        terminal.json({**said, "files": made.files.done, "damaged_files": made.files.damaged})
        return
    if master_only:
        terminal.result(f"{made.texts} data keys were encrypted anew.")
    else:
        files = f"the keys of {made.files.done} files"
        terminal.result(f"{made.texts} secrets and {files} were encrypted anew.")
    terminal.result(f"Data key {keyring.active}, under {under.place}.")
    if made.files.damaged:
        terminal.warn(f"{made.files.damaged} files are damaged and stay as they are; see the log.")
    if under != keyring.masters[0]:
        terminal.note(
            "Set PISANG_MASTER_KEY to the new master key and start the servers anew: one that runs "
            "and was not told it as PISANG_MASTER_KEY_NEXT cannot follow changes until then. Keep "
            "the old one with backups that were made under it."
        )


async def _status(settings: Settings) -> Found:
    async with opened(settings.data, settings.postgres) as (folder, database):
        keyring = await opened_keyring(settings, folder, database)
        async with database.read() as connection:
            keys, texts = await keyring.listed(connection), await counted(connection)
        return Found(keys, texts, await Blobs(folder.blobs, keyring).counted())


async def _rotate(settings: Settings, next_: Master | None, *, master_only: bool) -> Rotated:
    async with opened(settings.data, settings.postgres) as (folder, database):
        keyring = await _keyring(settings, folder, database, next_)
        under = next_ or (keyring.masters[1] if settings.master_key_next else keyring.masters[0])
        if master_only:
            done = await rewrap(database, keyring, under=under)
            return Rotated(keyring, under, done, Rewrapped(0, 0))
        done = await rotate(database, keyring, under=under)
        return Rotated(keyring, under, done, await Blobs(folder.blobs, keyring).rewrap())


async def _keyring(
    settings: Settings, folder: Folder, database: Database, next_: Master | None
) -> Keyring:
    """The keyring, which also reads what a rotation that was done before is under."""
    if next_ is None:
        return await opened_keyring(settings, folder, database)
    found = await asyncio.to_thread(masters, settings, folder)
    return await Keyring.opened(database, [*found, next_])


def _plain(key: DataKey, found: Found) -> dict[str, object]:
    return {
        "id": key.id,
        "created_at": shown_time(key.created_at),
        "retired_at": shown_time(key.retired_at) or None,
        "secrets": found.texts.get(key.id, 0),
        "files": found.files.get(key.id, 0),
        "master_key": key.master,
    }
