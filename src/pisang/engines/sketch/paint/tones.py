"""Tone operations that photos and styles share: grey, saturation, wide blur, curves."""

from collections.abc import Callable

import numpy as np
import pyvips

from pisang.engines.sketch.paint.laying import image


def recomb(picture: pyvips.Image, rows: list[list[float]]) -> pyvips.Image:
    """Each new band as a weighted sum of the old three, 8 bits."""
    mixed = picture.recomb(pyvips.Image.new_from_array(rows)).rint()
    return mixed.cast("uchar").copy(interpretation="srgb")


def grey(picture: pyvips.Image) -> pyvips.Image:
    """Three equal bands of luma."""
    row = [0.299, 0.587, 0.114]
    return recomb(picture, [row, row, row])


def saturated(picture: pyvips.Image, factor: float) -> pyvips.Image:
    """Colours moved away from (factor above 1) or toward their grey."""
    luma, rest = (0.299, 0.587, 0.114), 1 - factor
    return recomb(
        picture,
        [[rest * luma[c] + (factor if c == r else 0.0) for c in range(3)] for r in range(3)],
    )


def curve(picture: pyvips.Image, shape: Callable[[float], float]) -> pyvips.Image:
    """Every value 0-1 of every band through a function to 0-1."""
    table = [min(max(shape(level / 255), 0.0), 1.0) * 255 for level in range(256)]
    lut = image(np.rint(np.array(table)).astype(np.uint8).reshape(1, 256, 1))
    return picture.maplut(lut)


def soften(picture: pyvips.Image, sigma: float) -> pyvips.Image:
    """A Gaussian blur that works on a smaller copy when it is wide, which nobody can tell."""
    shrink = 1
    while sigma / shrink > 6 and min(picture.width, picture.height) / shrink > 64:
        shrink *= 2
    if sigma < 0.3:
        return picture
    if shrink == 1:
        return picture.gaussblur(sigma, precision="integer")
    small = picture.resize(1 / shrink, kernel="linear").gaussblur(sigma / shrink)
    large = small.resize(
        picture.width / small.width, vscale=picture.height / small.height, kernel="cubic"
    )
    return large.crop(0, 0, picture.width, picture.height)
