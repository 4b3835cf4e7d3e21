"""Blocks fill their panels, say only what was given, and get the icon their words ask for."""

import pytest

from pisang.core.image import Canvas
from pisang.engines.sketch import drawings, fonts
from pisang.engines.sketch.layers import DrawingLayer, Layers, PanelLayer, TextLayer, VectorLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.layout.blocks import glyphs, pictograms
from pisang.engines.sketch.scene import Block, Scene, TextRun
from pisang.engines.sketch.vocabulary import BlockKind, Genre, Role

fonts.setup()
RATIOS = ((1024, 1024), (1376, 768), (768, 1376))


def _laid(genre: Genre, *blocks: Block, size: tuple[int, int], title: str = "") -> Layers:
    texts = (TextRun(id="t1", words=title, role=Role.TITLE),) if title else ()
    scene = Scene(genre=genre, blocks=blocks, texts=texts)
    return arrange(scene, canvas=Canvas(*size, "", ""), seed=2, sizes={})


def _said(layers: Layers) -> dict[str, TextLayer]:
    return {" ".join(i.lines): i for i in layers.items if isinstance(i, TextLayer)}


@pytest.mark.parametrize("size", RATIOS)
def test_steps_are_large_on_their_cards_and_have_a_drawing(size: tuple[int, int]) -> None:
    block = Block(id="b1", kind=BlockKind.STEP, items=("Plan", "Build", "Ship"))
    layers = _laid(Genre.INFOGRAPHIC, block, size=size, title="How we work")
    said = _said(layers)
    unit = (size[0] * size[1]) ** 0.5
    for word in ("Plan", "Build", "Ship"):
        assert said[word].pixels > 0.03 * unit
    drawn = {item.drawing for item in layers.items if isinstance(item, DrawingLayer)}
    assert drawn == {"clipboard", "hammer-and-wrench", "rocket"}


@pytest.mark.parametrize("kind", [BlockKind.LINE_CHART, BlockKind.BAR_CHART, BlockKind.PIE_CHART])
@pytest.mark.parametrize("genre", [Genre.INFOGRAPHIC, Genre.INTERFACE])
def test_a_chart_without_data_invents_no_number(genre: Genre, kind: BlockKind) -> None:
    layers = _laid(genre, Block(id="b1", kind=kind), size=(1376, 768))
    words = set(_said(layers))
    assert words <= set("ABCDEF")
    assert any(isinstance(item, VectorLayer) for item in layers.items)


@pytest.mark.parametrize("size", RATIOS)
def test_dates_of_a_timeline_stand_in_its_discs(size: tuple[int, int]) -> None:
    block = Block(id="b1", kind=BlockKind.TIMELINE, items=("2019 Founded", "2024 Going global"))
    layers = _laid(Genre.INFOGRAPHIC, block, size=size)
    said = _said(layers)
    assert set(said) == {"2019", "Founded", "2024", "Going global"}
    discs = [item.box for item in layers.items if isinstance(item, PanelLayer)]
    inside = [
        disc for disc in discs
        if disc.overlap(said["2019"].box) >= 0.99 * said["2019"].box.width * said["2019"].box.height
    ]  # fmt: skip
    assert len(inside) == 2  # the card and the disc


def test_a_dashboard_has_a_sidebar_and_its_figures_in_one_row() -> None:
    blocks = (
        Block(id="b1", kind=BlockKind.LINE_CHART, label="Growth"),
        *(Block(id=f"s{at}", kind=BlockKind.STAT, label=f"Figure {at}") for at in range(3)),
        Block(id="b2", kind=BlockKind.NAV, items=("Overview", "Reports")),
    )
    said = _said(_laid(Genre.INTERFACE, *blocks, size=(1376, 768)))
    rows = {round(said[f"Figure {at}"].box.y) for at in range(3)}
    assert len(rows) == 1
    assert said["Figure 0"].box.y < said["Growth"].box.y
    assert said["Overview"].box.x < said["Figure 0"].box.x


def test_every_pictogram_and_glyph_is_there() -> None:
    for word in ("plan", "launch", "coffee", "dogs", "Going global"):
        found = pictograms.pictured(word)
        assert found is not None
        assert drawings.entry(found)
    assert pictograms.pictured("Q1") is None
    assert glyphs.named("My profile", 0) == "person"
    assert [glyphs.named("Xyz", at) for at in range(3)] == list(glyphs.USUAL[:3])
