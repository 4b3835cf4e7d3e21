"""The ``pisang`` command: finds the noun that was typed and loads only that noun's module.

How a noun is added: write ``cli/NOUN.py`` with a module-level
``app = typer.Typer(add_completion=False, rich_markup_mode=None)`` and put a row into ``NOUNS``
below. An ``app`` with one ``@app.command()`` and no callback *is* the command (``pisang serve``);
one with several, or with a callback, is a group (``pisang keys list``). The row's sentence is what
``pisang --help`` shows, so that help never imports a noun.

A command prints its result on standard output and everything else on standard error. It raises
``PisangError`` for what it cannot do and ``typer.Exit(Exit.NO_IMAGE)`` where an answer is no
failure but no success either; this module turns both into a sentence and an exit code
(``cli/exits.py``). No traceback reaches a person unless ``PISANG_TRACEBACK`` is set.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pisang import __version__
from pisang.cli.exits import Exit, code, sentence
from pisang.cli.output import plain
from pisang.core.errors import PisangError

NOUNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "serve": ("pisang.cli.serve", "Serve the APIs of Gemini, Vertex AI and OpenAI."),
        "generate": ("pisang.cli.generate", "Make a picture from a prompt."),
        "chat": ("pisang.cli.chat", "Make a picture and change it, turn by turn."),
        "models": ("pisang.cli.models", "List the models, or show one."),
        "estimate": ("pisang.cli.estimate", "Say what pictures would cost at Google's prices."),
        "code": ("pisang.cli.code", "Print the code that sends a request."),
        "keys": ("pisang.cli.keys", "Create, list, change, rotate and revoke API keys."),
        "routes": ("pisang.cli.routes", "Show, test and explain where requests go; add routes."),
        "projects": ("pisang.cli.projects", "Create, list, change and suspend projects."),
        "members": ("pisang.cli.members", "Say who may do what."),
        "limits": ("pisang.cli.limits", "Limit how much may be asked for; show what is used."),
        "budgets": ("pisang.cli.budgets", "Cap what may be spent, and warn before."),
        "usage": ("pisang.cli.usage", "Say what was used and what it cost."),
        "ledger": ("pisang.cli.ledger", "Balances and entries; top up; check the books."),
        "audit": ("pisang.cli.audit", "Show who did what; check that nobody changed the log."),
        "hooks": ("pisang.cli.hooks", "Show what web hooks were told, and tell it again."),
        "secrets": ("pisang.cli.secrets", "Show and change the keys that encrypt secrets."),
        "backup": ("pisang.cli.backup", "Back up a data folder while its server runs."),
        "restore": ("pisang.cli.restore", "Make a data folder from a backup."),
        "users": ("pisang.cli.users", "Make, list and disable people who sign in."),
        "login": ("pisang.cli.login", "Sign in to a server."),
        "logout": ("pisang.cli.logout", "Sign out."),
        "service-accounts": (
            "pisang.cli.service_accounts",
            "Let programs sign in as on Google Cloud.",
        ),
        "token": ("pisang.cli.token", "Print an access token of a service account."),
        "faults": ("pisang.cli.faults", "List the faults that a server makes on demand."),
        "fonts": ("pisang.cli.fonts", "List the fonts, or add some."),
        "doctor": ("pisang.cli.doctor", "Find out why no picture comes."),
        "migrate": ("pisang.cli.migrate", "Upgrade the database, or move it to PostgreSQL."),
        "config": ("pisang.cli.config", "Show every setting and where its value comes from."),
    }
)
"""Noun -> (module, sentence), in the order in which ``--help`` shows them."""


class LazyGroup(TyperGroup):
    """A group of commands that imports a command's module when it is called, not before."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in NOUNS:
            return None
        command = typer.main.get_command(import_module(NOUNS[cmd_name][0]).app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(noun, sentence) for noun, (_, sentence) in NOUNS.items()])


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,  # rich would cost more than all the rest of the start-up
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pisang {__version__}")
        raise typer.Exit


@app.callback()
def pisang(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Google's image API and OpenAI's on your own machine: serve them, or make pictures at once."""


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line (default: that of the process) and leaves with an exit code."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="pisang")
    except PisangError as error:
        if os.environ.get("PISANG_TRACEBACK"):
            raise
        sys.stderr.write(f"pisang: {plain(sentence(error))}\n")
        sys.exit(code(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:  # the reader of a pipe left: nothing to say, and nobody to say it to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.FAILURE)
