"""The page of commands: the help that the command line itself prints, all on one page."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from pisang.cli import main
from tools.docs.markdown import anchor, code, fenced, table

_WIDTH = 96
_INTRO = """\
# Commands

What follows is what `--help` prints. Results go to standard output, everything else to standard
error; [exit codes](exit-codes.md) tell the cause of a failure. Options with a value of their own
in the [settings](settings.md) are read from there when they are left out.
"""


def page() -> str:
    nouns = table(
        ("command", "what it does"),
        [(f"[{code(f'pisang {n}')}](#{anchor(f'pisang {n}')})", s) for n, s in _nouns()],
    )
    sections = "\n\n".join(f"## {name}\n\n{fenced(text)}" for name, text in helps())
    return f"{_INTRO}\n{nouns}\n\n{sections}\n"


def _nouns() -> list[tuple[str, str]]:
    return [(noun, sentence) for noun, (_, sentence) in main.NOUNS.items()]


def helps() -> Iterator[tuple[str, str]]:
    """Every command and every command of a group, with its help."""
    root = typer.main.get_command(main.app)
    context = typer.Context(root, info_name="pisang")
    assert isinstance(root, TyperGroup)
    for noun in main.NOUNS:
        yield from _helps(root.get_command(context, noun), noun, context)


def _helps(command: Any, name: str, above: Any) -> Iterator[tuple[str, str]]:
    context = typer.Context(
        command,
        info_name=name,
        parent=above,
        terminal_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield context.command_path, command.get_help(context)
    for inner in getattr(command, "commands", {}):
        yield from _helps(command.commands[inner], inner, context)
