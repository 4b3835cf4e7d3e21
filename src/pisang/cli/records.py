"""What commands share that work straight in the data folder: its settings, and how times look."""

from datetime import datetime
from pathlib import Path

from pisang import journal
from pisang.core.clock import rfc3339
from pisang.core.errors import NotFound
from pisang.settings import Settings
from pisang.sources import load


def settings_of(data: Path | None, config: Path | None, *, there: bool = False) -> Settings:
    """The settings of a command; ``there`` refuses a data folder that does not exist yet. The log
    is set up as well: a command's standard output has its result and nothing else.

    Only what creates makes one: a mistyped folder must not look like one in which nothing is.
    """
    settings = load({"data": data}, config=config).settings
    journal.set_up(level="error", form="auto")
    if there and not settings.postgres and not settings.data.is_dir():
        raise NotFound(
            f"There is no data folder at {settings.data}. Check --data; `pisang serve` and "
            "`pisang keys create` make a new one."
        )
    return settings


def shown_time(value: datetime | None) -> str:
    """RFC 3339 in UTC; empty for none."""
    return rfc3339(value) if value else ""
