"""OpenAI's image API from the other side: a request written for a server that speaks it.

That API knows one prompt and some pictures, no conversation. So a conversation becomes an edit of
the last picture that the model made, with the words and pictures that came after it; what is older
is in that picture already. A wish that the server has no word for is refused (``EngineRejected``)
where the answer would be another picture than was asked for, so that another engine can be tried.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from pisang.core.content import Blob, Part, Role, Use
from pisang.core.errors import EngineRejected
from pisang.core.image import Canvas
from pisang.core.request import EditMode, GenerateRequest
from pisang.wire import payload
from pisang.wire.openai.forms import FormData, form
from pisang.wire.openai.words import ImageWords, Shape
from pisang.wire.payload import Written

GENERATIONS: Final = "images/generations"
EDITS: Final = "images/edits"

_SIMPLE: Final = frozenset({EditMode.FREE, EditMode.INSERT})
_SUFFIXES: Final[Mapping[str, str]] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
}
_SAME_SHAPE: Final = 0.03  # sizes of one ratio differ so much, as they are multiples of some number
_SAME_AREA: Final = log(2)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is ready to be sent; ``method`` stands at the end of the address."""

    method: str
    pieces: list[bytes]
    media_type: str = "application/json"
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as an API without conversations sees it."""

    prompt: str
    pictures: tuple[Blob, ...] = ()
    mask: Blob | None = None


def write(request: GenerateRequest, *, canvas: Canvas, words: ImageWords) -> Call:
    """Writes a request for one picture. Raises ``EngineRejected``."""
    wish = read_wish(request)
    if len(wish.pictures) > words.most_pictures:
        raise EngineRejected(f"The server takes at most {words.most_pictures} pictures at once.")
    fields = _fields(request, wish, canvas, words)
    stream = words.previews and request.previews > 0
    if stream:
        fields |= {"stream": True, "partial_images": request.previews}
    if not wish.pictures:
        if wish.mask is not None:
            raise EngineRejected("There is a mask, and no picture that it belongs to.")
        return Call(GENERATIONS, payload.pieces(fields | dict(words.extra)), stream=stream)
    data = [FormData(name, _as_text(value)) for name, value in (fields | dict(words.extra)).items()]
    name = words.picture if len(wish.pictures) == 1 else words.pictures
    data += [_file(name, blob, number) for number, blob in enumerate(wish.pictures, start=1)]
    if wish.mask is not None:
        data.append(_file(_mask_name(request, words), wish.mask, 0))
    pieces, media_type = form(data)
    return Call(EDITS, pieces, media_type, stream)


def read_wish(request: GenerateRequest) -> Wish:
    """A conversation as one prompt and its pictures. Raises ``EngineRejected``."""
    _refuse_what_has_no_word(request)
    said: list[str] = []
    pictures: list[Blob] = []
    mask: Blob | None = None
    for content in request.contents:
        shown = [part for part in content.parts if not part.thought]
        if content.role is Role.MODEL:
            if drawn := [part.blob for part in shown if part.blob]:
                said, pictures, mask = [], [drawn[-1]], None
            continue
        for part in shown:
            if part.text:
                said.append(part.text)
            elif part.use is Use.MASK:
                mask = _blob(part)
            else:
                pictures.append(_blob(part))
    system = request.system_instruction.text if request.system_instruction else ""
    prompt = "\n\n".join(filter(None, (system, *said)))
    return Wish(prompt, tuple(pictures), mask)


def nearest(sizes: tuple[str, ...], canvas: Canvas) -> str:
    """The size of a server's list that has the shape of the canvas and about as many pixels.

    Raises ``EngineRejected`` where none has: a picture of another shape is another picture.
    """
    shape, area = log(canvas.width / canvas.height), log(canvas.width * canvas.height)
    fitting: list[tuple[float, str]] = []
    for size in sizes:
        width, height = (int(side) for side in size.split("x"))
        apart = abs(log(width * height) - area)
        if abs(log(width / height) - shape) <= _SAME_SHAPE and apart <= _SAME_AREA:
            fitting.append((apart, size))
    if not fitting:
        raise EngineRejected(
            f"The server draws {', '.join(sizes)}, and no {canvas.aspect_ratio} at "
            f"{canvas.image_size}."
        )
    return min(fitting)[1]


def _fields(
    request: GenerateRequest, wish: Wish, canvas: Canvas, words: ImageWords
) -> dict[str, Written]:
    told: dict[str, Written] = {}
    if words.seed and request.sampling.seed is not None:
        told[words.seed] = request.sampling.seed
    if words.negative and request.negative:
        told[words.negative] = request.negative
    prompt = wish.prompt
    if request.negative and not words.negative:
        prompt = f"{prompt}\n\nDo not show: {request.negative}"
    if words.tag and told:
        hidden, told = json.dumps(told, ensure_ascii=False), {}
        prompt = f"{prompt}<{words.tag}>{hidden}</{words.tag}>"
    fields: dict[str, Written] = {"model": request.model} if request.model else {}
    fields["prompt"] = prompt
    if words.response_format:
        fields["response_format"] = words.response_format
    fields |= shape(request, canvas, words.shape, words.sizes)
    return fields | told | (_format(request) if words.formats else {})


def shape(
    request: GenerateRequest, canvas: Canvas, where: Shape, sizes: tuple[str, ...] = ()
) -> dict[str, Written]:
    """The fields that say ratio and size: Google's own words where the server has them, so that
    none is lost on the way through pixels and back. Raises ``EngineRejected``."""
    asked = request.image
    if where is Shape.PIXELS:
        return {"size": f"{canvas.width}x{canvas.height}"}
    if where is Shape.SIZES:
        if asked.aspect_ratio is None and asked.image_size is None:
            return {}
        return {"size": nearest(sizes, canvas)}
    told: dict[str, Written] = {}
    if asked.aspect_ratio:
        told["aspect_ratio"] = asked.aspect_ratio
    if asked.image_size:
        told["image_size"] = asked.image_size
    if where is Shape.FIELDS or not told:
        return told
    if where is Shape.IMAGE_CONFIG:
        return {"image_config": told}
    return {"extra_body": {"google": {"image_config": told}}}


def _format(request: GenerateRequest) -> dict[str, Written]:
    asked, told = request.image, dict[str, Written]()
    if asked.mime_type:
        told["output_format"] = asked.mime_type.removeprefix("image/")
    if asked.quality is not None:
        told["output_compression"] = asked.quality
    if asked.transparent:
        told["background"] = "transparent"
    return told


def _refuse_what_has_no_word(request: GenerateRequest) -> None:
    edit = request.edit
    if request.upscale:
        raise EngineRejected("The server does not enlarge pictures.")
    if edit and edit.mode not in _SIMPLE:
        raise EngineRejected(f"The server has no word for an edit of the kind '{edit.mode}'.")
    if edit and edit.mask and edit.mask.auto:
        raise EngineRejected("The server finds no mask by itself.")


def _mask_name(request: GenerateRequest, words: ImageWords) -> str:
    mask = request.edit.mask if request.edit else None
    if not words.mask:
        raise EngineRejected("The server takes no mask.")
    if mask is not None and mask.marks is not words.marks:
        meaning = {mark.value: mark.name.lower() for mark in type(mask.marks)}
        raise EngineRejected(f"The server takes masks that mark by {meaning[words.marks.value]}.")
    return words.mask


def _blob(part: Part) -> Blob:
    if part.blob is None:
        raise EngineRejected("The server takes pictures themselves, not their addresses.")
    return part.blob


def _file(name: str, blob: Blob, number: int) -> FormData:
    suffix = _SUFFIXES.get(blob.mime_type, "png")
    title = f"picture-{number}.{suffix}" if number else f"mask.{suffix}"
    return FormData(name, blob.data, title=title, mime_type=blob.mime_type)


def _as_text(value: Written) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return b"".join(payload.pieces(value))
