"""Layout: where everything goes. A Scene becomes Layers, in pixels of the final canvas.

Words are placed first and never give way; what they leave is the room for things, which travel in
clusters so that what is on, in or behind something stays there. Read in this order: ``page`` (the
canvas and its palette), ``zones`` and ``letters`` (words), ``troupe``, ``bonds`` and ``staging``
(things), ``compose`` and ``genres`` (whole pictures).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pisang.core.image import Canvas
from pisang.engines.sketch.layers import Layer, Layers
from pisang.engines.sketch.layout.genres import (
    card,
    collage,
    infographic,
    interface,
    mark,
    pattern,
    poster,
    product,
    retouch,
    scenery,
    social,
)
from pisang.engines.sketch.layout.page import Page, new_page
from pisang.engines.sketch.layout.parting import glazed, parted, spanned, topped
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.vocabulary import Genre

__all__ = ["arrange"]

_COMPOSERS: Mapping[Genre, Callable[[Page], list[Layer]]] = MappingProxyType(
    {
        Genre.SCENE: scenery.compose,
        Genre.CARD: card.compose,
        Genre.POSTER: poster.compose,
        Genre.PRODUCT: product.compose,
        Genre.INFOGRAPHIC: infographic.compose,
        Genre.INTERFACE: interface.compose,
        Genre.SOCIAL: social.compose,
        Genre.ICON: mark.compose,
        Genre.PATTERN: pattern.compose,
        Genre.COLLAGE: collage.compose,
        Genre.EDIT: retouch.compose,
    }
)


def arrange(
    scene: Scene, *, canvas: Canvas, seed: int, sizes: Mapping[str, tuple[int, int]]
) -> Layers:
    """Lays a scene out.

    ``sizes`` has width and height of each supplied picture by digest. The same scene, seed and
    ratio give the same composition at every size; another seed gives another one. Fonts must
    have been set up (``fonts.setup``) before.
    """
    scene = spanned(parted(topped(glazed(scene))))
    page = new_page(scene, canvas.width, canvas.height, seed=seed, sizes=sizes)
    items = _COMPOSERS.get(scene.genre, scenery.compose)(page)
    return Layers(canvas.width, canvas.height, scene.style, tuple(items))
