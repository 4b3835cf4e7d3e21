"""``pisang users``: people who sign in. What they may do is said by ``pisang members``."""

import getpass
import sys
from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.admin import KeyOption, Place, Plain, ServerOption
from pisang.cli.config import ConfigOption, DataOption
from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.core.errors import RequestError

app = typer.Typer(
    help="Make, list and disable people who sign in.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

UserArgument = Annotated[str, typer.Argument(help="The email or id.")]
PasswordOption = Annotated[
    bool,
    typer.Option(
        "--password",
        help="Ask for a password; where standard input is no terminal, read it from there.",
    ),
]


@app.command(epilog="Example: pisang users create ana@example.com --password")
def create(
    email: Annotated[str, typer.Argument(help="The email.")],
    name: Annotated[str | None, typer.Option("--name", help="What they are called.")] = None,
    password: PasswordOption = False,
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a user, who may do nothing until `pisang members add` says so.

    Without a password they can sign in by the issuer of the setting oidc_issuer only.
    """
    sent = {"email": email, "name": name, "password": _new_password() if password else None}
    made = admin.ask(Place(server, key, data, config), "POST", "/users", sent, there=False)
    _tell(made, f"Made the user {made['email']}.", json=json)


@app.command("list", epilog="Example: pisang users list --json")
def list_(
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List all users."""
    at = Place(server, key, data, config)
    found = admin.run(at, lambda api: api.listed("/users", "users"), there=True)
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("EMAIL", "NAME", "SIGNS IN BY", "LAST SIGN-IN", "DISABLED"),
        [
            (
                each["email"],
                each["name"] or "-",
                ", ".join(each["signs_in_by"]) or "-",
                each["last_sign_in_at"] or "never",
                each["disabled_at"] or "-",
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang users update ana@example.com --password")
def update(
    user: UserArgument,
    name: Annotated[str | None, typer.Option("--name", help="What they are called.")] = None,
    password: PasswordOption = False,
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Change a user; a new password signs them out everywhere."""
    if name is None and not password:
        raise RequestError("Say what to change: --name or --password.")
    sent = {"name": name, "password": _new_password() if password else None}
    at = Place(server, key, data, config)
    changed = admin.ask(at, "PATCH", admin.path("users", user), sent)
    _tell(changed, f"Changed the user {changed['email']}.", json=json)


@app.command(epilog="Example: pisang users disable ana@example.com")
def disable(
    user: UserArgument,
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Let a user in no more, and end their sign-ins."""
    at = Place(server, key, data, config)
    changed = admin.ask(at, "POST", f"{admin.path('users', user)}:disable")
    _tell(changed, f"{changed['email']} can sign in no more.", json=json)


@app.command(epilog="Example: pisang users enable ana@example.com")
def enable(
    user: UserArgument,
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Let a user in again."""
    at = Place(server, key, data, config)
    changed = admin.ask(at, "POST", f"{admin.path('users', user)}:enable")
    _tell(changed, f"{changed['email']} can sign in again.", json=json)


@app.command(epilog="Example: pisang users delete ana@example.com")
def delete(
    user: UserArgument,
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Delete a user who is a member of nothing."""
    admin.ask(Place(server, key, data, config), "DELETE", admin.path("users", user))
    _tell({"user": user}, f"Deleted the user {user}.", json=json)


def _new_password() -> str:
    """A password, asked for twice where a person types it: nobody sees what was typed."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise RequestError("The two passwords are not the same.", field="password")
    return password


def _tell(found: Plain, sentence: str, *, json: bool) -> None:
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json(found)
    else:
        terminal.result(sentence)
