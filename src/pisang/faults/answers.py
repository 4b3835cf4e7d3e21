"""Answers of status 200 that are not one picture: refusals, and answers of an unusual shape.

Each is a script of events, which every surface tells in its own words: what is a finish reason at
Google's is an error for OpenAI's image clients. Google's own form of the same has traits that
events cannot say (a ``content`` that is missing, empty or null, drafts marked as thoughts), so a
fault may reshape what stands on Google's wire. The forms are those that were seen.
"""

import base64
import random
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from pisang.core.errors import EngineUnavailable
from pisang.core.events import Event, Finished, FinishReason, Image, Preview, Started, Text, Thought
from pisang.faults.fault import AnswerFault, Argument, Drawing, Group, Reshape, Script, Tree
from pisang.faults.picture import noise, small_png

OVERLOADED: Final = "The model is overloaded. Please try again later."
ENGINE: Final = "pisang-faults"
"""What ``modelVersion`` calls it, behind the model."""

_CHARGED: Final = "You will not be charged for blocked images. Try rephrasing the prompt."
_FILTERED: Final = (
    "Unable to show the generated image. The image was filtered out because it violated Google's "
    f"Generative AI Prohibited Use policy. {_CHARGED}"
)
_NOT_GENERATED: Final = (
    "Unable to show the generated image. The model could not generate the image based on the "
    f"prompt provided. {_CHARGED}"
)
_RECITED: Final = (
    "Unable to show the generated image. The image was filtered out because it was too similar to "
    f"existing content. {_CHARGED}"
)
_CANNOT: Final = (
    "I cannot fulfill this request. My purpose is to be helpful and harmless. I can describe the "
    "picture to you instead."
)
_BEFORE: Final = "Here is the picture that you asked for:"
_AFTER: Final = "Shall I change anything about it?"
_PLAN: Final = "The prompt asks for something that may not be shown."


def usual(drawing: Drawing) -> Iterator[Event]:
    """The good answer that transport faults spoil: a plan, a picture, nothing else."""
    yield Started(f"{drawing.model}+{ENGINE}")
    yield Thought("A field of noise, so that the picture weighs as much as a real one.")
    yield Image(noise(drawing.canvas), _signature(1_000))
    yield Finished(FinishReason.STOP)


def _refusal(
    reason: FinishReason, message: str | None = None, *, thinks: bool = False, blocked: bool = False
) -> Script:
    def script(drawing: Drawing) -> Iterator[Event]:
        yield Started(drawing.model)
        if thinks:
            yield Thought(_PLAN)
        yield Finished(reason, message, blocked=blocked)

    return script


def _said(drawing: Drawing) -> Iterator[Event]:
    yield Started(drawing.model)
    yield Text(_CANNOT)
    yield Finished(FinishReason.STOP)


def _nothing(drawing: Drawing) -> Iterator[Event]:
    yield Started(drawing.model)
    yield Finished(FinishReason.STOP)


def _pictures(*, many: bool = False, before: str = "", after: str = "", weight: int = 0) -> Script:
    """Pictures, of which the last is the answer; ``weight`` is characters of signature for each
    million of the argument."""

    def script(drawing: Drawing) -> Iterator[Event]:
        yield Started(f"{drawing.model}+{ENGINE}")
        if before:
            yield Text(before)
        signature = _signature(round(drawing.value * weight) if weight else 1_000)
        drafts = int(drawing.value) - 1 if many else 0
        for number in range(drafts):
            yield Image(noise(drawing.canvas, number=number + 1, light=True), signature)
        yield Image(noise(drawing.canvas), signature)
        if after:
            yield Text(after)
        yield Finished(FinishReason.STOP)

    return script


def _breaks(drawing: Drawing) -> Iterator[Event]:
    """Some of an answer, so that a stream has begun, then an error."""
    yield Started(drawing.model)
    for word in ("Here is ", "the picture ", "that you"):
        yield Text(word)
    if drawing.request.previews:
        yield Preview(noise(drawing.canvas, light=True))
    raise EngineUnavailable(OVERLOADED)


def _signature(characters: int) -> bytes:
    """Bytes that are so many characters as base64; the same each time."""
    return random.Random(characters).randbytes(characters * 3 // 4)


def _without(*names: str) -> Reshape:
    """Candidates without these fields."""

    def reshape(tree: Tree, _: float) -> Tree:
        for candidate in tree.get("candidates", ()):
            for name in names:
                candidate.pop(name, None)
        return tree

    return reshape


def _content(content: dict[str, Any]) -> Reshape:
    """Candidates with this content."""

    def reshape(tree: Tree, _: float) -> Tree:
        tree["candidates"] = [
            {"content": dict(content), **{k: v for k, v in candidate.items() if k != "content"}}
            for candidate in tree.get("candidates", ())
        ]
        return tree

    return reshape


def _rated(tree: Tree, value: float) -> Tree:
    rating = {"category": "HARM_CATEGORY_SEXUALLY_EXPLICIT", "probability": "HIGH", "blocked": True}
    for candidate in _without("content", "finishMessage")(tree, value).get("candidates", ()):
        candidate["safetyRatings"] = [rating]
    return tree


def _no_candidates(tree: Tree, _: float) -> Tree:
    return {name: value for name, value in tree.items() if name != "candidates"}


def _with_drafts(tree: Tree, value: float) -> Tree:
    """Drafts before the picture, marked as thoughts; the picture itself is the last part."""
    for candidate in tree.get("candidates", ()):
        parts = candidate.get("content", {}).get("parts", [])
        at = next((place for place, part in enumerate(parts) if "inlineData" in part), None)
        if at is not None:
            parts[at:at] = [_draft(number) for number in range(int(value))]
    return tree


def _draft(number: int) -> dict[str, Any]:
    data = base64.b64encode(small_png(number)).decode()
    return {"inlineData": {"mimeType": "image/png", "data": data}, "thought": True}


def _googles_error(tree: Tree, _: float) -> Tree:
    """The error inside a stream as Google tells it: without the details that are ours."""
    if "error" not in tree:
        return tree
    return {"error": {"code": 503, "message": OVERLOADED, "status": "UNAVAILABLE"}}


_refused: Final = partial(AnswerFault, group=Group.REFUSAL)

_REFUSALS: Final = (
    _refused(
        name="no-image",
        sees="`NO_IMAGE`, and a candidate without `content`",
        script=_refusal(FinishReason.NO_IMAGE),
        reshape=_without("content"),
    ),
    _refused(
        name="image-safety",
        sees="`IMAGE_SAFETY` after thinking, `content: {}` and a `finishMessage`",
        script=_refusal(FinishReason.IMAGE_SAFETY, _FILTERED, thinks=True),
        reshape=_content({}),
    ),
    _refused(
        name="image-other",
        sees="`IMAGE_OTHER`, `content: {}` and a `finishMessage`",
        script=_refusal(FinishReason.IMAGE_OTHER, _NOT_GENERATED, thinks=True),
        reshape=_content({}),
    ),
    _refused(
        name="image-prohibited-content",
        sees="`IMAGE_PROHIBITED_CONTENT`, `content: {}` and a `finishMessage`",
        script=_refusal(FinishReason.IMAGE_PROHIBITED_CONTENT, _FILTERED, thinks=True),
        reshape=_content({}),
    ),
    _refused(
        name="image-recitation",
        sees="`IMAGE_RECITATION`, `content: {}` and a `finishMessage`",
        script=_refusal(FinishReason.IMAGE_RECITATION, _RECITED, thinks=True),
        reshape=_content({}),
    ),
    _refused(
        name="safety",
        sees="`SAFETY` with its `safetyRatings`, and no `content`",
        script=_refusal(FinishReason.SAFETY),
        reshape=_rated,
    ),
    _refused(
        name="prohibited-content",
        sees="`PROHIBITED_CONTENT`, and no `content`",
        script=_refusal(FinishReason.PROHIBITED_CONTENT),
        reshape=_without("content"),
    ),
    _refused(
        name="max-tokens",
        sees="`MAX_TOKENS` in the middle of thinking: `content` has a `role` and no parts",
        script=_refusal(FinishReason.MAX_TOKENS, thinks=True),
        reshape=_content({"role": "model"}),
    ),
    _refused(
        name="prompt-blocked",
        sees="a `promptFeedback` with a `blockReason`, and no candidates",
        script=_refusal(FinishReason.PROHIBITED_CONTENT, blocked=True),
        reshape=_no_candidates,
    ),
    _refused(
        name="text-only",
        sees="`STOP`, and words instead of a picture",
        script=_said,
        reshape=_without(),
    ),
    _refused(
        name="empty-content",
        sees="`STOP` and `content: {}`",
        script=_nothing,
        reshape=_content({}),
    ),
    _refused(
        name="no-parts",
        sees="`STOP` and a `content` without `parts`",
        script=_nothing,
        reshape=_content({"role": "model"}),
    ),
    _refused(
        name="null-parts",
        sees="`STOP` and `parts: null`",
        script=_nothing,
        reshape=_content({"parts": None, "role": "model"}),
    ),
    _refused(
        name="no-candidates",
        sees="nothing but usage",
        script=_nothing,
        reshape=_no_candidates,
    ),
)


_MANY: Final = Argument(unit="pictures", default=3, least=2, most=10)
_DRAFTS: Final = Argument(unit="drafts", default=2, least=1, most=10)
_MILLIONS: Final = Argument(unit="million characters", default=2.909844, most=20)

ANSWERS: Final[tuple[AnswerFault, ...]] = (
    *_REFUSALS,
    AnswerFault(
        name="several-images",
        group=Group.SHAPE,
        sees="several pictures, drafts that nothing marks; the last one is the answer",
        argument=_MANY,
        script=_pictures(many=True),
    ),
    AnswerFault(
        name="thought-drafts",
        group=Group.SHAPE,
        sees="pictures with `thought: true` before the answer, though nobody asked for thoughts",
        argument=_DRAFTS,
        script=_pictures(),
        reshape=_with_drafts,
    ),
    AnswerFault(
        name="text-before",
        group=Group.SHAPE,
        sees="words before the picture",
        script=_pictures(before=_BEFORE),
    ),
    AnswerFault(
        name="text-after",
        group=Group.SHAPE,
        sees="words behind the picture, so that it is not the last part",
        script=_pictures(before=_BEFORE, after=_AFTER),
    ),
    AnswerFault(
        name="huge-signature",
        group=Group.SHAPE,
        sees="a `thoughtSignature` more than twice as long as its picture",
        argument=_MILLIONS,
        script=_pictures(weight=1_000_000),
    ),
    AnswerFault(
        name="error-in-stream",
        group=Group.TRANSPORT,
        sees="a stream that begins well and whose last event is an error (503 where it is none)",
        script=_breaks,
        reshape=_googles_error,
    ),
)
