"""Each relation holds in the geometry, at every seed and ratio."""

import pytest

from pisang.core.image import Canvas
from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import Box, DrawingLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.scene import Backdrop, Relation, Scene, Thing
from pisang.engines.sketch.vocabulary import Bond, Depth, Place

fonts.setup()
SIZES = ((1024, 1024), (1376, 768), (768, 1376))


def boxes(
    bond: Bond,
    first: str,
    *others: str,
    size: tuple[int, int],
    seed: int,
    place: Place | None = Place.MEADOW,
) -> tuple[list[str], dict[str, Box]]:
    """The drawings in painting order, and where each is."""
    things = tuple(Thing(id=f"d{at}", drawing=name) for at, name in enumerate((first, *others)))
    scene = Scene(
        backdrop=Backdrop(place=place),
        things=things,
        relations=(Relation(subject="d0", bond=bond, objects=tuple(t.id for t in things[1:])),),
    )
    layers = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={})
    drawn = [item for item in layers.items if isinstance(item, DrawingLayer)]
    return [item.drawing for item in drawn], {item.drawing: item.box for item in drawn}


every = pytest.mark.parametrize(("size", "seed"), [(s, n) for s in SIZES for n in range(6)])


@every
@pytest.mark.parametrize("place", [Place.MEADOW, None, Place.SPACE])
def test_left_and_right(size: tuple[int, int], seed: int, place: Place | None) -> None:
    _, at = boxes(Bond.LEFT_OF, "cat", "house", size=size, seed=seed, place=place)
    assert at["cat"].right <= at["house"].x + 1
    _, at = boxes(Bond.RIGHT_OF, "cat", "house", size=size, seed=seed, place=place)
    assert at["cat"].x >= at["house"].right - 1


@every
def test_left_of_holds_across_depths(size: tuple[int, int], seed: int) -> None:
    _, at = boxes(Bond.LEFT_OF, "castle", "cat", size=size, seed=seed)
    assert at["castle"].right <= at["cat"].x + 1


@every
def test_between(size: tuple[int, int], seed: int) -> None:
    _, at = boxes(Bond.BETWEEN, "cat", "house", "deciduous-tree", size=size, seed=seed)
    left, right = sorted((at["house"].centre[0], at["deciduous-tree"].centre[0]))
    assert left < at["cat"].centre[0] < right


@every
def test_next_to_is_near(size: tuple[int, int], seed: int) -> None:
    _, at = boxes(Bond.NEXT_TO, "cat", "house", size=size, seed=seed)
    gap = max(at["cat"].x, at["house"].x) - min(at["cat"].right, at["house"].right)
    assert -1 <= gap <= at["cat"].width


@every
def test_on_stands_on_the_surface(size: tuple[int, int], seed: int) -> None:
    order, at = boxes(Bond.ON, "cat", "chair", size=size, seed=seed)
    assert order == ["chair", "cat"]
    assert at["chair"].y < at["cat"].bottom < at["chair"].bottom
    assert at["chair"].x < at["cat"].centre[0] < at["chair"].right
    _, at = boxes(Bond.ON, "bird", "house", size=size, seed=seed)
    assert abs(at["bird"].bottom - at["house"].y) < 0.1 * at["house"].height


@every
def test_in_looks_out_of_an_open_vessel(size: tuple[int, int], seed: int) -> None:
    order, at = boxes(Bond.IN, "cat", "basket", size=size, seed=seed)
    assert order == ["cat", "basket"]
    assert at["basket"].x <= at["cat"].x
    assert at["cat"].right <= at["basket"].right
    assert at["cat"].overlap(at["basket"]) > 0


@every
def test_behind_is_drawn_first_higher_and_seen(size: tuple[int, int], seed: int) -> None:
    order, at = boxes(Bond.BEHIND, "dog", "house", size=size, seed=seed)
    assert order == ["dog", "house"]
    assert at["dog"].bottom < at["house"].bottom
    assert at["dog"].overlap(at["house"]) < 0.75 * at["dog"].width * at["dog"].height


@every
def test_in_front_is_drawn_last_and_lower(size: tuple[int, int], seed: int) -> None:
    order, at = boxes(Bond.IN_FRONT_OF, "dog", "house", size=size, seed=seed)
    assert order == ["house", "dog"]
    assert at["dog"].bottom > at["house"].bottom


@every
def test_above_and_below(size: tuple[int, int], seed: int) -> None:
    _, at = boxes(Bond.ABOVE, "balloon", "house", size=size, seed=seed)
    assert at["balloon"].bottom <= at["house"].y
    assert at["house"].x < at["balloon"].centre[0] < at["house"].right
    _, at = boxes(Bond.BELOW, "dog", "deciduous-tree", size=size, seed=seed)
    assert at["dog"].centre[1] > at["deciduous-tree"].centre[1]
    assert at["deciduous-tree"].x < at["dog"].centre[0] < at["deciduous-tree"].right


@every
def test_holding_is_at_the_side_and_wearing_on_the_head(size: tuple[int, int], seed: int) -> None:
    _, at = boxes(Bond.HOLDING, "teddy-bear", "balloon", size=size, seed=seed)
    middle = at["balloon"].centre[0]
    assert not at["teddy-bear"].x < middle < at["teddy-bear"].right
    _, at = boxes(Bond.WEARING, "cat", "top-hat", size=size, seed=seed)
    assert at["top-hat"].centre[1] < at["cat"].y + 0.25 * at["cat"].height
    assert at["cat"].x <= at["top-hat"].centre[0] <= at["cat"].right


def test_around_is_a_ring_before_and_behind() -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.GARDEN),
        things=(
            Thing(id="d1", drawing="tulip", count=8),
            Thing(id="d2", drawing="house"),
        ),
        relations=(Relation(subject="d1", bond=Bond.AROUND, objects=("d2",)),),
    )
    layers = arrange(scene, canvas=Canvas(1024, 1024, "", ""), seed=3, sizes={})
    order = [item.drawing for item in layers.items if isinstance(item, DrawingLayer)]
    at = order.index("house")
    assert order.count("tulip") == 8
    assert at > 0
    assert at < 8


def test_contradictions_and_circles_still_give_a_picture() -> None:
    things = tuple(Thing(id=f"d{at}", drawing="cat") for at in range(3))
    relations = (
        Relation(subject="d0", bond=Bond.ON, objects=("d1",)),
        Relation(subject="d1", bond=Bond.ON, objects=("d0",)),
        Relation(subject="d2", bond=Bond.LEFT_OF, objects=("d2",)),
        Relation(subject="d2", bond=Bond.LEFT_OF, objects=("d1",)),
        Relation(subject="d1", bond=Bond.LEFT_OF, objects=("d2",)),
        Relation(subject="d9", bond=Bond.IN, objects=("d8",)),
    )
    scene = Scene(things=things, relations=relations)
    layers = arrange(scene, canvas=Canvas(512, 512, "", ""), seed=1, sizes={})
    assert sum(isinstance(item, DrawingLayer) for item in layers.items) == 3


@every
def test_a_star_crowns_the_tree_it_is_above(size: tuple[int, int], seed: int) -> None:
    for place in (Place.MEADOW, Place.ROOM, None):
        _, at = boxes(Bond.ABOVE, "star", "christmas-tree", size=size, seed=seed, place=place)
        star, tree = at["star"], at["christmas-tree"]
        assert abs(star.centre[0] - tree.centre[0]) < 0.05 * tree.width
        assert abs(star.bottom - tree.y) < 0.05 * tree.height
        assert star.width < 0.5 * tree.width


@every
def test_the_sun_behind_something_rises_from_it(size: tuple[int, int], seed: int) -> None:
    order, at = boxes(Bond.BEHIND, "sun", "castle", size=size, seed=seed)
    assert order == ["sun", "castle"]
    assert at["sun"].y < at["castle"].y
    assert at["castle"].x < at["sun"].centre[0] < at["castle"].right


@every
def test_a_rider_sits_in_the_saddle(size: tuple[int, int], seed: int) -> None:
    order, at = boxes(Bond.ON, "astronaut", "horse", size=size, seed=seed)
    rider, horse = at["astronaut"], at["horse"]
    assert order == ["astronaut", "horse"]  # the legs are behind the flank
    assert rider.y < horse.y + 0.1 * horse.height
    assert horse.y < rider.bottom < horse.bottom
    assert 0.5 < rider.height / horse.height < 0.9


@every
def test_many_in_a_vessel_look_out_over_the_rim(size: tuple[int, int], seed: int) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.TABLE),
        things=(Thing(id="d0", drawing="egg", count=12), Thing(id="d1", drawing="basket")),
        relations=(Relation(subject="d0", bond=Bond.IN, objects=("d1",)),),
    )
    layers = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={})
    drawn = [item for item in layers.items if isinstance(item, DrawingLayer)]
    assert [item.drawing for item in drawn] == ["egg"] * 12 + ["basket"]
    basket = drawn[-1].box
    rim = basket.y + 0.42 * basket.height
    for egg in drawn[:-1]:
        assert basket.x <= egg.box.x
        assert egg.box.right <= basket.right
        assert rim - egg.box.y > 0.5 * egg.box.height


@every
def test_the_distance_is_small_in_space(size: tuple[int, int], seed: int) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.SPACE),
        things=(
            Thing(id="d0", drawing="astronaut"),
            Thing(id="d1", drawing="globe-showing-americas", depth=Depth.DISTANCE),
        ),
    )
    layers = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={})
    at = {item.drawing: item.box for item in layers.items if isinstance(item, DrawingLayer)}
    assert at["globe-showing-americas"].height < 0.5 * at["astronaut"].height


@every
def test_the_smallest_of_few_is_seen(size: tuple[int, int], seed: int) -> None:
    _, at = boxes(Bond.NEXT_TO, "cat", "deciduous-tree", size=size, seed=seed)
    assert at["cat"].height > 0.18 * min(size)


def _drawn(scene: Scene, size: tuple[int, int], seed: int) -> list[DrawingLayer]:
    layers = arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={})
    return [item for item in layers.items if isinstance(item, DrawingLayer)]


@every
@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_around_hides_neither_the_middle_nor_who_stands_there(
    size: tuple[int, int], seed: int, count: int
) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.PARK),
        things=(Thing(id="d1", drawing="child", count=count), Thing(id="d2", drawing="campfire")),
        relations=(Relation(subject="d1", bond=Bond.AROUND, objects=("d2",)),),
    )
    drawn = _drawn(scene, size, seed)
    fire = next(item.box for item in drawn if item.drawing == "campfire")
    others = [item.box for item in drawn if item.drawing != "campfire"]
    assert len(others) == count
    for box in others:
        assert box.overlap(fire) < 0.3 * fire.width * fire.height
    left = sum(box.centre[0] < fire.centre[0] for box in others)
    assert abs(left - (count - left)) <= 1
    if count <= 4:  # beside it, not above it
        assert all(abs(box.bottom - fire.bottom) < 0.4 * box.height for box in others)


@every
def test_something_large_behind_or_before_leaves_half_to_be_seen(
    size: tuple[int, int], seed: int
) -> None:
    _, at = boxes(Bond.BEHIND, "horse", "elephant", size=size, seed=seed)
    horse = at["horse"]
    assert horse.overlap(at["elephant"]) <= 0.51 * horse.width * horse.height
    _, at = boxes(Bond.IN_FRONT_OF, "elephant", "horse", size=size, seed=seed)
    horse = at["horse"]
    assert horse.overlap(at["elephant"]) <= 0.51 * horse.width * horse.height
