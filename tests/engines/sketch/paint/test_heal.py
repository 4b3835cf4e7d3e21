"""Holes close with their surroundings: with their light, and with their texture."""

import numpy as np

from pisang.engines.sketch.paint.heal import healed, membrane
from pisang.engines.sketch.paint.laying import Bytes


def hole(high: int = 120, wide: int = 180) -> Bytes:
    mask = np.zeros((high, wide), np.uint8)
    mask[50:80, 70:110] = 255
    return mask


def test_a_membrane_keeps_what_is_known_and_bridges_what_is_not() -> None:
    across = np.linspace(0, 200, 64, dtype=np.float32)
    ramp = np.repeat(np.repeat(across[None, :, None], 48, axis=0), 3, axis=2)
    known = np.ones((48, 64), np.float32)
    known[10:38, 20:44] = 0
    spread = membrane(ramp * known[..., None], known)
    assert np.array_equal(spread[known > 0], ramp[known > 0])
    assert np.abs(spread - ramp).max() < 25
    nothing = membrane(ramp * 0, np.zeros((48, 64), np.float32))
    assert not nothing.any()


def test_a_thing_is_gone_and_the_texture_goes_on() -> None:
    stripes = np.zeros((120, 180, 3), np.uint8)
    stripes[:] = np.where(np.arange(180) // 6 % 2, 110, 130).astype(np.uint8)[None, :, None]
    spoilt = stripes.copy()
    spoilt[52:78, 72:108] = (255, 0, 0)
    closed = healed(spoilt, hole())
    assert np.array_equal(closed[hole() == 0], spoilt[hole() == 0])
    inside = closed[54:76, 76:104].astype(int)
    assert np.abs(inside - stripes[54:76, 76:104]).mean() < 6
    assert inside.std() > 5  # striped, not smooth


def test_no_second_thing_is_copied_into_the_hole() -> None:
    plain = np.full((120, 180, 3), (100, 160, 100), np.uint8)
    plain[50:80, 10:50] = (200, 40, 40)
    plain[50:80, 70:110] = (200, 40, 40)
    closed = healed(plain, hole())
    assert np.abs(closed[50:80, 70:110].astype(int) - (100, 160, 100)).max() < 12
    assert np.array_equal(closed[50:80, 10:50], plain[50:80, 10:50])


def test_nothing_to_close_and_nothing_to_close_with() -> None:
    pixels = np.full((20, 20, 3), 7, np.uint8)
    assert np.array_equal(healed(pixels, np.zeros((20, 20), np.uint8)), pixels)
    assert np.array_equal(healed(pixels, np.full((20, 20), 255, np.uint8)), pixels)


def test_many_small_holes_are_closed_at_once() -> None:
    pixels = np.full((120, 180, 3), 90, np.uint8)
    mask = np.zeros((120, 180), np.uint8)
    mask[::15, ::15] = 255
    pixels[mask > 0] = 255
    assert np.abs(healed(pixels, mask).astype(int) - 90).max() < 6
