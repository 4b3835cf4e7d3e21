"""Reads what OpenAI's clients send, JSON or form, field by field, and says what is wrong as OpenAI
does: the first fault only, with the ``param`` to blame and a ``code`` for programs.

Unlike Google's dialect every field has one spelling, enums are words, and numbers are numbers (but
in a form everything is text). ``Parameters`` takes fields out of the parsed tree, so what nobody
took is at the end what we do not know. Sentences and codes: OpenAI's own, as its clients show them.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from pisang.core.content import Blob, FileRef, Part
from pisang.core.errors import MalformedRequest
from pisang.wire.base64 import BadBase64, decode_base64

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,15}")
_DATA_URL: Final = re.compile(r"data:([a-z0-9.+-]+/[a-z0-9.+-]+)?(?:;[a-z0-9=_.+-]+)*,", re.I)
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
_SHOWN: Final = 60
_KINDS: Final = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


class WrongParameter(MalformedRequest):
    """One field to blame, with the word that OpenAI's ``code`` has for what is wrong."""

    def __init__(self, message: str, *, param: str, code: str = "invalid_value") -> None:
        super().__init__(message, field=param)
        self.openai_code = code


@dataclass(frozen=True, slots=True, repr=False)
class FormFile:
    """A file in a form: the name and type that the client gave it, and its bytes."""

    name: str
    mime_type: str
    data: bytes


class Parameters:
    """One object of a request; every reader returns None for a field that is absent or null.

    ``form`` says that values are texts (and files), as in a multipart form.
    """

    def __init__(self, value: dict[str, object], *, path: str = "", form: bool = False) -> None:
        self._value = value
        self.path = path
        self.form = form

    def at(self, name: str) -> str:
        """The path of a field, as ``param`` names it."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def take(self, name: str) -> object:
        """The raw value."""
        return self._value.pop(name, None)

    def ignore(self, *names: str) -> None:
        """Takes fields that are known and have no effect here, whatever they hold."""
        for name in names:
            self.take(name)

    def rest(self) -> list[str]:
        """The names that nobody has taken."""
        return [name for name, value in self._value.items() if value is not None]

    def close(self) -> None:
        """Refuses what nobody has taken, as OpenAI does."""
        for name in self.rest():
            param = self.at(name[:_SHOWN])
            raise WrongParameter(
                f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter"
            )

    def text(self, name: str) -> str | None:
        return read_text(self.take(name), self.at(name))

    def needed_text(self, name: str) -> str:
        """A text that must be there and say something."""
        value = self.text(name)
        if value is None:
            raise missing(self.at(name))
        if not value.strip():
            raise WrongParameter(
                f"Invalid '{self.at(name)}': empty string. Write what the picture should show.",
                param=self.at(name),
                code="empty_string",
            )
        return value

    def flag(self, name: str) -> bool | None:
        value = self.take(name)
        if self.form and isinstance(value, str):
            value = _FLAGS.get(value.strip().lower(), value)
        if value is None or isinstance(value, bool):
            return value
        raise wrong_type(self.at(name), "a boolean", value)

    def integer(self, name: str, *, low: int, high: int) -> int | None:
        value = self.take(name)
        if self.form and isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(self.at(name), "an integer", value)
        path = self.at(name)
        shown = str(value) if abs(value) < 10**15 else "a huge number"
        if value < low:
            raise WrongParameter(
                f"Invalid '{path}': integer below minimum value. Expected a value >= {low}, but "
                f"got {shown} instead.",
                param=path,
                code="integer_below_min_value",
            )
        if value > high:
            raise WrongParameter(
                f"Invalid '{path}': integer above maximum value. Expected a value <= {high}, but "
                f"got {shown} instead.",
                param=path,
                code="integer_above_max_value",
            )
        return value

    def number(self, name: str) -> float | None:
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(self.at(name), "a number", value)
        try:
            return float(value)
        except OverflowError:
            raise wrong_type(self.at(name), "a number", value) from None

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """One of some words, in any case."""
        value = self.text(name)
        if value is None:
            return None
        if value.strip().lower() in allowed:
            return value.strip().lower()
        raise wrong_choice(self.at(name), value, allowed)

    def nested(self, name: str) -> "Parameters | None":
        value = self.take(name)
        return None if value is None else read_object(value, self.at(name))

    def items(self, name: str) -> list[tuple[str, object]]:
        """The raw members of a list, each with its own path."""
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise wrong_type(self.at(name), "an array", value)
        return [(f"{self.at(name)}[{index}]", item) for index, item in enumerate(value)]

    def objects(self, name: str) -> Iterator["Parameters"]:
        """The members of a list of objects."""
        return (read_object(value, path) for path, value in self.items(name))

    def files(self, *names: str) -> list[tuple[str, FormFile]]:
        """The files of a form under these names, in the order they came."""
        found: list[tuple[str, FormFile]] = []
        for name in names:
            value = self.take(name)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, FormFile):
                    found.append((name, item))
                elif item is not None:
                    raise WrongParameter(
                        f"Invalid type for '{name}': expected a file, but got text instead. "
                        "Open the picture and hand on the file.",
                        param=name,
                        code="invalid_type",
                    )
        return found


def read_object(value: object, path: str) -> Parameters:
    """Opens a raw value as an object."""
    if isinstance(value, dict):
        return Parameters(value, path=path)
    raise wrong_type(path, "an object", value)


def read_text(value: object, path: str) -> str | None:
    """Reads a raw value as a text."""
    if value is None or isinstance(value, str):
        return value
    raise wrong_type(path, "a string", value)


def read_picture(url: str, path: str) -> Part:
    """A picture as OpenAI's clients name one: a data URL, or an address to be fetched later."""
    head = _DATA_URL.match(url[:200])
    if head is None:
        if url[:5].lower() == "data:" or "://" not in url[:12]:
            raise WrongParameter(
                f"Invalid '{path}': expected an address (https://...) or a data URL "
                "(data:image/png;base64,...).",
                param=path,
            )
        return Part(file=FileRef(url))
    if ";base64," not in head[0].lower():
        raise WrongParameter(f"Invalid '{path}': the data URL is not base64.", param=path)
    try:
        data = decode_base64(url[head.end() :])
    except BadBase64 as error:
        raise WrongParameter(f"Invalid base64 in '{path}': {error}", param=path) from None
    return Part(blob=Blob((head[1] or "image/png").lower(), data))


def missing(path: str) -> WrongParameter:
    return WrongParameter(
        f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
    )


def wrong_type(path: str, expected: str, value: object) -> WrongParameter:
    got = "a file" if isinstance(value, FormFile) else _KINDS.get(type(value), "null")
    return WrongParameter(
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        param=path,
        code="invalid_type",
    )


def wrong_choice(path: str, value: str, allowed: Collection[str]) -> WrongParameter:
    words = ", ".join(f"'{word}'" for word in allowed)
    return WrongParameter(
        f"Invalid value: '{value[:_SHOWN]}' for '{path}'. Supported values are: {words}.",
        param=path,
    )
