"""The forms that the values of settings are written in: a list as one text in the environment, an
address, a secret of enough letters. Each type says how its values are read and which are refused.
"""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

_DOMAIN = r"[\w-]+(?:\.[\w-]+)*"

# --- what is a list or a table in TOML, and one text in the environment ---------------------------


def _paths(value: object) -> object:
    """A list in TOML; in the environment one text, split like PATH, or a list of JSON."""
    if not isinstance(value, str):
        return value
    listed = _listed(value)
    return [part for part in value.split(os.pathsep) if part] if listed is None else listed


def _names(value: object) -> object:
    """A list in TOML; in the environment one text with commas, or a list of JSON."""
    if not isinstance(value, str):
        return value
    listed = _listed(value)
    return [part.strip() for part in value.split(",") if part.strip()] if listed is None else listed


def _listed(text: str) -> list[object] | None:
    """A list that is written as JSON, as many write lists in the environment; None for any other
    text."""
    try:
        found = json.loads(text) if text.lstrip().startswith("[") else None
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _buckets(value: object) -> object:
    """A table in TOML; in the environment ``name=/folder`` pairs, split like PATH."""
    if isinstance(value, str):
        value = _paths(value)
    if isinstance(value, Mapping):
        return [f"{name}={folder}" for name, folder in value.items()]
    return value


def _tables(value: object) -> object:
    """Tables in TOML; in the environment one text of JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("must be JSON where it is not in a file") from None


def _rows(value: object) -> object:
    """The same for a list of tables. A single table is refused: it is a common slip."""
    rows = _tables(value)
    if isinstance(rows, Mapping):
        raise ValueError("must be a list of tables: [[routes]] with two brackets in a file")
    return rows


# --- what a value has to look like ----------------------------------------------------------------


def _pairs(value: tuple[str, ...]) -> tuple[str, ...]:
    for pair in value:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}=.+", pair):
            raise ValueError(f"{pair!r} is not name=/folder")
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise ValueError(f"{network!r} is no network like 10.0.0.0/8") from None
    return value


def _domains(value: tuple[str, ...]) -> tuple[str, ...]:
    """One that is none would let nobody in, and nobody would see why."""
    found = tuple(one.lower().removeprefix("@") for one in value)
    for one in found:
        if not re.fullmatch(_DOMAIN, one):
            raise ValueError(f"{one!r} is no domain like example.com")
    return found


def _mail(value: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(one.lower() for one in value)
    for one in found:
        if not re.fullmatch(rf"[^@\s\"',]+@{_DOMAIN}", one):
            raise ValueError(f"{one!r} is no address like ana@example.com")
    return found


def _prefix(value: str) -> str:
    value = value.strip("/")
    return f"/{value}" if value else ""


def _folder(value: Path) -> Path:
    return value.expanduser().absolute()


def _is_address(value: str) -> bool:
    return re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value) is not None


def _address(value: str) -> str:
    if value and not _is_address(value):
        raise ValueError("must be an address like https://images.example")
    return value.rstrip("/")


def _issuer(value: str) -> str:
    if value and not _is_address(value):
        raise ValueError("must be an address like https://accounts.google.com")
    return value


def _postgres(value: SecretStr | None) -> SecretStr | None:
    written = value.get_secret_value() if value else ""
    if value and not re.fullmatch(r"postgres(ql)?://\S+", written):
        raise ValueError("must be an address like postgresql://user:password@host/name")
    return value


def _valkey(value: SecretStr | None) -> SecretStr | None:
    written = value.get_secret_value() if value else ""
    if value and not re.fullmatch(r"((valkey|redis)s?|unix)://\S+", written):
        raise ValueError("must be an address like valkey://:password@host")
    return value


def _long_enough(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value()) < 16:
        raise ValueError("must have at least 16 characters")
    return value


Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
Networks = Annotated[Names, AfterValidator(_networks)]
Domains = Annotated[Names, AfterValidator(_domains)]
Mail = Annotated[Names, AfterValidator(_mail)]
"""Whole addresses."""
Buckets = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_buckets), AfterValidator(_pairs)]
Tables = Annotated[dict[str, dict[str, Any]], NoDecode, BeforeValidator(_tables)]
Rows = Annotated[tuple[dict[str, Any], ...], NoDecode, BeforeValidator(_rows)]
Prefix = Annotated[str, AfterValidator(_prefix)]
DataFolder = Annotated[Path, AfterValidator(_folder)]
Address = Annotated[str, AfterValidator(_address)]
Issuer = Annotated[str, AfterValidator(_issuer)]
"""An address too; a slash at its end stays, because issuers are compared to the letter."""
PostgresAddress = Annotated[SecretStr | None, AfterValidator(_postgres)]
ValkeyAddress = Annotated[SecretStr | None, AfterValidator(_valkey)]
SigningKey = Annotated[SecretStr | None, AfterValidator(_long_enough)]
