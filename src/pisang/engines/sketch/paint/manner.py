"""What a picture takes from another: its colours, its lines, its clothes."""

import numpy as np
import pyvips

from pisang.core.request import AutoMask
from pisang.engines.sketch.paint.cutout import subject_mask
from pisang.engines.sketch.paint.laying import Bytes, array, image, lay
from pisang.engines.sketch.paint.masks import bounds, found

_STRENGTH = 0.75
_TORSO = (0.2, 0.42)  # of a standing person's height: where a shirt begins, and how long it is


def coloured(pixels: Bytes, like: pyvips.Image) -> Bytes:
    """The pixels in the colours of another picture: its mean and spread of light and hue."""
    own = image(pixels).colourspace("lab").cast("float")
    other = like[0:3].thumbnail_image(256, height=256, size="force").colourspace("lab")
    bands = []
    for number in range(3):
        mine, theirs = own[number], other[number].cast("float")
        spread = min(max(_spread(theirs) / max(_spread(mine), 1.0), 0.5), 2.0)
        target = (mine - mine.avg()) * spread + theirs.avg()
        share = _STRENGTH * (0.6 if number == 0 else 1.0)  # words must stay readable
        bands.append(mine + (target - mine) * share)
    joined = bands[0].bandjoin(bands[1:]).copy(interpretation="lab")
    return array(joined.colourspace("srgb").cast("uchar"))


def _spread(band: pyvips.Image) -> float:
    """The standard deviation, which libvips does not have for a single pixel."""
    return float(band.deviate()) if band.width * band.height > 1 else 0.0


def lined(pixels: Bytes, guide: pyvips.Image) -> Bytes:
    """The pixels with the outlines of another picture drawn over them."""
    high, wide = pixels.shape[:2]
    flat = guide.flatten(background=[255, 255, 255]) if guide.bands == 4 else guide
    grey = flat.thumbnail_image(wide, height=high, size="force").colourspace("b-w")[0]
    edges = array(grey.gaussblur(max(max(wide, high) / 900, 0.6)).sobel())[..., 0]
    lines = np.clip((edges.astype(np.float32) - 24) / 60, 0, 1)[..., None]
    return (pixels * (1 - 0.8 * lines)).round().astype(np.uint8)


def dressed(person: Bytes, garments: list[pyvips.Image]) -> Bytes:
    """The person with each garment laid on: the first on the upper body, the next below it."""
    high, wide = person.shape[:2]
    box = bounds(found(image(person), AutoMask.FOREGROUND)) or (0, 0, wide, high)
    left, top, right, bottom = box
    out = person.copy()
    for number, garment in enumerate(garments[:2]):
        cut = _cut(garment)
        room_high = max(round((bottom - top) * _TORSO[1]), 1)
        room_wide = max(right - left, 1)
        scale = min(room_wide / cut.width, room_high / cut.height)
        size = max(round(cut.width * scale), 1), max(round(cut.height * scale), 1)
        laid = array(cut.thumbnail_image(size[0], height=size[1], size="force"))
        x = min(max((left + right - size[0]) // 2, 0), wide - size[0])
        y = top + round((bottom - top) * (_TORSO[0] + number * _TORSO[1] * 0.9))
        y = min(max(y, 0), high - size[1])
        lay(laid, out[y : y + size[1], x : x + size[0]])
    return out


def _cut(garment: pyvips.Image) -> pyvips.Image:
    """The garment alone, RGBA; the whole picture where its ground is not plain."""
    mask = subject_mask(garment)
    if mask is None:
        return garment if garment.bands == 4 else garment.bandjoin(255)
    x, y, wide, high = mask.find_trim(threshold=24, background=0)
    whole = garment[0:3].bandjoin(mask).copy(interpretation="srgb")
    return whole.crop(x, y, wide, high) if wide > 2 and high > 2 else whole
