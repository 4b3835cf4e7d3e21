"""Answers of OpenAI's image API: whole, and as server-sent events with previews.

``size`` tells the real pixels of the picture, which may differ from OpenAI's own sizes; ``usage``
is what all pictures of the call cost together (surfaces contract, section 10.1). ``revised_prompt``
is the prompt that was drawn, which is the caller's own: nothing here rewrites it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pisang.core.content import Blob
from pisang.core.errors import PictureRefused, PisangError
from pisang.core.events import Finished, Usage
from pisang.core.image import sniff
from pisang.wire import payload, sse
from pisang.wire.openai.faults import openai
from pisang.wire.openai.images import Ask
from pisang.wire.payload import Written

GENERATION: Final = "image_generation"
EDIT: Final = "image_edit"

_NO_USAGE: Final = Usage()


@dataclass(frozen=True, slots=True)
class Made:
    """One finished picture; ``link`` is where it is kept, where links were asked for."""

    blob: Blob
    link: str | None = None


def whole(made: Sequence[Made], ask: Ask, *, usage: Usage, created: int) -> list[bytes]:
    """The answer to a call without a stream, in pieces. ``created`` is Unix time."""
    told: dict[str, Written] = {} if ask.prompt is None else {"revised_prompt": ask.prompt}
    data: list[Written] = [
        {"url": each.link, **told} if each.link else {"b64_json": each.blob.form, **told}
        for each in made
    ]
    return payload.pieces(
        {
            "created": created,
            **_form(made[0].blob, ask),
            "data": data,
            "usage": write_usage(usage),
        }
    )


def preview(blob: Blob, ask: Ask, *, kind: str, number: int, created: int) -> list[bytes]:
    """The frame of a picture that is still being made; ``number`` counts from 0."""
    name = f"{kind}.partial_image"
    body: dict[str, Written] = {
        "type": name,
        "b64_json": blob.form,
        "partial_image_index": number,
        "created_at": created,
        **_form(blob, ask),
    }
    return sse.frame(payload.pieces(body), name=name)


def completed(blob: Blob, ask: Ask, *, kind: str, usage: Usage | None, created: int) -> list[bytes]:
    """The frame of a finished picture."""
    name = f"{kind}.completed"
    body: dict[str, Written] = {
        "type": name,
        "b64_json": blob.form,
        "created_at": created,
        **_form(blob, ask),
        "usage": write_usage(usage or _NO_USAGE),
    }
    return sse.frame(payload.pieces(body), name=name)


def failed(error: PisangError) -> list[bytes]:
    """The last frame of a stream that broke; its clients raise what it says."""
    body: dict[str, Written] = {"type": "error", **openai(error)[1]}
    return sse.frame(payload.pieces(body), name="error")


def refusal(finished: Finished) -> PictureRefused:
    """A refusal as the error that it is in this dialect, with the model's own words."""
    why = finished.message or f"The model made no picture (finish reason {finished.reason})."
    return PictureRefused(why, metadata={"finish_reason": finished.reason.value})


def write_usage(usage: Usage) -> dict[str, Written]:
    """Tokens as OpenAI's image API counts them: thoughts are output text."""
    spoken = usage.text_output + usage.thoughts
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "text_tokens": usage.prompt_text,
            "image_tokens": usage.prompt_image,
        },
        "output_tokens": usage.image_output + spoken,
        "output_tokens_details": {"image_tokens": usage.image_output, "text_tokens": spoken},
        "total_tokens": usage.total,
    }


def added(usages: Sequence[Usage]) -> Usage:
    """What several pictures cost together."""
    return Usage(
        prompt_text=sum(usage.prompt_text for usage in usages),
        prompt_image=sum(usage.prompt_image for usage in usages),
        text_output=sum(usage.text_output for usage in usages),
        image_output=sum(usage.image_output for usage in usages),
        thoughts=sum(usage.thoughts for usage in usages),
        images=sum(usage.images for usage in usages),
    )


def _form(blob: Blob, ask: Ask) -> dict[str, Written]:
    header = sniff(blob.data)
    form: dict[str, Written] = {
        "background": ask.background,
        "output_format": blob.mime_type.removeprefix("image/"),
        "quality": ask.quality,
    }
    if header and header.width:
        form["size"] = f"{header.width}x{header.height}"
    return form
