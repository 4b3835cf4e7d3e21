"""The pictures of faults: as large as asked for, as heavy as real ones, and not too heavy."""

import zlib

from pisang.core.image import Canvas, sniff
from pisang.faults.picture import noise, small_png

SMALL = Canvas(64, 48, "4:3", "512")
LARGE = Canvas(2048, 1024, "2:1", "2K")


def weight(data: bytes | bytearray | memoryview) -> int:
    return len(zlib.compress(data, 1))


def test_noise_has_the_size_of_its_canvas_and_is_the_same_each_time() -> None:
    picture = noise(SMALL)

    assert (picture.width, picture.height, picture.bands) == (64, 48, 3)
    assert len(picture.data) == 64 * 48 * 3
    assert picture.data == noise(SMALL).data
    assert picture.data != noise(SMALL, number=1).data


def test_noise_cannot_be_squeezed_but_a_light_one_can() -> None:
    heavy, light = weight(noise(LARGE).data), weight(noise(LARGE, light=True).data)

    assert heavy > 1_500_000
    assert light < 0.6 * heavy
    assert noise(SMALL, light=True).data == noise(SMALL).data


def test_a_small_picture_is_a_whole_png() -> None:
    header = sniff(small_png(0))

    assert header
    assert (header.media_type, header.width, header.height) == ("image/png", 16, 16)
    assert small_png(0) != small_png(1)
