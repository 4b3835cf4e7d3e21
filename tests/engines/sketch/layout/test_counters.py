"""Who stands behind a table and what stands on it."""

import pytest

from pisang.core.image import Canvas
from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import BackdropLayer, DrawingLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.scene import Backdrop, Scene, Thing
from pisang.engines.sketch.vocabulary import Place

fonts.setup()
SIZES = ((1024, 1024), (1376, 768), (768, 1376), (2048, 512))


def _laid(
    place: Place, *things: Thing, size: tuple[int, int], seed: int = 1
) -> tuple[float, dict[str, DrawingLayer], list[str]]:
    """The back edge of the table, the drawings by name, and their order back to front."""
    scene = Scene(backdrop=Backdrop(place=place), things=things)
    items = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={}).items
    edge = next(item.horizon for item in items if isinstance(item, BackdropLayer))
    drawn = [item for item in items if isinstance(item, DrawingLayer)]
    return edge, {item.drawing: item for item in drawn}, [item.drawing for item in drawn]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("place", [Place.KITCHEN, Place.CAFE, Place.DESK, Place.TABLE])
def test_a_cook_is_cut_by_the_counter_and_the_pot_stands_on_it(
    place: Place, size: tuple[int, int], seed: int
) -> None:
    things = (
        Thing(id="d1", drawing="cooking-pot"),
        Thing(id="d2", drawing="cook"),
        Thing(id="d3", drawing="pizza"),
    )
    edge, at, order = _laid(place, *things, size=size, seed=seed)
    cook, pot = at["cook"], at["cooking-pot"]
    assert cook.cut == pytest.approx(edge)
    assert cook.box.y < edge < cook.box.bottom
    assert edge - cook.box.y > 0.6 * cook.box.height
    assert not cook.shadow
    assert pot.cut is None
    assert pot.box.bottom > edge
    assert order[0] == "cook"


def test_a_cat_sits_on_the_desk_and_a_horse_looks_over_it() -> None:
    things = (Thing(id="d1", drawing="cat"), Thing(id="d2", drawing="horse"))
    edge, at, _ = _laid(Place.DESK, *things, size=(1376, 768))
    assert at["cat"].cut is None
    assert at["cat"].box.bottom > edge
    assert at["horse"].cut == pytest.approx(edge)


def test_nothing_is_cut_where_people_stand_on_the_ground() -> None:
    for place in (Place.PARK, Place.ROOM):
        _, at, _ = _laid(place, Thing(id="d1", drawing="cook"), size=(1024, 1024))
        assert at["cook"].cut is None
