"""``pisang logout``: the end of a sign-in (``cli/login.py``)."""

import typer

from pisang.cli.login import end

app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command(name="logout", epilog="Example: pisang logout --server https://images.example")(end)
