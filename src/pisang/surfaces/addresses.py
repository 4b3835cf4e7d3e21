"""The variable pieces of addresses, as routes write them: versions, models, Google's OpenAI layer.

Starlette keeps the patterns behind these names in one table of the process; a route that is made
before its pattern is known breaks. So whoever writes a route takes the piece from here.
"""

from typing import Final

from starlette.convertors import StringConvertor, register_url_convertor

GEMINI_VERSIONS: Final = ("v1", "v1beta", "v1alpha")
VERTEX_VERSIONS: Final = ("v1", "v1beta1")

VERSION: Final = "{version:version}"
"""A version of the Gemini Developer API, as path parameter ``version``."""

VERTEX_VERSION: Final = "{version:vertex_version}"
"""A version of Vertex AI, as path parameter ``version``."""

MODEL: Final = "{model:model}"
"""The id of a model, as path parameter ``model``. No colon: what follows one is a verb, and has
another method."""

LAYER: Final = "{layer:layer}"
"""The base of Google's OpenAI layer, as path parameter ``layer``."""


def _piece(pattern: str) -> StringConvertor:
    class Piece(StringConvertor):
        regex = pattern

    return Piece()


for _name, _pattern in (
    ("version", "|".join(GEMINI_VERSIONS)),
    ("vertex_version", "|".join(VERTEX_VERSIONS)),
    ("model", "[^:]+"),
    ("layer", f"(?:{'|'.join(GEMINI_VERSIONS)})/openai"),
):
    register_url_convertor(_name, _piece(_pattern))
