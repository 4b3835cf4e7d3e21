"""Supplied pictures: what is decoded, what is refused, how each framing lies on the page."""

from collections.abc import Callable

import numpy as np
import pytest
import pyvips

from pisang.core.errors import MalformedRequest
from pisang.engines.sketch.layers import Box, PictureLayer
from pisang.engines.sketch.paint.cutout import subject_mask
from pisang.engines.sketch.paint.pictures import decode
from pisang.engines.sketch.vocabulary import Framing
from tests.engines.sketch.paint.conftest import Painted, ground


def disc(colour: tuple[int, int, int] = (220, 40, 40), side: int = 120) -> pyvips.Image:
    """A disc on white."""
    y, x = np.mgrid[0:side, 0:side]
    inside = np.hypot(x - side / 2, y - side / 2) < side * 0.3
    pixels = np.where(inside[..., None], np.array(colour), 255).astype(np.uint8)
    return pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")


def busy(side: int = 120) -> pyvips.Image:
    noise = np.random.default_rng(3).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return pyvips.Image.new_from_array(noise).copy(interpretation="srgb")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif"])
def test_common_formats_become_8_bit_srgb(suffix: str) -> None:
    found = decode(disc().write_to_buffer(suffix))
    assert (found.width, found.height, found.format) == (120, 120, "uchar")
    assert found.bands in (3, 4)
    red, green, blue = found(60, 60)[:3]
    assert red > 190
    assert green < 70
    assert blue < 70


def test_grey_and_16_bit_files_become_srgb() -> None:
    grey = decode(disc().colourspace("b-w").write_to_buffer(".png"))
    assert grey.bands == 3
    deep = decode(disc().colourspace("rgb16").write_to_buffer(".png"))
    assert deep.format == "uchar"
    assert deep(0, 0) == [255, 255, 255]


def test_a_picture_is_turned_the_way_up_it_was_taken() -> None:
    half = pyvips.Image.black(40, 20, bands=3).copy(interpretation="srgb")
    turned = half.copy()
    turned.set_type(pyvips.GValue.gint_type, "orientation", 6)
    found = decode(turned.write_to_buffer(".jpg"))
    assert (found.width, found.height) == (20, 40)


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedRequest):
        decode(data)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_truncated_picture_is_refused(suffix: str) -> None:
    data = busy().write_to_buffer(suffix)
    with pytest.raises(MalformedRequest):
        decode(data[: len(data) // 2])


def test_a_size_bomb_is_refused_by_its_header() -> None:
    data = bytearray(disc().write_to_buffer(".png"))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    with pytest.raises(MalformedRequest, match="megapixels"):
        decode(bytes(data))


def test_the_mask_holds_the_subject_and_not_the_ground() -> None:
    mask = subject_mask(disc())
    assert mask is not None
    assert mask(60, 60) == [255]
    assert mask(3, 3) == [0]
    covered = mask.avg() / 255
    assert covered == pytest.approx(np.pi * 0.3**2, abs=0.02)


def test_a_hole_of_the_grounds_colour_stays_in_the_subject() -> None:
    eye = disc().draw_circle([255, 255, 255], 60, 60, 8, fill=True)
    mask = subject_mask(eye)
    assert mask is not None
    assert mask(60, 60) == [255]


def test_a_busy_ground_has_no_mask() -> None:
    assert subject_mask(busy()) is None


def test_transparency_is_the_mask() -> None:
    mask = subject_mask(disc().bandjoin(disc()[1].invert()))
    assert mask is not None
    assert mask(3, 3) == [0]
    assert mask(60, 60) == [215]


BOX = Box(40, 40, 120, 120)


def _framed(painted: Callable[..., Painted], framing: Framing, picture: pyvips.Image) -> Painted:
    layer = PictureLayer(BOX, "d", framing)
    return painted(ground("#204060"), layer, files={"d": picture.write_to_buffer(".png")})


def test_cover_and_tile_fill_their_box(painted: Callable[..., Painted]) -> None:
    for framing in (Framing.COVER, Framing.TILE):
        found = _framed(painted, framing, disc())
        assert tuple(found[100, 100]) == (220, 40, 40)
        assert tuple(found[46, 100]) == (255, 255, 255)
        assert tuple(found[36, 100]) == (0x20, 0x40, 0x60)


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 300), (300, 1)])
def test_pictures_of_a_pixel_or_two_fill_every_framing(
    painted: Callable[..., Painted], size: tuple[int, int]
) -> None:
    """Clients try their code with a transparent picture of one pixel."""
    clear = pyvips.Image.black(*size, bands=4).cast("uchar").copy(interpretation="srgb")
    for framing in Framing:
        assert tuple(_framed(painted, framing, clear)[4, 4]) == (0x20, 0x40, 0x60)


def test_an_inset_has_a_white_border_and_a_shadow(painted: Callable[..., Painted]) -> None:
    found = _framed(painted, Framing.INSET, disc((0, 0, 0)).invert())
    assert found[42, 100].min() > 240
    assert found[47, 47].max() < 20
    assert found[163, 100].sum() < 0x20 + 0x40 + 0x60 - 10


def test_a_round_picture_leaves_its_corners(painted: Callable[..., Painted]) -> None:
    found = _framed(painted, Framing.ROUND, disc())
    assert tuple(found[43, 43]) == (0x20, 0x40, 0x60)
    assert tuple(found[100, 100]) == (220, 40, 40)


def test_a_cutout_stands_without_its_ground(painted: Callable[..., Painted]) -> None:
    found = _framed(painted, Framing.CUTOUT, disc())
    assert tuple(found[46, 46]) == (0x20, 0x40, 0x60)
    assert tuple(found[100, 100]) == (220, 40, 40)
    assert found[157, 100, 0] > 150  # it stands on the bottom of its box


def test_a_cutout_of_a_busy_picture_is_a_rounded_print(painted: Callable[..., Painted]) -> None:
    found = _framed(painted, Framing.CUTOUT, busy())
    assert found[100:130, 100:130].std() > 20
    assert tuple(found[38, 38]) != tuple(found[100, 100])


def test_a_wide_picture_is_cropped_and_not_squeezed(painted: Callable[..., Painted]) -> None:
    wide = disc().embed(120, 0, 360, 120, background=[255, 255, 255], extend="background")
    found = _framed(painted, Framing.COVER, wide)
    red = (found[..., 0] > 180) & (found[..., 1] < 80)
    rows, columns = red.any(axis=1).sum(), red.any(axis=0).sum()
    assert abs(int(rows) - int(columns)) <= 3


def test_a_subject_stays_whole_in_a_cell_of_another_shape(painted: Callable[..., Painted]) -> None:
    tall = PictureLayer(Box(10, 60, 170, 60), "d", Framing.TILE)
    files = {"d": disc().write_to_buffer(".png")}
    found = painted(ground("#204060"), tall, files=files)
    red = (found[..., 0] > 180) & (found[..., 1] < 80)
    rows, columns = red.any(axis=1).sum(), red.any(axis=0).sum()
    assert 40 < rows < 60
    assert abs(int(rows) - int(columns)) <= 3


def test_a_landscape_is_cropped_and_never_stretched_at_its_edges(
    painted: Callable[..., Painted],
) -> None:
    """Its border is of few colours, yet going on with them would draw streaks."""
    rows = np.linspace(60, 200, 90, dtype=np.uint8)
    pixels = np.repeat(rows[:, None], 150, axis=1)[..., None].repeat(3, axis=2).copy()
    pixels[:, 40:46] = 20
    scene = pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")
    layer = PictureLayer(Box(0, 0, 192, 192), "d", Framing.COVER)
    found = painted(ground(), layer, files={"d": scene.write_to_buffer(".png")})
    column = found[:, 185, 0].astype(int)
    assert column[10] - column[0] >= 4
    assert column[-1] - column[-11] >= 4
