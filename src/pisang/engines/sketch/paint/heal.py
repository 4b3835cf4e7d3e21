"""Closes a hole in a picture with its surroundings: what was there is gone.

A healing brush: the part elsewhere in the picture whose rim fits the hole's rim best is copied
into it, and the difference at the rim is spread over the inside like a skin over a frame, so that
no seam shows. Where no part fits, the skin alone fills the hole.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pisang.engines.sketch.paint import masks
from pisang.engines.sketch.paint.laying import Bytes, array, image
from pisang.engines.sketch.paint.masks import Floats

_SIDE = 224  # pixels of the long side on which a fitting part is looked for
_RIM = 5  # pixels there that must fit around the hole
_PLAINNESS = 0.6  # how much a part's inside counts beside its rim
_REACH = 30  # levels by which a copied part is made lighter or darker at most
_STRANGE = 36.0  # levels from what the rim foretells at which a copied pixel is not taken
_HOLES = 12  # that are closed one by one; more are closed together
_SMALLEST = 12.0  # below, in pixels, a rim on the small copy says nothing


def healed(pixels: Bytes, mask: Bytes) -> Bytes:
    """The RGB pixels with everything under the mask closed."""
    out = pixels
    for hole in _holes(mask):
        out = _closed(out, hole)
    return out


def membrane(values: Floats, known: Floats) -> Floats:
    """Spreads known values (height, width, bands) smoothly over the rest; ``known`` is 0 to 1."""
    high, wide = known.shape
    if max(high, wide) <= 2 or known.min() > 0.999:
        total = max(float(known.sum()), 1e-6)
        mean = (values * known[..., None]).sum(axis=(0, 1)) / total
        filled: Floats = values * known[..., None] + mean * (1 - known[..., None])
        return filled
    even = ((0, high % 2), (0, wide % 2))
    weights = np.pad(known, even)
    weighted = np.pad(values, (*even, (0, 0))) * weights[..., None]
    shape = (weights.shape[0] // 2, 2, weights.shape[1] // 2, 2)
    total = weights.reshape(shape).sum(axis=(1, 3))
    sums = weighted.reshape(*shape, values.shape[2]).sum(axis=(1, 3))
    coarse = membrane(sums / np.maximum(total, 1e-6)[..., None], np.minimum(total, 1))
    around = _doubled(coarse, high, wide)
    spread: Floats = values * known[..., None] + around * (1 - known[..., None])
    return spread


def _doubled(coarse: Floats, high: int, wide: int) -> Floats:
    """Twice the size, each new value between its neighbours."""
    for axis, size in ((0, high), (1, wide)):
        before = np.concatenate(
            [coarse.take([0], axis), coarse.take(range(coarse.shape[axis] - 1), axis)], axis
        )
        after = np.concatenate(
            [coarse.take(range(1, coarse.shape[axis]), axis), coarse.take([-1], axis)], axis
        )
        pair = np.stack([0.75 * coarse + 0.25 * before, 0.75 * coarse + 0.25 * after], axis + 1)
        shape = list(coarse.shape)
        shape[axis] *= 2
        coarse = pair.reshape(shape).take(range(size), axis)
    return coarse.astype(np.float32)


def _holes(mask: Bytes) -> Iterator[npt.NDArray[np.bool_]]:
    """The connected parts of a mask, as long as they are few."""
    inside = mask > 0
    if not inside.any():
        return
    labelled = image(np.where(inside, 255, 0).astype(np.uint8)[..., None]).labelregions()
    data = np.frombuffer(labelled.cast("int").write_to_memory(), np.int32)
    labels = data.reshape(inside.shape)
    numbers = np.unique(labels[inside])
    if len(numbers) > _HOLES:
        yield inside
        return
    for number in numbers:
        yield labels == number


def _closed(pixels: Bytes, hole: npt.NDArray[np.bool_]) -> Bytes:
    box = masks.bounds(np.where(hole, 255, 0).astype(np.uint8))
    assert box is not None
    left, top, right, bottom = box
    rim = max(round(max(pixels.shape[:2]) / _SIDE * _RIM), 2)
    x, y = max(left - rim, 0), max(top - rim, 0)
    window = (
        slice(y, min(bottom + rim, pixels.shape[0])),
        slice(x, min(right + rim, pixels.shape[1])),
    )
    part, missing = pixels[window].astype(np.float32), hole[window]
    if missing.all():
        return pixels
    known = np.where(missing, 0, 1).astype(np.float32)
    filled = membrane(part * known[..., None], known)
    shift = _fitting(pixels, hole)
    if shift is not None:
        copied = _moved(pixels, window, shift)
        apart = np.clip(part - copied, -_REACH, _REACH)  # a thing cut by the rim must not shine
        filled = _textured(filled, copied + membrane(apart * known[..., None], known))
    filled = np.clip(filled, 0, 255).round()
    out = pixels.copy()
    out[window][missing] = filled[missing]
    return out


def _textured(plain: Floats, copied: Floats) -> Floats:
    """The copied part, but plain where it holds a thing of its own."""
    strange = np.abs(copied - plain).max(axis=2).clip(0, 255).astype(np.uint8)
    sigma = max(max(strange.shape) * 0.012, 0.8)
    soft = array(image(strange[..., None]).gaussblur(sigma))[..., 0].astype(np.float32)
    share = np.clip((_STRANGE - soft) / (_STRANGE / 2), 0, 1)[..., None]
    mixed: Floats = plain + (copied - plain) * share
    return mixed


def _moved(pixels: Bytes, window: tuple[slice, slice], shift: tuple[int, int]) -> Floats:
    """The window's size of pixels from elsewhere; beyond the edge the edge goes on."""
    down, across = shift
    rows = np.clip(np.arange(window[0].start, window[0].stop) + down, 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(window[1].start, window[1].stop) + across, 0, pixels.shape[1] - 1)
    moved: Floats = pixels[rows[:, None], columns[None, :]].astype(np.float32)
    return moved


def _fitting(pixels: Bytes, hole: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """How far down and across the part lies that fits best; None where none lies whole."""
    shrink = max(max(pixels.shape[:2]) / _SIDE, 1.0)
    if min(pixels.shape[:2]) / shrink < _SMALLEST:
        return None
    small = array(image(pixels).resize(1 / shrink, kernel="linear")).astype(np.float32)
    high, wide = small.shape[:2]
    inner = masks.resized(np.where(hole, 255, 0).astype(np.uint8), wide, high)
    outer = masks.widened(inner, _RIM / max(high, wide))
    rim_y, rim_x = np.nonzero((outer > 0) & (inner == 0))
    all_y, all_x = np.nonzero(outer > 0)
    if not inner.any() or not rim_y.size:
        return None
    known = np.where(inner, 0, 1).astype(np.float32)
    inside_y, inside_x = (axis[::3] for axis in np.nonzero(inner))
    plain = membrane(small * known[..., None], known)[inside_y, inside_x]
    wanted, best = small[rim_y, rim_x], (np.inf, 0, 0)
    step = max(round(max(high, wide) / 75), 1)
    for down in range(-int(all_y.min()), high - int(all_y.max()), step):
        for across in range(-int(all_x.min()), wide - int(all_x.max()), step):
            if inner[all_y[::3] + down, all_x[::3] + across].any():
                continue
            at_rim = np.abs(small[rim_y + down, rim_x + across] - wanted).max(axis=1)
            inside = np.abs(small[inside_y + down, inside_x + across] - plain).max(axis=1)
            off = _strangeness(at_rim) + _PLAINNESS * _strangeness(inside)
            off += 0.02 * (abs(down) * 1.5 + abs(across))  # what is near, and beside, fits better
            best = min(best, (off, down, across))
    if not np.isfinite(best[0]):
        return None
    return round(best[1] * shrink), round(best[2] * shrink)


def _strangeness(differences: Floats) -> float:
    """A few pixels of another thing are worse than many of another light."""
    worst = np.partition(differences, -1 - len(differences) // 20)[-1 - len(differences) // 20 :]
    return float(differences.mean() + 0.5 * worst.mean())
