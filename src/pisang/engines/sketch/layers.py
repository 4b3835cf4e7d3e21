"""Layers: a laid-out Scene, back to front, every box in pixels of the final canvas.

Layout makes them, paint turns them into pixels. Nothing here decides anything: a layer says what
to draw and where, so that paint never asks about the Scene.
"""

from dataclasses import dataclass

from pisang.engines.sketch.scene import Backdrop, Effect, Ink, PixelEdit
from pisang.engines.sketch.vocabulary import Absent, Framing, Style


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; ``x`` and ``y`` are its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def overlap(self, other: "Box") -> float:
        """The shared area in square pixels."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0.0, across) * max(0.0, down)

    def grown(self, by: float) -> "Box":
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True, slots=True)
class BackdropLayer:
    """The ground. ``horizon`` is the y of the horizon where the place has one."""

    backdrop: Backdrop
    horizon: float
    palette: tuple[str, ...] = ()
    without: tuple[Absent, ...] = ()  # what the place must not show


@dataclass(frozen=True, slots=True)
class DrawingLayer:
    """One copy of a drawing or ``shape:...``, its ink filling ``box``."""

    box: Box
    drawing: str
    ink: Ink | None = None
    flip: bool = False
    turn: float = 0.0
    shadow: bool = False  # a soft contact shadow on the ground
    haze: float = 0.0  # 0-1: how far it fades into the air of the distance
    lift: str | None = None  # colour of a soft edge that parts it from a ground of its own colour
    cut: float | None = None  # the y below which it is hidden, by a counter it stands behind


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Words in a font whose glyphs are known to cover them. ``box`` is the ink's box; ``font`` is a
    Pango description without size; ``pixels`` the em size; ``lines`` are broken already."""

    box: Box
    lines: tuple[str, ...]
    font: str
    pixels: float
    ink: Ink
    align: str = "centre"
    spacing: float = 1.0  # line height, times the font's own
    tracking: float = 0.0  # letter spacing in em
    glow: Ink | None = None
    shadow: bool = False
    outline: Ink | None = None
    turn: float = 0.0
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class PictureLayer:
    """A supplied picture, edited, then fitted into ``box``."""

    box: Box
    digest: str
    framing: Framing
    edits: tuple[PixelEdit, ...] = ()
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class PanelLayer:
    """A plain filled shape: rounded rectangle, plate behind a text, frame of a phone."""

    box: Box
    ink: Ink
    radius: float = 0.0
    opacity: float = 1.0
    stroke: Ink | None = None
    stroke_width: float = 0.0
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class VectorLayer:
    """A ready SVG fragment in canvas coordinates (charts, lines, bubbles)."""

    box: Box
    svg: str


@dataclass(frozen=True, slots=True)
class EffectLayer:
    """Particles, a frame or light over ``area``; ``avoid`` are boxes to be kept readable."""

    effect: Effect
    area: Box
    avoid: tuple[Box, ...]
    seed: int


Layer = (
    BackdropLayer | DrawingLayer | TextLayer | PictureLayer | PanelLayer | VectorLayer | EffectLayer
)


@dataclass(frozen=True, slots=True)
class Layers:
    """A picture ready to paint: ``items`` back to front."""

    width: int
    height: int
    style: Style
    items: tuple[Layer, ...]
