"""Small versions of pictures, for pages that show many."""

from typing import Final

import pyvips

from pisang.core.errors import MalformedRequest

SIDE: Final = 384  # pixels of the longer side
MEDIA_TYPE: Final = "image/webp"
_QUALITY: Final = 80


def thumbnail(file: bytes) -> bytes:
    """A WebP at most ``SIDE`` pixels wide and high, without metadata; call it in a thread.

    Raises ``MalformedRequest`` for a file that cannot be decoded.
    """
    try:
        small = pyvips.Image.thumbnail_buffer(file, SIDE, height=SIDE, size="down")
        return bytes(small.webpsave_buffer(Q=_QUALITY, keep="none"))
    except pyvips.Error as error:
        raise MalformedRequest("No thumbnail can be made of this file.") from error
