"""Errors that blame the caller's own fields.

Inside, every dialect is a list of contents, and errors name their places there. A client of OpenAI
sent ``messages``, ``input`` or ``prompt``, and knows only those.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from pisang.core.content import Use
from pisang.core.errors import PisangError, RequestError
from pisang.core.request import GenerateRequest

_PART: Final = re.compile(
    r"(contents\[\d+\]\.parts\[\d+\])(?:\.(?:inline_data|file_data|text))?"
    r"|\bcontents\[\d+\](?:\.parts)?"
    r"|\Acontents(?= hold |\Z)"
)
_OPTION: Final = re.compile(r"generation_config\.([a-z_]+)")
_OPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "response_modalities": "modalities",
        "max_output_tokens": "max_completion_tokens",
        "stop_sequences": "stop",
    }
)
_CONFIG: Final = "generation_config.image_config"
_IMAGE_PARAMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contents": "prompt",
        f"{_CONFIG}.aspect_ratio": "aspect_ratio",
        f"{_CONFIG}.image_size": "size",
        f"{_CONFIG}.image_output_options.mime_type": "output_format",
        f"{_CONFIG}.image_output_options.compression_quality": "output_compression",
    }
)


@contextmanager
def blaming_places(known: Mapping[str, str], *, else_: str) -> Iterator[dict[str, str]]:
    """Errors that leave here name the places of a chat's or response's body:
    ``messages[1].content`` for ``contents[0].parts[2]``, and ``else_``, the field that holds them
    all, for one that is not known. Gives a copy of the known places, which may be changed."""
    places = dict(known)

    def place(found: re.Match[str]) -> str:
        return places.get(found[1] or "", else_)

    def told(text: str) -> str:
        text = _PART.sub(place, text)
        return _OPTION.sub(lambda found: _OPTIONS.get(found[1], found[1]), text)

    try:
        yield places
    except PisangError as error:
        error.retell(told)
        raise


@contextmanager
def blaming_params(request: GenerateRequest) -> Iterator[None]:
    """Errors that leave here name the parameters of the images API."""
    try:
        yield
    except RequestError as error:
        field = error.field or ""
        param = _image_param(field, request)
        if param:
            error.retell(lambda text: text.replace(field, param))
        raise


def _image_param(field: str, request: GenerateRequest) -> str | None:
    for path, part in request.parts():
        if field.startswith(path) and not field[len(path) :][:1].isdigit():
            return "mask" if part.use is Use.MASK else "prompt" if part.text else "image"
    return _IMAGE_PARAMS.get(field)
