"""Soft light as small grids of numbers: skies, glows, vignettes, fog - blown up once, at the end.

Large gradients drawn as vectors show bands, because 8 bits are too few for a dark sky. So soft
things are computed on a grid eight times smaller than the picture, in floating point, and blown up
with an ordered (Bayer) dither of less than one level: no bands, and a PNG still packs it well.
Above 2048 pixels the dither is done on pairs of pixels, which no eye resolves and costs a quarter.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyvips

from pisang.engines.sketch.paint.colour import rgb

Grid = npt.NDArray[np.float32]
_STEP = 8
_LARGE = 2048


def scale(width: int, height: int) -> int:
    """How many picture pixels one grid cell spans, each way."""
    return _STEP * 2 if max(width, height) > _LARGE else _STEP


def mesh(width: int, height: int) -> tuple[Grid, Grid]:
    """The x and y, in picture pixels, of every grid cell's centre: shapes (1, gw) and (gh, 1)."""
    step = scale(width, height)
    across = (np.arange(math.ceil(width / step), dtype=np.float32) + 0.5) * step
    down = (np.arange(math.ceil(height / step), dtype=np.float32) + 0.5) * step
    return across[None, :], down[:, None]


def ramp(share: Grid, stops: tuple[str, ...], at: tuple[float, ...] | None = None) -> Grid:
    """Colours along a gradient: ``share`` of any shape gives that shape + (3,), 0-255."""
    points = np.array(at if at else np.linspace(0, 1, max(len(stops), 2)), dtype=np.float32)
    table = np.array([rgb(stop) for stop in (stops if len(stops) > 1 else stops * 2)], np.float32)
    return np.stack(
        [np.interp(share, points, table[:, band]) for band in range(3)], axis=-1
    ).astype(np.float32)


def toward(base: Grid, colour: str, share: Grid) -> Grid:
    """Mixes a colour into a grid of colours by a grid of shares 0-1."""
    target = np.array(rgb(colour), np.float32)
    return (base + (target - base) * np.clip(share, 0, 1)[..., None]).astype(np.float32)


def screen(base: Grid, colour: str, share: Grid) -> Grid:
    """Adds light of a colour: what is bright stays below white."""
    light = np.array(rgb(colour), np.float32) * np.clip(share, 0, 1)[..., None]
    return (255 - (255 - base) * (255 - light) / 255).astype(np.float32)


def disc(across: Grid, down: Grid, *, centre: tuple[float, float], radius: float) -> Grid:
    """A soft ball of light: 1 in the centre, falling off as a Gaussian."""
    distance = (across - centre[0]) ** 2 + (down - centre[1]) ** 2
    return np.exp(-distance / (2 * (radius / 2) ** 2)).astype(np.float32)


def clouds(shape: tuple[int, int], rng: np.random.Generator, cells: float = 4.0) -> Grid:
    """Smooth noise 0-1 in four octaves; ``cells`` lumps fit along the longer side."""
    total = np.zeros(shape, np.float32)
    weight = 1.0
    for octave in range(4):
        size = cells * 2**octave / max(shape)
        total += weight * _lumps(shape, rng, size)
        weight /= 2
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def _lumps(shape: tuple[int, int], rng: np.random.Generator, size: float) -> Grid:
    rows, columns = (max(math.ceil(length * size), 1) + 2 for length in shape)
    seeds = rng.random((rows, columns), dtype=np.float32)

    def places(length: int) -> tuple[npt.NDArray[np.intp], Grid]:
        at = np.arange(length) * size
        whole = np.floor(at).astype(np.intp)
        part = (at - whole).astype(np.float32)
        return whole, part * part * (3 - 2 * part)

    (y, v), (x, u) = places(shape[0]), places(shape[1])
    top = seeds[y][:, x] * (1 - u) + seeds[y][:, x + 1] * u
    low = seeds[y + 1][:, x] * (1 - u) + seeds[y + 1][:, x + 1] * u
    return (top * (1 - v[:, None]) + low * v[:, None]).astype(np.float32)


@lru_cache(maxsize=1)
def _bayer() -> bytes:
    """A 16x16 threshold matrix of all values 0-255, as ushort."""
    matrix = np.zeros((1, 1), np.int64)
    for _ in range(4):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return matrix.astype(np.uint16).tobytes()


def image(grid: Grid, width: int, height: int) -> pyvips.Image:
    """Blows a grid (gh, gw, bands) of 0-255 up to ``width`` x ``height``, 8 bits, dithered."""
    rows, columns, bands = grid.shape
    fine = np.clip(grid * 256, 0, 255 * 256).astype(np.uint16)
    small = pyvips.Image.new_from_memory(fine.tobytes(), columns, rows, bands, "ushort")
    large = small.resize(_STEP, kernel="linear")
    tile = pyvips.Image.new_from_memory(_bayer(), 16, 16, 1, "ushort")
    noise = tile.replicate(math.ceil(large.width / 16), math.ceil(large.height / 16))
    summed = (large + noise.crop(0, 0, large.width, large.height)).cast("ushort")
    flat = (summed >> 8).cast("uchar")
    if scale(width, height) > _STEP:
        flat = flat.copy_memory().zoom(2, 2)
    flat = flat.crop(0, 0, width, height)
    return flat.copy(interpretation="srgb" if bands > 2 else "b-w").copy_memory()
