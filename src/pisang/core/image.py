"""What an image is before anyone decodes it: its media type, its size, its pixels in memory.

``sniff`` reads width and height from the first bytes of a file, so that a 200-megapixel bomb is
refused by its header and never decoded.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class MediaType(StrEnum):
    """Media types pisang can write; it reads HEIC and HEIF as well."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture that was asked for: exact pixels, and the ratio and size words they came from."""

    width: int
    height: int
    aspect_ratio: str
    image_size: str


@dataclass(frozen=True, slots=True)
class Pixels:
    """A finished picture that no codec has touched yet.

    ``data`` holds ``height * width * bands`` bytes, row by row, sRGB, 8 bits a band;
    ``bands`` is 3 (RGB) or 4 (RGBA, not premultiplied).
    """

    width: int
    height: int
    bands: int
    data: bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of an image file say about it; 0 where the format hides its size. A
    photo that was taken with the camera on its side has the width and height that people see."""

    media_type: str
    width: int
    height: int

    @property
    def megapixels(self) -> float:
        return self.width * self.height / 1_000_000


_JPEG_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_JPEG_MARKERS = 10_000  # a crafted file of nothing but markers must not be walked to its end
_ORIENTATION, _MOST_TAGS = 0x0112, 100
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"heif"}


def sniff(data: bytes) -> Header | None:
    """Reads media type and size from an image file's own header; None if it is no known image."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
        return Header("image/png", _big(data, 16, 4), _big(data, 20, 4))
    if data[:3] == b"\xff\xd8\xff":
        return _sniff_jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _sniff_webp(data)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        width, height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
        return Header("image/gif", width, height)
    if data[4:8] == b"ftyp" and (data[8:12] in _HEIF_BRANDS or data[8:12] == b"avif"):
        return _sniff_heif(data)
    return None


def is_complete(data: bytes, header: Header) -> bool:
    """Tells whether the file has its end mark; a truncated upload has not.

    Cheap on purpose: it looks at the last bytes only. JPEG writers may append metadata after the
    end mark, so the mark is searched in the last 64 KiB.
    """
    match header.media_type:
        case "image/png":
            return b"IEND" in data[-1024:]
        case "image/jpeg":
            return b"\xff\xd9" in data[-65536:]
        case "image/webp":
            return len(data) >= int.from_bytes(data[4:8], "little") + 8
        case _:
            return True


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _sniff_jpeg(data: bytes) -> Header | None:
    at, on_its_side = 2, False
    for _ in range(_MOST_JPEG_MARKERS):
        if at + 9 >= len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _JPEG_SIZE_MARKERS:
            sides = _big(data, at + 7, 2), _big(data, at + 5, 2)
            return Header("image/jpeg", *(reversed(sides) if on_its_side else sides))
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a length
            at += 2
        else:
            length = _big(data, at + 2, 2)
            if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
                on_its_side = _orientation(data[at + 10 : at + 2 + length]) >= 5
            at += 2 + length
    return None


def _orientation(tiff: bytes) -> int:
    """How a camera was held, from its Exif block: 1 to 8, from 5 on the sides are exchanged."""
    order: Literal["big", "little"] = "big" if tiff[:2] == b"MM" else "little"

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)

    start = number(4, 4)
    for entry in range(min(number(start, 2), _MOST_TAGS)):
        at = start + 2 + 12 * entry
        if number(at, 2) == _ORIENTATION and at + 10 <= len(tiff):
            return number(at + 8, 2)
    return 1


def _sniff_webp(data: bytes) -> Header | None:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        width = int.from_bytes(data[24:27], "little") + 1
        return Header("image/webp", width, int.from_bytes(data[27:30], "little") + 1)
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return Header("image/webp", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    if kind == b"VP8 " and len(data) >= 30:
        width = int.from_bytes(data[26:28], "little") & 0x3FFF
        return Header("image/webp", width, int.from_bytes(data[28:30], "little") & 0x3FFF)
    return None


def _sniff_heif(data: bytes) -> Header:
    media_type = "image/avif" if data[8:12] == b"avif" else "image/heic"
    at = data.find(b"ispe", 0, 65536)
    if at < 0:
        return Header(media_type, 0, 0)
    return Header(media_type, _big(data, at + 8, 4), _big(data, at + 12, 4))
