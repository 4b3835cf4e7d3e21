"""Edits of one part of a picture: what is masked changes, everything else keeps its pixels."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pyvips

from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.core.errors import MalformedRequest
from pisang.core.events import FinishReason, Image, fold
from pisang.core.image import Canvas, Pixels
from pisang.core.request import (
    AutoMask,
    Edit,
    EditMode,
    GenerateRequest,
    ImageConfig,
    Marks,
    Mask,
    Modality,
    Sampling,
)
from pisang.engines.sketch import fonts
from pisang.engines.sketch.engine import SketchEngine, draw

Array = npt.NDArray[np.uint8]
KEY = b"k" * 32
WIDE, HIGH = 360, 240
HOLE = (slice(60, 180), slice(120, 260))


@pytest.fixture(scope="module", autouse=True)
def _fonts() -> None:
    fonts.setup((), system=False)


def file(pixels: Array) -> bytes:
    high, wide, bands = pixels.shape
    data = np.ascontiguousarray(pixels).data
    picture = pyvips.Image.new_from_memory(data, wide, high, bands, "uchar")
    words = {1: "b-w", 3: "srgb", 4: "srgb"}
    return bytes(picture.copy(interpretation=words[bands]).pngsave_buffer())


def field() -> Array:
    """A green gradient with a red square in the hole."""
    down = np.linspace(90, 200, HIGH)[:, None]
    pixels = np.zeros((HIGH, WIDE, 3), np.uint8)
    pixels[..., 1] = down
    pixels[..., 2] = 60
    pixels[90:150, 160:220] = (230, 30, 30)
    return pixels


def picture(pixels: Array, use: Use | None = None, caption: str = "") -> Part:
    return Part(blob=Blob("image/png", file(pixels)), use=use, caption=caption)


def hole() -> Part:
    mask = np.zeros((HIGH, WIDE, 1), np.uint8)
    mask[HOLE] = 255
    return picture(mask, Use.MASK)


def asking(prompt: str, *pictures: Part, **more: object) -> GenerateRequest:
    words = (Part(text=prompt),) if prompt else ()
    return GenerateRequest(
        model="imagen-3.0-capability-001",
        contents=(Content(Role.USER, (*words, *pictures)),),
        modalities=frozenset({Modality.IMAGE}),
        **more,  # type: ignore[arg-type]
    )


def shown(request: GenerateRequest, size: tuple[int, int] = (WIDE, HIGH)) -> Array:
    sketch = draw(request, Canvas(*size, "3:2", "1K"), key=KEY)
    assert sketch.refused is None
    assert isinstance(sketch.pixels, Pixels)
    shape = (sketch.pixels.height, sketch.pixels.width, sketch.pixels.bands)
    assert shape[:2] == (size[1], size[0])
    return np.frombuffer(sketch.pixels.data, np.uint8).reshape(shape)


def outside(pixels: Array) -> Array:
    kept = pixels.copy()
    kept[HOLE] = 0
    return kept


def redness(pixels: Array) -> int:
    return int(((pixels[..., 0] > 180) & (pixels[..., 1] < 80) & (pixels[..., 2] < 80)).sum())


MASKED = Mask()


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [
        ("a blue car", EditMode.INSERT),
        ("", EditMode.REMOVE),
        ("a beach", EditMode.BACKGROUND),
        ("make it black and white", EditMode.FREE),
        ("a yellow banana", EditMode.FREE),
        ("remove the square", EditMode.FREE),
        ("", EditMode.FREE),
    ],
)
def test_only_what_is_masked_changes(prompt: str, mode: EditMode) -> None:
    done = shown(asking(prompt, picture(field()), hole(), edit=Edit(mode=mode, mask=MASKED)))
    assert np.array_equal(outside(done), outside(field()))
    assert not np.array_equal(done[HOLE], field()[HOLE])


@pytest.mark.parametrize(
    ("prompt", "mode"), [("", EditMode.REMOVE), ("remove the square", EditMode.FREE)]
)
def test_what_is_taken_away_leaves_its_surroundings(prompt: str, mode: EditMode) -> None:
    done = shown(asking(prompt, picture(field()), hole(), edit=Edit(mode=mode, mask=MASKED)))
    assert redness(field()) > 3000
    assert redness(done) == 0
    plain = np.linspace(90, 200, HIGH)[60:180, None]
    assert np.abs(done[HOLE][..., 1] - plain).mean() < 8


def test_what_is_put_in_is_drawn_on_the_pictures_own_ground() -> None:
    edit = Edit(mode=EditMode.INSERT, mask=MASKED)
    done = shown(asking("a red car", picture(field()), hole(), edit=edit))[HOLE]
    removed = shown(
        asking("", picture(field()), hole(), edit=Edit(mode=EditMode.REMOVE, mask=MASKED))
    )
    assert redness(done) > 500
    assert np.array_equal(done[:4, :4], removed[HOLE][:4, :4])  # its corner: no ground of its own


def test_a_prompt_that_tells_the_whole_picture_puts_its_things_on_the_ground_that_is_there() -> (
    None
):
    """OpenAI's prompts do; Imagen's name what is to lie under the mask."""
    edits = {mode: Edit(mode=mode, mask=MASKED) for mode in (EditMode.FREE, EditMode.INSERT)}
    parts = picture(field()), hole()
    done = {m: shown(asking("a red car on a beach", *parts, edit=e)) for m, e in edits.items()}
    bare = shown(asking("a red car", *parts, edit=edits[EditMode.FREE]))
    assert np.array_equal(done[EditMode.FREE][HOLE][:4, :4], bare[HOLE][:4, :4])
    assert not np.array_equal(done[EditMode.INSERT][HOLE][9:13, 9:13], bare[HOLE][9:13, 9:13])


def test_masks_say_what_may_change_in_two_ways() -> None:
    holes = np.full((HIGH // 2, WIDE // 2, 4), 255, np.uint8)  # half the size: it is stretched
    holes[30:90, 60:130, 3] = 0
    edit = Edit(mode=EditMode.REMOVE, mask=Mask(marks=Marks.HOLES))
    done = shown(asking("", picture(field()), picture(holes, Use.MASK), edit=edit))
    assert redness(done) == 0
    assert np.array_equal(outside(done), outside(field()))
    with pytest.raises(MalformedRequest, match="no transparency"):
        shown(asking("", picture(field()), hole(), edit=edit))


def test_dilation_widens_a_mask() -> None:
    edit = Edit(mode=EditMode.REMOVE, mask=Mask(dilation=0.1))
    small = np.zeros((HIGH, WIDE, 1), np.uint8)
    small[100:140, 170:210] = 255
    assert redness(shown(asking("", picture(field()), picture(small, Use.MASK), edit=edit))) == 0
    edit = Edit(mode=EditMode.REMOVE, mask=MASKED)
    assert redness(shown(asking("", picture(field()), picture(small, Use.MASK), edit=edit))) > 0


@pytest.mark.parametrize("auto", [AutoMask.FOREGROUND, AutoMask.SEMANTIC])
def test_a_subject_is_found_without_a_mask(auto: AutoMask) -> None:
    edit = Edit(mode=EditMode.REMOVE, mask=Mask(auto=auto, dilation=0.02))
    done = shown(asking("", picture(field()), edit=edit))
    assert redness(done) == 0
    assert np.array_equal(done[:20], field()[:20])


@pytest.mark.parametrize("mask", [None, Mask(auto=AutoMask.BACKGROUND)])
def test_the_background_is_another_one_and_the_subject_stays(mask: Mask | None) -> None:
    done = shown(
        asking("a beach at night", picture(field()), edit=Edit(mode=EditMode.BACKGROUND, mask=mask))
    )
    assert np.abs(done[110:130, 180:200].astype(int) - (230, 30, 30)).max() < 12
    assert np.abs(done[:40, :40].astype(int) - field()[:40, :40]).mean() > 20


def test_a_picture_goes_on_beyond_its_edge() -> None:
    request = asking("", picture(field()), edit=Edit(mode=EditMode.EXTEND))
    done = shown(request, (WIDE * 2, HIGH))
    assert np.array_equal(done[:, WIDE // 2 : WIDE // 2 + WIDE], field())
    plain = np.linspace(90, 200, HIGH)[10:-10]
    assert np.abs(done[10:-10, 20, 1] - plain).mean() < 12
    more = shown(
        asking("a red car", *request.contents[0].parts, edit=request.edit), (WIDE * 2, HIGH)
    )
    assert redness(more) > redness(done) + 300
    assert np.array_equal(more[:, WIDE // 2 : WIDE // 2 + WIDE], field())


def test_a_hole_is_filled_where_a_picture_should_go_on() -> None:
    edit = Edit(mode=EditMode.EXTEND, mask=Mask())
    done = shown(asking("", picture(field()), hole(), edit=edit))
    assert redness(done) == 0 < redness(field())
    kept = np.ones((HIGH, WIDE), bool)
    kept[HOLE] = False
    assert np.array_equal(done[kept], field()[kept])


def test_a_picture_is_enlarged_and_stays_what_it_is() -> None:
    done = shown(asking("", picture(field()), upscale=2), (WIDE * 2, HIGH * 2))
    halved = done.reshape(HIGH, 2, WIDE, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - field()).mean() < 3
    clear = np.dstack((field(), np.full((HIGH, WIDE), 255, np.uint8)))
    clear[:100, :100, 3] = 0
    done = shown(asking("", picture(clear), upscale=2), (WIDE * 2, HIGH * 2))
    assert done.shape[2] == 4
    assert (done[50, 50, 3], done[300, 300, 3]) == (0, 255)


def test_clothes_are_laid_on_the_person() -> None:
    person = np.full((300, 200, 3), 255, np.uint8)
    person[40:280, 70:130] = (200, 160, 120)
    shirt = np.full((100, 100, 3), 255, np.uint8)
    shirt[10:90, 10:90] = (220, 20, 20)
    parts = picture(person), picture(shirt, Use.GARMENT)
    done = shown(asking("", *parts, edit=Edit(mode=EditMode.WEAR)), (200, 300))
    assert redness(done) > 1500
    assert redness(done[:70]) == redness(done[220:]) == 0


def test_a_subject_stands_in_for_the_thing_it_is_called() -> None:
    subject = np.full((100, 100, 3), 255, np.uint8)
    subject[20:80, 20:80] = (230, 20, 20)
    plain = shown(asking("a dog on a beach"))
    done = shown(asking("a dog on a beach", picture(subject, Use.SUBJECT, "dog")))
    assert redness(done) > redness(plain) + 500
    alone = shown(asking("", picture(subject, Use.SUBJECT)))
    assert redness(alone) > 500


def test_a_style_picture_lends_its_colours_and_its_words() -> None:
    blue = np.zeros((60, 60, 3), np.uint8)
    blue[..., 2] = np.linspace(80, 255, 60)[:, None]
    prompt = "a house on a hill"
    plain = shown(asking(prompt)).mean(axis=(0, 1))
    done = shown(asking(prompt, picture(blue, Use.STYLE))).mean(axis=(0, 1))
    assert done[2] - done[0] > plain[2] - plain[0] + 20
    named = shown(asking(prompt, picture(blue, Use.STYLE, "watercolour")))
    assert not np.array_equal(named, shown(asking(prompt, picture(blue, Use.STYLE))))


def test_a_control_picture_lends_its_lines() -> None:
    prompt = "a house on a hill"
    plain, done = shown(asking(prompt)), shown(asking(prompt, picture(field(), Use.CONTROL)))
    darker = plain.astype(int).sum(axis=2) - done.astype(int).sum(axis=2)
    assert (darker[86:154, 156:224] > 60).sum() > 200  # around the square
    assert np.array_equal(plain[:40], done[:40])


def test_a_negative_prompt_keeps_things_out() -> None:
    def scene(prompt: str, negative: str | None = None) -> Array:
        sampling = Sampling(seed=4)
        return shown(asking(prompt, negative=negative, sampling=sampling))

    both = scene("a dog and a red car on a meadow")
    without = scene("a dog and a red car on a meadow", "car, blurry, low quality")
    assert np.array_equal(without, scene("a dog on a meadow"))
    assert not np.array_equal(without, both)


@pytest.mark.parametrize(
    ("prompt", "allowed", "refused"),
    [
        ("a man on a hill", "DONT_ALLOW", True),
        ("a man on a hill", "ALLOW_NONE", True),
        ("a man on a hill", "ALLOW_ADULT", False),
        ("a man on a hill", None, False),
        ("a boy on a hill", "ALLOW_ADULT", True),
        ("a boy on a hill", "ALLOW_ALL", False),
        ("a fox on a hill", "DONT_ALLOW", False),
    ],
)
async def test_people_are_drawn_where_they_are_allowed(
    prompt: str, allowed: str | None, refused: bool, engine: SketchEngine
) -> None:
    request = asking(prompt, image=ImageConfig(person_generation=allowed))
    card = catalog().cards["imagen-4.0-generate-001"]
    result = await fold(engine.generate(request, card=card, canvas=Canvas(96, 96, "1:1", "1K")))
    drawn = any(isinstance(part, Image) for part in result.parts)
    assert (result.finished.reason is FinishReason.IMAGE_SAFETY) is refused
    assert drawn is not refused


@pytest.fixture
async def engine() -> AsyncIterator[SketchEngine]:
    running = SketchEngine(KEY)
    yield running
    await running.close()


def test_people_are_not_put_into_a_picture_either() -> None:
    request = asking(
        "a woman",
        picture(field()),
        hole(),
        edit=Edit(mode=EditMode.INSERT, mask=MASKED),
        image=ImageConfig(person_generation="DONT_ALLOW"),
    )
    sketch = draw(request, Canvas(WIDE, HIGH, "3:2", "1K"), key=KEY)
    assert sketch.pixels is None
    assert sketch.refused


SHAPES = [(1, 1), (1, 40), (40, 1), (3, 3), (17, 9)]


@pytest.mark.parametrize("mode", list(EditMode))
@pytest.mark.parametrize("size", SHAPES)
def test_no_picture_is_too_small(mode: EditMode, size: tuple[int, int]) -> None:
    tiny = np.full((size[1], size[0], 3), 120, np.uint8)
    white = picture(np.full((2, 2, 1), 255, np.uint8), Use.MASK)
    for parts, mask in (
        ((picture(tiny), white), MASKED),
        ((picture(tiny), picture(tiny, Use.GARMENT)), None),
        ((picture(tiny), picture(tiny, Use.SUBJECT, "cat")), Mask(auto=AutoMask.FOREGROUND)),
        ((picture(tiny), picture(tiny, Use.STYLE), picture(tiny, Use.CONTROL)), MASKED),
    ):
        request = asking("a cat", *parts, edit=Edit(mode=mode, mask=mask))
        assert shown(request, size).size == tiny.size
        assert shown(request, (64, 40)).shape == (40, 64, 3)
    assert shown(asking("", picture(tiny), upscale=4), (size[0] * 4, size[1] * 4)).size


async def test_an_edit_asks_for_no_more_than_a_thread(tmp_path: Path, engine: SketchEngine) -> None:
    """Edits run in the engine's pool like everything else: eight at once come back."""
    del tmp_path
    card = catalog().cards["imagen-3.0-capability-001"]
    request = asking("", picture(field()), hole(), edit=Edit(mode=EditMode.REMOVE, mask=MASKED))
    canvas = Canvas(WIDE, HIGH, "3:2", "1K")
    results = await asyncio.gather(
        *(fold(engine.generate(request, card=card, canvas=canvas)) for _ in range(8))
    )
    assert all(result.finished.reason is FinishReason.STOP for result in results)
