"""Supplied pictures: decoded safely, edited, and fitted into their box."""

import pyvips

from pisang.core.errors import MalformedRequest
from pisang.core.image import sniff
from pisang.engines.sketch.layers import PictureLayer
from pisang.engines.sketch.paint.easel import Easel

_LARGEST = 120.0  # megapixels; admission refuses earlier, this is the last line


def decode(data: bytes) -> pyvips.Image:
    """The file as sRGB with 3 or 4 bands of 8 bits, the way up it was taken, in memory."""
    header = sniff(data)
    if header is None or header.megapixels > _LARGEST:
        raise MalformedRequest("A supplied picture is in no format that can be read here.")
    try:
        loaded = pyvips.Image.new_from_buffer(data, "", fail_on="truncated").autorot()
        if loaded.interpretation not in ("srgb", "rgb"):
            loaded = loaded.colourspace("srgb")
        loaded = loaded.cast("uchar")
        if loaded.bands < 3:
            loaded = loaded.colourspace("srgb")
        return loaded[0 : min(loaded.bands, 4)].copy_memory()
    except pyvips.Error as error:
        raise MalformedRequest("A supplied picture is damaged and cannot be decoded.") from error


def draw(easel: Easel, layer: PictureLayer, data: bytes) -> None:
    """Fits the picture into its box."""
    picture = decode(data)
    box = layer.box
    fitted = picture.thumbnail_image(
        max(round(box.width), 1), height=max(round(box.height), 1), crop="attention"
    )
    if fitted.bands == 3:
        fitted = fitted.bandjoin(255)
    easel.stamp(fitted.copy_memory(), round(box.x), round(box.y))
