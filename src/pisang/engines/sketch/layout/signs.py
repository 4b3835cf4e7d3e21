"""Words on things and in bubbles: on the face of a mug or T-shirt, on a plate where a thing has no
face, or spoken beside a head.

The faces are shares of the drawing's ink box (left, top, right, bottom) that are plain enough to
write on. Words are set to fit the face exactly; a plate hangs at the foot of what has none and
stays inside the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pisang.engines.sketch import drawings
from pisang.engines.sketch.layers import Box, Layer, PanelLayer, VectorLayer
from pisang.engines.sketch.layout import letters, nature
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.palettes import inks
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.scene import TextRun, Thing
from pisang.engines.sketch.vocabulary import Role

__all__ = ["Signs", "write"]

_FACES: Mapping[str, tuple[float, float, float, float]] = MappingProxyType(
    {
        "t-shirt": (0.27, 0.30, 0.73, 0.80),
        "running-shirt": (0.3, 0.35, 0.7, 0.85),
        "placard": (0.06, 0.06, 0.94, 0.56),
        "birthday-cake": (0.08, 0.62, 0.92, 0.80),
        "hot-beverage": (0.14, 0.67, 0.60, 0.83),
        "beer-mug": (0.1, 0.45, 0.62, 0.85),
        "package": (0.08, 0.45, 0.92, 0.9),
        "shopping-bags": (0.1, 0.5, 0.55, 0.88),
        "label": (0.2, 0.3, 0.8, 0.8),
        "laptop": (0.17, 0.1, 0.83, 0.6),
        "desktop-computer": (0.1, 0.08, 0.9, 0.6),
        "television": (0.1, 0.3, 0.8, 0.85),
        "mobile-phone": (0.16, 0.16, 0.84, 0.84),
        "page-facing-up": (0.14, 0.2, 0.86, 0.85),
        "closed-book": (0.25, 0.2, 0.9, 0.7),
        "blue-book": (0.25, 0.2, 0.9, 0.7),
        "green-book": (0.25, 0.2, 0.9, 0.7),
        "orange-book": (0.25, 0.2, 0.9, 0.7),
        "notebook": (0.25, 0.2, 0.9, 0.7),
        "notebook-with-decorative-cover": (0.3, 0.25, 0.9, 0.75),
        "scroll": (0.22, 0.2, 0.8, 0.75),
        "envelope": (0.1, 0.5, 0.9, 0.92),
        "white-flag": (0.2, 0.08, 0.98, 0.55),
        "framed-picture": (0.15, 0.15, 0.85, 0.85),
        "lotion-bottle": (0.2, 0.5, 0.8, 0.85),
        "jar": (0.15, 0.35, 0.85, 0.8),
        "delivery-truck": (0.36, 0.15, 0.97, 0.6),
        "bus": (0.1, 0.5, 0.9, 0.68),
        "door": (0.2, 0.15, 0.8, 0.4),
        "headstone": (0.2, 0.2, 0.8, 0.6),
        "spiral-calendar": (0.1, 0.3, 0.9, 0.9),
        "clipboard": (0.16, 0.22, 0.84, 0.88),
        "stop-sign": (0.12, 0.3, 0.88, 0.7),
        "open-book": (0.08, 0.2, 0.46, 0.75),
        "speech-balloon": (0.12, 0.15, 0.88, 0.7),
        "shape:circle": (0.14, 0.14, 0.86, 0.86),
        "shape:square": (0.08, 0.08, 0.92, 0.92),
        "shape:rectangle": (0.07, 0.1, 0.93, 0.9),
        "shape:heart": (0.17, 0.2, 0.83, 0.62),
        "shape:star": (0.28, 0.36, 0.72, 0.7),
        "shape:hexagon": (0.15, 0.2, 0.85, 0.8),
        "shape:diamond": (0.25, 0.3, 0.75, 0.7),
        "shape:triangle": (0.28, 0.55, 0.72, 0.95),
        "shape:cylinder": (0.08, 0.25, 0.92, 0.85),
        "shape:cube": (0.05, 0.35, 0.5, 0.85),
        "balloon": (0.2, 0.1, 0.8, 0.5),
    }
)
_LEAST = 0.016  # em, in units: smaller than this is unreadable, so a plate is used


@dataclass(frozen=True, slots=True)
class Signs:
    """Layers above the things, and the boxes they take."""

    layers: tuple[Layer, ...] = ()
    boxes: tuple[Box, ...] = ()


def write(page: Page, stage: Stage, taken: Sequence[Box]) -> Signs:
    """Sets every text that a thing on the stage carries or says."""
    boxes = stage.boxes()
    first = {copy.what.id: copy.what for cluster in stage.clusters for copy in cluster.copies}
    busy = list(taken)
    out: list[Layer] = []
    for run in page.scene.texts:
        speaks = run.role is Role.SPEECH
        if run.on is not None and run.on in boxes and not speaks:
            found = _on(page, run, first[run.on], boxes[run.on], busy)
        elif speaks:
            speaker = run.on if run.on in boxes else _speaker(page, boxes)
            found = _said(page, run, boxes.get(speaker or ""), busy, list(boxes.values()))
        else:
            continue
        out += found.layers
        busy += found.boxes
    return Signs(tuple(out), tuple(busy[len(taken) :]))


def _speaker(page: Page, boxes: Mapping[str, Box]) -> str | None:
    """Who speaks when nobody is named: an animal, a face or a person; else the largest thing."""
    alive = ("animal", "person", "face", "cat-face", "monkey", "family")
    heads = [
        thing.id for thing in page.scene.things
        if thing.id in boxes and nature.subgroup(thing.drawing).startswith(alive)
    ]  # fmt: skip
    if heads:
        return heads[0]
    return max(boxes, key=lambda name: boxes[name].width * boxes[name].height, default=None)


def _on(page: Page, run: TextRun, thing: object, box: Box, busy: Sequence[Box]) -> Signs:
    """On the face of the thing, if words there can be read; else on a plate below it."""
    if isinstance(thing, Thing) and thing.count == 1:
        face = _FACES.get(thing.drawing)
        if face is None and thing.drawing.endswith("-heart"):
            face = _FACES["shape:heart"]
        if face is not None:
            left, top, right, foot = face
            if thing.flip:
                left, right = 1 - right, 1 - left
            spot = Box(
                box.x + box.width * left,
                box.y + box.height * top,
                box.width * (right - left),
                box.height * (foot - top),
            )
            words = letters.put(page, run, spot, most=page.unit, grounds=(_colour(thing),))
            if words.pixels >= _LEAST * page.unit:
                return Signs((words,), (words.box,))
    return _plate(page, run, box, busy)


def _colour(thing: Thing) -> str:
    if thing.ink is not None:
        return thing.ink.colours[0]
    try:
        return drawings.entry(thing.drawing).fill
    except KeyError:
        return "#f2c14e"


def _plate(page: Page, run: TextRun, box: Box, busy: Sequence[Box]) -> Signs:
    """A small sign: at the foot of the thing if that is free, else above it."""
    wide = min(max(box.width * 1.05, 0.2 * page.unit), page.safe.width)
    pad = 0.014 * page.unit
    room = Box(0, 0, wide - 2 * pad, 0.16 * page.unit)
    words = letters.put(page, run, room, most=letters.cap(page, run) * 0.75, grounds=("#fffaf0",))
    size = (words.box.width + 4 * pad, words.box.height + 2.4 * pad)
    x = box.centre[0] - size[0] / 2
    for y in (box.bottom - size[1] * 0.75, box.y - size[1] - pad, box.bottom + pad):
        spot = _inside(page, Box(x, y, *size))
        if not any(spot.overlap(other) for other in busy):
            break
    at = letters.moved(words, spot.x + 2 * pad, spot.y + 1.2 * pad)
    edge = inks("#8a5a33")
    panel = PanelLayer(
        spot, inks("#fffaf0"), radius=pad * 0.8, stroke=edge, stroke_width=pad * 0.3, shadow=True
    )
    return Signs((panel, at), (spot,))


def _inside(page: Page, box: Box) -> Box:
    safe = page.safe
    x = min(max(box.x, safe.x), max(safe.right - box.width, safe.x))
    y = min(max(box.y, safe.y), max(safe.bottom - box.height, safe.y))
    return Box(x, y, box.width, box.height)


def _said(
    page: Page, run: TextRun, head: Box | None, busy: Sequence[Box], things: Sequence[Box]
) -> Signs:
    """A bubble at whichever side of the speaker's head is freest, its tail pointing there."""
    wide = min(0.5 * page.safe.width, max(0.34 * page.unit, 0.2 * page.safe.width))
    words = letters.put(page, run, Box(0, 0, wide, 0.24 * page.safe.height), grounds=("#ffffff",))
    pad = max(0.75 * words.pixels, 0.012 * page.unit)
    size = (words.box.width + 2.4 * pad, words.box.height + 2 * pad)
    if head is None:
        head = Box(page.width / 2, page.safe.bottom, 0.001 * page.unit, 0.001 * page.unit)
    tail = 0.9 * pad
    mouths = (
        (Box(head.right, head.y - size[1] * 0.6, *size)),
        (Box(head.x - size[0], head.y - size[1] * 0.6, *size)),
        (Box(head.centre[0] - size[0] / 2, head.y - size[1] - tail * 1.6, *size)),
        (Box(head.right, head.y - size[1] - tail, *size)),
        (Box(head.x - size[0], head.y - size[1] - tail, *size)),
    )
    spots = [_inside(page, box) for box in mouths]

    def cost(number: int) -> tuple[float, float, int]:
        box = spots[number]
        words_hit = sum(box.overlap(other) for other in busy)
        things_hit = sum(box.overlap(other) for other in things)
        return words_hit, things_hit, number

    spot = spots[min(range(len(spots)), key=cost)]
    spot = _clear(page, spot, busy)
    bubble = _bubble(spot, head, pad)
    at = letters.moved(
        words,
        spot.x + (spot.width - words.box.width) / 2,
        spot.y + (spot.height - words.box.height) / 2,
    )
    return Signs((bubble, at), (spot,))


def _clear(page: Page, box: Box, busy: Sequence[Box]) -> Box:
    """Moved up or down off other words where it still touches one."""
    for other in busy:
        if box.overlap(other):
            below = _inside(
                page, Box(box.x, other.bottom + 0.01 * page.unit, box.width, box.height)
            )
            above = _inside(
                page, Box(box.x, other.y - box.height - 0.01 * page.unit, box.width, box.height)
            )
            box = min((below, above), key=lambda spot: sum(spot.overlap(one) for one in busy))
    return box


def _bubble(box: Box, head: Box, pad: float) -> VectorLayer:
    """A rounded bubble with a tail towards the upper middle of the head."""
    radius = min(box.height / 2, 1.3 * pad)
    mouth = (
        min(max(head.centre[0], box.x - 1.2 * pad), box.right + 1.2 * pad),
        max(head.y + head.height * 0.12, box.bottom + 0.9 * pad),
    )
    root = min(max(mouth[0], box.x + radius + pad * 0.6), box.right - radius - pad * 0.6)
    tip = (root + (mouth[0] - root) * 0.6, min(mouth[1], box.bottom + 1.5 * pad))
    line = pad * 0.09
    path = (
        f"M{root - 0.55 * pad:.2f} {box.bottom - line:.2f}L{tip[0]:.2f} {tip[1]:.2f}"
        f"L{root + 0.55 * pad:.2f} {box.bottom - line:.2f}"
    )
    svg = (
        f'<rect x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}"'
        f' height="{box.height:.2f}" rx="{radius:.2f}" fill="#ffffff" stroke="#2b2b3a"'
        f' stroke-width="{2 * line:.2f}"/>'
        f'<path d="{path}" fill="#ffffff" stroke="#2b2b3a" stroke-width="{2 * line:.2f}"'
        f' stroke-linejoin="round"/>'
        f'<rect x="{root - 0.5 * pad:.2f}" y="{box.bottom - 3 * line:.2f}"'
        f' width="{pad:.2f}" height="{2.2 * line:.2f}" fill="#ffffff"/>'
    )
    return VectorLayer(Box(box.x, box.y, box.width, box.height + 1.6 * pad).grown(2 * line), svg)
