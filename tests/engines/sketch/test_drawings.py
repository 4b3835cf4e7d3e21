"""The drawings open by name and emoji, are clean for librsvg, and the index tells the truth."""

import itertools
import json
import re
import zlib

import pytest
import pyvips

from pisang.engines.sketch import drawings


def rendered(body: str, width: int = 32, height: int = 32) -> pyvips.Image:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * 4}" height="{height * 4}" '
        f'viewBox="0 0 {width} {height}">{body}</svg>'
    )
    return pyvips.Image.svgload_buffer(svg.encode())


def test_every_name_opens_and_no_body_is_slow_to_draw() -> None:
    names = drawings.names()
    assert len(names) > 3000
    assert list(names) == sorted(names)
    leaf_opacity = re.compile(r"<(?:path|circle|ellipse|rect)\b[^>]*\sopacity=[^>]*/>")
    for name in names:
        body = drawings.get(name).body
        assert body.startswith("<g")
        assert body.endswith("</g>")
        assert "<filter" not in body
        assert "<script" not in body
        both = [e for e in leaf_opacity.findall(body) if not (' fill="' in e and ' stroke="' in e)]
        assert not both, name


@pytest.mark.parametrize("name", ["cat", "automobile", "crescent-moon", "balloon", "keycap-5"])
def test_the_box_is_the_box_of_the_ink(name: str) -> None:
    drawing = drawings.get(name)
    alpha = rendered(drawing.body, drawing.width, drawing.height).extract_band(3)
    left, top, width, height = alpha.find_trim(background=0, threshold=24)
    seen = (left / 4, top / 4, (left + width) / 4, (top + height) / 4)
    assert drawing.box == pytest.approx(seen, abs=0.26)


def test_the_index_fits_the_blocks_exactly() -> None:
    raw = json.loads((drawings.DATA / "drawings.json").read_text("utf-8"))
    data = (drawings.DATA / "drawings.bin").read_bytes()
    assert raw["blocks"][-1] == len(data)
    sizes = [
        len(zlib.decompress(data[start:end])) for start, end in itertools.pairwise(raw["blocks"])
    ]
    filled = [0] * len(sizes)
    for block, start, length, *_ in raw["drawings"].values():
        assert (
            start == filled[block]
        )  # in the order of names, without gaps: nothing is left to chance
        filled[block] += length
    assert filled == sizes


def test_two_copies_share_no_id() -> None:
    drawing = drawings.get("violin")
    first, second = drawing.body_with_ids("a"), drawing.body_with_ids("b")
    ids = [set(re.findall(r'\sid="([^"]+)"', body)) for body in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]+)\)", first)) <= ids[0]
    assert rendered(first).avg() == rendered(drawing.body).avg()


def test_emoji_lead_to_drawings() -> None:
    assert drawings.by_emoji("🐈") == drawings.by_emoji("🐈\ufe0f") == "cat"
    assert drawings.by_emoji("👋🏿") == "waving-hand-dark"
    assert drawings.by_emoji("x") is None
    text = "a👩🏽‍🚀b"
    assert drawings.emoji_length(text, 0) == 0
    assert drawings.emoji_length(text, 1) == len(text) - 2


def test_the_index_knows_group_and_tone() -> None:
    cat, hand = drawings.entry("cat"), drawings.entry("waving-hand-medium-dark")
    assert (cat.group, cat.subgroup, cat.tone) == ("animals-nature", "animal-mammal", "")
    assert (hand.base, hand.tone) == ("waving-hand", "medium-dark")
    assert drawings.with_tone("waving-hand", "dark") == "waving-hand-dark"
    assert drawings.with_tone("cat", "dark") == "cat"
    with pytest.raises(KeyError):
        drawings.get("no-such-thing")


@pytest.mark.parametrize("name", ["fox", "bear", "frog", "lion"])
def test_a_noun_means_the_whole_figure_and_its_emoji_the_head(name: str) -> None:
    whole, head = drawings.entry(name), drawings.entry(f"{name}-face")
    assert whole.group == head.group == "animals-nature"
    assert not whole.emoji
    assert drawings.by_emoji(chr(int(head.emoji[0], 16))) == head.name


OWN = ["fox", "boy", "king", "woman-cook", "robot", "barn", "armchair", "submarine", "cherry-tree"]


@pytest.mark.parametrize("name", OWN)
def test_our_drawings_stay_in_their_view_box_and_stand_on_the_ground(name: str) -> None:
    left, top, right, foot = drawings.entry(name).box
    assert left >= 0.25
    assert top >= 0.25
    assert right <= 31.75
    assert 27 <= foot <= 30.5


@pytest.mark.parametrize("name", ["boy", "old-woman", "person-mage", "man-cook"])
def test_our_people_come_in_every_skin_tone(name: str) -> None:
    bodies = {drawings.get(drawings.with_tone(name, tone)).body for tone in ("", *drawings.TONES)}
    assert len(bodies) == 6
    assert all("#ffc83d" not in body for body in bodies - {drawings.get(name).body})
