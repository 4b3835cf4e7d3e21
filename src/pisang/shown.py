"""Settings as people see them: what ``pisang config`` prints, and the rows of the documentation.

Whatever may be a secret is stars here, so that what is shown can be sent to somebody who helps.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import SecretStr

from pisang.settings import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as documentation prints it."""

    name: str
    variable: str
    type: str
    default: str
    sentence: str


def rows() -> list[Row]:
    """Every setting with its type, default and sentence, for the documentation."""
    return [
        Row(
            name=name,
            variable=PREFIX + name.upper(),
            type=_type_words(name, field.annotation),
            default=_default_words(name, field.default),
            sentence=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


STARS: Final = "********"
_SECRET_NAMES: Final = re.compile("key|credential|token|secret|password|header", re.IGNORECASE)
_NO_SECRET: Final = re.compile("(?:env|file):.+|adc", re.DOTALL)


def without_secrets(value: Any, *, secret: bool = False) -> Any:
    """Tables as people may see them: what stands under a name that sounds secret becomes stars,
    unless it only says where the secret is (``env:NAME``, ``file:PATH``, ``adc``)."""
    if isinstance(value, Mapping):
        return {
            name: without_secrets(each, secret=secret or bool(_SECRET_NAMES.search(name)))
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(each, secret=secret) for each in value]
    if secret and not (isinstance(value, str) and _NO_SECRET.fullmatch(value)):
        return STARS
    return value


def shown(value: object) -> str:
    """A value as ``pisang config`` prints it in a line: secrets as stars, of tables the names."""
    if isinstance(value, SecretStr):
        return STARS
    if isinstance(value, Mapping):
        return ", ".join(f"{name} ({table.get('kind', '')})" for name, table in value.items())
    if isinstance(value, tuple) and any(isinstance(part, Mapping) for part in value):
        return ", ".join(str(part.get("model", "")) for part in value)
    if isinstance(value, tuple):
        return (os.pathsep if any("/" in str(part) for part in value) else ",").join(
            map(str, value)
        )
    return "" if value is None else str(value)


_LISTS = {
    "font_dirs": "list of folders",
    "buckets": "list of pairs",
    "fetch_allow": "list of hosts",
    "engines": "tables by name",
    "routes": "list of tables",
}


def _type_words(name: str, kind: Any) -> str:
    if choices := get_args(kind):
        if all(isinstance(choice, str) for choice in choices):
            return " or ".join(f"`{choice}`" for choice in choices)
        if name in _LISTS:
            return _LISTS[name]
        kind = choices[0]
    return {
        int: "whole number",
        float: "number",
        str: "text",
        Path: "folder",
        SecretStr: "secret",
    }.get(kind, str(kind))


_COMPUTED = {"data": "`~/.local/share/pisang` on Linux", "workers": "number of processors"}


def _default_words(name: str, default: object) -> str:
    return _COMPUTED.get(name) or shown(default) or "none"
