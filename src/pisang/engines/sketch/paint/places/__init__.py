"""Places: surroundings as flat landscapes and interiors, each in four lights."""

import random
from collections.abc import Callable

from pisang.engines.sketch.layers import BackdropLayer
from pisang.engines.sketch.layout.anchors import anchors
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.light import light
from pisang.engines.sketch.paint.places import country
from pisang.engines.sketch.paint.places.view import View
from pisang.engines.sketch.scene import Place

__all__ = ["PLACES", "draw"]

PLACES: dict[Place, Callable[[View], None]] = {
    Place.SKY: country.open_sky,
    Place.MEADOW: country.meadow,
    Place.HILLS: country.hills,
    Place.MOUNTAINS: country.mountains,
    Place.FOREST: country.forest,
    Place.DESERT: country.desert,
    Place.SNOWFIELD: country.snowfield,
    Place.PARK: country.park,
    Place.GARDEN: country.garden,
    Place.FARM: country.farm,
}


def draw(easel: Easel, layer: BackdropLayer) -> None:
    """Paints a place over the whole canvas and sets the light for what follows."""
    place = layer.backdrop.place
    if place is None:
        raise ValueError("the backdrop names no place")
    found = anchors(place, easel.width, easel.height)
    ink = layer.backdrop.ink
    easel.light = light(layer.backdrop.hour, None if found.indoors else ink)
    easel.lit = True
    rng = random.Random(easel.seed * 31 + 17)
    PLACES.get(place, country.meadow)(View(easel, found, easel.light, rng, ink))
