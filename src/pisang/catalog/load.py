"""Reads the packaged TOML files of the catalog once, with decimals kept exact."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

FILES = ("common.toml", "locations.toml", "limits.toml", "gemini.toml", "imagen.toml")
"""In the order in which models are listed to people."""


@cache
def tables() -> Mapping[str, Any]:
    """All catalog files as one table: ``models`` by id, ``pixels`` by name, and what is common."""
    merged: dict[str, Any] = {"models": {}}
    folder = resources.files("pisang.catalog") / "data"
    for name in FILES:
        table = tomllib.loads((folder / name).read_text("utf-8"), parse_float=Decimal)
        merged["models"].update(table.pop("models", {}))
        merged.update(table)
    return merged
