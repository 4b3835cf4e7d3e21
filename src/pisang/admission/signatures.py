"""Google's demand on what a thinking model said before: it comes back with its signature.

A signature stands on the first part of a model's turn that is no thought, and on every picture of
it; Google refuses a turn that lacks one, even one that a person wrote by hand. We do not need it
(a picture without it is edited as pixels), so this is checked only in strict mode.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pisang.catalog.models import Card
from pisang.core.content import Part, Role
from pisang.core.errors import UnsupportedParameter
from pisang.core.request import GenerateRequest

_VOUCHED: Final = b"skip_thought_signature_validator"
_MORE: Final = (
    "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior for "
    "more details."
)


def check(request: GenerateRequest, card: Card) -> None:
    """Raises UnsupportedParameter for the first part that should have a signature and has none.

    Positions in the message count from one, as Google's do.
    """
    if not card.thinking.supported:
        return
    for turn, index, part in _to_be_signed(request):
        if not part.thought_signature:
            kind = "Image" if part.blob else "Text"
            raise UnsupportedParameter(
                f"{kind} part is missing a thought_signature in content position {turn + 1}, part "
                f"position {index + 1}. {_MORE}",
                field=f"contents[{turn}].parts[{index}]",
            )


def vouched(request: GenerateRequest) -> GenerateRequest:
    """The request of a client that cannot carry signatures: where one is missing, there stands the
    word that Google takes in place of one."""
    turns = [list(content.parts) for content in request.contents]
    for turn, index, part in _to_be_signed(request):
        if not part.thought_signature:
            turns[turn][index] = replace(part, thought_signature=_VOUCHED)
    contents = zip(request.contents, turns, strict=True)
    return replace(request, contents=tuple(replace(c, parts=tuple(p)) for c, p in contents))


def _to_be_signed(request: GenerateRequest) -> Iterator[tuple[int, int, Part]]:
    """Parts that should have a signature, with their turn and index. A chat keeps each chunk of a
    stream as a content of its own, so contents of the model that follow each other are one turn."""
    first = True
    for turn, content in enumerate(request.contents):
        if content.role is not Role.MODEL:
            first = True
            continue
        for index, part in enumerate(content.parts):
            if part.thought:
                continue
            if part.blob or (first and part.text is not None):
                yield turn, index, part
            first = False
