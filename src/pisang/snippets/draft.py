"""What every writer of a program is given: the request, taken apart once.

Pictures are read by the program from where they lie (a path or an address): as base64 text in the
source they would be longer than shells accept.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from pisang.core.content import Blob, Part
from pisang.core.errors import UnsupportedParameter
from pisang.core.request import GenerateRequest
from pisang.wire.gemini import request as gemini


@dataclass(frozen=True, slots=True)
class Picture:
    """An attached picture: a path or an http(s) address, and its media type."""

    source: str
    mime_type: str

    @property
    def is_address(self) -> bool:
        return self.source.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``parts`` are texts and pictures in the order of the request; ``config`` is the body without
    contents, camelCase, ``generationConfig`` still nested."""

    model: str
    parts: tuple[str | Picture, ...]
    config: Mapping[str, Any]
    server: str
    key_env: str
    file: PurePath

    @property
    def prompt(self) -> str:
        """All texts of the request, for clients that take one."""
        return "\n".join(part for part in self.parts if isinstance(part, str))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(part for part in self.parts if isinstance(part, Picture))

    @property
    def stem(self) -> str:
        """The file's path without its suffix."""
        return str(self.file.with_suffix(""))


@dataclass(frozen=True, slots=True)
class Wish:
    """What most clients have words for: ratio, size, seed; None leaves it to the model."""

    ratio: str | None = None
    size: str | None = None
    seed: int | None = None


def drafted(request: GenerateRequest, *, server: str, key_env: str, file: str) -> Draft:
    """Takes a request of one turn apart."""
    body: dict[str, Any] = json.loads(gemini.encode(_without_pictures(request)))
    config = {name: value for name, value in body.items() if name not in ("contents", "model")}
    return Draft(
        model=request.model,
        parts=tuple(_pieces(request)),
        config=config,
        server=server.rstrip("/"),
        key_env=key_env,
        file=PurePath(file),
    )


def wish(draft: Draft, client: str, *, shape: bool = True) -> Wish:
    """The request's settings for a ``client`` with words for no more than a ``Wish`` (without ratio
    and size where ``shape`` is false). Raises ``UnsupportedParameter`` where the request has more.
    """
    settings = flat(draft.config)
    image = dict(settings.pop("imageConfig", {}))
    seed = settings.pop("seed", None)
    found = Wish(image.pop("aspectRatio", None), image.pop("imageSize", None), seed)
    more = [*settings, *image]
    if not shape:
        more += [name for name in ("ratio", "size") if getattr(found, name)]
    if more:
        raise UnsupportedParameter(
            f"{client} has no word for {', '.join(more)}: leave it out, or choose another client",
            field=more[0],
        )
    return found


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """The SDKs have one ``config``: what the wire nests in generationConfig, beside the rest."""
    rest = {name: value for name, value in config.items() if name != "generationConfig"}
    return {**config.get("generationConfig", {}), **rest}


def _without_pictures(request: GenerateRequest) -> GenerateRequest:
    return replace(request, contents=(replace(request.contents[0], parts=(Part(text="-"),)),))


def _pieces(request: GenerateRequest) -> Iterator[str | Picture]:
    for number, part in enumerate(request.contents[0].parts, 1):
        if part.text is not None:
            yield part.text
        elif part.file is not None:
            yield Picture(part.file.uri, part.file.mime_type or "image/png")
        elif part.blob is not None:
            yield Picture(_name(part.blob, number), part.blob.mime_type)


def _name(blob: Blob, number: int) -> str:
    return blob.display_name or f"picture-{number}.{blob.mime_type.rpartition('/')[2]}"
