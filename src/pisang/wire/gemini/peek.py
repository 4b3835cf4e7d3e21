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

from pisang.core.errors import MalformedRequest, PisangError
from pisang.core.request import GenerateRequest, UnknownField
from pisang.wire import payload
from pisang.wire.cut import Cut, cut
from pisang.wire.fields import Reading
from pisang.wire.gemini import tokens
from pisang.wire.gemini.schema import DEVELOPER, Variant

# What the price depends on: how many pictures, how large.
_WEIGHTY: Final = re.compile(
    r"(generate_content_request\.)?generation_config(\.(candidate_count"
    r"|image_config(\.(aspect_ratio|image_size))?"
    r"|response_format(\[\d+\])?(\.image(\.(aspect_ratio|image_size))?)?))?"
)


@dataclass(frozen=True, slots=True)
class Peeked:
    """What was read, and of what; ``trouble`` is why the body may not go on."""

    request: GenerateRequest
    cut: Cut
    trouble: PisangError | None = None


class _Leniency(Reading):
    """A reading that gives in: what is wrong is kept in ``trouble`` if it is weighty, else nobody
    hears of it."""

    trouble: PisangError | None = None

    def blame(self, path: str, text: str) -> None:
        if _WEIGHTY.fullmatch(path):
            super().blame(path, text)

    def unsupported(self, path: str, text: str) -> None:
        pass

    def check(self) -> tuple[UnknownField, ...]:
        try:
            return super().check()
        except MalformedRequest as error:
            self.trouble = error
            return ()


def peek(
    body: bytes, *, model: str, variant: Variant = DEVELOPER, deadline: float | None = None
) -> Peeked:
    """Looks into the body of a ``generateContent``, streamed or not, or of a ``countTokens``."""
    found, reading = cut(body), _Leniency(variant.types)
    try:
        tree = payload.read_object(found.skeleton)
        asked = tokens.read(tree, reading, model=model, deadline=deadline, variant=variant)
    except PisangError as error:
        nothing = GenerateRequest(model=model, contents=(), deadline=deadline)
        return Peeked(nothing, found, error)
    return Peeked(asked, found, reading.trouble)
