"""Pictures that cost nothing to make: noise, as large and as heavy as a real picture.

A picture of one colour would be a body of 3 KB, and most of what goes wrong with Google's answers
goes wrong because they are large.
"""

import random
import struct
import zlib
from typing import Final

from pisang.core.image import Canvas, Pixels

_SHADES: Final = 64
_LIGHT: Final = 1_000_000  # pixels
_COLOURS: Final = ((190, 150, 0), (90, 90, 90), (0, 110, 160), (150, 60, 60))
"""The darkest of each picture of an answer: the last one, then its drafts."""


def noise(canvas: Canvas, *, number: int = 0, light: bool = False) -> Pixels:
    """Exactly as large as the canvas, and the same each time; ``number`` tells pictures apart.

    A ``light`` one weighs at most about a megabyte, whatever its size: ten heavy drafts at 4K would
    cost the server a gigabyte, and its other callers their answers.
    """
    size = canvas.width * canvas.height
    grain = random.Random(number).randbytes(min(size, _LIGHT) if light else size)
    grain += bytes(size - len(grain))
    data = bytearray(3 * size)
    for band, darkest in enumerate(_COLOURS[number % len(_COLOURS)]):
        shades = bytes(darkest + level % _SHADES for level in range(256))
        data[band::3] = grain.translate(shades)
    return Pixels(canvas.width, canvas.height, 3, data)


def small_png(number: int) -> bytes:
    """A finished picture of 16 by 16 pixels in one colour."""
    side, colour = 16, bytes(_COLOURS[(number + 1) % len(_COLOURS)])
    rows = b"".join(b"\0" + colour * side for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
