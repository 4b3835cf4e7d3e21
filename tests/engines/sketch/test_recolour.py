"""Another colour turns the coat, keeps the shapes, the eyes and the window panes."""

import re

import pytest

from pisang.engines.sketch import drawings
from pisang.engines.sketch.recolour import from_oklch, full, recolour, to_oklch

RED, BLUE, WHITE, BLACK = "#e02020", "#2563eb", "#ffffff", "#000000"


def fills(body: str) -> list[str]:
    return [full(fill) for fill in re.findall(r'(?<!data-)fill="(#[0-9a-f]{3,6})"', body)]


@pytest.mark.parametrize("name", ["cat", "automobile", "tulip", "rabbit", "dog", "balloon"])
@pytest.mark.parametrize("colour", [RED, BLUE, WHITE, BLACK])
def test_the_shapes_stay_and_the_main_colour_turns(name: str, colour: str) -> None:
    drawing = drawings.get(name)
    painted = recolour(drawing.body, colour)
    assert re.findall(r'\sd="[^"]+"', painted) == re.findall(r'\sd="[^"]+"', drawing.body)
    assert len(fills(painted)) == len(fills(drawing.body))
    place = fills(drawing.body).index(drawing.fill)
    light, chroma, hue = to_oklch(fills(painted)[place])
    wanted = to_oklch(colour)
    assert abs(light - min(max(wanted[0], 0.33), 0.96)) < 0.02
    assert abs(chroma - wanted[1]) < 0.02
    if wanted[1] > 0.04:
        assert abs(hue - wanted[2]) < 3


def test_shades_keep_their_order() -> None:
    cat = drawings.get("cat").body
    before = [to_oklch(fill)[0] for fill in fills(cat)]
    after = [to_oklch(fill)[0] for fill in fills(recolour(cat, RED))]
    assert sorted(range(len(before)), key=before.__getitem__) == sorted(
        range(len(after)), key=after.__getitem__
    )


def test_eyes_panes_and_skin_stay() -> None:
    assert "#212121" in fills(recolour(drawings.get("cat").body, BLACK))
    assert "#26c9fc" in fills(recolour(drawings.get("automobile").body, RED))
    assert recolour(drawings.get("woman-face").body, BLUE) == drawings.get("woman-face").body
    girl = drawings.get("girl").body
    assert fills(recolour(girl, BLUE)) != fills(girl)
    assert {"#ffc83d", "#f1a11e", "#ff8687"} <= set(fills(recolour(girl, BLUE)))


def test_a_colour_must_be_a_colour() -> None:
    with pytest.raises(ValueError, match="red"):
        recolour(drawings.get("cat").body, "red")


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#e02020", "#123456", "#f3ad61"])
def test_oklch_there_and_back(colour: str) -> None:
    assert from_oklch(to_oklch(colour)) == colour
