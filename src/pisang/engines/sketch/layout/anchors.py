"""Where a place keeps its horizon, ground, table top, window, sky and water on a given canvas.

Layout stands things on these boxes and paint draws the place to them, so both read one table. All
numbers are shares of the canvas, which makes a picture the same at 1K and at 4K. A tall canvas
out of doors gets more ground, so that what stands there can be large and stand in depth; a tall
room gets more wall. Windows keep a window's proportions at any ratio.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.vocabulary import Place

__all__ = ["Anchors", "anchors"]

_TALL = 0.6  # width over height below which land out of doors grows; book covers keep their sky


@dataclass(frozen=True, slots=True)
class Anchors:
    """Boxes in pixels. ``horizon`` is the y where ground, water or floor meets what is behind it.

    ``ground`` is where things can stand (their feet inside it); height 0 where nothing stands:
    sky and space. ``surface`` is the top of a table, desk or counter, seen from a little above.
    ``window`` is the pane of a room's window; ``wall`` what is free of a room's wall above the
    floor. ``sky`` is open air; ``water`` is where boats and fish are.
    """

    horizon: float
    ground: Box
    surface: Box | None = None
    window: Box | None = None
    sky: Box | None = None
    water: Box | None = None
    wall: Box | None = None

    @property
    def indoors(self) -> bool:
        return self.wall is not None

    @property
    def floating(self) -> bool:
        """True where there is nothing to stand on."""
        return self.ground.height <= 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """Shares of the canvas height, measured from its bottom edge (tall ones change them).

    ``land``: top of the ground. ``water``: (top, bottom). ``table``: back edge of the table top.
    ``window``: x of its centre as a share of the width, height as a share of the wall.
    """

    land: float = 0.0
    horizon: float | None = None
    water: tuple[float, float] | None = None
    table: float | None = None
    window: tuple[float, float] | None = None
    indoors: bool = False
    sky: bool = True


_PLANS: Mapping[Place | None, _Plan] = MappingProxyType(
    {
        Place.SKY: _Plan(),
        Place.MEADOW: _Plan(land=0.36),
        Place.HILLS: _Plan(land=0.36),
        Place.MOUNTAINS: _Plan(land=0.32),
        Place.FOREST: _Plan(land=0.34),
        Place.SEA: _Plan(land=0.44, water=(0.44, 0.0)),
        Place.BEACH: _Plan(land=0.30, horizon=0.50, water=(0.50, 0.28)),
        Place.UNDERWATER: _Plan(land=0.16, water=(1.0, 0.0), sky=False),
        Place.LAKE: _Plan(land=0.22, horizon=0.48, water=(0.46, 0.20)),
        Place.DESERT: _Plan(land=0.38),
        Place.SNOWFIELD: _Plan(land=0.38),
        Place.CITY: _Plan(land=0.24),
        Place.STREET: _Plan(land=0.34),
        Place.PARK: _Plan(land=0.38),
        Place.GARDEN: _Plan(land=0.36),
        Place.FARM: _Plan(land=0.38),
        Place.ROOM: _Plan(land=0.30, window=(0.66, 0.62), indoors=True, sky=False),
        Place.KITCHEN: _Plan(land=0.40, table=0.40, window=(0.60, 0.52), indoors=True, sky=False),
        Place.CAFE: _Plan(land=0.34, table=0.34, window=(0.64, 0.66), indoors=True, sky=False),
        Place.DESK: _Plan(land=0.36, table=0.36, window=(0.72, 0.56), indoors=True, sky=False),
        Place.TABLE: _Plan(land=0.38, table=0.38, indoors=True, sky=False),
        Place.LIBRARY: _Plan(land=0.26, window=(0.50, 0.60), indoors=True, sky=False),
        Place.STAGE: _Plan(land=0.26, indoors=True, sky=False),
        Place.STUDIO: _Plan(land=0.34, indoors=True, sky=False),
        Place.SPACE: _Plan(),
        None: _Plan(land=0.30, sky=True),
    }
)


def anchors(place: Place | None, width: float, height: float) -> Anchors:
    """The anchors of a place; ``None`` (a plain ground) has an unseen floor to stand on."""
    plan = _PLANS[place]
    lean = width / height
    tall = lean < _TALL and not plan.indoors
    squeeze = min(lean**-0.22, 1.36) if tall else min(max(lean**0.35, 0.8), 1.0)

    def level(share: float) -> float:
        return height * (1 - (share if share == 1.0 else share * squeeze))

    floor = level(plan.land)
    horizon = level(plan.horizon if plan.horizon is not None else plan.land)
    wall = Box(0, 0, width, floor) if plan.indoors else None
    return Anchors(
        horizon=horizon,
        ground=Box(0, floor, width, height - floor),
        surface=Box(0, level(plan.table), width, height - level(plan.table))
        if plan.table is not None
        else None,
        window=_window(plan.window, width, floor) if plan.window else None,
        sky=Box(0, 0, width, horizon) if plan.sky else None,
        water=Box(0, level(plan.water[0]), width, level(plan.water[1]) - level(plan.water[0]))
        if plan.water
        else None,
        wall=wall,
    )


def _window(spec: tuple[float, float], width: float, wall: float) -> Box:
    """A window on a wall ``wall`` pixels high: never wider than 0.62 of the canvas or 1.15 of
    its own height, its foot a little above the floor."""
    across, share = spec
    tall = min(wall * share, width * 0.8)
    wide = min(tall * 1.15, width * 0.62)
    left = min(max(width * across - wide / 2, width * 0.06), width * 0.94 - wide)
    return Box(left, wall * (1 - share) * 0.45, wide, tall)
