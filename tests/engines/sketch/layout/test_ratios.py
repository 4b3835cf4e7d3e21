"""Very tall paper stacks in depth, very wide paper spreads along."""

import itertools

import pytest

from pisang.core.image import Canvas
from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import BackdropLayer, DrawingLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.layout.anchors import anchors
from pisang.engines.sketch.scene import Backdrop, Scene, Thing
from pisang.engines.sketch.vocabulary import Place

fonts.setup()
TALL = ((768, 1376), (512, 2048), (384, 3072))


@pytest.mark.parametrize("place", [Place.MEADOW, Place.SEA, Place.DESERT, Place.FOREST])
def test_the_sky_of_tall_paper_leaves_land(place: Place) -> None:
    for width, height in TALL[1:]:
        assert anchors(place, width, height).horizon < 0.56 * height
    assert anchors(place, 1376, 768).horizon == pytest.approx(
        anchors(place, 1024, 1024).horizon / 1024 * 768
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", TALL[1:])
def test_a_group_on_tall_paper_is_large_and_stands_in_depth(
    size: tuple[int, int], seed: int
) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.SNOWFIELD),
        things=(Thing(id="d1", drawing="penguin", count=4),),
    )
    items = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={}).items
    horizon = next(item.horizon for item in items if isinstance(item, BackdropLayer))
    found = [item.box for item in items if isinstance(item, DrawingLayer)]  # back to front
    assert all(box.width > 0.3 * size[0] for box in found)
    assert all(box.bottom > horizon for box in found)
    heights = [box.height for box in found]
    assert heights == sorted(heights)
    sides = [box.centre[0] > size[0] / 2 for box in found]
    assert all(one != two for one, two in itertools.pairwise(sides))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [(2048, 512), (3072, 384)])
def test_a_group_on_wide_paper_spreads_along(size: tuple[int, int], seed: int) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.SNOWFIELD),
        things=(Thing(id="d1", drawing="penguin", count=5),),
    )
    items = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={}).items
    row = sorted(
        (item.box for item in items if isinstance(item, DrawingLayer)), key=lambda box: box.x
    )
    assert len(row) == 5
    assert all(two.x >= one.right for one, two in itertools.pairwise(row))
    assert row[0].height > 0.4 * size[1]
