"""Soft light as small grids of numbers: skies, glows, vignettes, fog - blown up once, at the end.

Large gradients drawn as vectors show bands, because 8 bits are too few for a dark sky. So soft
things are computed on a grid eight times smaller than the picture, in floating point, and blown up
with an ordered (Bayer) dither of less than one level: no bands, and a PNG still packs it well.
Above 2048 pixels the dither is done on pairs of pixels, which no eye resolves and costs a quarter.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from pisang.engines.sketch.paint import laying
from pisang.engines.sketch.paint.colour import rgb

Grid = npt.NDArray[np.float32]
Wide = npt.NDArray[np.floating[Any]]  # what arithmetic on a grid may give
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


def ramp(share: Wide, stops: tuple[str, ...], at: tuple[float, ...] | None = None) -> Grid:
    """Colours along a gradient: ``share`` of any shape gives that shape + (3,), 0-255."""
    points = np.array(at if at else np.linspace(0, 1, max(len(stops), 2)), dtype=np.float32)
    table = np.array([rgb(stop) for stop in (stops if len(stops) > 1 else stops * 2)], np.float32)
    bands = [np.interp(share, points, table[:, band]) for band in range(3)]
    return np.stack(bands, axis=-1).astype(np.float32)


def toward(base: Grid, colour: str, share: Wide) -> Grid:
    """Mixes a colour into a grid of colours by a grid of shares 0-1."""
    target = np.array(rgb(colour), np.float32)
    return (base + (target - base) * np.clip(share, 0, 1)[..., None]).astype(np.float32)


def screen(base: Grid, colour: str, share: Wide) -> Grid:
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
def _bayer() -> npt.NDArray[np.int32]:
    """A 16x16 threshold matrix of all values 0-255."""
    matrix = np.zeros((1, 1), np.int32)
    for _ in range(4):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return matrix


def pixels(grid: Grid, width: int, height: int) -> npt.NDArray[np.uint8]:
    """Blows a grid (gh, gw, bands) of 0-255 up to ``width`` x ``height``, 8 bits, dithered.

    Sideways by libvips, downwards here: eight output rows lie between two grid rows, so each of
    the eight is one sum over whole arrays, three times as fast as a two-way resize.
    """
    rows, columns, bands = grid.shape
    fine = np.clip(grid * 256, 0, 255 * 256).astype(np.uint16)
    small = pyvips.Image.new_from_memory(fine.tobytes(), columns, rows, bands, "ushort")
    wide = small.resize(_STEP, vscale=1, kernel="linear")
    lines = np.frombuffer(wide.write_to_memory(), np.uint16).reshape(rows, -1).astype(np.int32)
    flat = _downwards(lines, bands).reshape(rows * _STEP, columns * _STEP, bands)
    if scale(width, height) == _STEP:
        return np.ascontiguousarray(flat[:height, :width])
    made = np.empty((height, width, bands), np.uint8)
    for top in range(0, height, 512):
        part = laying.image(flat[top // 2 : top // 2 + 256]).zoom(2, 2)
        made[top : top + 512] = laying.array(part)[: height - top, :width]
    return made


def image(grid: Grid, width: int, height: int) -> pyvips.Image:
    """The same as a libvips image."""
    return laying.image(pixels(grid, width, height))


def _downwards(lines: npt.NDArray[np.int32], bands: int) -> npt.NDArray[np.uint8]:
    """Interpolates between rows of 8.8 fixed point and dithers to 8 bits."""
    count, length = lines.shape
    repeats = math.ceil(length / bands / 16)
    noise = np.repeat(np.tile(_bayer(), (1, repeats)), bands, axis=1)[:, :length]
    padded = np.vstack([lines[:1], lines, lines[-1:]])
    flat = np.empty((count * _STEP, length), np.uint8)
    for row in range(_STEP):
        off = (row + 0.5) / _STEP - 0.5
        first, second = (padded[:-2], lines) if off < 0 else (lines, padded[2:])
        value = first + ((second - first) * round((off % 1) * 256) >> 8)
        value[0::2] += noise[row]
        value[1::2] += noise[row + _STEP]
        flat[row::_STEP] = value >> 8
    return flat


def enlarged(small: npt.NDArray[np.uint8], step: int) -> npt.NDArray[np.uint8]:
    """Blows one band (rows, columns) up ``step`` times each way, without dither.

    For soft masks: each of the ``step`` output rows between two rows is one sum over whole arrays.
    """
    height, width = small.shape
    padded = np.pad(small, 1, mode="edge").astype(np.int16)
    wide = np.empty((height + 2, width * step), np.int16)
    high = np.empty((height * step, width * step), np.uint8)
    for out, source in ((wide.T, padded.T), (high, wide)):
        for k in range(step):
            off = (k + 0.5) / step - 0.5
            first = source[:-2] if off < 0 else source[1:-1]
            second = source[1:-1] if off < 0 else source[2:]
            out[k::step] = first + ((second - first) * round((off % 1) * 128) >> 7)
    return high
