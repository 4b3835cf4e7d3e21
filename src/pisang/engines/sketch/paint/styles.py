"""The hand a picture is drawn by, as a last pass over the finished pixels."""

import math
from collections.abc import Callable

import numpy as np
import pyvips

from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.easel import Bytes, array, image
from pisang.engines.sketch.paint.effects.lens import soften
from pisang.engines.sketch.scene import Style


def apply(pixels: Bytes, style: Style, *, seed: int, unit: float) -> Bytes:
    """The picture in that style; FLAT and MINIMAL leave it as it is."""
    change = _STYLES.get(style)
    return array(change(image(pixels), seed, unit)) if change else pixels


def _recomb(picture: pyvips.Image, matrix: list[list[float]]) -> pyvips.Image:
    return picture.recomb(pyvips.Image.new_from_array(matrix)).cast("uchar")


def grey(picture: pyvips.Image) -> pyvips.Image:
    """Three equal bands of luma."""
    row = [0.299, 0.587, 0.114]
    return _recomb(picture, [row, row, row]).copy(interpretation="srgb")


def saturated(picture: pyvips.Image, factor: float) -> pyvips.Image:
    """Colours moved away from (factor above 1) or toward their grey."""
    luma, rest = (0.299, 0.587, 0.114), 1 - factor
    rows = [[rest * luma[c] + (factor if c == r else 0.0) for c in range(3)] for r in range(3)]
    return _recomb(picture, rows).copy(interpretation="srgb")


def noise(
    width: int, height: int, seed: int, *, cells: float, low: float, high: float
) -> pyvips.Image:
    """Smooth noise of one band, as a float image between ``low`` and ``high``."""
    across, down = field.mesh(width, height)
    rng = np.random.default_rng(seed)
    grid = field.clouds((down.shape[0], across.shape[1]), rng, cells=cells)
    made = field.image(grid[..., None] * 255, width, height)
    return made * ((high - low) / 255) + low


def tooth(width: int, height: int, seed: int, *, size: int, strength: float) -> pyvips.Image:
    """The grain of paper around 0: a tile of noise, softened, repeated."""
    rng = np.random.default_rng(seed)
    side = 256
    tile = image(rng.integers(0, 256, (side, side, 1), dtype=np.uint8))
    tile = tile.replicate(3, 3).gaussblur(max(size, 1) * 0.8).crop(side, side, side, side)
    tile = (tile.cast("float") - 127.5) * (strength / 10)
    wide, high = math.ceil(width / side), math.ceil(height / side)
    return tile.copy_memory().replicate(wide, high).crop(0, 0, width, height)


def _watercolour(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    """Washes: edges wander and darken, colour pools, the paper shows through."""
    width, height = picture.width, picture.height
    shake = unit * 0.006
    dx = noise(width, height, seed, cells=34, low=-shake, high=shake)
    dy = noise(width, height, seed + 1, cells=34, low=-shake, high=shake)
    grid = pyvips.Image.xyz(width, height)
    where = grid + dx.bandjoin(dy)
    moved = (
        picture.median(3).mapim(where, extend="copy")
        if unit < 900
        else picture.mapim(where, extend="copy")
    )
    soft = soften(moved, unit * 0.0035)
    wet = soften(moved, unit * 0.016)
    edge = (wet.cast("float") - soft).abs().bandmean() * 0.55  # pigment gathers at edges
    pool = noise(width, height, seed + 2, cells=7, low=-15, high=17)
    paper = tooth(width, height, seed, size=max(round(unit / 700), 1), strength=1.7)
    wash = saturated(soft, 0.92).cast("float") * 0.80 + 255 * 0.20
    return (wash - edge + pool + paper).cast("uchar").copy(interpretation="srgb")


def _pencil(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    """Graphite: dark where brightness changes, hatched shade, on warm paper."""
    plain = grey(picture)[0]
    blurred = soften(255 - plain, unit * 0.006)
    dodge = (plain.cast("float") * 255 / (255 - blurred.cast("float") + 1)).cast("uchar")
    width, height = picture.width, picture.height
    grid = pyvips.Image.xyz(width, height)
    period = unit * 0.008
    wobble = noise(width, height, seed, cells=26, low=-1.4, high=1.4)
    hatch = ((grid[0] + grid[1] * 0.8) * (360 / period) + wobble * 57).sin() * 0.5 + 0.5
    depth = (215 - plain.cast("float")) / 215
    depth = (depth > 0).ifthenelse(depth, 0)
    paper = tooth(width, height, seed, size=1, strength=3.0)
    tone = dodge.cast("float") * 0.96 - depth * (28 + 74 * hatch) + paper
    tint = tone.bandjoin([tone * 0.99, tone * 0.965])
    return tint.cast("uchar").copy(interpretation="srgb")


def _vintage(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    """A faded print: lifted blacks, amber lights, dim corners, grain."""
    warm = _recomb(
        saturated(picture, 0.72), [[0.96, 0.08, 0.0], [0.03, 0.90, 0.02], [0.02, 0.10, 0.68]]
    )
    faded = warm.cast("float") * [0.84, 0.82, 0.80] + [30, 25, 24]
    width, height = picture.width, picture.height
    across, down = field.mesh(width, height)
    off = np.hypot((across / width - 0.5) * 2, (down / height - 0.5) * 2) / 1.414
    dim = field.image(
        ((1 - 0.38 * np.clip(off - 0.35, 0, 1) ** 1.5) * 255)[..., None], width, height
    )
    grains = tooth(width, height, seed, size=1, strength=5.0)
    return (faded * (dim / 255) + grains).cast("uchar").copy(interpretation="srgb")


def _neon(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    """Night and tubes of light: darkened, colours pushed, their glow added."""
    strong = saturated(picture, 1.5)
    dark = strong.cast("float") * 0.62
    step = 8
    small = strong.resize(1 / step, kernel="linear").cast("float")
    bloom = soften(((small - 120) * 1.5).cast("uchar"), unit * 0.02 / step)
    large = bloom.resize(
        picture.width / bloom.width, vscale=picture.height / bloom.height, kernel="linear"
    ).crop(0, 0, picture.width, picture.height)
    return (dark + large * 0.75 + [4, 0, 14]).cast("uchar").copy(interpretation="srgb")


def _pixel(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    """Big square pixels of few tones."""
    block = max(round(unit / 110), 2)
    wide, high = math.ceil(picture.width / block), math.ceil(picture.height / block)
    small = picture.resize(wide / picture.width, vscale=high / picture.height, kernel="linear")
    steps = ((small.cast("float") / 255 * 11).rint() * (255 / 11)).cast("uchar")
    return steps.copy_memory().zoom(block, block).crop(0, 0, picture.width, picture.height)


def _pastel(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    """Milky colours with a little chalk."""
    milk = saturated(picture, 0.82).cast("float") * 0.62 + [100, 97, 99]
    chalk = tooth(picture.width, picture.height, seed, size=1, strength=2.0)
    return (milk + chalk).cast("uchar").copy(interpretation="srgb")


def _monochrome(picture: pyvips.Image, seed: int, unit: float) -> pyvips.Image:
    return grey(picture)


_STYLES: dict[Style, Callable[[pyvips.Image, int, float], pyvips.Image]] = {
    Style.WATERCOLOUR: _watercolour,
    Style.PENCIL: _pencil,
    Style.VINTAGE: _vintage,
    Style.NEON: _neon,
    Style.PIXEL: _pixel,
    Style.PASTEL: _pastel,
    Style.MONOCHROME: _monochrome,
}
