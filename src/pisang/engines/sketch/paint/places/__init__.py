"""Places: surroundings as flat landscapes and interiors, each in four lights."""

import random
from collections.abc import Callable

from pisang.engines.sketch.layers import BackdropLayer, Box
from pisang.engines.sketch.layout.anchors import anchors
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.light import indoors, light
from pisang.engines.sketch.paint.places import country, halls, rooms, tended, town, water, wild
from pisang.engines.sketch.paint.places.view import View
from pisang.engines.sketch.vocabulary import Place

__all__ = ["PLACES", "draw"]

# What the strip of ground or water that some drawings bring along turns into, at noon.
_SOIL: dict[Place, str] = {
    Place.MEADOW: "#67b04e",
    Place.HILLS: "#67b04e",
    Place.MOUNTAINS: "#63a852",
    Place.FOREST: "#4f8d45",
    Place.PARK: "#6cb552",
    Place.GARDEN: "#67b04e",
    Place.FARM: "#8fae47",
    Place.LAKE: "#67b04e",
    Place.BEACH: "#e7c48b",
    Place.DESERT: "#dba763",
    Place.SNOWFIELD: "#dfeaf6",
    Place.CITY: "#b3bcc9",
    Place.STREET: "#b9b6b2",
}

PLACES: dict[Place, Callable[[View], None]] = {
    Place.SKY: country.open_sky,
    Place.MEADOW: country.meadow,
    Place.HILLS: country.hills,
    Place.MOUNTAINS: wild.mountains,
    Place.FOREST: country.forest,
    Place.DESERT: wild.desert,
    Place.SNOWFIELD: wild.snowfield,
    Place.PARK: tended.park,
    Place.GARDEN: tended.garden,
    Place.FARM: tended.farm,
    Place.SEA: water.sea,
    Place.BEACH: water.beach,
    Place.UNDERWATER: water.underwater,
    Place.LAKE: water.lake,
    Place.CITY: town.city,
    Place.STREET: town.street,
    Place.ROOM: rooms.room,
    Place.KITCHEN: rooms.kitchen,
    Place.CAFE: rooms.cafe,
    Place.DESK: rooms.desk,
    Place.TABLE: rooms.table,
    Place.LIBRARY: rooms.library,
    Place.STAGE: halls.stage,
    Place.STUDIO: halls.studio,
    Place.SPACE: halls.space,
}


def _glass(pane: Box | None) -> Box | None:
    """The part of a window that no curtain hides."""
    if pane is None:
        return None
    return Box(pane.x + pane.width * 0.16, pane.y, pane.width * 0.68, pane.height)


def draw(easel: Easel, layer: BackdropLayer) -> None:
    """Paints a place over the whole canvas and sets the light for what follows."""
    place = layer.backdrop.place
    if place is None:
        raise ValueError("the backdrop names no place")
    found = anchors(place, easel.width, easel.height)
    ink = layer.backdrop.ink
    hour = layer.backdrop.hour
    sky = layer.backdrop.sky or (ink if place is Place.SKY else None)
    easel.light = indoors(hour) if found.indoors else light(hour, sky, easel.weather)
    easel.lit = True
    easel.without = frozenset(layer.without)
    soil = _SOIL.get(place)
    easel.soil = easel.light.lit(soil) if soil else None
    easel.water = (
        water.around_boats(easel.light) if found.water and place is not Place.UNDERWATER else None
    )
    easel.sky, easel.indoors = found.sky or _glass(found.window), found.indoors
    rng = random.Random(easel.seed * 31 + 17)
    PLACES[place](View(easel, found, easel.light, rng, ink))
