"""Predictions: pictures to the answer of ``:predict``, and what was filtered as Google tells it.

A refused picture is left out, or, for who asked with ``includeRaiReason``, stands as a reason in
its place; when all are refused the answer is ``{}`` (surfaces contract, section 5). Nothing judges
a sketch, so its safety scores are all 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pisang.catalog.models import Card
from pisang.core.content import Blob
from pisang.core.errors import EngineFailed, PictureRefused
from pisang.core.events import FinishReason, Image, Result
from pisang.wire import payload
from pisang.wire.payload import Written

_REFUSED_PROMPTS: Final = frozenset(
    {FinishReason.PROHIBITED_CONTENT, FinishReason.BLOCKLIST, FinishReason.SPII}
)
_SUPPORT_CODES: Final[Mapping[FinishReason, int]] = {
    FinishReason.SAFETY: 62263041,
    FinishReason.PROHIBITED_CONTENT: 89371032,
    FinishReason.IMAGE_PROHIBITED_CONTENT: 89371032,
    FinishReason.SPII: 92201652,
}
"""Numbers that Google publishes for its filters, so that a client's table finds them."""
_OTHER: Final = 29578790

_CATEGORIES: Final = (
    "Death, Harm & Tragedy",
    "Firearms & Weapons",
    "Hate",
    "Health",
    "Illicit Drugs",
    "Politics",
    "Porn",
    "Religion & Belief",
    "Toxic",
    "Violence",
    "Vulgarity",
    "War & Conflict",
)
_POSITIVE_PROMPT: Final = "Positive Prompt"


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that was written to the caller's bucket instead of into the answer."""

    uri: str
    mime_type: str


@dataclass(frozen=True, slots=True)
class Filtered:
    """A picture that was not made, and why."""

    reason: str


Prediction = Blob | Stored | Filtered


def predictions(results: Sequence[Result]) -> list[Blob | Filtered]:
    """The picture of each result, or why there is none.

    Raises ``PictureRefused`` where the prompt itself was refused every time: Google answers that
    with 400. Where a single picture was made it is answered, so that none is lost.
    """
    found = [_prediction(result) for result in results]
    reasons = [result.finished.reason for result in results]
    if all(isinstance(one, Filtered) for one in found) and set(reasons) <= _REFUSED_PROMPTS:
        code = _SUPPORT_CODES.get(reasons[0], _OTHER)
        raise PictureRefused(
            "The prompt could not be submitted. It may contain words that violate the usage "
            f"guidelines ({reasons[0].value}). Rephrase it and try again. Support codes: {code}",
            field="instances[0].prompt",
            metadata={"finish_reason": reasons[0].value},
        )
    return found


def _prediction(result: Result) -> Blob | Filtered:
    for part in reversed(result.parts):  # those before the last are drafts
        if isinstance(part, Image):
            if not isinstance(part.content, Blob):
                raise EngineFailed("A picture came without having been encoded.")
            return part.content
    reason = result.finished.reason
    why = result.finished.message or f"The picture was not made ({reason.value})."
    return Filtered(f"{why} Support codes: {_SUPPORT_CODES.get(reason, _OTHER)}")


def pieces(
    answered: Sequence[Prediction],
    *,
    card: Card,
    with_reasons: bool = False,
    with_attributes: bool = False,
    vertex: bool = False,
) -> list[bytes]:
    """Writes an answer in pieces; Vertex AI tells the model in it."""
    entries: list[Written] = [
        _written(one, with_attributes=with_attributes)
        for one in answered
        if with_reasons or not isinstance(one, Filtered)
    ]
    if entries and with_attributes:
        entries.append({"contentType": _POSITIVE_PROMPT, "safetyAttributes": _attributes()})
    body: dict[str, Written] = {"predictions": entries} if entries else {}
    if vertex and entries:
        body |= {"model": f"publishers/google/models/{card.id}", "modelDisplayName": card.name}
    return payload.pieces(body)


def _written(one: Prediction, *, with_attributes: bool) -> Written:
    match one:
        case Filtered():
            return {"raiFilteredReason": one.reason}
        case Stored():
            written: dict[str, Written] = {"gcsUri": one.uri, "mimeType": one.mime_type}
        case Blob():
            written = {"mimeType": one.mime_type, "bytesBase64Encoded": one.form}
    return written | ({"safetyAttributes": _attributes()} if with_attributes else {})


def _attributes() -> dict[str, Written]:
    return {"categories": list(_CATEGORIES), "scores": [0.0] * len(_CATEGORIES)}
