"""OpenAI's image API: generations, edits and variations, decoded to a request and back again.

Three habits of its callers (surfaces contract, section 10.1). ``extra_body`` merges Google's names
into the top level, so ``aspect_ratio`` and ``image_config`` may stand beside ``size`` (and win: a
client library fills in ``size`` by itself). Parameters that OpenAI's models have and ours do not
(``quality``, ``style``, ``moderation``, ``user``, ``input_fidelity``) are checked and change
nothing. Google's own layer ignores names that it does not know; OpenAI refuses them.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Protocol

from pisang.catalog.models import Card
from pisang.core.content import Content, Part, Role
from pisang.core.image import MediaType
from pisang.core.request import (
    Edit,
    GenerateRequest,
    ImageConfig,
    Marks,
    Mask,
    Modality,
    Sampling,
)
from pisang.wire.openai.schema import Parameters, WrongParameter
from pisang.wire.openai.sizes import Shape, read_ratio, read_size, read_word
from pisang.wire.openai.supplied import read_mask, read_pictures

MOST_PICTURES: Final = 10
MOST_PARTIAL: Final = 3

_FORMATS: Final[Mapping[str, MediaType]] = MappingProxyType(
    {"png": MediaType.PNG, "jpeg": MediaType.JPEG, "jpg": MediaType.JPEG, "webp": MediaType.WEBP}
)
# What OpenAI's models call the effort of a picture; ours make one effort only.
QUALITIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "low": "low",
        "medium": "medium",
        "high": "high",
        "auto": "high",
        "standard": "medium",
        "hd": "high",
    }
)
_BACKGROUNDS: Final = ("transparent", "opaque", "auto")
_SEEDS: Final = 2**31 - 1
_TAKE: Final = "Draw this picture again, with other details."
_MANNERS: Final = (
    "as a watercolour",
    "as a pencil drawing",
    "in pastel colours",
    "mirrored",
    "as a vintage photo",
    "in black and white",
    "as pixel art",
    "with warmer colours",
    "mirrored, as a watercolour",
    "mirrored, as a pencil drawing",
)
"""How the ten variations of a picture differ whose scene nobody remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call: the request for each picture, how many, and in which form they go out.

    ``links`` is ``response_format=url``; ``prompt`` is None where the caller wrote none.
    """

    request: GenerateRequest
    prompt: str | None = None
    count: int = 1
    links: bool = False
    stream: bool = False
    quality: str = "high"
    background: str = "opaque"


class Reader(Protocol):
    """Reads the fields of one kind of call; ``model`` is taken out of them already.

    ``asked`` is how the caller called the model that ``card`` is of, ``lenient`` says that it is
    Google's own layer. Raises ``WrongParameter``.
    """

    def __call__(self, fields: Parameters, *, card: Card, asked: str, lenient: bool) -> Ask: ...


def read_generation(fields: Parameters, *, card: Card, asked: str, lenient: bool) -> Ask:
    """``images/generations``."""
    prompt = fields.needed_text("prompt")
    contents = (Content(Role.USER, (Part(text=prompt),)),)
    ask = _ask(fields, contents, card=card, asked=asked, lenient=lenient)
    return replace(ask, prompt=prompt)


def read_edit(fields: Parameters, *, card: Card, asked: str, lenient: bool) -> Ask:
    """``images/edits``, as a form or as JSON with ``images: [{image_url | file_id}]``."""
    prompt = fields.needed_text("prompt")
    pictures = read_pictures(fields, card)
    mask = read_mask(fields)
    fields.choice("input_fidelity", ("high", "low"))
    parts = (Part(text=prompt), *pictures, *([mask] if mask else []))
    edit = Edit(mask=Mask(marks=Marks.HOLES)) if mask else None
    contents = (Content(Role.USER, parts),)
    ask = _ask(fields, contents, card=card, asked=asked, lenient=lenient, edit=edit)
    background = "opaque" if mask else ask.background  # what it covers stays as it is
    return replace(ask, prompt=prompt, background=background)


def read_variation(fields: Parameters, *, card: Card, asked: str, lenient: bool) -> Ask:
    """``images/variations``: one picture and no words."""
    pictures = read_pictures(fields, card)
    if len(pictures) > 1:
        raise WrongParameter("Invalid 'image': a variation is of one picture.", param="image")
    contents = (Content(Role.USER, (Part(text=_TAKE), *pictures)),)
    ask = _ask(fields, contents, card=card, asked=asked, lenient=lenient)
    if ask.request.sampling.seed is not None:
        return ask
    # Without a seed of its own, a picture of ours would be drawn exactly as it was.
    named = pictures[0].blob.data if pictures[0].blob else repr(pictures[0].file).encode()
    seed = Sampling(seed=zlib.crc32(named) & _SEEDS)
    return replace(ask, request=replace(ask.request, sampling=seed))


def takes(requests: Sequence[GenerateRequest]) -> list[GenerateRequest]:
    """The variations of one picture. One of ours goes on from its scene and differs by its seed;
    any other would come back as it is, so each gets a manner of its own."""
    if any(content.role is Role.MODEL for request in requests for content in request.contents):
        return list(requests)
    return [
        replace(request, contents=(_in_manner(request.contents[0], manner),))
        for request, manner in zip(requests, _MANNERS, strict=False)
    ]


def _in_manner(content: Content, manner: str) -> Content:
    pictures = [part for part in content.parts if not part.text]
    words = Part(text=f"Draw this picture again, {manner}.")
    return Content(content.role, (words, *pictures))


def unbracketed(form: Mapping[str, object]) -> dict[str, object]:
    """A form's fields; ``image_config[aspect_ratio]`` is how clients write an object in one."""
    plain: dict[str, object] = {}
    for name, value in form.items():
        outer, bracket, inner = name.partition("[")
        if not bracket or not inner.endswith("]") or inner == "]":
            plain[name] = value
            continue
        nest = plain.setdefault(outer, {})
        if isinstance(nest, dict):
            nest[inner[:-1]] = value
    return plain


def _ask(
    fields: Parameters,
    contents: tuple[Content, ...],
    *,
    card: Card,
    asked: str,
    lenient: bool,
    edit: Edit | None = None,
) -> Ask:
    count = fields.integer("n", low=1, high=MOST_PICTURES) or 1
    stream = bool(fields.flag("stream"))
    links = fields.choice("response_format", ("url", "b64_json"))
    if stream and links == "url":
        raise WrongParameter(
            "Invalid 'response_format': a stream carries pictures as base64 only. Leave it out.",
            param="response_format",
        )
    partial = fields.integer("partial_images", low=0, high=MOST_PARTIAL) or 0
    quality = fields.choice("quality", QUALITIES) or "auto"
    seed = fields.integer("seed", low=0, high=_SEEDS)
    fields.choice("style", ("vivid", "natural"))
    fields.choice("moderation", ("auto", "low"))
    fields.ignore("user", "safety_identifier", "prompt_cache_key")
    shape = read_shape(fields, card, lenient=lenient)
    config, background = read_form(fields, shape)
    if not lenient:
        fields.close()
    request = GenerateRequest(
        model=card.id,
        contents=contents,
        modalities=frozenset({Modality.IMAGE}),
        image=config,
        sampling=Sampling(seed=seed),
        edit=edit,
        previews=partial if stream else 0,
    )
    return Ask(
        request=request,
        count=count,
        links=links == "url" or (links is None and _gave_links(asked) and not (stream or lenient)),
        stream=stream,
        quality=QUALITIES[quality],
        background=background,
    )


def _gave_links(asked: str) -> bool:
    """DALL-E answered with links unless told otherwise, and code written for it reads them."""
    return asked.startswith("dall-e")


def read_shape(fields: Parameters, card: Card, *, lenient: bool = False) -> Shape:
    """The shape by all the names there are for it; what names one thing beats ``size``. A name in
    ``image_config`` that is none of them is refused, unless ``lenient``."""
    ratio: str | None = None
    size: str | None = None
    outer, configs = _places(fields)
    for place in (*outer, *configs):
        for name in ("aspect_ratio", "aspectRatio"):
            if (asked := place.text(name)) is not None:
                ratio = ratio or read_ratio(asked, card, param=place.at(name))
        for name in ("image_size", "imageSize"):
            if (asked := place.text(name)) is not None:
                size = size or read_word(asked, card, param=place.at(name))
    for config in configs:
        config.ignore("person_generation", "personGeneration")
        if not lenient:
            config.close()
    for name in ("resolution", "size"):
        if (asked := fields.text(name)) is not None:
            found = read_size(asked, card, param=fields.at(name))
            ratio, size = ratio or found.ratio, size or found.size
    return Shape(ratio, size)


def _places(fields: Parameters) -> tuple[list[Parameters], list[Parameters]]:
    """The objects of a body in which Google's image words may stand: the outer ones, and every
    ``image_config`` in those; the outermost first."""
    outer = [fields]
    google = [fields.nested("google")]
    if (extra := fields.nested("extra_body")) is not None:
        outer.append(extra)
        google.append(extra.nested("google"))
    outer += [place for place in google if place is not None]
    names = ("image_config", "imageConfig")
    configs = [place.nested(name) for place in outer for name in names]
    return outer, [config for config in configs if config is not None]


def read_form(fields: Parameters, shape: Shape) -> tuple[ImageConfig, str]:
    """The picture's file: format, compression and background, which must fit each other."""
    name = fields.choice("output_format", _FORMATS) or "png"
    compression = fields.integer("output_compression", low=0, high=100)
    background = fields.choice("background", _BACKGROUNDS) or "auto"
    kind = _FORMATS[name]
    if kind is MediaType.PNG and compression not in (None, 100):
        raise WrongParameter(
            "Invalid 'output_compression': a PNG loses nothing, so only 100 is possible. Ask for "
            "output_format jpeg or webp.",
            param="output_compression",
        )
    if kind is MediaType.JPEG and background == "transparent":
        raise WrongParameter(
            "Invalid 'background': a JPEG cannot be transparent. Ask for output_format png or "
            "webp.",
            param="background",
        )
    config = ImageConfig(
        aspect_ratio=shape.ratio,
        image_size=shape.size,
        mime_type=kind.value,
        quality=None if kind is MediaType.PNG else compression,
        transparent=background == "transparent",
    )
    return config, "transparent" if background == "transparent" else "opaque"
