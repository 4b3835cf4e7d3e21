"""Options that several nouns have, in one wording."""

from pathlib import Path
from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="The data folder; see: pisang config", metavar="DIR", show_default=False
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="A settings file (TOML).", metavar="FILE", show_default=False),
]
ProjectOption = Annotated[
    str | None,
    typer.Option("--project", "-p", help="The project: name, number or id.", show_default=False),
]
NamedProjectOption = Annotated[
    str,
    typer.Option("--project", "-p", help="The project: name, number or id.", show_default=False),
]
"""``ProjectOption`` where one has to be named."""

OfKeyOption = Annotated[
    str | None,
    typer.Option("--key", metavar="ID", help="Of this key of the project.", show_default=False),
]
RequestOption = Annotated[
    str | None,
    typer.Option("--request", metavar="ID", help="Of this request only.", show_default=False),
]
MostOption = Annotated[int, typer.Option("--most", "-n", min=1, max=1000, help="At most so many.")]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="From this day or time on, as 2026-11-01.",
        show_default=False,
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="Until before this day or time.", show_default=False),
]
HomeOption = Annotated[
    str | None,
    typer.Option("--project", "-p", help="The project; a new name makes one.", show_default=False),
]
"""``ProjectOption`` of what makes something in it."""
