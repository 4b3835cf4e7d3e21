"""What the painter's tests share: fonts set up once, a way from layers to a numpy array."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest

from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import BackdropLayer, Layer, Layers
from pisang.engines.sketch.layout.anchors import anchors
from pisang.engines.sketch.paint import paint
from pisang.engines.sketch.scene import Backdrop, Ink
from pisang.engines.sketch.vocabulary import Style, Texture

Painted = npt.NDArray[np.uint8]


@pytest.fixture(scope="session", autouse=True)
def _fonts() -> None:
    fonts.setup((), system=False)


@pytest.fixture
def painted() -> Callable[..., Painted]:
    """Paints layers: ``painted(*items, size=(w, h), files={digest: bytes})``."""

    def run(
        *items: Layer,
        size: tuple[int, int] = (192, 192),
        style: Style = Style.FLAT,
        seed: int = 5,
        files: Mapping[str, bytes] | None = None,
    ) -> Painted:
        layers = Layers(*size, style, items)
        found = paint(layers, seed=seed, pictures=(files or {}).__getitem__)
        assert (found.width, found.height, found.bands) == (*size, 3)
        return np.frombuffer(found.data, np.uint8).reshape(size[1], size[0], 3)

    return run


def ground(colour: str = "#25306b") -> BackdropLayer:
    """A flat ground of exactly one colour."""
    return BackdropLayer(Backdrop(texture=Texture.PLAIN, ink=Ink(colours=(colour,))), 0.0)


def at(backdrop: Backdrop, size: tuple[int, int] = (192, 192)) -> BackdropLayer:
    """A backdrop with its place's horizon."""
    return BackdropLayer(backdrop, anchors(backdrop.place, *size).horizon)
