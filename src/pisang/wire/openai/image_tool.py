"""The tool ``image_generation`` of OpenAI's Responses: how the picture should be, and its mask."""

from dataclasses import dataclass, replace
from typing import Final

from pisang.catalog.models import Card
from pisang.core.content import FileRef, Part, Role, Use
from pisang.core.request import Edit, ImageConfig, Marks, Mask
from pisang.wire.openai.images import MOST_PARTIAL, QUALITIES, read_form, read_shape
from pisang.wire.openai.response_items import Said
from pisang.wire.openai.schema import (
    Parameters,
    WrongParameter,
    missing,
    read_object,
    wrong_choice,
)
from pisang.wire.openai.schema import read_picture as read_address
from pisang.wire.openai.supplied import check_mask
from pisang.wire.payload import Written

TOOL: Final = "image_generation"
_CHOICES: Final = ("auto", "none", "required", TOOL)
_ACTIONS: Final = ("auto", "generate", "edit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """How the tool should draw, as the answer tells it again."""

    quality: str = "auto"
    background: str = "auto"
    action: str = "auto"


def read_tools(root: Parameters) -> tuple[Parameters | None, list[Written]]:
    """The image tool, and the tools as the answer repeats them (without the picture of a mask)."""
    tool, echoed = None, list[Written]()
    for path, value in root.items("tools"):
        fields = read_object(value, path)
        kind = fields.text("type") or ""
        if kind != TOOL:
            raise WrongParameter(
                f"Invalid value: '{kind[:60]}' for '{path}.type'. Image models have one tool, "
                f"'{TOOL}'. Leave the others out.",
                param=f"{path}.type",
            )
        tool = fields
        told = dict(value) if isinstance(value, dict) else {}
        echoed.append({"type": TOOL} | {n: v for n, v in told.items() if _is_plain(v)})
    return tool, echoed


def _is_plain(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < 200)


def read_picture(
    tool: Parameters | None, root: Parameters, card: Card
) -> tuple[ImageConfig, Picture, int]:
    """The tool's words for the picture; Google's may stand beside it, at the top."""
    fields = tool or Parameters({})
    shape = read_shape(fields, card)
    outer = read_shape(root, card)
    shape = replace(shape, ratio=shape.ratio or outer.ratio, size=shape.size or outer.size)
    image, background = read_form(fields, shape)
    quality = fields.choice("quality", QUALITIES) or "auto"
    fields.choice("moderation", ("auto", "low"))
    fields.choice("input_fidelity", ("high", "low"))
    action = fields.choice("action", _ACTIONS) or "auto"
    previews = fields.integer("partial_images", low=0, high=MOST_PARTIAL) or 0
    streamed = root.has("stream") and previews
    picture = Picture(quality=QUALITIES[quality], background=background, action=action)
    return image, picture, previews if streamed else 0


def read_mask(tool: Parameters | None, said: Said) -> Edit | None:
    """``input_image_mask`` limits what may change in the first picture of the last message."""
    fields = tool.nested("input_image_mask") if tool else None
    if fields is None:
        return None
    url, file = fields.text("image_url"), fields.text("file_id")
    if not url and not file:
        raise missing(fields.at("image_url"))
    path = fields.at("image_url" if url else "file_id")
    mask = replace(read_address(url, path) if url else Part(file=FileRef(file or "")), use=Use.MASK)
    last = said.contents[-1]
    pictures = [part for part in last.parts if part.blob or part.file]
    if last.role is not Role.USER or not pictures:
        raise WrongParameter(
            f"Invalid '{path}': a mask needs a picture in the last message of the user, to be "
            "changed there.",
            param=path,
        )
    if mask.blob:
        check_mask(mask.blob, pictures[0].blob)
    said.contents[-1] = replace(last, parts=(*last.parts, mask))
    return Edit(mask=Mask(marks=Marks.HOLES))


def read_choice(root: Parameters) -> str:
    value = root.take("tool_choice")
    kind = value.get("type") if isinstance(value, dict) else value
    if kind in (None, "allowed_tools"):
        return "auto"
    if not isinstance(kind, str) or kind not in _CHOICES:
        raise wrong_choice("tool_choice", str(kind), _CHOICES)
    return kind
