"""Where a command works: at a server, or in the data folder of this machine.

Every command that asks the admin API has the same four options for it. It declares one parameter,
``at: Place = HERE``, and ``placed`` puts the options into its place.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pisang.cli.options import ConfigOption, DataOption

SERVER: Final = "PISANG_SERVER"
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar=SERVER,
        metavar="URL",
        help="Ask this server; without it, the data folder of this machine.",
        show_default=False,
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        "--admin-key",
        envvar="PISANG_KEY",
        metavar="KEY",
        help="A key or token for --server, of somebody who may do this.",
        show_default=False,
    ),
]
AdminKeyOption = Annotated[
    str | None,
    typer.Option(
        "--admin-key",
        envvar="PISANG_KEY",
        metavar="KEY",
        help="A key or token for --server, of somebody who may do this.",
        show_default=False,
    ),
]
"""``KeyOption`` where ``--key`` means something else."""
Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command was told to work, as its options have it. A data folder that was named is
    meant, whatever server the environment names."""

    server: str | None = None
    key: str | None = None
    data: Path | None = None
    config: Path | None = None

    @property
    def is_server(self) -> bool:
        """Whether it is a server, and not the data folder."""
        from_environment = self.server == os.environ.get(SERVER)
        return bool(self.server) and not (self.data and from_environment)


HERE: Final = Place()
"""The data folder of this machine, as its settings have it."""


def placed(key: Any = KeyOption) -> Callable[[Command], Command]:
    """Puts the options ``server``, ``key``, ``--data`` and ``--config`` into the place of the
    parameter ``at`` of a command, which gets them as one ``Place``."""
    options = {"server": ServerOption, "admin_key": key, "data": DataOption, "config": ConfigOption}

    def with_options(command: Command) -> Command:
        @wraps(command)
        def run(**given: Any) -> None:
            command(at=Place(*(given.pop(name) for name in options)), **given)

        def parameters() -> Iterator[Parameter]:
            for each in signature(command, eval_str=True).parameters.values():
                if each.name != "at":
                    yield each
                    continue
                for name, option in options.items():
                    yield Parameter(name, each.kind, default=None, annotation=option)

        run.__signature__ = Signature([*parameters()])  # type: ignore[attr-defined]
        return run

    return with_options
