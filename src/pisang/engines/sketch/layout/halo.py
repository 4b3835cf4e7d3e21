"""A disc of quiet colour behind the hero: it ties loose drawings to a plain page."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, PanelLayer
from pisang.engines.sketch.layout.page import Page, union
from pisang.engines.sketch.layout.palettes import inks, luminance, mixed
from pisang.engines.sketch.layout.staging import Stage

__all__ = ["halo"]


def halo(page: Page, stage: Stage) -> PanelLayer:
    """A circle centred behind what stands on the stage."""
    hero = union(list(stage.boxes().values()))
    side = 0.92 * (hero.width**2 + hero.height**2) ** 0.5
    side = min(side, page.width * 0.96, 1.5 * max(hero.width, hero.height))
    ground = page.palette.ground[0]
    light = luminance(ground) > 0.35
    colour = mixed(ground, page.palette.accent if light else "#ffffff", 0.22 if light else 0.12)
    x, y = hero.centre
    box = Box(x - side / 2, y - side / 2, side, side)
    return PanelLayer(box, inks(colour), radius=side / 2, opacity=0.85)
