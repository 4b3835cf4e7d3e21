"""Reads of a body of OpenAI's dialect what admission needs, so that it can go on as it came.

A body is read as engines of ours would read it, with its pictures left out; where that fails, it is
the business of a server that knows more words than we do, and only the model is known. Not so where
ratio or size are wrong for a model of the catalog: they decide the price.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pisang.catalog.models import Resolution
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import PisangError
from pisang.core.request import GenerateRequest, ImageConfig, ServiceTier
from pisang.wire import payload
from pisang.wire.cut import cut
from pisang.wire.openai import chat, images
from pisang.wire.openai.images import Reader
from pisang.wire.openai.schema import Parameters, WrongParameter
from pisang.wire.openai.words import ANYTHING, Shape, Wanted

_WEIGHTY: Final = re.compile(r"(?:.*\.)?(?:size|aspect_?ratio|image_?size|resolution)", re.I)
_WORDS: Final[Mapping[str, Shape]] = {
    "aspect_ratio": Shape.FIELDS,
    "aspectRatio": Shape.FIELDS,
    "image_size": Shape.FIELDS,
    "imageSize": Shape.FIELDS,
    "resolution": Shape.FIELDS,
    "image_config": Shape.IMAGE_CONFIG,
    "imageConfig": Shape.IMAGE_CONFIG,
    "google": Shape.GOOGLE,
}
_PIXELS: Final = re.compile(r"auto|[0-9]+x[0-9]+", re.I)
_DIGITS: Final = 6  # of a number of pictures that is not absurd


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeked:
    """What a body asks for. ``trouble`` is why it may not go on; ``wanted`` what a server must know
    of to get it; ``ours`` is whether it names files that only this server has; ``count`` is how
    many pictures it wants."""

    request: GenerateRequest
    trouble: PisangError | None = None
    wanted: Wanted = ANYTHING
    ours: bool = False
    count: int = 1


def tree_of(body: bytes) -> dict[str, object]:
    """The fields of a JSON body, pictures left out. Raises ``MalformedRequest``."""
    return payload.read_object(cut(body).skeleton)


def model_of(fields: Mapping[str, object]) -> str:
    """The model that a body names; empty where it names none."""
    named = fields.get("model")
    return named.strip() if isinstance(named, str) else ""


def streams(fields: Mapping[str, object]) -> bool:
    """Whether a body wants its answer piece by piece; a form has that as text."""
    return str(fields.get("stream")).lower() == "true"


def peek_chat(
    body: bytes,
    fields: Mapping[str, object],
    *,
    model: str,
    found: Resolution | None,
    deadline: float | None,
) -> Peeked:
    """Looks into a chat. ``model`` is what it is to be asked for, ``found`` its card, None where
    the catalog has none: then whoever knows the model knows what it takes."""
    blank = _blank(fields, model, deadline)
    if found is None:
        return Peeked(request=blank, count=_count(fields))
    known, wanted = found, Wanted(shapes_of(fields))
    try:
        asked = chat.decode(cut(body).skeleton, find=lambda _: known, deadline=deadline)
    except PisangError as error:
        return Peeked(request=blank, trouble=_weighty(error), wanted=wanted, count=_count(fields))
    return Peeked(
        request=_light(asked.request, model),
        wanted=replace(wanted, place=asked.images),
        ours=_names_ours(asked.request),
        count=asked.choices,
    )


def peek_images(
    fields: Mapping[str, object],
    *,
    form: bool,
    read: Reader,
    model: str,
    found: Resolution | None,
    deadline: float | None,
) -> Peeked:
    """Looks into a call of the image API; ``fields`` are those of a form, or of a JSON body."""
    blank = _blank(fields, model, deadline)
    if found is None:
        return Peeked(request=blank)
    plain = images.unbracketed(fields) if form else dict(fields)
    wanted = Wanted(shapes_of(plain))
    plain.pop("model", None)
    parameters = Parameters(plain, form=form)
    try:
        ask = read(parameters, card=found.card, asked=model, lenient=True)
    except PisangError as error:
        return Peeked(request=blank, trouble=_weighty(error), wanted=wanted, count=_count(fields))
    return Peeked(
        request=replace(_light(ask.request, model), service_tier=_tier(plain), deadline=deadline),
        wanted=wanted,
        ours=_names_ours(ask.request),
        count=ask.count,
    )


def shapes_of(fields: Mapping[str, object]) -> frozenset[Shape]:
    """The places in which a body says how its picture should be, beside OpenAI's own ``size``."""
    found = {shape for name, shape in _WORDS.items() if fields.get(name) is not None}
    size = fields.get("size")
    if isinstance(size, str) and not _PIXELS.fullmatch(size.strip()):
        found.add(Shape.FIELDS)
    extra = fields.get("extra_body")
    if isinstance(extra, dict) and (inner := shapes_of(extra)):
        found |= {Shape.GOOGLE, *inner}
    return frozenset(found)


def _blank(fields: Mapping[str, object], model: str, deadline: float | None) -> GenerateRequest:
    """What can be known of a body that is not understood."""
    prompt, size = fields.get("prompt"), fields.get("image_size")
    said = (Content(Role.USER, (Part(text=prompt),)),) if isinstance(prompt, str) else ()
    return GenerateRequest(
        model=model,
        contents=said,
        image=ImageConfig(image_size=size if isinstance(size, str) else None),
        service_tier=_tier(fields),
        deadline=deadline,
    )


def _tier(fields: Mapping[str, object]) -> ServiceTier | None:
    """The tier that a body asks its server for, whatever we make of the rest of it."""
    said = fields.get("service_tier")
    return chat.TIERS.get(said.lower()) if isinstance(said, str) else None


def _count(fields: Mapping[str, object]) -> int:
    """How many pictures a body wants that is not understood; a form has it as text."""
    number = str(fields.get("n") or 1)
    return max(1, int(number)) if number.isdecimal() and len(number) < _DIGITS else 1


def _light(request: GenerateRequest, model: str) -> GenerateRequest:
    """The request without the bytes of its pictures, which would wait here for the answer."""

    def light(part: Part) -> Part:
        return replace(part, blob=Blob(part.blob.mime_type, b"")) if part.blob else part

    contents = tuple(
        Content(content.role, tuple(map(light, content.parts))) for content in request.contents
    )
    return replace(request, model=model, contents=contents)


def _weighty(error: PisangError) -> PisangError | None:
    """The error, if it is about what decides the price."""
    wrong = isinstance(error, WrongParameter) and error.openai_code == "invalid_value"
    return error if wrong and _WEIGHTY.fullmatch(error.field or "") else None


def _names_ours(request: GenerateRequest) -> bool:
    """Whether a picture is named by an id of our Files API, which nobody else knows."""
    return any(
        part.file is not None and not part.file.uri.startswith(("https://", "http://"))
        for _, part in request.parts()
    )
