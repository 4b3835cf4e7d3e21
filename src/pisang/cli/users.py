"""``pisang users``: people who sign in. What they may do is said by ``pisang members``."""

import getpass
import sys
from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.core.errors import RequestError

app = typer.Typer(
    help="Make, list and disable people who sign in.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

UserArgument = Annotated[str, typer.Argument(help="The email or id.")]
NameOption = Annotated[str | None, typer.Option("--name", help="What they are called.")]
PasswordOption = Annotated[
    bool,
    typer.Option(
        "--password",
        help="Ask for a password; where standard input is no terminal, read it from there.",
    ),
]


@app.command(epilog="Example: pisang users create ana@example.com --password")
@placed()
def create(
    email: Annotated[str, typer.Argument(help="The email.")],
    name: NameOption = None,
    password: PasswordOption = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Make a user, who may do nothing until `pisang members add` says so.

    Without a password they can sign in by the issuer of the setting oidc_issuer only.
    """
    sent = {"email": email, "name": name, "password": _new_password() if password else None}
    made = admin.ask(at, "POST", "/users", sent, there=False)
    Terminal().tell(made, f"Made the user {made['email']}.", json=json)


@app.command("list", epilog="Example: pisang users list --json")
@placed()
def list_(at: Place = HERE, json: JsonOption = False) -> None:
    """List all users."""
    found = admin.run(at, lambda api: api.listed("/users", "users"), there=True)
    terminal = Terminal()
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
@placed()
def update(
    user: UserArgument,
    name: NameOption = None,
    password: PasswordOption = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Change a user; a new password signs them out everywhere."""
    if name is None and not password:
        raise RequestError("Say what to change: --name or --password.")
    sent = {"name": name, "password": _new_password() if password else None}
    changed = admin.ask(at, "PATCH", admin.path("users", user), sent)
    Terminal().tell(changed, f"Changed the user {changed['email']}.", json=json)


@app.command(epilog="Example: pisang users disable ana@example.com")
@placed()
def disable(user: UserArgument, at: Place = HERE, json: JsonOption = False) -> None:
    """Let a user in no more, and end their sign-ins."""
    changed = admin.ask(at, "POST", f"{admin.path('users', user)}:disable")
    Terminal().tell(changed, f"{changed['email']} can sign in no more.", json=json)


@app.command(epilog="Example: pisang users enable ana@example.com")
@placed()
def enable(user: UserArgument, at: Place = HERE, json: JsonOption = False) -> None:
    """Let a user in again."""
    changed = admin.ask(at, "POST", f"{admin.path('users', user)}:enable")
    Terminal().tell(changed, f"{changed['email']} can sign in again.", json=json)


@app.command(epilog="Example: pisang users delete ana@example.com")
@placed()
def delete(user: UserArgument, at: Place = HERE, json: JsonOption = False) -> None:
    """Delete a user who is a member of nothing."""
    admin.ask(at, "DELETE", admin.path("users", user))
    Terminal().tell({"user": user}, f"Deleted the user {user}.", json=json)


def _new_password() -> str:
    """A password, asked for twice where a person types it: nobody sees what was typed."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise RequestError("The two passwords are not the same.", field="password")
    return password
