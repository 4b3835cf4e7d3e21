"""A frame: two rounded lines and an ornament in each corner, in gold unless told otherwise."""

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.paint import inks
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.sheet import num, polygon
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Finish

_GOLD = Ink(colours=("#d9ae3c",), finish=Finish.METAL)


def frame(easel: Easel, layer: EffectLayer) -> None:
    """Draws the frame just inside the area; ``amount`` makes it heavier."""
    sheet, unit = easel.sheet, easel.unit
    ink = layer.effect.ink if layer.effect.ink and layer.effect.ink.colours else _GOLD
    area = layer.area
    short = min(area.width, area.height)
    sheet.touch(area.x, area.y, area.right, area.bottom)
    stroke = inks.fill(sheet, ink, area)
    weight = unit * (0.0022 + 0.0036 * layer.effect.amount)
    outer = area.grown(-short * 0.036)
    inner = area.grown(-short * 0.054)
    notch = short * 0.055
    _rounded(easel, outer, stroke, width=weight, radius=short * 0.03)
    _notched(easel, inner, stroke, width=weight * 0.42, notch=notch)
    r = short * 0.0085
    for x in (inner.x + notch * 0.42, inner.right - notch * 0.42):
        for y in (inner.y + notch * 0.42, inner.bottom - notch * 0.42):
            diamond = [(x, y - r * 1.5), (x + r * 1.5, y), (x, y + r * 1.5), (x - r * 1.5, y)]
            sheet.path(polygon(diamond), stroke)


def _rounded(easel: Easel, box: Box, stroke: str, *, width: float, radius: float) -> None:
    easel.sheet.raw(
        f'<rect x="{num(box.x)}" y="{num(box.y)}" width="{num(box.width)}"'
        f' height="{num(box.height)}" rx="{num(radius)}" fill="none" stroke="{stroke}"'
        f' stroke-width="{num(width)}"/>'
    )


def _notched(easel: Easel, box: Box, stroke: str, *, width: float, notch: float) -> None:
    """A thin line whose corners bend inwards around the ornaments."""
    arc = f"A{num(notch)} {num(notch)} 0 0 0"
    left, top, right, low = (num(side) for side in (box.x, box.y, box.right, box.bottom))
    data = (
        f"M{num(box.x + notch)} {top}H{num(box.right - notch)}"
        f"{arc} {right} {num(box.y + notch)}V{num(box.bottom - notch)}"
        f"{arc} {num(box.right - notch)} {low}H{num(box.x + notch)}"
        f"{arc} {left} {num(box.bottom - notch)}V{num(box.y + notch)}"
        f"{arc} {num(box.x + notch)} {top}Z"
    )
    easel.sheet.line(data, stroke, width)
