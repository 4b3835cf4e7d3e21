"""Edits of a supplied picture, one function each: crop, turn, colour, mood.

Each takes and gives an 8-bit sRGB image of 3 or 4 bands. Amounts are relative, so that an edit
looks the same on a thumbnail and on the original. What an amount means stands at ``scene.Change``.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pyvips

from pisang.engines.sketch.paint import inks
from pisang.engines.sketch.paint.colour import mix, rgb, shade
from pisang.engines.sketch.paint.cutout import subject_mask
from pisang.engines.sketch.paint.laying import array, image
from pisang.engines.sketch.paint.tones import curve, grey, recomb, saturated, soften
from pisang.engines.sketch.scene import PixelEdit
from pisang.engines.sketch.vocabulary import Change, Slot

_SHARES: dict[Slot, tuple[float, float]] = {
    Slot.TOP_LEFT: (0.0, 0.0),
    Slot.TOP: (0.5, 0.0),
    Slot.TOP_RIGHT: (1.0, 0.0),
    Slot.LEFT: (0.0, 0.5),
    Slot.CENTRE: (0.5, 0.5),
    Slot.RIGHT: (1.0, 0.5),
    Slot.BOTTOM_LEFT: (0.0, 1.0),
    Slot.BOTTOM: (0.5, 1.0),
    Slot.BOTTOM_RIGHT: (1.0, 1.0),
}


def apply(picture: pyvips.Image, edits: Sequence[PixelEdit]) -> pyvips.Image:
    """The picture after all edits, in order."""
    for edit in edits:
        picture = (
            _GEOMETRY[edit.change](picture, edit)
            if edit.change in _GEOMETRY
            else (_toned(picture, edit))
        )
    return picture


def _toned(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """A colour edit, with the transparency carried past it."""
    if edit.change is Change.BACKGROUND:
        return _background(picture, edit)
    changed = _TONES[edit.change](picture[0:3], edit)
    return changed.bandjoin(picture[3]) if picture.bands == 4 else changed


def _amount(edit: PixelEdit, default: float, low: float = 0.0, high: float = 1.0) -> float:
    value = default if edit.amount is None else edit.amount
    return min(max(value, low), high)


def _crop(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    share = _amount(edit, 0.7, 0.05)
    across, down = _SHARES[edit.slot or Slot.CENTRE]
    width, height = (max(round(side * share), 1) for side in (picture.width, picture.height))
    return picture.crop(
        round((picture.width - width) * across),
        round((picture.height - height) * down),
        width,
        height,
    )


def _rotate(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """Quarter turns are exact; other angles are cut to the largest upright part without corners."""
    angle = (edit.amount if edit.amount is not None else 90.0) % 360
    if angle % 90 == 0:
        return picture.rot(f"d{int(angle)}") if angle else picture
    turned = picture.similarity(angle=angle, background=[255, 255, 255, 0][: picture.bands])
    if picture.bands == 4:
        return turned
    width, height = _inner(picture.width, picture.height, math.radians(angle))
    left, top = (turned.width - width) // 2, (turned.height - height) // 2
    return turned.crop(left, top, width, height)


def _inner(width: int, height: int, angle: float) -> tuple[int, int]:
    """The largest upright rectangle of any shape inside a turned one, a pixel inside its edge."""
    sin, cos = abs(math.sin(angle)), abs(math.cos(angle))
    long, short = max(width, height), min(width, height)
    if short <= 2 * sin * cos * long or abs(sin - cos) < 1e-9:
        half = 0.5 * short
        wide, high = (half / sin, half / cos) if width >= height else (half / cos, half / sin)
    else:
        double = cos * cos - sin * sin
        wide = (width * cos - height * sin) / double
        high = (height * cos - width * sin) / double
    return max(int(wide) - 2, 1), max(int(high) - 2, 1)


_GEOMETRY: dict[Change, Callable[[pyvips.Image, PixelEdit], pyvips.Image]] = {
    Change.CROP: _crop,
    Change.ROTATE: _rotate,
    Change.FLIP: lambda picture, _: picture.fliphor(),
    Change.FLIP_VERTICAL: lambda picture, _: picture.flipver(),
}


def _blur(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    side = min(picture.width, picture.height)
    return soften(picture, side * (0.002 + 0.028 * _amount(edit, 0.5)))


def _sharpen(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    radius = max(min(picture.width, picture.height) * 0.0016, 0.7)
    soft = picture.gaussblur(radius).cast("float")
    gain = 0.5 + 1.6 * _amount(edit, 0.5)
    return (picture + (picture - soft) * gain).cast("uchar").copy(interpretation="srgb")


def _sepia(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    del edit
    return recomb(picture, [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


def _brightness(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """A gamma curve: black stays black, white stays white."""
    power = 2.0 ** (-1.3 * _amount(edit, 0.3, -1.0))
    return curve(picture, lambda value: value**power)


def _contrast(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    amount = _amount(edit, 0.3, -1.0)
    factor = 1 + amount * (1.2 if amount > 0 else 0.75)
    return curve(picture, lambda value: 0.5 + (value - 0.5) * factor)


def _saturation(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    amount = _amount(edit, 0.4, -1.0)
    return saturated(picture, 1 + amount * (1.3 if amount > 0 else 1.0))


def _warmth(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    amount = _amount(edit, 0.4, -1.0)
    return recomb(
        picture,
        [[1 + 0.16 * amount, 0, 0], [0, 1 + 0.03 * amount, 0], [0, 0, 1 - 0.22 * amount]],
    )


def _recolour(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """Turns the hue that rules the middle of the picture (or its subject) to the ink's."""
    target = inks.main(edit.ink, "#e23b3b")
    lch = picture.colourspace("lch")
    goal = pyvips.Image.new_from_array([[0]]).new_from_image(list(rgb(target)))
    goal = goal.cast("uchar").copy(interpretation="srgb").colourspace("lch")
    goal_light, goal_chroma, goal_hue = goal(0, 0)
    ruling = _ruling_hue(picture, besides=goal_hue if goal_chroma > 12 else None)
    if ruling is None:
        return _tint(picture, edit)
    hue, chroma = ruling
    apart = ((lch[2] - hue + 540) % 360 - 180).abs()
    reach = (38 - apart) / 14  # 1 up to 24 degrees away, 0 from 38
    vivid = (lch[1] - 7) / 9
    reach = (reach > 1).ifthenelse(1, (reach < 0).ifthenelse(0, reach))
    vivid = (vivid > 1).ifthenelse(1, (vivid < 0).ifthenelse(0, vivid))
    mask = reach * vivid
    lift = (goal_light - 55) * 0.35
    light = lch[0] + lift * (lch[1] / (chroma + 1) > 1).ifthenelse(1, lch[1] / (chroma + 1))
    scale = min(max(goal_chroma / max(chroma, 1), 0.0), 2.2)
    turned = light.bandjoin([lch[1] * scale, lch[2] * 0 + goal_hue])
    turned = turned.copy(interpretation="lch").colourspace("srgb").cast("float")
    return (picture + (turned - picture) * mask).cast("uchar").copy(interpretation="srgb")


def _ruling_hue(picture: pyvips.Image, *, besides: float | None) -> tuple[float, float] | None:
    """The strongest hue (degrees) near the middle, and its mean chroma.

    What has the wished hue already (``besides``) is not what should be changed: in "make the car
    blue" the sky is not meant.
    """
    small = picture.thumbnail_image(160, height=160, size="force")
    mask = subject_mask(small)
    lch = np.frombuffer(
        small.colourspace("lch").cast("float").write_to_memory(), np.float32
    ).reshape(160, 160, 3)
    off = np.linspace(-1, 1, 160)
    weight = np.exp(-(off[:, None] ** 2 + off[None, :] ** 2) * 1.3)
    if mask is not None:
        weight = weight * (array(mask)[..., 0] / 255)
    weight = weight * np.clip(lch[..., 1] - 12, 0, 60) ** 2 / 30
    if besides is not None:
        weight = weight * (np.abs((lch[..., 2] - besides + 540) % 360 - 180) > 40)
    if float(weight.sum()) < 160 * 160 * 0.15:
        return None
    counts, _ = np.histogram(lch[..., 2], bins=36, range=(0, 360), weights=weight)
    smooth = counts + 0.7 * (np.roll(counts, 1) + np.roll(counts, -1))
    hue = float(np.argmax(smooth) * 10 + 5)
    near = np.abs((lch[..., 2] - hue + 540) % 360 - 180) < 30
    chroma = float((lch[..., 1] * weight * near).sum() / max(float((weight * near).sum()), 1e-6))
    return hue, chroma


def _tint(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """Shadows to highlights through the ink's colour."""
    colour = inks.main(edit.ink, "#d98a3c")
    return _through(
        picture,
        (shade(colour, -0.5), colour, mix(colour, "#ffffff", 0.85)),
        share=_amount(edit, 0.65),
    )


def _through(picture: pyvips.Image, stops: tuple[str, ...], *, share: float) -> pyvips.Image:
    """Maps luma onto a ramp of colours and mixes that with the picture."""
    levels = np.linspace(0, 1, 256)
    points = np.linspace(0, 1, len(stops))
    table = np.stack(
        [np.interp(levels, points, [rgb(stop)[band] for stop in stops]) for band in range(3)], -1
    )
    lut = image(np.rint(table).astype(np.uint8).reshape(1, 256, 3))
    toned = grey(picture)[0].maplut(lut)
    return (picture * (1 - share) + toned * share).cast("uchar").copy(interpretation="srgb")


def _night(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """Dark and blue; the brightest spots stay lit, as windows and lamps would."""
    strength = _amount(edit, 0.8)
    dark = recomb(
        saturated(picture, 0.6), [[0.30, 0.06, 0.04], [0.06, 0.36, 0.08], [0.10, 0.16, 0.52]]
    )
    dark = (dark.cast("float") * 0.92 + [4, 8, 26]).cast("uchar")
    lamps = curve(grey(picture)[0], lambda value: max(value - 0.9, 0) * 4)
    kept = lamps.cast("float") / 255
    mixed = dark + (picture - dark) * kept
    return (picture * (1 - strength) + mixed * strength).cast("uchar").copy(interpretation="srgb")


def _sunset(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """A violet-to-amber light from top to bottom, multiplied in."""
    strength = _amount(edit, 0.8)
    stops = np.array([rgb("#b48ad0"), rgb("#ff9a8a"), rgb("#ffc27a"), rgb("#ffb46a")], np.float32)
    rows = np.linspace(0, 1, picture.height)
    points = np.linspace(0, 1, len(stops))
    column = np.stack([np.interp(rows, points, stops[:, band]) for band in range(3)], -1)
    light = image(np.rint(column).astype(np.uint8)[:, None, :])
    light = light.resize(picture.width, vscale=1, kernel="nearest")
    warm = picture.cast("float") * light / 255 * 1.12 + [14, 2, 0]
    return (picture * (1 - strength) + warm * strength).cast("uchar").copy(interpretation="srgb")


def _pixelate(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    side = max(picture.width, picture.height)
    block = max(round(side * (0.004 + 0.036 * _amount(edit, 0.4))), 2)
    wide, high = math.ceil(picture.width / block), math.ceil(picture.height / block)
    small = picture.resize(wide / picture.width, vscale=high / picture.height, kernel="linear")
    return small.copy_memory().zoom(block, block).crop(0, 0, picture.width, picture.height)


def _posterise(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    steps = round(8 - 5 * _amount(edit, 0.6))
    return curve(picture, lambda value: round(value * steps) / steps)


def _vignette(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    strength = _amount(edit, 0.5)
    grid = pyvips.Image.xyz(picture.width, picture.height).cast("float")
    u, v = grid[0] / picture.width * 2 - 1, grid[1] / picture.height * 2 - 1
    off = ((u * u + v * v) / 2) ** 0.5
    dim = (off - 0.4) / 0.6
    dim = (dim > 0).ifthenelse(dim, 0) ** 1.6 * (0.2 + 0.6 * strength)
    return (picture * (1 - dim)).cast("uchar").copy(interpretation="srgb")


def _background(picture: pyvips.Image, edit: PixelEdit) -> pyvips.Image:
    """Another ground behind the subject: the ink, or the old one out of focus.

    Where the old ground is busy, no cut would be clean: then the middle is kept and the rest
    washed with the ink (or blurred), without a hard edge.
    """
    mask = subject_mask(picture)
    if mask is None:
        mask = _middle(picture)
    plain = picture[0:3]
    if edit.ink is not None and edit.ink.colours:
        behind = _poured(plain, inks.colours(edit.ink))
    else:
        side = min(plain.width, plain.height)
        behind = soften(plain, side * (0.01 + 0.05 * _amount(edit, 0.5)))
    return mask.ifthenelse(plain, behind, blend=True).copy(interpretation="srgb")


def _middle(picture: pyvips.Image) -> pyvips.Image:
    grid = pyvips.Image.xyz(picture.width, picture.height).cast("float")
    u = (grid[0] / picture.width * 2 - 1) / 0.78
    v = (grid[1] / picture.height * 2 - 1.08) / 0.9
    soft = (1.25 - (u * u + v * v) ** 0.5) * 2.4
    return ((soft > 0).ifthenelse(soft, 0) * 255).cast("uchar")


def _poured(like: pyvips.Image, colours: tuple[str, ...]) -> pyvips.Image:
    """One colour, or a gradient from top to bottom, of the picture's size."""
    stops = np.array([rgb(colour) for colour in colours], np.float32)
    points = np.linspace(0, 1, len(stops)) if len(stops) > 1 else np.array([0.0])
    rows = np.linspace(0, 1, like.height)
    column = np.stack([np.interp(rows, points, stops[:, band]) for band in range(3)], -1)
    strip = image(np.rint(column).astype(np.uint8)[:, None, :])
    return strip.resize(like.width, vscale=1, kernel="nearest")


_TONES: dict[Change, Callable[[pyvips.Image, PixelEdit], pyvips.Image]] = {
    Change.BLUR: _blur,
    Change.SHARPEN: _sharpen,
    Change.GREYSCALE: lambda picture, _: grey(picture),
    Change.SEPIA: _sepia,
    Change.INVERT: lambda picture, _: picture.invert(),
    Change.BRIGHTNESS: _brightness,
    Change.CONTRAST: _contrast,
    Change.SATURATION: _saturation,
    Change.WARMTH: _warmth,
    Change.RECOLOUR: _recolour,
    Change.TINT: _tint,
    Change.NIGHT: _night,
    Change.SUNSET: _sunset,
    Change.PIXELATE: _pixelate,
    Change.POSTERISE: _posterise,
    Change.VIGNETTE: _vignette,
}
