"""Reads texts back from finished pixels with tesseract, an eye that is not ours.

Only Latin letters in plain faces: tesseract's English model does not read calligraphy or neon.
"""

import re
import shutil
import subprocess
from difflib import SequenceMatcher

from pisang.engines.sketch.engine import Sketch
from pisang.engines.sketch.scene import Face
from tests.corpus.play import image_of

_ENOUGH = 0.75
_HARD_TO_READ = {
    Face.SCRIPT,
    Face.HANDWRITTEN,
    Face.NEON,
    Face.PIXEL,
    Face.GOTHIC,
    Face.COMIC,
    Face.RETRO,
}


def available() -> bool:
    return shutil.which("tesseract") is not None


def read_text(png: bytes, *, layout: int = 11) -> str:
    """What tesseract reads; layout 11 finds scattered text, 6 one block."""
    done = subprocess.run(
        ["tesseract", "-", "-", "--psm", str(layout), "-l", "eng"],
        input=png,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def unread(sketch: Sketch) -> list[str]:
    """The texts of a picture that tesseract does not find; empty where it reads them all."""
    scene = sketch.reading.scene
    if scene is None or sketch.pixels is None:
        return []
    wanted = [
        run.words
        for run in scene.texts
        if run.face not in _HARD_TO_READ
        and run.on is None
        and run.words.isascii()
        and len(run.words) > 3
    ]
    if not wanted:
        return []
    heard = _plain(_all_readings(sketch))
    return [f"OCR does not find {words!r}" for words in wanted if not _is_in(_plain(words), heard)]


def _all_readings(sketch: Sketch) -> str:
    """Reads as it is, then in grey and inverted grey: tesseract wants dark letters on light."""
    assert sketch.pixels is not None
    picture = image_of(sketch.pixels)
    grey = picture.colourspace("b-w")
    return "\n".join(
        read_text(version.pngsave_buffer(), layout=layout)
        for version in (picture, grey, grey.invert())
        for layout in (11, 6)
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.casefold())


def _is_in(words: str, heard: str) -> bool:
    if words in heard:
        return True
    span = len(words) + 2
    return any(
        SequenceMatcher(None, words, heard[at : at + span], autojunk=False).ratio() >= _ENOUGH
        for at in range(max(1, len(heard) - span + 1))
    )
