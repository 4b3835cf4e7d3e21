"""``pisang service-accounts``: programs that sign in as on Google Cloud.

What ``create`` writes is an ordinary key file of Google's form; the private key is in it and
nowhere else.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from pisang.cli import admin, signins
from pisang.cli.address import address_of, checked
from pisang.cli.admin import Admin, Plain
from pisang.cli.options import ConfigOption, DataOption, HomeOption, JsonOption, ProjectOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.cli.records import settings_of
from pisang.core.errors import RequestError, StoreError
from pisang.core.roles import Role
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
WhereOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="PISANG_SERVER",
        metavar="URL",
        help="The server's address as the program will reach it; it stands in the key file. With "
        "--key that server makes the account.",
        show_default="public_url, else http://host:port of the settings",
    ),
]


MakingKeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        "--admin-key",
        metavar="KEY",
        help="A key or token of somebody who may make accounts at --server.",
        show_default=False,
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


@app.command(epilog="Example: pisang service-accounts create robot --project shop --out robot.json")
def create(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    out: OutOption,
    project: HomeOption = None,
    role: Annotated[
        Role | None,
        typer.Option("--role", help="What it may do in its project.", show_default="developer"),
    ] = None,
    server: WhereOption = None,
    universe: UniverseOption = key_file.UNIVERSE,
    key: MakingKeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a service account and write its key file: the only copy of its private key."""
    body = {
        "project": project or "default",
        "name": name,
        "role": role.value if role else None,
    }
    at = _place(server, key, data, config)
    made, where = _write_key(
        lambda there: admin.in_home(there, "/service-accounts", body),
        at,
        where=_where(at, server),
        universe=universe,
        out=out,
    )
    _tell(made, where, out=out, json=json)


@app.command("add-key", epilog="Example: pisang service-accounts add-key EMAIL --out next.json")
def add_key(
    account: Annotated[str, typer.Argument(help="The account's email or id.")],
    out: OutOption,
    server: WhereOption = None,
    universe: UniverseOption = key_file.UNIVERSE,
    key: MakingKeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make another key for an account, so that one is replaced without a pause."""
    at = _place(server, key, data, config)
    path = f"{admin.path('service-accounts', account)}:addKey"
    made, where = _write_key(
        lambda there: there.ask("POST", path),
        at,
        where=_where(at, server),
        universe=universe,
        out=out,
        there=True,
    )
    _tell(made, where, out=out, json=json)


@app.command("list", epilog="Example: pisang service-accounts list --project shop")
@placed()
def list_(project: ProjectOption = None, at: Place = HERE, json: JsonOption = False) -> None:
    """List accounts with their keys, revoked ones too."""
    query = {"project": project}
    found = admin.run(
        at, lambda there: there.listed("/service-accounts", "service_accounts", query), there=True
    )
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("EMAIL", "PROJECT", "KEY ID", "CREATED", "REVOKED"),
        [
            (
                each["email"],
                each["project"],
                each["key_id"],
                each["created_at"] or "",
                each["revoked_at"] or "",
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang service-accounts revoke EMAIL")
@placed()
def revoke(
    account: Annotated[
        str, typer.Argument(help="The account's email or id; or a key id, to end one key only.")
    ],
    project: ProjectOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """End an account or one of its keys, with every token that it got."""
    path = admin.path("service-accounts", account)

    async def end(there: Admin) -> Plain:
        if project is not None:
            owner = (await there.ask("GET", path))["project"]
            await admin.check_within(there, owner, project, "service account")
        return await there.ask("POST", f"{path}:revoke")

    ended = admin.run(at, end, there=True)["id"]
    Terminal().tell({"id": ended}, f"{ended} is revoked.", json=json)


def _place(server: str | None, key: str | None, data: Path | None, config: Path | None) -> Place:
    """Where the account is made: at the server, for who has a key or a sign-in for it, else in the
    data folder."""
    at_server = server and (key or signins.kept(server))
    return Place(server if at_server else None, key, data, config)


def _where(at: Place, server: str | None) -> str:
    """The address that stands in the key file."""
    return checked(server) if server else address_of(settings_of(at.data, at.config))


def _write_key(
    make: Callable[[Admin], Awaitable[Plain]],
    at: Place,
    *,
    where: str,
    universe: str,
    out: Path,
    there: bool = False,
) -> tuple[Plain, str]:
    """Makes a key and writes its file: first the empty file, so that no key is made for nothing.

    Returns the key, and the address of the server that stands in the file.
    """
    handle = _created(out)
    try:
        made = admin.run(at, make, there=there)
        text = key_file.write(
            project=made["project"],
            email=made["email"],
            client_id=made["client_id"],
            key_id=made["key_id"],
            private_key=made["private_key"],
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


def _tell(made: Plain, where: str, *, out: Path, json: bool) -> None:
    terminal = Terminal()
    if json:
        terminal.json({"email": made["email"], "key_id": made["key_id"], "file": str(out)})
        return
    terminal.result(made["email"])
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
