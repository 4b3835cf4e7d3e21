"""Reads texts back from finished pixels with tesseract, an eye that is not ours.

Each text is read where layout put it, with a margin, so that a clipped or covered word is missed.
Only Latin letters in plain faces: tesseract's English model does not read calligraphy or neon.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from difflib import SequenceMatcher

import pyvips

from pisang.core.image import Canvas
from pisang.engines.sketch.engine import Sketch
from pisang.engines.sketch.layers import Box, TextLayer
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.signature import unpack
from tests.corpus.play import KEY, image_of

_ENOUGH = 0.75
_HEIGHT = 64.0  # pixels of a line that tesseract likes
_PLAIN_FONTS = (
    "Inter",
    "Noto Sans",
    "Montserrat",
    "Playfair Display",
    "Roboto Slab",
    "Anton",
    "Bebas Neue",
    "Oswald",
    "Alfa Slab One",
    "JetBrains Mono",
    "Cinzel",
    "Fredoka",
)


def available() -> bool:
    return shutil.which("tesseract") is not None


def unread(sketch: Sketch) -> list[str]:
    """The texts of a picture that tesseract does not find; empty where it reads them all."""
    memory = unpack(sketch.signature, KEY)
    if memory is None or sketch.pixels is None or memory.scene.pictures:
        return []
    picture = image_of(sketch.pixels)
    canvas = Canvas(picture.width, picture.height, "", "")
    layers = arrange(memory.scene, canvas=canvas, seed=memory.seed, sizes={})
    texts = [layer for layer in layers.items if isinstance(layer, TextLayer)]
    return [
        f"OCR reads {heard!r} for {words!r}"
        for words, heard in (_read(layer, picture) for layer in texts if _is_plain(layer))
        if not _alike(words, heard)
    ]


def _is_plain(layer: TextLayer) -> bool:
    words = "".join(layer.lines)
    big = layer.pixels >= 14 and len(re.sub(r"\W", "", words)) > 3
    return big and words.isascii() and layer.font.startswith(_PLAIN_FONTS) and not layer.turn


def _read(layer: TextLayer, picture: pyvips.Image) -> tuple[str, str]:
    """The words of a layer, and the likest of what tesseract reads at its place."""
    words = " ".join(layer.lines)
    readings = [_tesseract(view) for view in _views(layer, picture)]
    return words, max(readings, key=lambda heard: _likeness(words, heard))


def _views(layer: TextLayer, picture: pyvips.Image) -> Iterator[bytes]:
    """The text's place in grey, dark on light and light on dark, at a size that is easy to read."""
    box = layer.box.grown(layer.pixels * 0.3)
    around = Box(max(0, box.x), max(0, box.y), 0, 0)
    width = min(picture.width, box.right) - around.x
    height = min(picture.height, box.bottom) - around.y
    cut = picture.crop(int(around.x), int(around.y), int(width), int(height))
    scale = _HEIGHT / layer.pixels
    grey = cut.colourspace("b-w").resize(scale) if scale < 1 or scale > 1.5 else cut
    plain = grey.colourspace("b-w")
    for view in (plain, plain.invert(), plain.hist_equal(), cut):
        yield view.cast("uchar").pngsave_buffer()


def _tesseract(png: bytes) -> str:
    done = subprocess.run(
        ["tesseract", "-", "-", "--psm", "6", "-l", "eng"],
        input=png,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.casefold())


def _likeness(words: str, heard: str) -> float:
    wanted, found = _plain(words), _plain(heard)
    return 1.0 if wanted in found else SequenceMatcher(None, wanted, found, False).ratio()


def _alike(words: str, heard: str) -> bool:
    return _likeness(words, heard) >= _ENOUGH
