"""Pixels become files that other programs read back as the same pixels."""

import io

import pytest
from PIL import Image

from pisang.core.errors import EngineFailed
from pisang.core.image import MediaType, Pixels
from pisang.engines.sketch import fonts
from pisang.provenance.encode import encode

fonts.setup()


def field(bands: int) -> Pixels:
    row = bytes(range(192))
    colour = b"".join(row[i : i + 3] + (b"\x80" if bands == 4 else b"") for i in range(0, 192, 3))
    return Pixels(64, 32, bands, colour * 32)


@pytest.mark.parametrize("media_type", list(MediaType))
@pytest.mark.parametrize("bands", [3, 4])
def test_every_media_type_is_read_back_at_its_size(media_type: MediaType, bands: int) -> None:
    data = encode(field(bands), media_type)
    with Image.open(io.BytesIO(data)) as image:
        assert Image.MIME[image.format or ""] == media_type
        assert image.size == (64, 32)
        assert image.mode == ("RGBA" if bands == 4 and media_type != "image/jpeg" else "RGB")


@pytest.mark.parametrize("level", [0, 6, 9])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_png_keeps_every_pixel(level: int, kind: type) -> None:
    pixels = field(3)
    data = encode(Pixels(64, 32, 3, kind(pixels.data)), MediaType.PNG, png_level=level)
    with Image.open(io.BytesIO(data)) as image:
        assert image.tobytes() == pixels.data


def test_quality_changes_the_size_of_a_jpeg() -> None:
    sizes = [len(encode(field(3), MediaType.JPEG, quality=q)) for q in (0, 50, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_transparency_becomes_white_in_a_jpeg() -> None:
    clear = Pixels(8, 8, 4, bytes(8 * 8 * 4))
    with Image.open(io.BytesIO(encode(clear, MediaType.JPEG))) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "wrong", [Pixels(8, 8, 3, b"short"), Pixels(8, 8, 1, bytes(64)), Pixels(0, 0, 3, b"")]
)
def test_pixels_that_are_none_are_a_failure_of_the_engine(wrong: Pixels) -> None:
    with pytest.raises(EngineFailed):
        encode(wrong, MediaType.PNG)
