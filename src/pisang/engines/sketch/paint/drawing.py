"""Draws one copy of a library drawing: fitted, turned, recoloured, lit, with its shadow.

All of it is done on the SVG text - colours are replaced, not filtered - so a drawing costs no
raster work at all.
"""

from pisang.engines.sketch import drawings
from pisang.engines.sketch.layers import Box, DrawingLayer
from pisang.engines.sketch.paint import inks
from pisang.engines.sketch.paint.colour import mix
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.light import shines, silhouette
from pisang.engines.sketch.paint.shapes import draw_shape
from pisang.engines.sketch.paint.sheet import Sheet, num
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Finish

_HOT = ("candle", "lantern", "fire", "lamp", "bulb", "jack", "diya", "flame", "torch")


def draw(easel: Easel, layer: DrawingLayer) -> None:
    """Puts the layer on the easel's sheet; raises KeyError for a drawing that does not exist."""
    sheet, box = easel.sheet, layer.box
    reach = max(box.width, box.height) * (0.25 if layer.turn else 0.08)
    if layer.shadow:
        contact_shadow(sheet, box, dark=easel.lit and easel.light.dark)
    if easel.lit and easel.light.dark and shines(layer.drawing):
        hot = any(word in layer.drawing for word in _HOT)
        reach = _glow(sheet, box, "#ffc469" if hot else "#dfe6ff")
    elif layer.ink is not None and layer.ink.finish is Finish.NEON:
        reach = _glow(sheet, box, inks.main(layer.ink, "#ffffff"))
    sheet.touch(box.x - reach, box.y - reach, box.right + reach, box.bottom + reach)
    if layer.drawing.startswith("shape:"):
        draw_shape(easel, layer)
        return
    found = drawings.get(layer.drawing)
    body = _settled(easel, found, _inked(sheet, found, layer.ink))
    if easel.lit:
        body = easel.light.body(body, name=layer.drawing, haze=layer.haze)
    elif layer.haze:
        body = easel.light.body(body, haze=layer.haze)
    outside = easel.lit and easel.light.dark and not easel.indoors
    if outside and "url(" not in body and not shines(layer.drawing):
        _moonlit(easel, layer, _fit(found, layer), body)
    if layer.lift is not None:
        _lifted(easel, layer, body, layer.lift)
    drawn = f'<g transform="{_fit(found, layer)}">{body}</g>'
    sheet.raw(drawn if layer.cut is None else _cut(sheet, layer, drawn, layer.cut))


def _lifted(easel: Easel, layer: DrawingLayer, body: str, colour: str) -> None:
    """A soft edge of a colour around a drawing, deeper below: its silhouette, several times."""
    if "url(" in body:
        return
    found, box = drawings.get(layer.drawing), layer.box
    step = min(box.width, box.height) * 0.012
    ground = mix(colour, "#ffffff", 0.62)
    for reach, share in ((3, 0.0), (2, 0.35), (1, 0.7)):
        dark = silhouette(body, mix(ground, colour, share))
        for x, y in ((-1, 0), (1, 0), (0, -0.4), (0, 1.6), (-0.7, 1.1), (0.7, 1.1)):
            shift = f"translate({num(x * reach * step)} {num(y * reach * step)})"
            easel.sheet.raw(f'<g transform="{shift} {_fit(found, layer)}">{dark}</g>')


def _cut(sheet: Sheet, layer: DrawingLayer, drawn: str, level: float) -> str:
    """The drawing without what lies below a level of the picture."""
    name, box = sheet.fresh(), layer.box.grown(max(layer.box.width, layer.box.height))
    high = max(level - box.y, 0.0)
    area = f'x="{num(box.x)}" y="{num(box.y)}" width="{num(box.width)}" height="{num(high)}"'
    return f'<clipPath id="{name}"><rect {area}/></clipPath><g clip-path="url(#{name})">{drawn}</g>'


def _moonlit(easel: Easel, layer: DrawingLayer, place: str, body: str) -> None:
    """A rim of light where a thing faces the moon: its silhouette, looking out behind it."""
    off = min(layer.box.width, layer.box.height, easel.unit * 0.4) * 0.011
    pale = mix("#c7d6ff", easel.light.haze, 0.25 + 0.75 * layer.haze)
    easel.sheet.raw(
        f'<g transform="translate({num(off)} {num(-off)}) {place}">{silhouette(body, pale)}</g>'
    )


def _fit(found: drawings.Drawing, layer: DrawingLayer) -> str:
    """The transform that lays the ink's box into the layer's box, standing on its bottom."""
    left, top, right, bottom = found.box
    box = layer.box
    scale = min(box.width / max(right - left, 1e-3), box.height / max(bottom - top, 1e-3))
    middle, foot = (left + right) / 2, bottom
    across = -scale if layer.flip else scale
    turned = ""
    if layer.turn:
        x, y = box.centre
        turned = f"rotate({num(layer.turn)} {num(x)} {num(y)}) "
    return (
        f"{turned}translate({num(box.centre[0])} {num(box.bottom)}) "
        f"scale({across:.5f} {scale:.5f}) translate({num(-middle)} {num(-foot)})"
    )


def _inked(sheet: Sheet, found: drawings.Drawing, ink: Ink | None) -> str:
    """The body in the ink's colours: shades of one colour, or a gradient on its main fill."""
    prefix = sheet.fresh()
    body = found.body_with_ids(prefix)
    if ink is None or not ink.colours:
        return body
    shown = inks.colours(ink)
    body = drawings.recolour(body, shown[len(shown) // 2 if len(shown) > 2 else 0])
    if len(shown) == 1 and ink.finish is not Finish.METAL:
        return body
    left, top, right, bottom = found.box
    box = Box(left, top, right - left, bottom - top)
    target = drawings.recolour(f'<g data-fill="{found.fill}" fill="{found.fill}"/>', shown[0])
    main = target.rsplit('fill="', 1)[1][:7]
    return body.replace(f'fill="{main}"', f'fill="{inks.fill(sheet, ink, box)}"')


_GRASS = ("#00f397", "#00d26a")
_WATER = "#00a6ed"
_PANES = ("#83cbff", "#26eafc", "#26c9fc", "#8fd3ff")
_BUILT = frozenset({"place-building", "place-other"})


def _settled(easel: Easel, found: drawings.Drawing, body: str) -> str:
    """Lets a house stand on this place's ground, lit at night, and a boat lie in its water.

    Many drawings bring a strip of green or blue along. It takes the place's own tone, water fading
    out downwards. A gradient is used for both, because the light would turn a plain colour again.
    """
    sort = drawings.entry(found.name).subgroup
    low = found.box[3]
    if easel.soil and sort in _BUILT:
        fill = easel.sheet.linear([(0, easel.soil, 1), (1, easel.soil, 1)], (0, 0), (0, low))
        for green in _GRASS:
            body = body.replace(f'fill="{green}"', f'fill="{fill}"')
    if easel.lit and easel.light.dark and sort in _BUILT:
        glow = easel.sheet.linear([(0, "#ffe7ab", 1), (1, "#ffc865", 1)], (0, 0), (0, low))
        for glass in _PANES:
            body = body.replace(f'fill="{glass}"', f'fill="{glow}"')
    if easel.water and (sort == "transport-water" or "rowing" in found.name):
        melt = [(0, easel.water, 1.0), (0.45, easel.water, 0.85), (1, easel.water, 0.0)]
        fill = easel.sheet.linear(melt, (0, low - 8), (0, low))
        body = body.replace(f'fill="{_WATER}"', f'fill="{fill}"')
    return body


def contact_shadow(sheet: Sheet, box: Box, *, dark: bool = False) -> None:
    """A soft ellipse where a thing meets the ground."""
    rx, ry = box.width * 0.52, max(box.width * 0.075, box.height * 0.02)
    alpha = 0.5 if dark else 0.34
    ball = sheet.ball([(0, "#0b1026", alpha), (0.45, "#0b1026", alpha * 0.62), (1, "#0b1026", 0)])
    sheet.ellipse(box.centre[0], box.bottom - ry * 0.25, rx, ry, ball)
    sheet.touch(box.centre[0] - rx, box.bottom - ry * 2, box.centre[0] + rx, box.bottom + ry * 2)


def _glow(sheet: Sheet, box: Box, colour: str) -> float:
    """A halo around a thing that shines; gives how far it reaches."""
    radius = max(box.width, box.height) * 0.97
    ball = sheet.ball([(0, colour, 0.42), (0.45, colour, 0.16), (1, colour, 0.0)])
    sheet.circle(*box.centre, radius, ball)
    return radius
