"""What a lens or a print does to the whole picture: vignette, grain, blur, glow, reflection."""

import numpy as np
import pyvips

from pisang.engines.sketch.layers import EffectLayer
from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.effects.air import away, veil
from pisang.engines.sketch.paint.effects.scatter import palette
from pisang.engines.sketch.paint.tones import soften


def vignette(easel: Easel, layer: EffectLayer) -> None:
    """Darkens the corners."""
    across, down = field.mesh(easel.width, easel.height)
    off = np.hypot((across / easel.width - 0.5) * 2, (down / easel.height - 0.5) * 2) / 1.414
    share = np.clip((off - 0.42) / 0.58, 0, 1) ** 1.7 * (0.25 + 0.75 * layer.effect.amount)
    veil(
        easel,
        palette(layer, ("#0a0d1c",))[0],
        (share * 0.85).astype(np.float32) * away(easel, layer),
    )


def shadow(easel: Easel, layer: EffectLayer) -> None:
    """A soft shade rising from the foot of the picture, as under a title."""
    _, down = field.mesh(easel.width, easel.height)
    across, _ = field.mesh(easel.width, easel.height)
    share = np.clip(down / easel.height - 0.45, 0, 1) ** 1.4 * (0.6 + layer.effect.amount)
    veil(
        easel,
        palette(layer, ("#0a0d1c",))[0],
        (np.clip(share, 0, 0.7) + across * 0).astype(np.float32) * away(easel, layer),
    )


def grain(easel: Easel, layer: EffectLayer) -> None:
    """Fine film grain, as strong as ``amount``, none on what must stay readable."""
    rng = np.random.default_rng(layer.seed)
    strength = 3 + 16 * layer.effect.amount
    tile = np.clip(rng.normal(0, strength, (256, 256, 1)), -60, 60).astype(np.int16)
    pixels = easel.pixels
    keep = field.image(away(easel, layer)[..., None] * 255, easel.width, easel.height)
    mask = np.frombuffer(keep.write_to_memory(), np.uint8).reshape(easel.height, easel.width, 1)
    for top in range(0, easel.height, 256):
        rows = slice(top, min(top + 256, easel.height))
        high = rows.stop - rows.start
        noise = np.tile(tile[:high], (1, easel.width // 256 + 1, 1))[:, : easel.width]
        noise = noise * (mask[rows] > 127)
        pixels[rows] = np.clip(pixels[rows].astype(np.int16) + noise, 0, 255)


def blur(easel: Easel, layer: EffectLayer) -> None:
    """Puts all that was painted so far out of focus; what comes later is sharp."""
    picture = easel.region(0, 0, easel.width, easel.height)
    easel.put(soften(picture, easel.unit * (0.003 + 0.02 * layer.effect.amount)), 0, 0)


def glow(easel: Easel, layer: EffectLayer) -> None:
    """Lets the bright parts bleed light into their surroundings."""
    picture = easel.region(0, 0, easel.width, easel.height)
    step = 8
    small = picture.resize(1 / step, kernel="linear")
    bright = ((small.cast("float") - 150) * 2.2).cast("uchar")
    bloom = bright.gaussblur(easel.unit * 0.022 / step)
    bloom = (bloom * (0.25 + 0.6 * layer.effect.amount)).cast("uchar")
    large = bloom.resize(
        easel.width / bloom.width, vscale=easel.height / bloom.height, kernel="linear"
    ).crop(0, 0, easel.width, easel.height)
    keep = field.image(away(easel, layer)[..., None] * 255, easel.width, easel.height)
    lit = (picture.cast("ushort") + large - (picture.cast("ushort") * large / 255)).cast("uchar")
    easel.put(keep.ifthenelse(lit, picture, blend=True), 0, 0)


def reflection(easel: Easel, layer: EffectLayer) -> None:
    """Mirrors what stands above the lowest quarter into it, fading, as in a wet floor."""
    area = layer.area
    line = int(area.y + area.height * 0.76)
    high = min(int(area.bottom), easel.height) - line
    if high < 2 or line < high:
        return
    left, width = int(max(area.x, 0)), int(min(area.width, easel.width))
    mirrored = easel.region(left, line - high, width, high).flipver()
    below = easel.region(left, line, width, high)
    mirrored = soften(mirrored, easel.unit * 0.0022)
    fade = pyvips.Image.xyz(width, high)[1].cast("float")
    alpha = (1 - fade / high) * 255 * (0.2 + 0.5 * layer.effect.amount)
    keep = field.image(away(easel, layer)[..., None] * 255, easel.width, easel.height)
    alpha = alpha * keep.crop(left, line, width, high) / 255
    easel.put(alpha.cast("uchar").ifthenelse(mirrored, below, blend=True), left, line)
