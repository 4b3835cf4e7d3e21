"""Effects: particles, weather, frames and light, over or behind the whole picture."""

from collections.abc import Callable
from dataclasses import replace

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.effects import air, frame, lens, particles
from pisang.engines.sketch.vocabulary import EffectKind

__all__ = ["EFFECTS", "draw_effect"]

EFFECTS: dict[EffectKind, Callable[[Easel, EffectLayer], None]] = {
    EffectKind.CONFETTI: particles.confetti,
    EffectKind.STARS: particles.stars,
    EffectKind.SNOW: particles.snow,
    EffectKind.RAIN: particles.rain,
    EffectKind.BOKEH: particles.bokeh,
    EffectKind.SPARKLES: particles.sparkles,
    EffectKind.HEARTS: particles.hearts,
    EffectKind.PETALS: particles.petals,
    EffectKind.LEAVES: particles.leaves,
    EffectKind.BUBBLES: particles.bubbles,
    EffectKind.BALLOONS: particles.balloons,
    EffectKind.FIREWORKS: air.fireworks,
    EffectKind.FOG: air.fog,
    EffectKind.CLOUDS: air.clouds,
    EffectKind.SUNRAYS: air.sunrays,
    EffectKind.LIGHTNING: air.lightning,
    EffectKind.RAINBOW: air.rainbow,
    EffectKind.FRAME: frame.frame,
    EffectKind.SHADOW: lens.shadow,
    EffectKind.GLOW: lens.glow,
    EffectKind.VIGNETTE: lens.vignette,
    EffectKind.GRAIN: lens.grain,
    EffectKind.BLUR: lens.blur,
    EffectKind.REFLECTION: lens.reflection,
}


_OF_THE_SKY = frozenset(
    {EffectKind.STARS, EffectKind.FIREWORKS, EffectKind.CLOUDS, EffectKind.LIGHTNING}
)
_WEATHER = frozenset({EffectKind.SNOW, EffectKind.RAIN, EffectKind.RAINBOW})


def draw_effect(easel: Easel, layer: EffectLayer) -> None:
    """Draws one effect; what must stay readable (``avoid``) is left alone by every particle."""
    amount = min(max(layer.effect.amount, 0.0), 1.0)
    effect = layer.effect.model_copy(update={"amount": amount})
    seed = layer.seed & (2**63 - 1)  # numpy takes no negative seeds
    area = _where(easel, layer)
    EFFECTS[effect.kind](easel, replace(layer, effect=effect, area=area, seed=seed))


def _where(easel: Easel, layer: EffectLayer) -> Box:
    """The area, less what this effect cannot happen in: no stars on a lawn, no rain in a room."""
    sky, area, kind = easel.sky, layer.area, layer.effect.kind
    if sky is None or not (kind in _OF_THE_SKY or (easel.indoors and kind in _WEATHER)):
        return area
    left, top = max(area.x, sky.x), max(area.y, sky.y)
    low = sky.bottom if kind is not EffectKind.FIREWORKS else sky.y + sky.height * 0.8
    right, low = min(area.right, sky.right), min(area.bottom, low)
    return Box(left, top, right - left, low - top) if right > left and low > top else area
