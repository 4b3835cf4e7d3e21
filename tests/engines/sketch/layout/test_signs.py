"""Words on things stay on their faces; bubbles stand beside the speaker and touch no words."""

import pytest

from pisang.core.image import Canvas
from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import Box, DrawingLayer, Layers, TextLayer, VectorLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.scene import Backdrop, Ink, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import Genre, Place, Role

fonts.setup()
RATIOS = ((1024, 1024), (1376, 768), (768, 1376))


def _laid(scene: Scene, size: tuple[int, int]) -> Layers:
    return arrange(scene, canvas=Canvas(*size, "", ""), seed=4, sizes={})


def _said(layers: Layers) -> dict[str, Box]:
    return {" ".join(i.lines): i.box for i in layers.items if isinstance(i, TextLayer)}


@pytest.mark.parametrize("size", RATIOS)
@pytest.mark.parametrize("name", ["t-shirt", "shape:rectangle", "red-heart", "placard"])
def test_words_lie_on_the_face_of_the_thing(size: tuple[int, int], name: str) -> None:
    scene = Scene(
        things=(Thing(id="d1", drawing=name),),
        texts=(TextRun(id="t1", words="OPEN", role=Role.SIGN, on="d1"),),
    )
    layers = _laid(scene, size)
    thing = next(item.box for item in layers.items if isinstance(item, DrawingLayer))
    words = _said(layers)["OPEN"]
    assert thing.overlap(words) == pytest.approx(words.width * words.height)
    assert words.width > 0.2 * thing.width


@pytest.mark.parametrize("size", RATIOS)
def test_a_thing_without_a_face_gets_a_plate(size: tuple[int, int]) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.STREET),
        things=(Thing(id="d1", drawing="house"),),
        texts=(TextRun(id="t1", words="Bakery", role=Role.SIGN, on="d1"),),
    )
    layers = _laid(scene, size)
    kinds = [type(item).__name__ for item in layers.items]
    assert kinds[-2:] == ["PanelLayer", "TextLayer"]


@pytest.mark.parametrize("size", RATIOS)
def test_bubbles_touch_no_words_and_stay_on_the_page(size: tuple[int, int]) -> None:
    scene = Scene(
        backdrop=Backdrop(place=Place.PARK),
        things=(Thing(id="d1", drawing="dog"), Thing(id="d2", drawing="cat")),
        texts=(
            TextRun(id="t0", words="A talk in the park"),
            TextRun(id="t1", words="Hello, old friend!", role=Role.SPEECH, on="d1"),
            TextRun(id="t2", words="Meow.", role=Role.SPEECH, on="d2"),
        ),
    )
    layers = _laid(scene, size)
    words = list(_said(layers).values())
    assert len(words) == 3
    for at, one in enumerate(words):
        assert one.x > 0
        assert one.right < size[0]
        assert all(one.overlap(two) == 0 for two in words[at + 1 :])
    assert sum(isinstance(item, VectorLayer) for item in layers.items) == 2


def test_an_ink_that_does_not_read_gets_an_outline_and_stays() -> None:
    ink = Ink(colours=("#101840",))
    scene = Scene(
        genre=Genre.CARD,
        backdrop=Backdrop(ink=Ink(colours=("#0b1440",))),
        texts=(TextRun(id="t1", words="Night", ink=ink),),
    )
    text = next(i for i in _laid(scene, (512, 512)).items if isinstance(i, TextLayer))
    assert text.ink == ink
    assert text.outline is not None


def test_an_ink_that_nobody_chose_reads() -> None:
    for ground in ("#ffffff", "#0b1440", "#808080", "#ffd400", "#c0392b"):
        scene = Scene(
            genre=Genre.CARD,
            backdrop=Backdrop(ink=Ink(colours=(ground,))),
            texts=(TextRun(id="t1", words="Hello"),),
        )
        text = next(i for i in _laid(scene, (512, 512)).items if isinstance(i, TextLayer))
        assert _contrast(text.ink.colours[0], ground) >= 4.5


def _contrast(one: str, two: str) -> float:
    def light(colour: str) -> float:
        bands = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [b / 12.92 if b <= 0.04045 else ((b + 0.055) / 1.055) ** 2.4 for b in bands]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)
