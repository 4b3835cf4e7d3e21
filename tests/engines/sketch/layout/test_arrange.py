"""Promises of a layout over many random scenes, ratios and seeds."""

import itertools
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pisang.core.image import Canvas
from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import (
    BackdropLayer,
    Box,
    DrawingLayer,
    EffectLayer,
    Layers,
    PanelLayer,
    TextLayer,
)
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.scene import Backdrop, Block, Effect, Ink, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import (
    BlockKind,
    Depth,
    EffectKind,
    Genre,
    Place,
    Role,
    Size,
    Slot,
)

fonts.setup()

RATIOS = ((1024, 1024), (1376, 768), (768, 1376), (2048, 256), (256, 2048), (1584, 672))
WORDS = (
    "Happy Birthday!",
    "Sale",
    "Two lines\nof words",
    "A much longer sentence that has to be broken into several lines to be read at all",
    "https://example.com/a/very/long/address/that/has/no/spaces/in/it",
    "Счастья и здоровья",
    "עיד שמח לכולם",
    "كل عام وأنتم بخير",
    "สุขสันต์วันเกิด",
    "जन्मदिन मुबारक",
    "I ❤️ pizza 🍕",
    "WWWWWWWWWW",
    "j",
)
DRAWINGS = (
    "cat",
    "deciduous-tree",
    "sun",
    "bird",
    "house",
    "ant",
    "elephant",
    "balloon",
    "hot-beverage",
    "sailboat",
    "fish",
    "mountain",
    "shape:circle",
    "shape:line",
)

texts = st.lists(
    st.tuples(
        st.sampled_from(WORDS),
        st.sampled_from([role for role in Role if role not in (Role.SIGN, Role.SPEECH)]),
        st.sampled_from([None, *Slot]),
        st.sampled_from([None, Size.TINY, Size.HUGE]),
    ),
    max_size=4,
)
things = st.lists(
    st.tuples(
        st.sampled_from(DRAWINGS),
        st.sampled_from([1, 1, 2, 3, 7, 24]),
        st.sampled_from([None, None, *Slot]),
        st.sampled_from([None, None, *Size]),
        st.sampled_from([None, None, *Depth]),
    ),
    max_size=4,
)
genres = st.sampled_from(
    [genre for genre in Genre if genre not in (Genre.COLLAGE, Genre.EDIT, Genre.PATTERN)]
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    return Scene(
        genre=draw(genres),
        backdrop=Backdrop(place=draw(st.sampled_from([None, *Place]))),
        texts=tuple(
            TextRun(id=f"t{at}", words=words, role=role, slot=slot, size=size)
            for at, (words, role, slot, size) in enumerate(draw(texts))
        ),
        things=tuple(
            Thing(id=f"d{at}", drawing=name, count=count, slot=slot, size=size, depth=depth)
            for at, (name, count, slot, size, depth) in enumerate(draw(things))
        ),
    )


def laid(scene: Scene, size: tuple[int, int] = (1024, 1024), seed: int = 1) -> Layers:
    return arrange(scene, canvas=Canvas(*size, "", ""), seed=seed, sizes={})


def words_of(layers: Layers) -> list[TextLayer]:
    return [item for item in layers.items if isinstance(item, TextLayer)]


def inside(box: Box, page: Box, slack: float) -> bool:
    return (
        box.x >= page.x - slack
        and box.y >= page.y - slack
        and box.right <= page.right + slack
        and box.bottom <= page.bottom + slack
    )


wild = settings(
    max_examples=120, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@wild
@given(scene=scenes(), size=st.sampled_from(RATIOS), seed=st.integers(0, 2**32 - 1))
def test_words_stay_in_the_margins_and_never_touch(
    scene: Scene, size: tuple[int, int], seed: int
) -> None:
    layers = laid(scene, size, seed)
    page = Box(0, 0, *size)
    margin = 0.03 * min(size)
    safe = Box(margin, margin, page.width - 2 * margin, page.height - 2 * margin)
    found = words_of(layers)
    for text in found:
        assert inside(text.box, safe, 0.5), text
    for one, two in itertools.combinations(found, 2):
        shared = one.box.overlap(two.box)
        assert shared <= 0.002 * min(
            one.box.width * one.box.height, two.box.width * two.box.height
        ), (one, two)


@wild
@given(scene=scenes(), size=st.sampled_from(RATIOS), seed=st.integers(0, 2**32 - 1))
def test_things_stay_on_the_canvas_in_their_number(
    scene: Scene, size: tuple[int, int], seed: int
) -> None:
    layers = laid(scene, size, seed)
    page = Box(0, 0, *size)
    drawn = [item for item in layers.items if isinstance(item, DrawingLayer)]
    for item in drawn:
        assert inside(item.box, page, 0.5), item
        assert item.box.width > 0
        assert item.box.height > 0
    if scene.genre is not Genre.INTERFACE:
        for name in {thing.drawing for thing in scene.things}:
            wanted = sum(thing.count for thing in scene.things if thing.drawing == name)
            assert sum(item.drawing == name for item in drawn) == wanted


@wild
@given(scene=scenes(), size=st.sampled_from(RATIOS))
def test_same_seed_same_layers(scene: Scene, size: tuple[int, int]) -> None:
    assert laid(scene, size, 7) == laid(scene, size, 7)


@wild
@given(scene=scenes(), seed=st.integers(0, 2**32 - 1))
def test_four_times_the_pixels_is_the_same_composition(scene: Scene, seed: int) -> None:
    small, large = laid(scene, (1376, 768), seed), laid(scene, (5504, 3072), seed)
    assert len(small.items) == len(large.items)
    for one, two in zip(small.items, large.items, strict=True):
        assert type(one) is type(two)
        if isinstance(one, TextLayer) and isinstance(two, TextLayer):
            assert one.lines == two.lines
            assert math.isclose(one.pixels * 4, two.pixels, rel_tol=1e-6)
        if isinstance(one, DrawingLayer | TextLayer | PanelLayer):
            assert not isinstance(two, BackdropLayer)
            for a, b in (
                (one.box.x, two.box.x),
                (one.box.y, two.box.y),
                (one.box.width, two.box.width),
                (one.box.height, two.box.height),
            ):
                assert math.isclose(a * 4, b, rel_tol=1e-5, abs_tol=1e-2)


def test_every_word_is_set() -> None:
    scene = Scene(
        genre=Genre.POSTER,
        texts=(
            TextRun(id="t1", words="Summer fair and market"),
            TextRun(id="t2", words="Bring your friends", role=Role.BODY),
        ),
        things=(Thing(id="d1", drawing="sun"),),
    )
    for size in RATIOS:
        said = {" ".join(text.lines) for text in words_of(laid(scene, size))}
        assert said == {"Summer fair and market", "Bring your friends"}


def test_another_seed_is_another_composition() -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.MEADOW),
        things=(
            Thing(id="d1", drawing="cat"),
            Thing(id="d2", drawing="house"),
            Thing(id="d3", drawing="bird", count=5),
        ),
    )
    seen = {laid(scene, seed=seed).items for seed in range(8)}
    assert len(seen) == 8


def test_words_keep_clear_of_what_stands() -> None:
    scene = Scene(
        genre=Genre.CARD,
        texts=(TextRun(id="t1", words="Get well soon"),),
        things=(Thing(id="d1", drawing="bouquet"), Thing(id="d2", drawing="balloon", count=5)),
    )
    for size in RATIOS:
        layers = laid(scene, size)
        title = words_of(layers)[0]
        for item in layers.items:
            if isinstance(item, DrawingLayer):
                assert item.box.overlap(title.box) == 0


@pytest.mark.parametrize("kind", list(BlockKind))
@pytest.mark.parametrize("genre", [Genre.INFOGRAPHIC, Genre.INTERFACE])
def test_every_block_says_its_label(genre: Genre, kind: BlockKind) -> None:
    block = Block(id="b1", kind=kind, label="Solar", items=("Monday", "Tuesday"), values=(3.0, 5.0))
    layers = laid(Scene(genre=genre, blocks=(block,)), (1376, 768))
    said = {" ".join(text.lines) for text in words_of(layers)}
    assert "Solar" in said
    assert said - {"Solar"} or kind is BlockKind.BUTTON  # a button says one thing


def test_frames_and_grain_lie_over_the_words_and_confetti_under_them() -> None:
    scene = Scene(
        genre=Genre.CARD,
        texts=(TextRun(id="t1", words="Hello"),),
        effects=(Effect(kind=EffectKind.FRAME), Effect(kind=EffectKind.CONFETTI)),
    )
    kinds = [
        item.effect.kind if hasattr(item, "effect") else type(item).__name__
        for item in laid(scene).items
    ]
    assert kinds == ["BackdropLayer", EffectKind.CONFETTI, "TextLayer", EffectKind.FRAME]
    confetti = laid(scene).items[1]
    assert words_of(laid(scene))[0].box in getattr(confetti, "avoid", ())


def test_words_before_a_busy_place_stand_on_a_panel() -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.CAFE),
        texts=(TextRun(id="t1", words="Slow Mornings"),),
        things=(Thing(id="d1", drawing="hot-beverage"),),
    )
    for size in RATIOS:
        layers = laid(scene, size)
        text = words_of(layers)[0]
        panels = [item for item in layers.items if isinstance(item, PanelLayer)]
        assert len(panels) == 1
        assert inside(text.box, panels[0].box, 0.0)
        assert inside(panels[0].box, Box(0, 0, *size), -0.02 * min(size))
        cup = next(item.box for item in layers.items if isinstance(item, DrawingLayer))
        assert cup.overlap(panels[0].box) == 0


def test_flowers_of_a_card_frame_its_words_from_the_corners() -> None:
    for count in (2, 3, 4, 8, 12):
        scene = Scene(
            genre=Genre.CARD,
            texts=(TextRun(id="t1", words="Anna & Tom"),),
            things=(Thing(id="d1", drawing="rose", count=count),),
        )
        for size in RATIOS:
            layers = laid(scene, size)
            text = words_of(layers)[0].box
            roses = [item.box for item in layers.items if isinstance(item, DrawingLayer)]
            assert len(roses) == count
            assert any(rose.centre[1] < text.y for rose in roses) or size[0] > size[1]
            for rose in roses:
                assert rose.overlap(text) == 0


def test_the_ground_stays_when_things_and_words_come_and_go() -> None:
    whole = Scene(
        backdrop=Backdrop(place=Place.FOREST),
        things=(Thing(id="d1", drawing="fox"), Thing(id="d2", drawing="owl", count=2)),
        effects=(Effect(kind=EffectKind.FOG), Effect(kind=EffectKind.SNOW)),
    )
    words = (TextRun(id="t1", words="Forest club"),)
    for seed in range(6):
        grounds = {
            laid(scene, seed=seed).items[0]
            for scene in (
                whole,
                whole.model_copy(update={"things": whole.things[:1]}),
                whole.model_copy(update={"texts": words}),
            )
        }
        assert len(grounds) == 1
        less = whole.model_copy(update={"effects": whole.effects[1:]})
        snow = [
            next(i.seed for i in laid(scene, seed=seed).items if _falls(i, EffectKind.SNOW))
            for scene in (whole, less)
        ]
        assert snow[0] == snow[1]


def _falls(item: object, kind: EffectKind) -> bool:
    return isinstance(item, EffectLayer) and item.effect.kind is kind


def test_who_stays_keeps_its_order_when_another_leaves() -> None:
    names = ("cat", "dog", "rabbit", "fox")
    for seed in range(8):
        scene = Scene(
            backdrop=Backdrop(place=Place.PARK),
            things=tuple(Thing(id=f"d{at}", drawing=name) for at, name in enumerate(names)),
        )
        less = scene.model_copy(update={"things": scene.things[:-1]})
        order = [
            [
                item.drawing
                for item in sorted(
                    (i for i in laid(one, (1376, 768), seed).items if isinstance(i, DrawingLayer)),
                    key=lambda item: item.box.centre[0],
                )
                if item.drawing != "fox"
            ]
            for one in (scene, less)
        ]
        assert order[0] == order[1]


@pytest.mark.parametrize("genre", [Genre.CARD, Genre.POSTER, Genre.SOCIAL])
def test_another_seed_is_another_card_or_poster(genre: Genre) -> None:
    scene = Scene(
        genre=genre,
        texts=(TextRun(id="t1", words="Spring Concert"),),
        things=(Thing(id="d1", drawing="violin"),),
    )
    for size in ((1024, 1024), (1376, 768)):
        seen = {words_of(laid(scene, size, seed))[0].box for seed in range(12)}
        assert len(seen) > 1


def test_a_rainbow_over_land_is_an_arc_behind_what_stands() -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.MEADOW),
        things=(Thing(id="d1", drawing="unicorn"), Thing(id="d2", drawing="rainbow")),
    )
    kinds = [
        item.effect.kind if isinstance(item, EffectLayer) else type(item).__name__
        for item in laid(scene).items
    ]
    assert kinds == ["BackdropLayer", EffectKind.RAINBOW, "DrawingLayer"]
    room = scene.model_copy(update={"backdrop": Backdrop(place=Place.ROOM)})
    assert not any(isinstance(item, EffectLayer) for item in laid(room).items)


def test_another_seed_looks_the_other_way_but_nothing_written_on_is_mirrored() -> None:
    scene = Scene(genre=Genre.ICON, things=(Thing(id="d1", drawing="fox"),))
    flips = {_drawn(laid(scene, seed=seed))[0].flip for seed in range(8)}
    assert flips == {True, False}
    shirt = Scene(
        things=(Thing(id="d1", drawing="bus"),),
        texts=(TextRun(id="t1", words="Line 5", role=Role.SIGN, on="d1"),),
    )
    assert not any(_drawn(laid(shirt, seed=seed))[0].flip for seed in range(8))


def _drawn(layers: Layers) -> list[DrawingLayer]:
    return [item for item in layers.items if isinstance(item, DrawingLayer)]


def test_a_volcano_in_the_background_stands_on_the_horizon_in_haze() -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.MEADOW),
        things=(
            Thing(id="d1", drawing="sauropod", size=Size.HUGE),
            Thing(id="d2", drawing="volcano", depth=Depth.BACKGROUND),
        ),
    )
    for size in RATIOS:
        for seed in range(3):
            layers = laid(scene, size, seed)
            far, near = _drawn(layers)
            assert (far.drawing, near.drawing) == ("volcano", "sauropod")
            assert far.haze >= 0.35
            assert near.haze == 0
            assert far.box.bottom < near.box.bottom
            area = far.box.width * far.box.height
            if size[0] >= size[1]:  # tall paper leaves no room beside what is huge
                assert far.box.overlap(near.box) < 0.75 * area


def test_white_on_cream_is_lifted_and_red_is_not() -> None:
    cream = Ink(colours=("#fffdd0",))
    for drawing, ink, pale in (
        ("blossom", Ink(colours=("#ffffff",)), True),
        ("rose", None, False),
        ("blossom", Ink(colours=("#cc0000",)), False),
    ):
        things = (Thing(id="d1", drawing=drawing, ink=ink),)
        for place in (None, Place.MEADOW):
            scene = Scene(backdrop=Backdrop(ink=cream, place=place), things=things)
            (found,) = _drawn(laid(scene))
            assert (found.lift is not None) == (pale and place is None)


def test_loose_candles_stand_on_the_cake_and_presents_before_it_are_smaller() -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.TABLE),
        things=(
            Thing(id="d1", drawing="birthday-cake"),
            Thing(id="d2", drawing="candle", count=3),
            Thing(id="d3", drawing="wrapped-gift", count=3, depth=Depth.FOREGROUND),
        ),
    )
    for seed in range(5):
        found = _drawn(laid(scene, (1200, 896), seed))
        cake = next(item.box for item in found if item.drawing == "birthday-cake")
        candles = [item.box for item in found if item.drawing == "candle"]
        gifts = [item.box for item in found if item.drawing == "wrapped-gift"]
        assert len(candles) == len(gifts) == 3
        for box in candles:
            assert cake.x < box.centre[0] < cake.right
            assert cake.y < box.bottom < cake.centre[1]
        assert all(box.height < cake.height for box in gifts)
        assert all(box.bottom > cake.bottom for box in gifts)
        assert [item.drawing for item in found][-1] == "wrapped-gift"


def test_what_stands_in_the_centre_among_others_is_the_largest() -> None:
    names = {"lemon": Slot.LEFT, "pear": Slot.CENTRE, "tangerine": Slot.RIGHT}
    things = tuple(
        Thing(id=f"d{at}", drawing=name, slot=slot) for at, (name, slot) in enumerate(names.items())
    )
    scene = Scene(backdrop=Backdrop(place=Place.TABLE), things=things)
    at = {item.drawing: item.box for item in _drawn(laid(scene))}
    sizes = {name: (box.width * box.height) ** 0.5 for name, box in at.items()}
    assert sizes["pear"] > 1.2 * max(sizes["lemon"], sizes["tangerine"])
    assert at["lemon"].centre[0] < at["pear"].centre[0] < at["tangerine"].centre[0]


def test_a_window_of_a_room_is_the_one_in_its_wall() -> None:
    things = (Thing(id="d1", drawing="birthday-cake"), Thing(id="d2", drawing="window"))
    indoors = laid(Scene(backdrop=Backdrop(place=Place.KITCHEN), things=things))
    assert [item.drawing for item in _drawn(indoors)] == ["birthday-cake"]
    outdoors = laid(Scene(backdrop=Backdrop(place=Place.MEADOW), things=things))
    assert {item.drawing for item in _drawn(outdoors)} == {"birthday-cake", "window"}


def test_words_on_a_panel_share_one_alignment_and_one_middle() -> None:
    for slot in (Slot.TOP_RIGHT, Slot.TOP_LEFT, Slot.RIGHT):
        texts = (
            TextRun(id="t1", words="Miss you", slot=slot),
            TextRun(id="t2", words="from all of us in the old town", role=Role.BODY, slot=slot),
        )
        for size in RATIOS[:3]:
            scene = Scene(backdrop=Backdrop(place=Place.CITY), texts=texts, genre=Genre.CARD)
            words = words_of(laid(scene, size))
            assert {layer.align for layer in words} == {"centre"}
            middles = [layer.box.centre[0] for layer in words]
            assert max(middles) - min(middles) < 1
