"""Finds what stands before a plain background, and cuts it out with a soft edge.

The border of the picture tells what the background is. Everything of that colour that hangs
together with the border is background; the same colour inside (the white of an eye) is not. All of
this is judged on a small copy; the mask is blown up and feathered.
"""

import numpy as np
import numpy.typing as npt
import pyvips

from pisang.engines.sketch.paint.laying import Bytes, array, image

_SIDE = 640  # pixels of the long side that the mask is judged on
_NEAR = 26.0  # how far (in RGB) a colour may be from the background's
_PLAIN = 0.86  # share of the border that must be of the background's colours


def subject_mask(picture: pyvips.Image) -> pyvips.Image | None:
    """An 8-bit mask, 255 on the subject; None where the background is not plain.

    A picture with transparency brings its own mask. A line of a pixel or two has no subject, and
    libvips could not trim its mask.
    """
    if min(picture.width, picture.height) < 3:
        return None
    if picture.bands == 4 and picture[3].min() < 250:
        return picture[3]
    shrink = max(picture.width, picture.height) / _SIDE
    small = picture[0:3].resize(1 / shrink, kernel="linear") if shrink > 1 else picture[0:3]
    pixels = array(small.median(3) if min(small.width, small.height) > 8 else small)
    near = _like_border(pixels)
    if near is None:
        return None
    outside = _joined_to_border(near)
    share = float(outside.mean())
    if not 0.03 < share < 0.985:
        return None
    mask = image(np.where(outside, 0, 255).astype(np.uint8)[..., None])
    mask = mask.gaussblur(0.9)
    if shrink > 1:
        mask = mask.resize(
            picture.width / mask.width, vscale=picture.height / mask.height, kernel="cubic"
        ).crop(0, 0, picture.width, picture.height)
    # a hair's breadth inward, so that no seam of the old background shows
    return ((mask.cast("float") - 96) * 1.75).cast("uchar").copy_memory()


def one_colour_ground(picture: pyvips.Image) -> bool:
    """Whether the border is of one colour all around, so that it could go on beyond the edge."""
    shrink = max(picture.width, picture.height) / 160
    small = picture[0:3].resize(1 / shrink, kernel="linear") if shrink > 1 else picture[0:3]
    pixels = array(small)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(np.float32)
    off = np.abs(border - np.median(border, axis=0)).max(axis=1)
    return bool((off < 12).mean() > 0.97)


def _like_border(pixels: Bytes) -> npt.NDArray[np.bool_] | None:
    """Where the colour is one of the border's (at most three); None if the border is busy."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(np.float32)
    left, near = border, np.zeros(pixels.shape[:2], bool)
    found = 0
    for _ in range(3):
        centre = np.median(left, axis=0)
        close = np.abs(left - centre).max(axis=1) < _NEAR
        if close.mean() < 0.2:
            break
        centre = left[close].mean(axis=0)
        near |= np.abs(pixels - centre).max(axis=2) < _NEAR
        found += int(close.sum())
        left = left[~close]
        if len(left) < 0.04 * len(border):
            break
    return near if found >= _PLAIN * len(border) else None


def _joined_to_border(near: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The parts of ``near`` that touch the border."""
    labelled = image(np.where(near, 255, 0).astype(np.uint8)[..., None]).labelregions()
    data = labelled.cast("int").write_to_memory()
    labels = np.frombuffer(data, np.int32).reshape(near.shape)
    edge = np.zeros(near.shape, bool)
    edge[0] = edge[-1] = edge[:, 0] = edge[:, -1] = True
    return np.isin(labels, np.unique(labels[edge & near]))
