"""How one server of OpenAI's kind wants to be asked, as data: which word for which wish.

Servers that speak "OpenAI's API" agree on the addresses and on little else: one takes a ratio,
another exact pixels, a third hides the seed inside the prompt. What differs is a value here, so
that ``image_calls`` and ``chat_calls`` hold no name of a server (those are in the engine's
profiles).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pisang.core.caller import ChatImages
from pisang.core.request import Marks
from pisang.wire.payload import Written


class Shape(StrEnum):
    """Where Google's ``aspectRatio`` and ``imageSize`` go."""

    PIXELS = "pixels"  # size: the exact pixels, "1376x768"
    SIZES = "sizes"  # size: whichever of a short list has this shape; nothing else is drawn there
    FIELDS = "fields"  # aspect_ratio and image_size, beside the prompt
    IMAGE_CONFIG = "image-config"  # image_config: {aspect_ratio, image_size}
    GOOGLE = "google"  # extra_body.google.image_config, as Google's own layer has it


class Thinks(StrEnum):
    """How a server is told to think, and to show it."""

    NOT = "not"
    EFFORT = "effort"  # reasoning_effort
    GOOGLE = "google"  # extra_body.google.thinking_config


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a server must know of to get a body as it came: every place in which it says the shape
    of its picture, and where a chat's caller looks for pictures (None: nobody looks)."""

    shapes: frozenset[Shape] = frozenset()
    place: ChatImages | None = None


ANYTHING: Final = Wanted()
"""What any server of this dialect understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWords:
    """The image API of one server: generations are JSON, edits a form.

    ``picture`` is the name of the only picture of a form, ``pictures`` of each of several. An empty
    name means that the server has no such word. ``tag`` is an element inside the prompt that holds
    seed and negative prompt as JSON. ``extra`` goes into every request as it is.
    """

    shape: Shape
    sizes: tuple[str, ...] = ()
    picture: str = "image"
    pictures: str = "image[]"
    most_pictures: int = 16
    mask: str = ""
    marks: Marks = Marks.HOLES
    seed: str = ""
    negative: str = ""
    tag: str = ""
    response_format: str = ""
    formats: bool = True
    previews: bool = False
    extra: Mapping[str, Written] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatWords:
    """The chat of one server. ``images`` is where the pictures of the assistant's turns stand, both
    ways; ``modalities`` is whether the server wants to be told that a picture is wanted. ``links``
    is whether a picture may come as a Markdown link to it."""

    shape: Shape
    images: ChatImages = ChatImages.IMAGES
    modalities: bool = True
    thinks: Thinks = Thinks.EFFORT
    links: bool = True
    stream: bool = False
    extra: Mapping[str, Written] = field(default_factory=dict)
