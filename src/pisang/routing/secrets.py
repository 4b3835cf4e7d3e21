"""Reads the secrets of engines from where the route table says they are.

A secret is written as itself, as ``env:NAME`` (a variable), or as ``file:PATH`` (its first line is
not special: the whole file, without white space at its ends). Credentials of Google Cloud are
``file:PATH`` of a key file, which is not read here, the text of such a file (JSON), or ``adc``:
what this machine has (the metadata server, or what ``gcloud auth application-default login`` left).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pisang.core.errors import SettingsError

ADC: Final = "adc"
ENV: Final = "env:"
FILE: Final = "file:"
OURS: Final = "psk_"
"""How this server's own keys begin: never those of an upstream, but of another pisang."""

_LONGEST: Final = 10_000
_QUOTES: Final = "\"'`\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"


def secret(written: str, *, environ: Mapping[str, str], place: str = "") -> str:
    """The secret itself. Raises ``SettingsError`` that says where it should be, and never what
    stands there."""
    if written.startswith(ENV):
        name = written.removeprefix(ENV)
        value = environ.get(name, "")
        where = f"the variable {name}"
        if not value.strip():
            raise _wrong(place, f"{where} is not set: set it where pisang is started")
    elif written.startswith(FILE):
        where = f"the file {written.removeprefix(FILE)}"
        value = _read(Path(written.removeprefix(FILE)).expanduser(), where, place)
    else:
        where, value = "the key", written
    value = value.strip()
    if why := flaw(value):
        raise _wrong(place, f"{where} {why}")
    return value


def path(written: str, *, place: str = "") -> str:
    """The whole path of a key file, the text of one, or ``adc``. Raises ``SettingsError``."""
    if written in ("", ADC) or is_key_file(written):
        return written
    if not written.startswith(FILE):
        raise _wrong(place, f'must be "{FILE}PATH" of a key file, its JSON, or "{ADC}"')
    file = Path(written.removeprefix(FILE)).expanduser().absolute()
    if not file.is_file():
        raise _wrong(place, f"there is no file {file}")
    return str(file)


def is_key_file(written: str) -> bool:
    """Whether credentials are the text of a key file and not where it is."""
    return written.startswith("{")


def flaw(value: str) -> str:
    """What is wrong with a key before anyone is asked about it, as words after "the key"; empty
    where nothing is. Such a key could not even be sent."""
    if not value:
        return "is empty"
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        return "has quotation marks around it: set it without them"
    if value[0] == "$":
        return f"is a variable that nobody reads here: write it as {ENV}NAME"
    if any(letter.isspace() for letter in value):
        return "has white space in it: it must be one word"
    if not (value.isascii() and value.isprintable()):
        return "has letters that no key has: copy it again"
    return "" if len(value) <= _LONGEST else "is too long for a key"


def told(written: str) -> str:
    """A secret as people may see it: where it is, or its last four letters."""
    if written == ADC or written.startswith((ENV, FILE)):
        return written
    if is_key_file(written):
        return "..."
    return f"...{written[-4:]}" if len(written) > 12 else "..."


def _read(file: Path, where: str, place: str) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(_LONGEST + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _wrong(place, f"{where} cannot be read: {why}") from error
    except UnicodeDecodeError as error:
        raise _wrong(place, f"{where} is no text") from error


def _wrong(place: str, why: str) -> SettingsError:
    return SettingsError(f"{place}: {why}." if place else f"{why}.", field=place or None)
