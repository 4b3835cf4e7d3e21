"""Lays colour over finished pixels, in place and only where there is some.

A picture of 50 MB is crossed in cells that stay in the processor's cache. Confetti leaves most
of them untouched, a line of text fills a few: an empty cell is skipped, in a thin one the touched
pixels are picked out, a full one is blended whole by libvips. All three round alike, so the bytes
do not depend on which was taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyvips

Bytes = npt.NDArray[np.uint8]
_HIGH, _WIDE = 256, 1024  # a cell: a megabyte of RGBA
_THIN = 0.1  # share of touched pixels up to which picking them out is the faster way


@dataclass(frozen=True, slots=True)
class Wash:
    """Colour through a mask, to be laid with its corner at ``left``, ``top`` of the picture.

    ``mask`` is (height, width); ``colours`` is (height or 1, width or 1, 3), so that one colour, or
    a gradient down or across, costs no picture of its own.
    """

    colours: Bytes
    mask: Bytes
    left: int
    top: int


def image(pixels: Bytes) -> pyvips.Image:
    """A numpy array (height, width, bands) as a libvips image, sharing its memory."""
    height, width, bands = pixels.shape
    made = pyvips.Image.new_from_memory(pixels.data, width, height, bands, "uchar")
    return made.copy(interpretation="srgb" if bands > 2 else "b-w")


def array(picture: pyvips.Image) -> Bytes:
    """A libvips image of 8 bits as a numpy array (height, width, bands) of its own memory."""
    data = picture.cast("uchar").write_to_memory()
    return np.frombuffer(data, np.uint8).reshape(picture.height, picture.width, picture.bands)


def lay(above: Bytes, below: Bytes) -> None:
    """Blends RGBA (not premultiplied) onto RGB pixels of the same size."""
    for cell in _cells(above):
        pixels, under = np.ascontiguousarray(above[cell]), below[cell]
        inked = pixels.view("<u4")[..., 0] >= 1 << 24  # alpha is the highest byte
        if _thin(inked):
            touched = np.flatnonzero(inked)
            ink = pixels.reshape(-1, 4)[touched]
            _dot(under, touched, ink[:, :3], ink[:, 3:])
        else:
            top = image(pixels)
            _pour(under, top[0:3], top[3])


def lay_wash(wash: Wash, below: Bytes) -> None:
    """Lays a wash on RGB pixels; what hangs over their edge is cut off."""
    high, wide = wash.mask.shape
    x, y = max(wash.left, 0), max(wash.top, 0)
    right, bottom = min(wash.left + wide, below.shape[1]), min(wash.top + high, below.shape[0])
    if right <= x or bottom <= y:
        return
    inside = slice(y - wash.top, bottom - wash.top), slice(x - wash.left, right - wash.left)
    mask, colours, below = wash.mask[inside], _part(wash.colours, inside), below[y:bottom, x:right]
    for cell in _cells(mask):
        cover, ink, under = np.ascontiguousarray(mask[cell]), _part(colours, cell), below[cell]
        inked = cover > 0
        if _thin(inked):
            touched = np.flatnonzero(inked)
            spread = np.broadcast_to(ink, under.shape)
            where = np.divmod(touched, cover.shape[1])
            _dot(under, touched, spread[where], cover[where][:, None])
        else:
            _pour(under, image(_spread(ink, cover.shape)), image(cover[..., None]))


def _cells(pixels: Bytes) -> Iterator[tuple[slice, slice]]:
    for y in range(0, pixels.shape[0], _HIGH):
        for x in range(0, pixels.shape[1], _WIDE):
            yield slice(y, y + _HIGH), slice(x, x + _WIDE)


def _part(colours: Bytes, cell: tuple[slice, slice]) -> Bytes:
    """The cell's colours; an axis along which they do not change stays one long."""
    rows, columns = cell
    return colours[
        rows if colours.shape[0] > 1 else slice(None),
        columns if colours.shape[1] > 1 else slice(None),
    ]


def _spread(ink: Bytes, shape: tuple[int, ...]) -> Bytes:
    """A cell's colours written out: repeated bytes, many times faster than a broadcast copy."""
    high, wide = shape
    if ink.shape[1] == 1:
        data = b"".join(row.tobytes() * wide for row in ink)
        ink = np.frombuffer(data, np.uint8).reshape(-1, wide, 3)
    if ink.shape[0] == 1:
        ink = np.frombuffer(ink.tobytes() * high, np.uint8).reshape(high, wide, 3)
    return np.ascontiguousarray(ink)


def _thin(inked: npt.NDArray[np.bool_]) -> bool:
    return bool(np.count_nonzero(inked) <= _THIN * inked.size)


def _dot(below: Bytes, touched: npt.NDArray[np.intp], ink: Bytes, cover: Bytes) -> None:
    """Blends single pixels: colours (n, 3) and cover (n, 1) at the flat indices ``touched``."""
    if touched.size == 0:
        return
    alpha = cover.astype(np.uint32)
    where = np.divmod(touched, below.shape[1])
    below[where] = (alpha * ink + (255 - alpha) * below[where] + 128) // 255


def _pour(below: Bytes, colours: pyvips.Image, cover: pyvips.Image) -> None:
    """Blends a whole cell."""
    under = image(np.ascontiguousarray(below))
    below[:] = array(cover.ifthenelse(colours, under, blend=True))
