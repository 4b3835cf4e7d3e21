"""Reads of a ``:predict`` only what admission needs, so that the body can go on as it came.

As in ``wire.gemini.peek``: the skeleton is read by the reader that engines of ours have, but what
it does not know, or would not serve, is the upstream's business. Only what decides the price must
be understood: how many pictures, how large.
"""

import re
from dataclasses import dataclass
from typing import Final

from pisang.core.errors import PisangError
from pisang.core.request import GenerateRequest
from pisang.wire import payload
from pisang.wire.cut import Cut, cut
from pisang.wire.imagen import request
from pisang.wire.imagen.request import Predict
from pisang.wire.leniency import Leniency

_WEIGHTY: Final = re.compile(r"parameters(\.(sample_count|sample_image_size|aspect_ratio))?")


@dataclass(frozen=True, slots=True)
class Peeked:
    """What was read; ``trouble`` is why the body may not go on."""

    asked: Predict
    trouble: PisangError | None = None


def peek(body: bytes | Cut, *, model: str, deadline: float | None = None) -> Peeked:
    """Looks into the body of a ``predict``."""
    found, reading = body if isinstance(body, Cut) else cut(body), Leniency(_WEIGHTY)
    try:
        tree = payload.read_object(found.skeleton)
        asked = request.read(tree, reading, model=model, deadline=deadline)
        reading.check()
    except PisangError as error:
        return Peeked(
            Predict(request=GenerateRequest(model=model, contents=(), deadline=deadline)), error
        )
    return Peeked(asked, reading.trouble)
