"""Members of a group differ from each other."""

from pisang.core.image import Canvas
from pisang.engines.sketch import drawings, fonts
from pisang.engines.sketch.layers import DrawingLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.scene import Backdrop, Ink, Scene, Thing
from pisang.engines.sketch.vocabulary import Place

fonts.setup()


def _drawn(thing: Thing, seed: int = 1) -> list[DrawingLayer]:
    scene = Scene(backdrop=Backdrop(place=Place.PARK), things=(thing,))
    items = arrange(scene, canvas=Canvas(1376, 768, "", ""), seed=seed, sizes={}).items
    return [item for item in items if isinstance(item, DrawingLayer)]


def test_kids_are_girls_and_boys_of_several_tones() -> None:
    for seed in range(6):
        found = _drawn(Thing(id="d1", drawing="child", count=5), seed)
        entries = [drawings.entry(item.drawing) for item in found]
        assert len(entries) == 5
        assert {"girl", "boy"} <= {entry.base for entry in entries}
        assert len({entry.tone for entry in entries}) == 5


def test_the_same_seed_draws_the_same_people() -> None:
    thing = Thing(id="d1", drawing="person-standing", count=3)
    assert _drawn(thing, 4) == _drawn(thing, 4)
    assert _drawn(thing, 4) != _drawn(thing, 5)


def test_boys_stay_boys_and_a_tone_or_ink_that_was_said_stays() -> None:
    boys = _drawn(Thing(id="d1", drawing="boy", count=3))
    assert {drawings.entry(item.drawing).base for item in boys} == {"boy"}
    dark = _drawn(Thing(id="d1", drawing="child-dark", count=3))
    assert {item.drawing for item in dark} == {"child-dark"}
    green = _drawn(Thing(id="d1", drawing="child", count=3, ink=Ink(colours=("#00aa00",))))
    assert {item.drawing for item in green} == {"child"}
    assert [item.drawing for item in _drawn(Thing(id="d1", drawing="child"))] == ["child"]


def test_trees_of_a_group_differ_in_height() -> None:
    trees = _drawn(Thing(id="d1", drawing="evergreen-tree", count=4))
    assert len({round(item.box.height) for item in trees}) == 4
