"""The picture while it is being painted: finished pixels below, a sheet of vectors above.

Vectors collect on the sheet and are drawn together; only when something made of pixels comes (a
text, a photo, a blur) is the sheet drawn onto the pixels first, and only where it was touched.
The pixels are one numpy array changed in place, so that a small text costs a small copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyvips

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.laying import Bytes, Wash, array, image, lay, lay_wash
from pisang.engines.sketch.paint.light import LIGHTS, Light
from pisang.engines.sketch.paint.sheet import Sheet
from pisang.engines.sketch.vocabulary import Absent, EffectKind, Hour

_SEED = 2**63 - 1


class Easel:
    """Paints one picture; not to be shared between threads."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width = width
        self.height = height
        self.seed = seed & _SEED  # numpy takes no negative seeds
        self.light: Light = LIGHTS[Hour.DAY]
        self.lit = False  # whether drawings take the light of a place
        self.orb = True  # whether a place may show its own sun or moon
        self.words: tuple[Box, ...] = ()  # where texts will stand, so that details keep off
        self.gilded = False  # whether words of metal will stand on the ground, and catch its light
        self.soil: str | None = None  # the ground things stand on, lit; None where there is none
        self.water: str | None = None  # the water boats lie in, lit
        self.without: frozenset[Absent] = frozenset()  # what the prompt denied
        self.indoors = False
        self.weather: EffectKind | None = None  # rain, snow or lightning still to come
        self.sky: Box | None = None  # open air: what a place shows of it, or its window's pane
        self.sheet = Sheet(width, height)
        self._pixels: Bytes | None = None

    @property
    def unit(self) -> float:
        """The measure for sizes that follow the picture: its short side, but more on banners."""
        short, long = sorted((self.width, self.height))
        return min(short * 1.35, math.sqrt(short * long))

    @contextmanager
    def unseen(self, hide: bool) -> Iterator[None]:
        """Within, what is drawn does not show if ``hide``.

        A place draws a tree that must not be seen all the same: so its chance takes the same turns,
        and everything else stays where it was before a word or a denial came.
        """
        kept = self.sheet
        if hide:
            self.sheet = Sheet(self.width, self.height)
        yield
        self.sheet = kept

    def clear(self, box: Box) -> bool:
        """Whether no text will stand on this box: details of a place go elsewhere then."""
        return not any(box.overlap(words) for words in self.words)

    @property
    def pixels(self) -> Bytes:
        """The finished pixels so far, (height, width, 3), to be changed in place."""
        self.flush()
        if self._pixels is None:
            self._pixels = np.full((self.height, self.width, 3), 255, np.uint8)
        return self._pixels

    def ground(self, image: Bytes) -> None:
        """Lays opaque RGB pixels of the canvas' size under all that follows."""
        self.sheet = Sheet(self.width, self.height)
        self._pixels = image

    def flush(self) -> None:
        """Draws the sheet onto the pixels."""
        sheet, self.sheet = self.sheet, Sheet(self.width, self.height)
        for drawn in sheet.render():
            self.stamp(*drawn)

    def so_far(self) -> Bytes:
        """A copy of the picture as it stands. Painting goes on as if nobody had looked: were the
        sheet drawn for good here, its edges would come out a little different."""
        sheet, pixels = self.sheet, self._pixels
        self._pixels = None if pixels is None else pixels.copy()
        seen = self.pixels
        self.sheet, self._pixels = sheet, pixels
        return seen

    def region(self, left: int, top: int, width: int, height: int) -> pyvips.Image:
        """The pixels of a box inside the canvas, as an RGB image of its own."""
        part = np.ascontiguousarray(self.pixels[top : top + height, left : left + width])
        return image(part)

    def put(self, picture: pyvips.Image, left: int, top: int) -> None:
        """Replaces the pixels under an opaque RGB image that lies inside the canvas."""
        if (picture.width, picture.height) == (self.width, self.height):
            self._pixels = array(picture)
            return
        self.pixels[top : top + picture.height, left : left + picture.width] = array(picture)

    def stamp(self, picture: pyvips.Image, left: int, top: int) -> None:
        """Lays an RGBA image (not premultiplied) over the pixels; what hangs over is cut off."""
        x, y = max(left, 0), max(top, 0)
        right = min(left + picture.width, self.width)
        bottom = min(top + picture.height, self.height)
        if right <= x or bottom <= y:
            return
        whole = (right - x, bottom - y) == (picture.width, picture.height)
        part = picture if whole else picture.crop(x - left, y - top, right - x, bottom - y)
        lay(array(part), self.pixels[y:bottom, x:right])

    def wash(self, wash: Wash) -> None:
        """Lays a wash over the pixels."""
        lay_wash(wash, self.pixels)
