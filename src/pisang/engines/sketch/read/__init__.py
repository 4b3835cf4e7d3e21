"""Reads a prompt into a Scene, or into edits of the last one.

One step a file: `quotes` lifts quoted text out, `language` says which tables to use, `tokens` cuts,
`mentions` finds phrases, `ambiguity` chooses meanings, `attach` gives descriptions to nouns,
`compose` makes the Scene, `report` says what was and was not understood. There is no model and no
guess that the answer does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.read import report
from pisang.engines.sketch.read.compose import compose
from pisang.engines.sketch.read.intent import asks_for_picture
from pisang.engines.sketch.read.parse import parse_prompt
from pisang.engines.sketch.reading import Reading, Supplied
from pisang.engines.sketch.scene import Scene

__all__ = ["read"]


def read(text: str, *, previous: Scene | None, pictures: Sequence[Supplied]) -> Reading:
    """Reads `text` after the `previous` scene, with the pictures of the conversation in order.

    Never raises: what cannot be understood is told in the Reading.
    """
    parsed = parse_prompt(text)
    parse = parsed.parse
    if not asks_for_picture(parse):
        return Reading(
            scene=None,
            thoughts=("The prompt asks for no picture.",),
            language=parsed.language,
        )
    del previous, pictures
    composed = compose(parse, mentions=parsed.mentions, prompt=text)
    return Reading(
        scene=composed.scene,
        drawn=report.drawn(composed.scene),
        ignored=report.ignored(parse),
        notes=(*composed.notes, *report.notes(parse)),
        thoughts=report.thoughts(parse, composed.scene),
        photo=parse.photo,
        language=parsed.language,
    )
