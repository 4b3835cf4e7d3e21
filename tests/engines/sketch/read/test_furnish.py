"""Pages leave nothing empty: samples are said, dates and temperatures are the prompt's own."""

from pisang.engines.sketch.read import read
from pisang.engines.sketch.reading import Reading
from pisang.engines.sketch.scene import Scene


def page(prompt: str) -> tuple[Scene, Reading]:
    reading = read(prompt, previous=None, pictures=())
    assert reading.scene is not None, prompt
    return reading.scene, reading


def test_a_month_has_its_days() -> None:
    scene, _ = page("a calendar for February 2027")
    (table,) = scene.blocks
    assert table.items[0].startswith("Mon | Tue")
    assert table.items[1].startswith("1 | 2 | 3")
    assert table.items[-1].startswith("22 | 23")
    assert [run.words for run in scene.texts] == ["February 2027"]


def test_weather_is_one_figure_and_its_town() -> None:
    scene, reading = page("weather app screen for Oslo, -3°C, snow, 3-day forecast")
    assert [run.words for run in scene.texts] == ["Oslo"]
    assert (scene.blocks[0].items, scene.blocks[0].drawing) == (("-3°C",), "cloud-with-snow")
    assert scene.blocks[1].items == ("Mon", "Tue", "Wed")
    assert any("forecast" in note for note in reading.notes)


def test_an_empty_chart_gets_samples_and_says_so() -> None:
    scene, reading = page("dashboard with a line chart of sales")
    assert scene.blocks[0].values
    assert any("samples" in note for note in reading.notes)


def test_a_chart_with_figures_keeps_them() -> None:
    scene, reading = page("bar chart: Jan 10, Feb 20")
    assert scene.blocks[0].values == (10.0, 20.0)
    assert not any("samples" in note for note in reading.notes)


def test_sides_have_their_drawings() -> None:
    scene, _ = page("Cats vs Dogs")
    assert scene.blocks[0].drawings == ("cat", "dog")


def test_a_comic_says_that_panels_are_one_scene() -> None:
    _, reading = page("a 3 panel comic with a dog in a park")
    assert any("panels" in note for note in reading.notes)
