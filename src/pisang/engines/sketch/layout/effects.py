"""Sorts a scene's effects into depths: behind the things, before them, and over everything."""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.vocabulary import EffectKind

__all__ = ["before", "behind", "over"]

_BEHIND = {
    EffectKind.STARS, EffectKind.CLOUDS, EffectKind.SUNRAYS, EffectKind.RAINBOW,
    EffectKind.BOKEH, EffectKind.FIREWORKS, EffectKind.GLOW, EffectKind.LIGHTNING,
    EffectKind.BALLOONS, EffectKind.BLUR,
}  # fmt: skip
_KINDS = tuple(EffectKind)  # chance by kind: what stays keeps its flakes when another goes
_SPANNING = {EffectKind.RAINBOW, EffectKind.SUNRAYS}
_OVER = {EffectKind.FRAME, EffectKind.VIGNETTE, EffectKind.GRAIN}


def behind(page: Page, words: Sequence[Box], bodies: Sequence[Box] = ()) -> list[EffectLayer]:
    """What belongs to the air and the sky. A rainbow keeps clear of words, but things stand
    before it, or it would shrink to a bow at their feet."""
    spanning = [kind for kind in EffectKind if kind in _SPANNING]
    rest = [kind for kind in EffectKind if kind in _BEHIND - _SPANNING]
    return [*_layers(page, spanning, words), *_layers(page, rest, [*words, *bodies])]


def before(page: Page, avoid: Sequence[Box]) -> list[EffectLayer]:
    """What falls or lies before the things, but behind the words."""
    rest = [kind for kind in EffectKind if kind not in _BEHIND | _OVER]
    return _layers(page, rest, avoid)


def over(page: Page) -> list[EffectLayer]:
    """What frames and tones the finished picture."""
    return _layers(page, [kind for kind in EffectKind if kind in _OVER], ())


def _layers(page: Page, kinds: Sequence[EffectKind], avoid: Sequence[Box]) -> list[EffectLayer]:
    return [
        EffectLayer(
            effect, _area(page, effect.kind), tuple(avoid), page.seed + _KINDS.index(effect.kind)
        )
        for effect in page.scene.effects
        if effect.kind in kinds
    ]


def _area(page: Page, kind: EffectKind) -> Box:
    """The whole page; a rainbow's feet stand behind the horizon, and it may leave the picture."""
    place = page.scene.backdrop.place
    if kind is not EffectKind.RAINBOW or place is None or page.anchors.floating:
        return page.whole
    level = page.anchors.horizon
    return Box(-0.25 * page.width, 0.0, 1.5 * page.width, 1.29 * level)
