"""``pisang faults``: what can go wrong on purpose, to test code against."""

from typing import Annotated

import typer

from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.core.errors import UnsupportedParameter
from pisang.faults.catalogue import FAULTS, HEADER, TITLES, find, told
from pisang.faults.fault import Argument, ErrorFault, Fault
from pisang.faults.telling import FailedCall, google, printed

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MODEL = "gemini-3-pro-image"


@app.callback(invoke_without_command=True)
def faults(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the faults that a server makes on demand; `pisang faults show NAME` tells one."""
    if context.invoked_subcommand is not None:
        return
    terminal = Terminal()
    if as_json:
        terminal.json([told(fault) for fault in FAULTS.values()])
        return
    for group, title in TITLES.items():
        terminal.result(terminal.bold(title))
        rows = [_row(fault) for fault in FAULTS.values() if fault.group is group]
        width = max(len(name) for name, _ in rows)
        for name, sees in rows:
            terminal.result(f"  {name:<{width}}  {sees}")
        terminal.result("")
    terminal.result(f"Ask for one with the header {HEADER}: NAME, for example rpm=2 or")
    terminal.result("overloaded;times=2 (two requests fail, the third works) or")
    terminal.result("several-images,slow-body=3. The key must be allowed to:")
    terminal.result("pisang keys update ID --allow faults")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A fault, as the list names it.")],
    as_json: JsonOption = False,
) -> None:
    """Tell what one fault is; of an error also the exact body."""
    terminal, fault = Terminal(), _found(name)
    if as_json:
        terminal.json(told(fault))
        return
    terminal.result(f"{fault.name}: {_plain(fault.sees)}.")
    if fault.argument is not None:
        terminal.result(f"{fault.name}=NUMBER: {_argument(fault.argument)}.")
    if isinstance(fault, ErrorFault):
        value = fault.argument.default if fault.argument else None
        body = fault.page or printed(google(fault, FailedCall(model=_MODEL), value))
        terminal.result(f"HTTP {fault.status}, and in Google's dialect:\n")
        terminal.result(body.decode().rstrip())


def _found(name: str) -> Fault:
    try:
        return find(name.partition("=")[0].strip().lower())
    except UnsupportedParameter as error:
        raise UnsupportedParameter(error.message, field="name") from None


def _row(fault: Fault) -> tuple[str, str]:
    name = f"{fault.name}[=N]" if fault.argument else fault.name
    status = f"{fault.status}: " if isinstance(fault, ErrorFault) else ""
    return name, f"{status}{_plain(fault.sees)}"


def _plain(text: str) -> str:
    """The sentence without the marks of Markdown, which the documentation has."""
    return text.replace("`", "")


def _argument(argument: Argument) -> str:
    default = "" if argument.default is None else f", {argument.default:g} where it is left out"
    return f"{argument.unit}, from {argument.least:g} to {argument.most:g}{default}"
