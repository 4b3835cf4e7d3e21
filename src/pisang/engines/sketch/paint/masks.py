"""Which part of a picture an edit may change: masks that were drawn, and masks that are found.

A mask here is an array (height, width) of bytes, 255 where the picture may be changed. What is
found is a guess from colours alone: nothing here knows what a dog looks like.
"""

import math

import numpy as np
import numpy.typing as npt
import pyvips

from pisang.core.errors import MalformedRequest
from pisang.core.request import AutoMask, Marks
from pisang.engines.sketch.paint.cutout import subject_mask
from pisang.engines.sketch.paint.laying import Bytes, array, image

Floats = npt.NDArray[np.float32]

_SIDE = 640  # pixels of the long side on which distances are measured
_GUESSED = 160  # and on which a subject is looked for
_LEAST, _MOST = 0.02, 0.85  # the share of a picture that a subject can have


def drawn(mask: pyvips.Image, marks: Marks, width: int, height: int) -> Bytes:
    """A mask that came as a picture, stretched to a size.

    Raises MalformedRequest for one that should have holes and has no transparency.
    """
    if marks is Marks.HOLES:
        if mask.bands < 4:
            raise MalformedRequest(
                "The mask has no transparency. Send a PNG whose transparent part may be changed."
            )
        shown = mask[3] < 128
    else:
        flat = mask.flatten(background=[0, 0, 0]) if mask.bands == 4 else mask
        shown = flat[1] >= 128
    return resized(array(shown.cast("uchar"))[..., 0], width, height)


def resized(mask: Bytes, width: int, height: int) -> Bytes:
    """Another size, with hard edges."""
    rows = (np.arange(height) + 0.5) * mask.shape[0] / height
    columns = (np.arange(width) + 0.5) * mask.shape[1] / width
    stretched: Bytes = mask[rows.astype(int)[:, None], columns.astype(int)[None, :]]
    return stretched


def found(picture: pyvips.Image, auto: AutoMask) -> Bytes:
    """The subject of a picture, or everything but it. Classes of things are not told apart, so
    that a semantic mask is the subject."""
    subject = subject_mask(picture)
    mask = array(subject)[..., 0] if subject is not None else _guessed(picture)
    return np.uint8(255) - mask if auto is AutoMask.BACKGROUND else mask


def _guessed(picture: pyvips.Image) -> Bytes:
    """What differs from the border and lies near the middle; an oval where nothing stands out."""
    shrink = max(picture.width, picture.height) / _GUESSED
    small = picture[0:3].resize(1 / shrink, kernel="linear") if shrink > 1 else picture[0:3]
    pixels = array(small).astype(np.float32)
    high, wide = pixels.shape[:2]
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    palette = np.unique(border // 32, axis=0) * 32 + 16
    off = np.full((high, wide), np.inf, np.float32)
    for colour in palette:
        off = np.minimum(off, np.abs(pixels - colour).max(axis=2))
    y, x = np.linspace(-1, 1, high)[:, None], np.linspace(-1, 1, wide)[None, :]
    away = x * x + y * y
    score = (off * np.exp(-0.9 * away)).astype(np.float32)
    soft = array(image(np.clip(score, 0, 255).astype(np.uint8)[..., None]).gaussblur(2.5))[..., 0]
    inside = soft > _parting(soft)
    if not _LEAST < inside.mean() < _MOST:
        inside = np.broadcast_to(away < 0.45, (high, wide))
    mask = image(np.where(inside, 255, 0).astype(np.uint8)[..., None]).gaussblur(1.5)
    large = mask.resize(picture.width / wide, vscale=picture.height / high, kernel="cubic")
    bytes_ = array(large.crop(0, 0, picture.width, picture.height))[..., 0]
    return np.clip((bytes_.astype(np.float32) - 96) * 4, 0, 255).astype(np.uint8)


def _parting(values: Bytes) -> int:
    """The level that parts dark from light best (Otsu's)."""
    counts = np.bincount(values.reshape(-1), minlength=256).astype(np.float64)
    below = np.cumsum(counts)
    sums = np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return int(np.nanargmax(np.nan_to_num(between)))


def widened(mask: Bytes, share: float) -> Bytes:
    """The mask grown on all sides by a share of the long side."""
    pixels = share * max(mask.shape)
    if pixels < 0.5 or not mask.any():
        return mask
    return np.where(_distance(mask > 0) <= pixels, 255, mask).astype(np.uint8)


def feathered(mask: Bytes, pixels: float) -> Floats:
    """How far each pixel changes, 0 to 1: soft towards the inside only, so that what is outside
    keeps its bytes. The edge of the canvas is no edge of the mask."""
    if mask.all():
        return (mask / 255).astype(np.float32)
    inward = np.clip(_distance(mask == 0) / max(pixels, 1.0), 0, 1)
    soft: Floats = (inward * (mask / 255)).astype(np.float32)
    return soft


def largest(mask: Bytes) -> Bytes:
    """The largest connected part of a mask alone."""
    inside = mask > 127
    if not inside.any():
        return mask
    labelled = image(np.where(inside, 255, 0).astype(np.uint8)[..., None]).labelregions()
    data = np.frombuffer(labelled.cast("int").write_to_memory(), np.int32)
    labels = data.reshape(mask.shape)
    ruling = np.bincount(labels[inside]).argmax()
    return np.where(labels == ruling, mask, 0).astype(np.uint8)


def bounds(mask: Bytes) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of all that may be changed; None where nothing may."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _distance(to: npt.NDArray[np.bool_]) -> Floats:
    """Pixels from everywhere to the nearest True, measured on a small copy."""
    high, wide = to.shape
    step = max(math.ceil(max(high, wide) / _SIDE), 1)
    small = np.ascontiguousarray(to[::step, ::step])
    if not small.any():
        return np.full(to.shape, float(max(high, wide)), np.float32)
    seeds = image(np.where(small, 255, 0).astype(np.uint8)[..., None])
    _, more = seeds.fill_nearest(distance=True)
    data = np.frombuffer(more["distance"].cast("float").write_to_memory(), np.float32)
    off: Floats = (data.reshape(small.shape) * step).astype(np.float32)
    large: Floats = np.repeat(np.repeat(off, step, axis=0), step, axis=1)[:high, :wide]
    return large
