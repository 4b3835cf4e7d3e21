"""``pisang fonts``: which fonts pictures can be lettered in, and how more are added."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from pisang.cli.options import DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.core.errors import RequestError, StoreError
from pisang.engines.sketch import fonts, sfnt
from pisang.sources import load

FOLDER = "fonts"
"""Where added fonts lie in the data folder; the engine reads them at its start."""

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def group() -> None:
    """List the fonts, or add some."""


@app.command()
def add(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="Fonts: TTF, OTF or TTC.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a font file, or all below a folder; a running server uses them after a restart."""
    into = _folder(data)
    try:
        added = fonts.add(path, into=into)
    except FileNotFoundError as error:
        raise RequestError(f"There is no font file at {path}", field="path") from error
    except sfnt.BadFont as error:
        raise RequestError(f"Nothing was added: {error}", field="path") from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"Cannot add {path} to {into}: {why}") from error
    terminal = Terminal()
    if as_json:
        terminal.json({"added": [str(file) for file in added]})
        return
    for file in added:
        terminal.result(str(file))


@app.command("list")
def show(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the fonts that come with pisang, and those that were added."""
    rows = [_row(face, None) for face in fonts.FACES.values()]
    rows += [_row(face, file) for face, file in _added(_folder(data))]
    terminal = Terminal()
    if as_json:
        terminal.json(rows)
        return
    terminal.table(
        ("family", "weight", "slant", "from"),
        [
            (row["family"], str(row["weight"]), row["slant"], row["file"] or "pisang")
            for row in rows
        ],
    )


def _folder(data: Path | None) -> Path:
    return load({"data": data}).settings.data / FOLDER


def _added(folder: Path) -> Iterator[tuple[sfnt.FontFace, Path]]:
    for file in fonts.font_files(folder):
        with suppress(sfnt.BadFont):  # the engine passes such a file over, too
            yield from ((face, file) for face in sfnt.read_faces(file))


def _row(face: fonts.Face | sfnt.FontFace, file: Path | None) -> dict[str, Any]:
    return {
        "family": face.family,
        "weight": face.weight,
        "slant": face.slant,
        "file": None if file is None else str(file),
    }
