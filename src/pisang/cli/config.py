"""``pisang config``: every setting, the value that counts, and where that value comes from."""

from collections.abc import Mapping

import typer

from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.settings import Settings
from pisang.shown import shown, without_secrets
from pisang.sources import load

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def config(
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Show every setting and where its value comes from."""
    loaded = load({"data": data}, config=config)
    values = {name: getattr(loaded.settings, name) for name in Settings.model_fields}
    terminal = Terminal()
    if json:
        terminal.json(
            {
                name: {"value": _plain(value), "source": loaded.sources[name]}
                for name, value in values.items()
            }
        )
        return
    terminal.table(
        ("SETTING", "VALUE", "SOURCE"),
        [(name, shown(value), loaded.sources[name]) for name, value in values.items()],
    )


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, Mapping):
        return without_secrets(value)
    if isinstance(value, tuple):
        return [without_secrets(part) if isinstance(part, dict) else str(part) for part in value]
    return shown(value)
