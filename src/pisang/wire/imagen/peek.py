"""Reads of a ``:predict`` only what admission needs, so that the body can go on as it came.

As in ``wire.gemini.peek``: the skeleton is read by the reader that engines of ours have, but what
it does not know, or would not serve, is the upstream's business. Only what decides the price must
be understood: how many pictures, how large.
"""

import re
from dataclasses import dataclass
from typing import Final

from pisang.core.errors import MalformedRequest, PisangError
from pisang.core.request import GenerateRequest, UnknownField
from pisang.wire import payload
from pisang.wire.cut import cut
from pisang.wire.fields import Reading
from pisang.wire.imagen import request
from pisang.wire.imagen.request import Predict

_WEIGHTY: Final = re.compile(r"parameters(\.(sample_count|sample_image_size|aspect_ratio))?")


@dataclass(frozen=True, slots=True)
class Peeked:
    """What was read; ``trouble`` is why the body may not go on."""

    asked: Predict
    trouble: PisangError | None = None


class _Leniency(Reading):
    """A reading that gives in: what is wrong is kept in ``trouble`` if it is weighty, else nobody
    hears of it."""

    trouble: PisangError | None = None

    def blame(self, path: str, text: str) -> None:
        if _WEIGHTY.fullmatch(path):
            super().blame(path, text)

    def check(self) -> tuple[UnknownField, ...]:
        try:
            super().check()
        except MalformedRequest as error:
            self.trouble = error
        return ()


def peek(body: bytes, *, model: str, deadline: float | None = None) -> Peeked:
    """Looks into the body of a ``predict``."""
    reading = _Leniency()
    try:
        tree = payload.read_object(cut(body).skeleton)
        asked = request.read(tree, reading, model=model, deadline=deadline)
    except PisangError as error:
        return Peeked(
            Predict(request=GenerateRequest(model=model, contents=(), deadline=deadline)), error
        )
    return Peeked(asked, reading.trouble)
