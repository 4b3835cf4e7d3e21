"""Turns pixels into a file, exactly once for each picture.

libvips does the work and lets go of the interpreter while it does, so call this in a thread.
Import this module only after the engine has set up its fonts: loading libvips fixes them.
"""

from typing import Final

import pyvips

from pisang.core.errors import EngineFailed
from pisang.core.image import MediaType, Pixels

JPEG_QUALITY: Final = 90  # from 90 on libvips keeps full colour resolution, which red text needs
WEBP_QUALITY: Final = 90
_BANDS: Final = {3, 4}


def encode(
    pixels: Pixels, media_type: MediaType, *, quality: int | None = None, png_level: int = 6
) -> bytes:
    """Writes a PNG, JPEG or WebP file without any metadata.

    ``quality`` (0-100) is for JPEG and WebP, ``png_level`` (0-9) for PNG. JPEG has no
    transparency: the picture is laid on white. Raises ``EngineFailed`` for pixels that are none.
    """
    expected = pixels.width * pixels.height * pixels.bands
    if pixels.bands not in _BANDS or len(memoryview(pixels.data).cast("B")) != expected:
        raise EngineFailed(
            f"The engine handed on a picture of {pixels.width}x{pixels.height} pixels with "
            f"{pixels.bands} bands whose data has another size."
        )
    try:
        image = pyvips.Image.new_from_memory(
            pixels.data, pixels.width, pixels.height, pixels.bands, "uchar"
        ).copy(interpretation="srgb")
        return _saved(image, media_type, quality=quality, png_level=png_level)
    except pyvips.Error as error:
        raise EngineFailed(f"The picture could not be written as {media_type}.") from error


def _saved(
    image: pyvips.Image, media_type: MediaType, *, quality: int | None, png_level: int
) -> bytes:
    match media_type:
        case MediaType.PNG:
            data = image.pngsave_buffer(compression=png_level, keep="none")
        case MediaType.JPEG:
            if image.hasalpha():
                image = image.flatten(background=[255, 255, 255])
            chosen = JPEG_QUALITY if quality is None else max(1, quality)
            data = image.jpegsave_buffer(Q=chosen, optimize_coding=True, keep="none")
        case MediaType.WEBP:
            chosen = WEBP_QUALITY if quality is None else quality
            data = image.webpsave_buffer(Q=chosen, keep="none")
    return bytes(data)
