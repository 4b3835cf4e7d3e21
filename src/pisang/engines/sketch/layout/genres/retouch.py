"""Edits of a supplied picture: it fills the page, words and things come on top."""

from __future__ import annotations

from pisang.engines.sketch.layers import Layer, PanelLayer
from pisang.engines.sketch.layout.compose import assemble, free_texts, stage_in
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.palettes import inks, luminance
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Role, Slot

_SLOTS = dict.fromkeys(Role, Slot.BOTTOM)


def compose(page: Page) -> list[Layer]:
    """Nothing is known of the picture's colours: words stand on a veil of the other lightness."""
    words = place_words(
        page, free_texts(page), _SLOTS, crowded=True, shares=(0.3, 0.4, 0.3),
        grounds=("#1a1a22",), busy=True,
    )  # fmt: skip
    stage = stage_in(page, words.room, reserved=words.boxes(), grounded=False)
    veils: list[Layer] = []
    for layer in words.layers.values():
        colour = "#101018" if _light(layer.ink) else "#ffffff"
        pad = 0.5 * layer.pixels
        veils.append(PanelLayer(layer.box.grown(pad), inks(colour), radius=pad * 0.8, opacity=0.42))
    return assemble(page, words=words, stage=stage, extra=veils, shadows=False)


def _light(ink: Ink) -> bool:
    return max(map(luminance, ink.colours)) > 0.3
