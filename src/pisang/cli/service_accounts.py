"""``pisang service-accounts``: programs that sign in as on Google Cloud.

It works straight in the data folder. What ``create`` writes is an ordinary key file of Google's
form; the private key is in it and nowhere else.
"""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import projects, service_accounts
from pisang.accounts.service_accounts import Listed, NewAccountKey
from pisang.cli.address import address_of, checked
from pisang.cli.config import ConfigOption, DataOption
from pisang.cli.output import Terminal
from pisang.cli.records import (
    HomeOption,
    JsonOption,
    ProjectOption,
    home,
    run,
    settings_of,
    shown_time,
    within,
)
from pisang.core.errors import RequestError, StoreError
from pisang.settings import Settings
from pisang.wire import key_file

app = typer.Typer(
    help="Let programs sign in with a key file, as on Google Cloud.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

OutOption = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="FILE", help="The key file to write; it must not exist.",
        show_default=False,
    ),
]  # fmt: skip
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="PISANG_SERVER",
        metavar="URL",
        help="The server's address as the program will reach it; it stands in the key file.",
        show_default="public_url, else http://host:port of the settings",
    ),
]


UniverseOption = Annotated[
    str,
    typer.Option(
        "--universe",
        metavar="DOMAIN",
        help="Any domain but Google's keeps google-auth from telling Google of this account; "
        "google-cloud-aiplatform then needs it in GOOGLE_CLOUD_UNIVERSE_DOMAIN.",
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    out: OutOption,
    project: HomeOption = None,
    server: ServerOption = None,
    universe: UniverseOption = key_file.UNIVERSE,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a service account and write its key file: the only copy of its private key."""
    chosen = project or projects.DEFAULT

    async def make(connection: AsyncConnection) -> NewAccountKey:
        owner = await home(connection, chosen)
        return await service_accounts.create(connection, owner, name=name)

    made, where = _write_key(
        make, settings_of(data, config), server=server, universe=universe, out=out
    )
    _tell(made, where, out=out, json=json)


@app.command("add-key")
def add_key(
    account: Annotated[str, typer.Argument(help="The account's email or id.")],
    out: OutOption,
    server: ServerOption = None,
    universe: UniverseOption = key_file.UNIVERSE,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make another key for an account, so that one is replaced without a pause."""

    async def make(connection: AsyncConnection) -> NewAccountKey:
        return await service_accounts.add_key(connection, account)

    settings = settings_of(data, config, there=True)
    made, where = _write_key(make, settings, server=server, universe=universe, out=out)
    _tell(made, where, out=out, json=json)


@app.command("list")
def list_(
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List accounts with their keys, revoked ones too."""

    async def read(connection: AsyncConnection) -> list[Listed]:
        return await service_accounts.listed(connection, await within(connection, project))

    found = run(read, settings_of(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json([_plain(key) for key in found])
        return
    terminal.table(
        ("EMAIL", "PROJECT", "KEY ID", "CREATED", "REVOKED"),
        [
            (
                key.email,
                key.project,
                key.key_id,
                shown_time(key.created_at),
                shown_time(key.revoked_at),
            )
            for key in found
        ],
    )


@app.command()
def revoke(
    account: Annotated[
        str, typer.Argument(help="The account's email or id; or a key id, to end one key only.")
    ],
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """End an account or one of its keys, with every token that it got."""

    async def end(connection: AsyncConnection) -> str:
        owner = await within(connection, project)
        return await service_accounts.revoke(connection, account, owner)

    ended = run(end, settings_of(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"id": ended})
    else:
        terminal.result(f"{ended} is revoked.")


def _write_key(
    make: Callable[[AsyncConnection], Awaitable[NewAccountKey]],
    settings: Settings,
    *,
    server: str | None,
    universe: str,
    out: Path,
) -> tuple[NewAccountKey, str]:
    """Makes a key and writes its file: first the empty file, so that no key is made for nothing.

    Returns the key, and the address of the server that stands in the file.
    """
    where = checked(server) if server else address_of(settings)
    handle = _created(out)
    try:
        made = run(make, settings)
        text = key_file.write(
            project=made.project,
            email=made.email,
            client_id=made.client_id,
            key_id=made.id,
            private_key=made.private_key,
            server=where,
            universe=universe,
        )
        with os.fdopen(os.dup(handle), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    return made, where


def _tell(made: NewAccountKey, where: str, *, out: Path, json: bool) -> None:
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"email": made.email, "key_id": made.id, "file": str(out)})
        return
    terminal.result(made.email)
    terminal.note(
        f"Its key is in {out}, and nowhere else: keep that file secret. It signs in at "
        f"{where}/token. Python's Google clients find it by GOOGLE_APPLICATION_CREDENTIALS={out}"
    )


def _created(out: Path) -> int:
    """A new, empty file that nobody else may read."""
    try:
        return os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise RequestError(
            f"{out} exists already: name another file, so that no key is lost.", field="out"
        ) from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"Cannot write the key file {out}: {why}.") from error


def _plain(key: Listed) -> dict[str, str | None]:
    return {
        "id": key.id,
        "email": key.email,
        "project": key.project,
        "key_id": key.key_id,
        "created_at": shown_time(key.created_at),
        "revoked_at": shown_time(key.revoked_at) or None,
    }
