"""Reads of a request only what admission needs, so that the body can go on as it came.

The skeleton is read by the same readers as a request that an engine of ours gets, but tolerantly: a
name or a word that we do not know, and a feature that we do not serve, is the upstream's business.
What decides the price must be understood, though: a body that is no JSON object, or whose picture's
form cannot be read, is ``trouble``, with the error that engines of ours would give.

Pictures are empty blobs with their types, in their places; long signatures are left out.
"""

import re
from dataclasses import dataclass
from typing import Final

from pisang.core.errors import PisangError
from pisang.core.request import GenerateRequest
from pisang.wire import payload
from pisang.wire.cut import Cut, cut
from pisang.wire.gemini import tokens
from pisang.wire.gemini.schema import DEVELOPER, Variant
from pisang.wire.leniency import Leniency

# What the price depends on: how many pictures, how large.
_WEIGHTY: Final = re.compile(
    r"(generate_content_request\.)?generation_config(\.(candidate_count"
    r"|image_config(\.(aspect_ratio|image_size))?"
    r"|response_format(\[\d+\])?(\.image(\.(aspect_ratio|image_size))?)?))?"
)


@dataclass(slots=True)
class Peeked:
    """What was read, and of what; ``trouble`` is why the body may not go on."""

    request: GenerateRequest
    cut: Cut
    trouble: PisangError | None = None


def peek(
    body: bytes | Cut,
    *,
    model: str,
    variant: Variant = DEVELOPER,
    deadline: float | None = None,
) -> Peeked:
    """Looks into the body of a ``generateContent``, streamed or not, or of a ``countTokens``."""
    found = body if isinstance(body, Cut) else cut(body)
    reading = Leniency(_WEIGHTY, variant.types)
    try:
        tree = payload.read_object(found.skeleton)
        asked = tokens.read(tree, reading, model=model, deadline=deadline, variant=variant)
    except PisangError as error:
        nothing = GenerateRequest(model=model, contents=(), deadline=deadline)
        return Peeked(nothing, found, error)
    return Peeked(asked, found, reading.trouble)
