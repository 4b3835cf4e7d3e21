"""Plates and cards: a rounded rectangle, with a soft shadow made of faint rectangles.

A real blur would stop the sheet for every card of a mock-up; eight stacked see-through rectangles
look the same at this size and stay vectors.
"""

from pisang.engines.sketch.layers import Box, PanelLayer, VectorLayer
from pisang.engines.sketch.paint import inks
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.sheet import Sheet, num

_STEPS = 8


def draw(easel: Easel, layer: PanelLayer) -> None:
    """Puts a panel on the sheet."""
    sheet, box = easel.sheet, layer.box
    if layer.shadow:
        soft_shadow(sheet, box, radius=layer.radius, blur=easel.unit * 0.018)
    outline = layer.stroke_width / 2 + 1
    sheet.touch(box.x - outline, box.y - outline, box.right + outline, box.bottom + outline)
    more = ""
    if layer.stroke is not None and layer.stroke_width > 0:
        more = (
            f' stroke="{inks.fill(sheet, layer.stroke, box)}"'
            f' stroke-width="{num(layer.stroke_width)}"'
        )
    filled = inks.fill(sheet, layer.ink, box)
    radius = min(layer.radius, box.width / 2, box.height / 2)
    sheet.rect(box.x, box.y, box.width, box.height, filled, layer.opacity, radius=radius, more=more)


def soft_shadow(
    sheet: Sheet, box: Box, *, radius: float, blur: float, drop: float = 0.5, alpha: float = 0.24
) -> None:
    """A shadow under a rounded rectangle, falling down by ``drop`` times ``blur``."""
    each = 1 - (1 - alpha) ** (1 / _STEPS)
    for step in range(_STEPS):
        grow = blur * (1 - 2 * (step + 0.5) / _STEPS)
        outer = box.grown(grow)
        if outer.width <= 0 or outer.height <= 0:
            continue
        sheet.rect(
            outer.x,
            outer.y + blur * drop,
            outer.width,
            outer.height,
            "#0a1024",
            each,
            radius=max(radius + grow, blur * 0.3),
        )
    sheet.touch(box.x - blur, box.y - blur, box.right + blur, box.bottom + blur * 2)


def vector(easel: Easel, layer: VectorLayer) -> None:
    """Puts a ready fragment on the sheet.

    Fragments are made by layout from numbers and colours. One that reaches outside of itself (an
    external reference, a script, a foreign object) is refused with ValueError, whoever wrote it.
    """
    lowered = layer.svg.lower()
    for forbidden in ("<script", "<foreignobject", "<image", "<!", "<?", "javascript:", "@import"):
        if forbidden in lowered:
            raise ValueError(f"a vector layer may not hold {forbidden!r}")
    for part in lowered.replace("'", '"').split('href="')[1:]:
        if not part.startswith("#"):
            raise ValueError("a vector layer may refer only to itself")
    if "url(" in lowered.replace("url(#", ""):
        raise ValueError("a vector layer may refer only to itself")
    box = layer.box
    easel.sheet.touch(box.x, box.y, box.right, box.bottom)
    easel.sheet.raw(f"<g>{layer.svg}</g>")
