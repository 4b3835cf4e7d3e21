"""``chat.completion``: what a chat answers, whole or in chunks (surfaces contract, section 10.2).

Where the pictures stand is the caller's choice: in ``message.images``, which OpenAI's clients hand
on unread, or inside ``content``, as Markdown or as a data URL, for programs that only show text. A
signature that is short goes along in ``extra_content``, as Google's layer carries it; every one is
also kept by us under the picture's digest, because hardly any client sends it back.

A refusal is never an empty success: it says why, in ``refusal`` and in ``content``, and its finish
reason is ``content_filter``.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pisang.core.caller import ChatImages
from pisang.core.content import Blob
from pisang.core.errors import EngineFailed, PisangError
from pisang.core.events import Event, Finished, FinishReason, Image, Result, Text, Thought, Usage
from pisang.core.request import ServiceTier
from pisang.wire import payload, sse
from pisang.wire.openai.citations import annotations, google_said
from pisang.wire.openai.faults import openai
from pisang.wire.payload import Joined, Letters, Written

LONGEST_SIGNATURE: Final = 16_384
"""Bytes; a longer one stays with us."""

NOTHING_SAID: Final[Mapping[str, object]] = MappingProxyType({})
NOTHING: Final = "The model answered with neither a picture nor a text. Try other words."
_REFUSED: Final = "The model refused to draw this picture. Try other words."
_TIERS: Final = {ServiceTier.STANDARD: "default"}
_REASONS: Final = {
    FinishReason.STOP: "stop",
    FinishReason.NO_IMAGE: "stop",
    FinishReason.MAX_TOKENS: "length",
}

Spoken = Thought | Text | Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every part of one answer repeats; ``created`` is in seconds since 1970."""

    id: str
    created: int
    model: str
    tier: ServiceTier
    images: ChatImages = ChatImages.IMAGES


def pieces(results: Sequence[Result], head: Head) -> list[bytes]:
    """Writes a whole answer, one choice for each result."""
    body = _top(head, "chat.completion", results[0].model_version)
    body["choices"] = [_choice(index, result, head) for index, result in enumerate(results)]
    body["usage"] = written_usage([result.finished.usage for result in results])
    return payload.pieces(body)


async def choice(
    events: AsyncGenerator[Event, None], head: Head, *, index: int, used: list[Usage | None] | None
) -> AsyncGenerator[list[bytes], None]:
    """The values of a stream that tell one choice; ``as_sse`` frames them.

    Where ``used`` is a list, what the choice cost is added to it, for ``used_chunk`` at the end.
    The events are closed at the end, however it comes.
    """
    costs = [] if used is None else used
    async with aclosing(events):
        async for delta, reason in _deltas(events, head, costs):
            body = _top(head, "chat.completion.chunk", None)
            body["choices"] = [
                {"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}
            ]
            if used is not None:
                body["usage"] = None
            yield payload.pieces(body)


def used_chunk(head: Head, used: Sequence[Usage | None]) -> list[bytes]:
    """The last value of a stream whose caller wants to know what it cost."""
    body = _top(head, "chat.completion.chunk", None)
    return payload.pieces(body | {"choices": [], "usage": written_usage(used)})


def as_sse(values: AsyncGenerator[list[bytes], None]) -> AsyncGenerator[list[bytes], None]:
    """Frames the values as server-sent events, ``[DONE]`` at the end; an error after the first is
    the last event, which OpenAI's clients raise."""

    def failed(error: PisangError) -> list[bytes]:
        return sse.frame(payload.pieces(openai(error)[1]))

    return sse.framed(values, sse.frame, failed=failed, last=[sse.DONE])


def data_url(blob: Blob) -> Joined:
    """``data:image/png;base64,...``, which becomes base64 only when it is written."""
    return Joined((f"data:{blob.mime_type};base64,", blob.form))


def written_usage(used: Sequence[Usage | None]) -> dict[str, Written]:
    """``usage`` of all choices together: each is a request of its own and is paid as one."""
    known = [usage for usage in used if usage is not None]
    prompt, answered = sum(u.prompt for u in known), sum(u.candidates + u.thoughts for u in known)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answered,
        "total_tokens": prompt + answered,
        "prompt_tokens_details": {
            "cached_tokens": 0,
            "audio_tokens": 0,
            "text_tokens": sum(usage.prompt_text for usage in known),
            "image_tokens": sum(usage.prompt_image for usage in known),
        },
        "completion_tokens_details": {
            "reasoning_tokens": sum(usage.thoughts for usage in known),
            "image_tokens": sum(usage.image_output for usage in known),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def picture(image: Image) -> Blob:
    """The file of a picture that the gateway has finished."""
    if not isinstance(image.content, Blob):
        raise EngineFailed("A picture reached the wire before it was encoded to a file.")
    return image.content


def why(finished: Finished, *, said: bool) -> str | None:
    """What the caller is told besides what the model said; None where that says it all."""
    if finished.reason in _REASONS:
        return None if said else finished.message or NOTHING
    return finished.message or _REFUSED


def refused(finished: Finished, *, said: bool) -> bool:
    """Whether this is an end that must not look like a success."""
    if finished.reason is FinishReason.STOP:
        return not said
    return finished.reason not in _REASONS


def _top(head: Head, kind: str, version: str | None) -> dict[str, Written]:
    body: dict[str, Written] = {
        "id": head.id,
        "object": kind,
        "created": head.created,
        "model": head.model,
        "service_tier": _TIERS.get(head.tier, head.tier.value),
    }
    if version:
        body["system_fingerprint"] = version
    return body


def _choice(index: int, result: Result, head: Head) -> dict[str, Written]:
    spoken = [part for part in result.parts if isinstance(part, Image) or part.text]
    pictures = [part for part in spoken if isinstance(part, Image)]
    thoughts = [part.text for part in spoken if isinstance(part, Thought)]
    said = any(not isinstance(part, Thought) for part in spoken)
    told, is_refused = why(result.finished, said=said), refused(result.finished, said=said)
    notes = result.finished.notes
    message: dict[str, Written] = {
        "role": "assistant",
        "content": _content(spoken, told, head.images),
        "refusal": told if is_refused else None,
        "annotations": annotations(notes, _text(spoken, head.images)),
    }
    if pictures and head.images is ChatImages.IMAGES:
        message["images"] = [_image(at, image) for at, image in enumerate(pictures)]
    if thoughts:
        message["reasoning_content"] = "\n\n".join(thoughts)
    first = next((part for part in spoken if isinstance(part, Text)), None)
    if extra := _extra(first, notes):
        message["extra_content"] = extra
    reason = "content_filter" if is_refused else _REASONS[result.finished.reason]
    return {"index": index, "message": message, "logprobs": None, "finish_reason": reason}


def _content(spoken: Sequence[Spoken], told: str | None, images: ChatImages) -> Written:
    """The text, with the pictures in it where the caller wants them there; null for no text."""
    parts: list[Letters] = []
    for part in spoken:
        if isinstance(part, Text):
            parts += _paragraph(parts, part.text)
        elif isinstance(part, Image) and images is not ChatImages.IMAGES:
            parts += _paragraph(parts, *_inside(part, images))
    if told:
        parts += _paragraph(parts, told)
    return Joined(tuple(parts)) if parts else None


def _paragraph(before: Sequence[object], *parts: Letters) -> tuple[Letters, ...]:
    return ("\n\n", *parts) if before else parts


def _inside(image: Image, images: ChatImages) -> tuple[Letters, ...]:
    url = data_url(picture(image)).parts
    return ("![image](", *url, ")") if images is ChatImages.MARKDOWN else url


def _image(index: int, image: Image) -> dict[str, Written]:
    written: dict[str, Written] = {
        "type": "image_url",
        "index": index,
        "image_url": {"url": data_url(picture(image))},
    }
    if extra := _extra(image):
        written["extra_content"] = extra
    return written


def _text(spoken: Sequence[Spoken], images: ChatImages) -> str:
    """The text of a message, in which sources have their places; empty where pictures stand in the
    text, too, and would move them."""
    if images is not ChatImages.IMAGES:
        return ""
    return "\n\n".join(part.text for part in spoken if isinstance(part, Text))


def _extra(
    part: Text | Image | None, notes: Mapping[str, object] = NOTHING_SAID
) -> dict[str, Written] | None:
    """What Google's callers would find: the signature of a part, and what is said of an answer."""
    told = google_said(notes)
    signature = part.signature if part else None
    if signature and len(signature) <= LONGEST_SIGNATURE:
        told["thought_signature"] = signature
    return {"google": told} if told else None


async def _deltas(
    events: AsyncIterator[Event], head: Head, used: list[Usage | None]
) -> AsyncGenerator[tuple[dict[str, Written], str | None], None]:
    """What each event adds to the message, and why it ended, None until then."""
    begun: list[Written] = []  # what stands in ``content`` so far, one value for each piece
    texts: list[Text] = []
    count = 0
    start: dict[str, Written] = {"role": "assistant"}

    def delta(**more: Written) -> tuple[dict[str, Written], None]:
        first = {} if begun or count else start
        return {**first, **{name: value for name, value in more.items() if value is not None}}, None

    async for event in events:
        match event:
            case Thought() if event.text:
                yield delta(reasoning_content=event.text)
                start = {}
            case Text() if event.text:
                content = Joined(_paragraph(begun, event.text))
                yield delta(content=content, extra_content=_extra(event))
                begun.append(content)
                texts.append(event)
            case Image() if head.images is ChatImages.IMAGES:
                yield delta(images=[_image(count, event)])
                count += 1
            case Image():
                content = Joined(_paragraph(begun, *_inside(event, head.images)))
                yield delta(content=content)
                begun.append(True)
            case Finished():
                used.append(event.usage)
                said = bool(begun or count)
                told, is_refused = why(event, said=said), refused(event, said=said)
                if told:
                    content = Joined(_paragraph(begun, told))
                    yield delta(content=content, refusal=told if is_refused else None)
                    start = {}
                if extra := _extra(None, event.notes):
                    cited = annotations(event.notes, _text(texts, head.images))
                    yield delta(annotations=cited or None, extra_content=extra)
                    start = {}
                yield {}, "content_filter" if is_refused else _REASONS[event.reason]
