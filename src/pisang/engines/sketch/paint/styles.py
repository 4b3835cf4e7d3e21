"""The hand a picture is drawn by, as a last pass over the finished pixels.

Passes are cheap and keep words readable: nothing wanders further than a stroke is wide. Very large
pictures are painted at half size where the style is soft anyway.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyvips

from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.laying import Bytes, array, image
from pisang.engines.sketch.paint.tones import grey, recomb, saturated, soften
from pisang.engines.sketch.vocabulary import Style

_HALF_ABOVE = 2600  # pixels of the long side


@dataclass(frozen=True, slots=True)
class Hand:
    """The seed of its irregularities, and the picture's unit in pixels."""

    seed: int
    unit: float


def apply(pixels: Bytes, style: Style, *, seed: int, unit: float) -> Bytes:
    """The picture in that style; FLAT and MINIMAL leave it as it is."""
    change = _STYLES.get(style)
    if change is None:
        return pixels
    picture = image(pixels)
    if style in _SOFT and max(picture.width, picture.height) > _HALF_ABOVE:
        small = change(picture.resize(0.5, kernel="linear").copy_memory(), Hand(seed, unit / 2))
        large = small.resize(
            picture.width / small.width, vscale=picture.height / small.height, kernel="cubic"
        )
        return array(large.crop(0, 0, picture.width, picture.height))
    return array(change(picture, Hand(seed, unit)))


def _done(picture: pyvips.Image) -> pyvips.Image:
    return picture.cast("uchar").copy(interpretation="srgb")


def _noise(like: pyvips.Image, seed: int, *, cells: float, low: float, high: float) -> pyvips.Image:
    """Smooth noise of one band, as a float image between ``low`` and ``high``."""
    across, down = field.mesh(like.width, like.height)
    rng = np.random.default_rng(seed)
    grid = field.clouds((down.shape[0], across.shape[1]), rng, cells=cells)
    made = field.image(grid[..., None] * 255, like.width, like.height)
    return made * ((high - low) / 255) + low


def _tooth(like: pyvips.Image, hand: Hand, strength: float) -> pyvips.Image:
    """The grain of paper around 0: a tile of noise, softened, repeated."""
    rng, side = np.random.default_rng(hand.seed), 256
    size = max(round(hand.unit / 900), 1)
    tile = image(rng.integers(0, 256, (side, side, 1), dtype=np.uint8))
    tile = tile.replicate(3, 3).gaussblur(size * 0.8).crop(side, side, side, side)
    tile = (tile.cast("float") - 127.5) * (strength * size / 10)
    wide, high = math.ceil(like.width / side), math.ceil(like.height / side)
    return tile.copy_memory().replicate(wide, high).crop(0, 0, like.width, like.height)


def _watercolour(picture: pyvips.Image, hand: Hand) -> pyvips.Image:
    """Washes: edges wander and gather pigment, colour pools, the paper shows through."""
    width, height, unit = picture.width, picture.height, hand.unit
    shake = unit * 0.0042
    dx = _noise(picture, hand.seed, cells=38, low=-shake, high=shake)
    dy = _noise(picture, hand.seed + 1, cells=38, low=-shake, high=shake)
    grid = pyvips.Image.xyz(width, height)
    x, y = grid[0] + dx, grid[1] + dy
    x = (x < 1).ifthenelse(1, (x > width - 3).ifthenelse(width - 3, x))
    y = (y < 1).ifthenelse(1, (y > height - 3).ifthenelse(height - 3, y))
    moved = picture.mapim(x.bandjoin(y)).cast("uchar").copy_memory()
    soft = soften(moved, unit * 0.0016).copy_memory()
    wet = soften(moved, unit * 0.014).copy_memory()
    edge = (wet.cast("float") - soft).abs().bandmean() * 0.42
    pool = _noise(picture, hand.seed + 2, cells=7, low=-17, high=17)
    bleed = _noise(picture, hand.seed + 3, cells=16, low=0.0, high=0.5)
    wash = soft + (wet.cast("float") - soft) * bleed
    wash = saturated(wash.cast("uchar"), 1.02).cast("float") * 0.80 + [52, 51, 48]
    return _done(wash - edge + pool + _tooth(picture, hand, 1.5))


def _pencil(picture: pyvips.Image, hand: Hand) -> pyvips.Image:
    """Graphite: lines where brightness changes, hatched shade, on warm paper."""
    unit = hand.unit
    plain = grey(picture)[0].copy_memory()
    blurred = soften(plain.invert(), unit * 0.007)
    line = (plain.cast("float") * 255 / (255 - blurred.cast("float") + 1)).cast("uchar")
    edges = soften(plain, unit * 0.0012).sobel().cast("float")
    grid = pyvips.Image.xyz(picture.width, picture.height)
    wobble = _noise(picture, hand.seed, cells=26, low=-70, high=70)
    hatch = ((grid[0] + grid[1] * 0.8) * (360 / (unit * 0.0085)) + wobble).sin() * 0.5 + 0.5
    depth = 1 - plain.cast("float") / 255
    shade = depth**1.3 * (34 + 92 * hatch)
    tone = line.cast("float") * 0.30 + 172 - edges * 0.8 - shade
    tone = tone + _tooth(picture, hand, 1.3)
    return _done(tone.bandjoin([tone * 0.992, tone * 0.968]))


def _vintage(picture: pyvips.Image, hand: Hand) -> pyvips.Image:
    """A faded print: lifted blacks, amber lights, dim corners, grain."""
    warm = recomb(
        saturated(picture, 0.74), [[0.96, 0.08, 0.0], [0.03, 0.90, 0.02], [0.02, 0.10, 0.70]]
    )
    faded = warm.cast("float") * [0.84, 0.82, 0.80] + [32, 26, 24]
    width, height = picture.width, picture.height
    across, down = field.mesh(width, height)
    off = np.hypot((across / width - 0.5) * 2, (down / height - 0.5) * 2) / 1.414
    share = (1 - 0.42 * np.clip(off - 0.35, 0, 1) ** 1.5) * 255
    dim = field.image(share[..., None].astype(np.float32), width, height)
    return _done(faded * (dim / 255) + _tooth(picture, hand, 1.4))


def _neon(picture: pyvips.Image, hand: Hand) -> pyvips.Image:
    """Night and tubes of light: outlines glow in the colour of what they enclose."""
    strong = saturated(picture, 1.35).copy_memory()
    peak = strong[0].bandrank([strong[1], strong[2]], index=2).cast("float")
    dark = strong.cast("float") * (peak / 255 * 0.5 + 0.08) * [0.86, 0.74, 1.0] + [8, 2, 24]
    light = _tubes(strong, peak, hand.unit)
    return _done(dark + light)


def _tubes(strong: pyvips.Image, peak: pyvips.Image, unit: float) -> pyvips.Image:
    """The light of the outlines and its bloom; on a large picture made at half its size."""
    width, height = strong.width, strong.height
    if max(width, height) > _HALF_ABOVE:
        strong, peak, unit = strong.shrink(2, 2), peak.shrink(2, 2), unit / 2
    rim = soften(strong, unit * 0.0016).sobel()
    tube = ((rim[0].bandrank([rim[1], rim[2]], index=2).cast("float") - 22) * 3.2).cast("uchar")
    pure = (strong.cast("float") * (255 / (peak + 8)) * 0.92 + 20).cast("uchar")
    light = (pure.cast("float") * (tube / 255)).cast("uchar").copy_memory()
    step = 8
    small = light.resize(1 / step, kernel="linear")
    bloom = soften((small.cast("float") * 1.7).cast("uchar"), unit * 0.016 / step)
    both = (
        light.cast("ushort") + _stretched(bloom, light.width, light.height).cast("ushort") * 3 / 4
    )
    return _stretched(both.cast("uchar").copy_memory(), width, height)


def _stretched(small: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """A picture blown up to a size, smoothly."""
    if (small.width, small.height) == (width, height):
        return small
    large = small.resize(width / small.width, vscale=height / small.height, kernel="linear")
    return large.crop(0, 0, width, height)


def _pixel(picture: pyvips.Image, hand: Hand) -> pyvips.Image:
    """Big square pixels of few tones."""
    block = max(round(hand.unit / 128), 2)
    wide, high = math.ceil(picture.width / block), math.ceil(picture.height / block)
    half = picture.resize(2 * wide / picture.width, vscale=2 * high / picture.height)
    small = half.subsample(2, 2)  # one of four, unmixed: pixel art has hard edges
    steps = ((small.cast("float") / 255 * 15).rint() * (255 / 15)).cast("uchar")
    return _done(steps.copy_memory().zoom(block, block).crop(0, 0, picture.width, picture.height))


def _pastel(picture: pyvips.Image, hand: Hand) -> pyvips.Image:
    """Milky colours with a little chalk."""
    milk = saturated(picture, 0.86).cast("float") * 0.62 + [100, 97, 99]
    return _done(milk + _tooth(picture, hand, 0.7))


def _monochrome(picture: pyvips.Image, _: Hand) -> pyvips.Image:
    return grey(picture)


_SOFT = frozenset({Style.WATERCOLOUR, Style.PENCIL})
_STYLES: dict[Style, Callable[[pyvips.Image, Hand], pyvips.Image]] = {
    Style.WATERCOLOUR: _watercolour,
    Style.PENCIL: _pencil,
    Style.VINTAGE: _vintage,
    Style.NEON: _neon,
    Style.PIXEL: _pixel,
    Style.PASTEL: _pastel,
    Style.MONOCHROME: _monochrome,
}
