"""Writes the pictures of a result to files and tells a person what the engine said about them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pisang.catalog.models import catalog
from pisang.cli.naming import Target, write_new
from pisang.cli.output import Terminal
from pisang.core.content import Blob
from pisang.core.errors import EngineFailed
from pisang.core.events import Finished, FinishReason, Image, Result, Text, Thought, Usage
from pisang.core.image import sniff


@dataclass(frozen=True, slots=True)
class Saved:
    """A picture that is a file now; ``width`` and ``height`` are 0 where its header hides them."""

    path: str
    mime_type: str
    width: int
    height: int


def blobs(result: Result) -> list[Blob]:
    """The finished pictures of a result. Raises ``EngineFailed`` for one that is not encoded."""
    pictures = [part.content for part in result.parts if isinstance(part, Image)]
    if any(not isinstance(picture, Blob) for picture in pictures):
        raise EngineFailed("The gateway handed on a picture that it had not encoded")
    return [picture for picture in pictures if isinstance(picture, Blob)]


def text_of(result: Result) -> str:
    """What the engine said beside its pictures."""
    return "\n".join(part.text for part in result.parts if isinstance(part, Text)).strip()


async def save(result: Result, target: Target, terminal: Terminal) -> list[Saved]:
    """Writes every picture under a name of its own; says so where the suffix had to differ."""
    return [await _save(blob, target, terminal) for blob in blobs(result)]


async def _save(blob: Blob, target: Target, terminal: Terminal) -> Saved:
    header = sniff(blob.data)
    mime_type = header.media_type if header else blob.mime_type
    if target.media_type not in (None, mime_type):
        terminal.warn(f"The answer is {mime_type}, so it is not written as {target.suffix}")
    path = await asyncio.to_thread(write_new, target.path_for(mime_type), blob.data)
    size = (header.width, header.height) if header else (0, 0)
    return Saved(str(path), mime_type, *size)


def tell(result: Result, notice: str | None, terminal: Terminal, *, thoughts: bool) -> None:
    """Tells what a person should know: another model, the plan if wanted, the engine's words."""
    if notice:
        terminal.note(notice)
    if thoughts:
        for part in result.parts:
            if isinstance(part, Thought):
                terminal.note(part.text)
    if text := text_of(result):
        terminal.note(text)


_REFUSED = "The model refused this prompt ({}). Say it in other words."
_WHY_NONE: Mapping[FinishReason, str] = {
    FinishReason.STOP: "The model answered without a picture: say what the picture shows.",
    FinishReason.NO_IMAGE: "The model made no picture ({}): the prompt asks for none, or was "
    "refused without a word. Say plainly what the picture shows.",
    FinishReason.MAX_TOKENS: "The answer reached its limit of tokens before there was a picture "
    "({}). Ask for a smaller picture, or try again.",
    FinishReason.OTHER: "The answer holds no picture, and does not say why. Try again.",
    FinishReason.SAFETY: _REFUSED,
    FinishReason.PROHIBITED_CONTENT: _REFUSED,
    FinishReason.BLOCKLIST: _REFUSED,
    FinishReason.SPII: _REFUSED,
}


def why_none(finished: Finished) -> str:
    """The sentence for an answer that holds no picture: the model's own, else what to do."""
    said = _WHY_NONE.get(finished.reason, "The answer holds no picture ({}).")
    return finished.message or said.format(finished.reason)


def asked_type(target: Target, model: str) -> str | None:
    """The media type to ask for: only where the suffix wants another than the model gives anyway,
    because most servers leave it to the model."""
    card = catalog().get(model)
    if target.media_type is None or (card and card.mime_default == target.media_type):
        return None
    return target.media_type.value


def usage_json(usages: Iterable[Usage | None]) -> dict[str, int]:
    """The sum, under the names that Google's ``usageMetadata`` has."""
    known = [usage for usage in usages if usage]
    return {
        "promptTokenCount": sum(usage.prompt for usage in known),
        "candidatesTokenCount": sum(usage.candidates for usage in known),
        "thoughtsTokenCount": sum(usage.thoughts for usage in known),
        "totalTokenCount": sum(usage.total for usage in known),
    }
