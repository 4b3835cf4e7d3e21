"""Builds the embedded engine from ``[engines.NAME]`` with ``kind = "sketch"``."""

from collections.abc import Sequence

from pisang.engines import registry
from pisang.engines.base import Engine
from pisang.engines.registry import Config, Means
from pisang.engines.sketch.engine import SketchEngine


def build(config: Config, means: Means) -> Sequence[Engine]:
    """One member, which needs nothing of its own: it has what this server has."""
    registry.allow(config, fields=("location",))
    engine = SketchEngine(
        means.secret, font_dirs=means.font_dirs, workers=means.workers, queue=means.queue
    )
    engine.name = config.name
    return [engine]
