"""Each edit does what its name says, on pictures made for it."""

import numpy as np
import pytest
import pyvips

from pisang.engines.sketch.paint.easel import array
from pisang.engines.sketch.paint.edits import apply
from pisang.engines.sketch.scene import Ink, PixelEdit
from pisang.engines.sketch.vocabulary import Change, Slot


def _ramp(width: int = 96, height: int = 64) -> pyvips.Image:
    """Red grows to the right, green downwards; blue is 90."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.stack([x, y, np.full_like(x, 90)], axis=-1).astype(np.uint8)
    return pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")


def _disc(colour: tuple[int, int, int] = (220, 40, 40), side: int = 100) -> pyvips.Image:
    y, x = np.mgrid[0:side, 0:side]
    inside = np.hypot(x - side / 2, y - side / 2) < side * 0.3
    pixels = np.where(inside[..., None], np.array(colour), 255).astype(np.uint8)
    return pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")


def _edit(
    picture: pyvips.Image,
    change: Change,
    amount: float | None = None,
    *,
    ink: str | None = None,
    slot: Slot | None = None,
    times: int = 1,
) -> np.ndarray:
    edit = PixelEdit(
        change=change, amount=amount, ink=Ink(colours=(ink,)) if ink else None, slot=slot
    )
    return array(apply(picture, (edit,) * times)).astype(int)


@pytest.mark.parametrize("change", [Change.FLIP, Change.FLIP_VERTICAL, Change.INVERT])
def test_twice_is_the_picture_again(change: Change) -> None:
    before = array(_ramp())
    assert (_edit(_ramp(), change) != before).any()
    assert (_edit(_ramp(), change, times=2) == before).all()


def test_flip_mirrors_left_and_right_only() -> None:
    assert (_edit(_ramp(), Change.FLIP) == array(_ramp())[:, ::-1]).all()
    assert (_edit(_ramp(), Change.FLIP_VERTICAL) == array(_ramp())[::-1]).all()


def test_a_quarter_turn_is_clockwise_and_exact() -> None:
    assert (_edit(_ramp(), Change.ROTATE, 90) == np.rot90(array(_ramp()), -1)).all()
    assert (_edit(_ramp(), Change.ROTATE, 90, times=4) == array(_ramp())).all()
    assert (_edit(_ramp(), Change.ROTATE, 0) == array(_ramp())).all()


@pytest.mark.parametrize("angle", [5, 17, 45, 80, 200, -30])
def test_any_other_turn_leaves_no_empty_corner(angle: float) -> None:
    plain = pyvips.Image.black(90, 60, bands=3).copy(interpretation="srgb")
    found = _edit(plain, Change.ROTATE, angle)
    assert found.max() < 8
    assert found.shape[0] > 10


def test_crop_keeps_the_share_around_its_slot() -> None:
    found = _edit(_ramp(), Change.CROP, 0.5, slot=Slot.TOP_LEFT)
    assert found.shape == (32, 48, 3)
    assert (found == array(_ramp())[:32, :48]).all()
    right = _edit(_ramp(), Change.CROP, 0.5, slot=Slot.BOTTOM_RIGHT)
    assert (right == array(_ramp())[32:, 48:]).all()


def test_greyscale_has_equal_bands() -> None:
    found = _edit(_ramp(), Change.GREYSCALE)
    assert (found[..., 0] == found[..., 1]).all()
    assert (found[..., 1] == found[..., 2]).all()
    assert found.std() > 10


def test_sepia_is_warm() -> None:
    found = _edit(_ramp(), Change.SEPIA)
    assert (found[..., 0] >= found[..., 2]).all()


def test_brightness_keeps_black_and_white() -> None:
    up, down = (_edit(_ramp(), Change.BRIGHTNESS, amount) for amount in (0.5, -0.5))
    before = array(_ramp()).astype(int)
    assert up.mean() > before.mean() + 15
    assert down.mean() < before.mean() - 15
    for found in (up, down):
        assert found[0, 0, 0] == 0
        assert found[0, -1, 0] == 255


def test_contrast_spreads_and_gathers() -> None:
    assert _edit(_ramp(), Change.CONTRAST, 0.6)[..., 0].std() > array(_ramp())[..., 0].std() + 5
    assert _edit(_ramp(), Change.CONTRAST, -0.6)[..., 0].std() < array(_ramp())[..., 0].std() - 5


def test_saturation_moves_colours_from_and_to_grey() -> None:
    def spread(found: np.ndarray) -> float:
        return float((found.max(axis=2) - found.min(axis=2)).mean())

    before = spread(array(_ramp()).astype(int))
    assert spread(_edit(_ramp(), Change.SATURATION, 0.5)) > before + 5
    assert spread(_edit(_ramp(), Change.SATURATION, -1.0)) < 3


def test_warmth_moves_red_against_blue() -> None:
    def warm(found: np.ndarray) -> float:
        return float(found[..., 0].mean() - found[..., 2].mean())

    before = warm(array(_ramp()).astype(int))
    assert warm(_edit(_ramp(), Change.WARMTH, 0.8)) > before + 10
    assert warm(_edit(_ramp(), Change.WARMTH, -0.8)) < before - 10


def test_blur_softens_and_sharpen_steepens() -> None:
    def steepest(found: np.ndarray) -> int:
        return int(np.abs(np.diff(found[50, :, 1])).max())

    grey = _edit(_disc((120, 120, 120)), Change.BLUR, 0.0)
    soft = pyvips.Image.new_from_array(grey.astype(np.uint8)).copy(interpretation="srgb")
    soft = soft.gaussblur(2)
    assert steepest(_edit(_disc(), Change.BLUR, 0.8)) < steepest(array(_disc()).astype(int)) - 50
    assert steepest(_edit(soft, Change.SHARPEN, 1.0)) > steepest(array(soft).astype(int)) + 2


def test_recolour_turns_the_subject_and_leaves_the_ground() -> None:
    found = _edit(_disc(), Change.RECOLOUR, ink="#2255dd")
    assert found[50, 50, 2] > found[50, 50, 0] + 60
    assert found[3, 3].min() >= 253


def test_tint_pulls_everything_to_the_ink() -> None:
    found = _edit(_ramp(), Change.TINT, 1.0, ink="#22aa44")
    assert (found[..., 1] >= found[..., 0]).mean() > 0.98


def test_background_is_replaced_behind_the_subject() -> None:
    found = _edit(_disc(), Change.BACKGROUND, ink="#00ff00")
    assert tuple(found[3, 3]) == (0, 255, 0)
    assert tuple(found[50, 50]) == (220, 40, 40)


def test_night_is_darker_and_bluer_and_sunset_warmer() -> None:
    before = array(_ramp()).astype(int)
    night, sunset = _edit(_ramp(), Change.NIGHT), _edit(_ramp(), Change.SUNSET)
    assert night.mean() < before.mean() * 0.75
    assert night[..., 2].mean() / night.mean() > before[..., 2].mean() / before.mean()
    assert (
        sunset[..., 0].mean() - sunset[..., 2].mean()
        > before[..., 0].mean() - before[..., 2].mean()
    )


def test_pixelate_makes_equal_blocks() -> None:
    found = _edit(_ramp(), Change.PIXELATE, 1.0)
    assert (found[:4, :4] == found[0, 0]).all()
    assert found.shape == (64, 96, 3)


def test_posterise_leaves_few_levels() -> None:
    assert len(np.unique(_edit(_ramp(), Change.POSTERISE, 0.6)[..., 0])) <= 7


def test_vignette_darkens_the_corners_only() -> None:
    white = pyvips.Image.black(90, 90, bands=3).invert().copy(interpretation="srgb")
    found = _edit(white, Change.VIGNETTE, 0.6)
    assert found[45, 45].min() == 255
    assert found[2, 2].max() < 220


@pytest.mark.parametrize("change", list(Change))
def test_every_edit_keeps_transparency(change: Change) -> None:
    clear = _disc().bandjoin(_disc()[1].invert())
    edit = PixelEdit(change=change, ink=Ink(colours=("#2255dd",)))
    found = apply(clear, (edit,))
    assert found.format == "uchar"
    if change is not Change.BACKGROUND:
        assert found.bands == 4
        assert found(0, 0)[3] < 8


@pytest.mark.parametrize("amount", [-400.0, -1.0, 0.0, 1.0, 7.0])
@pytest.mark.parametrize("change", list(Change))
def test_any_amount_gives_a_picture(change: Change, amount: float) -> None:
    found = _edit(_ramp(30, 20), change, amount, ink="#2255dd")
    assert found.shape[2] == 3
    assert min(found.shape[:2]) >= 1


def test_recolour_passes_over_what_has_the_colour_already() -> None:
    """In "make the disc blue" a blue sky is not meant, though there is more of it."""
    sky = pyvips.Image.black(100, 100, bands=3).linear(0, [90, 150, 235])
    sky = sky.cast("uchar").copy(interpretation="srgb")
    disc = sky.draw_circle([220, 40, 40], 50, 50, 14, fill=True)
    found = _edit(disc, Change.RECOLOUR, ink="#2255dd")
    assert found[50, 50, 2] > found[50, 50, 0] + 60
    assert abs(found[5, 5] - np.array([90, 150, 235])).max() < 12
