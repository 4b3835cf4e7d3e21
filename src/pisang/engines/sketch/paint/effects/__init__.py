"""Effects: particles, weather, frames and light, over or behind the whole picture."""

from collections.abc import Callable

from pisang.engines.sketch.layers import EffectLayer
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.effects import air, frame, lens, particles
from pisang.engines.sketch.scene import EffectKind

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


def draw_effect(easel: Easel, layer: EffectLayer) -> None:
    """Draws one effect; what must stay readable (``avoid``) is left alone by every particle."""
    EFFECTS[layer.effect.kind](easel, layer)
